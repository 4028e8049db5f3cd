// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Processes in a user namespace of their own, with the mount, process and network namespaces that
/// belong to it. There they hold every capability; over anything else on this machine they hold
/// none, even where root has made them. Any user may have them, unless the machine forbids it.
package enum UserNamespace {
    /// Forks the first process of such namespaces: when it ends, however that comes, the kernel
    /// kills all that it and its descendants started. It outlives us, as the leader of a session.
    /// This process must have one thread.
    /// - Returns: the process's number as we see it. It is not our child.
    /// - Throws: where the machine forbids any of it; see `UserNamespaceObstacle`.
    package static func fork(_ body: () -> Int32) throws(SystemError) -> Int32 {
        let (near, far) = try DescriptorPair.socketPair().split()
        let ours = FileDescriptor(owning: near)
        let maker: Int32
        do {
            let theirs = FileDescriptor(owning: far)
            maker = try ChildProcess.fork([.diesWithParent]) {
                close(near)
                return NamespaceMaker(socket: theirs.raw).make(body)
            }
        }
        let pid: Int32
        do throws(SystemError) { pid = try deal(ours, maker) } catch {
            _ = try? ChildProcess.wait(for: maker)
            throw error
        }
        _ = try? ChildProcess.wait(for: maker)
        return pid
    }

    /// Has the namespaces made. Where that fails, the maker sees its socket close.
    private static func deal(
        _ socket: consuming FileDescriptor, _ maker: Int32
    ) throws(SystemError) -> Int32 {
        var lines = LineReader()
        try lines.expect(.unshared, from: socket)
        // /proc may be that of an outer process namespace, where numbers are others.
        try IdentityMap.write(for: ChildProcess.outsidePID(of: maker) ?? maker)
        try socket.write(Array(MakerLine.mapped.text.utf8), to: "a child")
        // Two processes tell these, in any order.
        try lines.expect(.ready, from: socket)
        return try lines.expect(.pid, from: socket)
    }
}

/// What the maker of namespaces and the process that wants them say to each other: a word, a number
/// and, where it failed, what was tried.
private struct MakerLine {
    enum Word: String { case unshared, mapped, pid, ready, failed }
    var word: Word
    var number: Int32 = 0
    var operation = ""

    static let mapped = MakerLine(word: .mapped)
    var text: String { "\(word.rawValue) \(number) \(operation)\n" }

    init(word: Word, number: Int32 = 0, operation: String = "") {
        (self.word, self.number, self.operation) = (word, number, operation)
    }

    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let word = Word(rawValue: String(parts[0])),
            let number = Int32(parts[1])
        else { return nil }
        self.init(word: word, number: number, operation: String(parts[2]))
    }
}

private struct LineReader {
    private var rest: [UInt8] = []
    private var numbers: [MakerLine.Word: Int32] = [:]

    /// Reads until the line of a word has come; returns its number.
    @discardableResult
    mutating func expect(
        _ word: MakerLine.Word, from socket: borrowing FileDescriptor
    ) throws(SystemError) -> Int32 {
        while true {
            if let number = numbers[word] { return number }
            try take(try socket.read(512))
        }
    }

    private mutating func take(_ piece: [UInt8]) throws(SystemError) {
        guard !piece.isEmpty else { throw SystemError("make user namespaces", ECHILD) }
        rest += piece
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = MakerLine(String(decoding: rest[..<end], as: UTF8.self))
            rest.removeSubrange(...end)
            guard let line else { continue }
            if line.word == .failed { throw SystemError(line.operation, line.number) }
            numbers[line.word] = line.number
        }
    }
}

/// The short-lived process between the one that wants namespaces and their first process.
private struct NamespaceMaker {
    let socket: Int32

    private func say(_ line: MakerLine) {
        let octets = Array(line.text.utf8)
        _ = octets.withUnsafeBytes {
            Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    private func fail(_ error: SystemError) -> Int32 {
        say(MakerLine(word: .failed, number: error.code, operation: error.operation))
        return 1
    }

    /// In the forked child.
    func make(_ body: () -> Int32) -> Int32 {
        ProcessControl.keepRaisedPriorityPermitted()
        let kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET
        guard weft_unshare(kinds) == 0 else { return fail(SystemError("make user namespaces")) }
        // Else, after a change of user, the files of our numbers in /proc would be root's.
        _ = weft_prctl(PR_SET_DUMPABLE, 1)
        say(MakerLine(word: .unshared))
        // Until our numbers mean something in there, nothing can be done.
        var answer: UInt8 = 0
        guard retrying({ recv(socket, &answer, 1, 0) }) == 1 else { return 1 }
        do throws(SystemError) {
            let first = try ChildProcess.fork([.ownSession]) { begin(body) }
            say(MakerLine(word: .pid, number: first))
            return 0
        } catch {
            return fail(error)
        }
    }

    /// In the first process of the namespaces.
    private func begin(_ body: () -> Int32) -> Int32 {
        do throws(SystemError) {
            try Capabilities.keepAcrossPrograms()
            try ParameterFiles.makeWritable()
        } catch {
            return fail(error)
        }
        say(MakerLine(word: .ready))
        _ = close(socket)
        return body()
    }
}

/// Which users and groups there are in a new user namespace: everyone keeps their number, so that
/// files look the same inside and outside, and programs that change to a user of their own find it
/// where there is more than one.
private enum IdentityMap {
    /// Root brings all numbers that there are; others may bring only their own
    /// (user_namespaces(7)).
    static func write(for pid: Int32) throws(SystemError) {
        if geteuid() == 0, let users = identity("uid"), let groups = identity("gid") {
            do throws(SystemError) {
                try FileSystem.write("/proc/\(pid)/uid_map", users)
                return try FileSystem.write("/proc/\(pid)/gid_map", groups)
            } catch {
                // A container's root may lack that right.
                guard error.isForbidden else { throw error }
            }
        }
        try FileSystem.write("/proc/\(pid)/setgroups", "deny")
        try FileSystem.write("/proc/\(pid)/uid_map", "\(geteuid()) \(geteuid()) 1\n")
        try FileSystem.write("/proc/\(pid)/gid_map", "\(getegid()) \(getegid()) 1\n")
    }

    /// All that our own namespace has, each mapped to itself.
    private static func identity(_ kind: String) -> String? {
        guard let map = try? FileSystem.read("/proc/self/\(kind)_map") else { return nil }
        let lines = map.split(separator: "\n").map { $0.split(separator: " ") }
        return lines.filter { $0.count == 3 }.map { "\($0[0]) \($0[0]) \($0[2])\n" }.joined()
    }
}

/// The kernel parameters of the network, as files.
private enum ParameterFiles {
    private static let sample = "/proc/sys/net/ipv4/ip_forward"

    /// Containers show /proc/sys read-only; a /proc of our own is not, where they allow one.
    static func makeWritable() throws(SystemError) {
        if isWritable { return }
        MountNamespace.cover("/proc", with: "proc")
        guard isWritable else { throw SystemError("write /proc/sys/net") }
    }

    /// By opening, as access(2) forgets what capabilities allow.
    private static var isWritable: Bool {
        let raw = open(sample, O_WRONLY | O_CLOEXEC)
        if raw >= 0 { close(raw) }
        return raw >= 0
    }
}
