// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives

/// A run of the weft program, in a process group of its own as a shell's jobs are.
final class WeftProcess {
    nonisolated(unsafe) static var program = "weft"

    let pid: Int32
    let words: [String]
    private let pipes: [Int32]
    private var texts: [[UInt8]] = [[], []]
    private(set) var exit: ChildProcess.Exit?

    static let patience: Duration = .seconds(60)

    /// - Parameters:
    ///   - environment: in place of ours, with `home` as the home directory.
    ///   - prepare: what the process does before it becomes the program.
    init(_ words: [String], home: String = Sandbox.home, _ prepare: () -> Void = {}) throws {
        self.words = words
        let output = try DescriptorPair.pipe().split()
        let complaint = try DescriptorPair.pipe().split()
        var environment = Environment.all
        environment["HOME"] = home
        environment["XDG_CACHE_HOME"] = nil
        pid = try ChildProcess.fork([]) {
            setpgid(0, 0)
            dup2(output.1, 1)
            dup2(complaint.1, 2)
            chdir(Sandbox.work)
            prepare()
            let error = ChildProcess.replace(
                [WeftProcess.program] + words, environment: environment)
            StandardStream.error.write("\(error)\n".utf8)
            return 127
        }
        setpgid(pid, pid)
        pipes = [output.0, complaint.0]
        for raw in [output.1, complaint.1] { close(raw) }
        for raw in pipes { _ = fcntl(raw, F_SETFL, O_NONBLOCK) }
    }

    deinit { for raw in pipes { close(raw) } }

    var output: String { String(decoding: texts[0], as: UTF8.self) }
    var complaint: String { String(decoding: texts[1], as: UTF8.self) }
    /// What it said last on standard error.
    var lastWord: String { complaint.split(separator: "\n").last.map(String.init) ?? "" }
    /// Whole lines of both streams.
    var lineCount: Int { texts.joined().count { $0 == UInt8(ascii: "\n") } }

    private func look() {
        for (index, raw) in pipes.enumerated() {
            var space = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(raw, &space, space.count)
                guard count > 0 else { break }
                texts[index] += space[..<count]
            }
        }
    }

    /// Waits until something holds, or it has ended.
    /// - Returns: whether it holds.
    func wait(until isSo: () -> Bool) throws -> Bool {
        let deadline = MonotonicClock.now + Self.patience
        while true {
            exit = Reaper.exit(of: pid)
            look()
            if isSo() { return true }
            if exit != nil { return false }
            guard MonotonicClock.now < deadline else {
                throw Complaint("\(words) goes on for ever: \(output)\(complaint)")
            }
            usleep(200)
        }
    }

    @discardableResult
    func end() throws -> ChildProcess.Exit {
        _ = try wait { exit != nil }
        guard let exit else { throw Complaint("\(words) has not ended") }
        return exit
    }

    /// As a terminal does.
    func signalGroup(_ number: Int32) { ChildProcess.signal(-pid, number) }

    /// One that runs to its end.
    static func run(_ words: String..., home: String = Sandbox.home) throws -> WeftProcess {
        let process = try WeftProcess(words, home: home)
        try process.end()
        return process
    }

    var status: Int32? { exit?.status }
}

/// What a scenario found wrong.
struct Complaint: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
