// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Glibc
import Kernel
import Primitives
import Runtime

/// Why a scenario could not go on.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A namespace of a scenario, and what can be run in it.
final class Node {
    let name: String
    let namespace: Namespace

    init(_ name: String) throws {
        self.name = name
        namespace = try Namespace.create(name)
        try sysctl("net/ipv6/conf/default/accept_dad", "0")
        try sysctl("net/ipv4/conf/all/ignore_routes_with_linkdown", "1")
        try ip("link set lo up")
    }

    /// Runs a tool inside and gives back what it wrote; throws when it fails.
    @discardableResult
    func run(_ words: [String]) throws -> String {
        let (reader, writer) = try DescriptorPair.pipe().split()
        let pid = try ChildProcess.fork {
            guard (try? self.namespace.set()) != nil else { return 126 }
            dup2(writer, 1)
            dup2(writer, 2)
            return execute(words)
        }
        close(writer)
        let output = FileDescriptor(owning: reader)
        var octets: [UInt8] = []
        while true {
            let piece = try output.read(4096)
            if piece.isEmpty { break }
            octets += piece
        }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        let text = String(decoding: octets, as: UTF8.self)
        guard status == 0 else {
            throw Failure("\(name)# \(words.joined(separator: " ")): \(text)")
        }
        return text
    }

    @discardableResult
    func ip(_ words: String) throws -> String {
        try run(["ip"] + words.split(separator: " ").map(String.init))
    }

    func sysctl(_ path: String, _ value: String) throws {
        try namespace.enter { () throws(SystemError) in
            try FileDescriptor.open("/proc/sys/\(path)", O_WRONLY)
                .write(Array(value.utf8), to: path)
        }
    }

    /// Forks a child that runs inside and exits with what `body` returns.
    func spawn(_ body: () -> Int32) throws -> pid_t {
        try ChildProcess.fork {
            guard (try? self.namespace.set()) != nil else { return 126 }
            return body()
        }
    }

    /// Makes a veth pair. No two ends have one index: the kernel would take one end for its own
    /// lower device and tell of a lost carrier up to a second late.
    static func connect(_ a: (Node, String), _ b: (Node, String)) throws {
        let index = (a.0.namespace.descriptor * 100, b.0.namespace.descriptor * 100 + 50)
        // A microVM's /proc is not of our process namespace.
        let own = ChildProcess.outsidePID(of: getpid()) ?? getpid()
        let used = try (a.0.links(), b.0.links())
        try a.0.ip(
            "link add \(a.1) index \(index.0 + used.0) type veth peer name \(b.1) "
                + "index \(index.1 + used.1) netns /proc/\(own)/fd/\(b.0.namespace.descriptor)"
        )
    }

    private func links() throws -> Int32 {
        Int32(try ip("-o link").split(separator: "\n").count)
    }

    /// Joins two nodes by a veth pair; both ends up, with their addresses.
    static func join(
        _ a: (Node, String, String), _ b: (Node, String, String)
    ) throws {
        try connect((a.0, a.1), (b.0, b.1))
        for (node, link, address) in [a, b] {
            try node.ip("address add \(address) dev \(link)")
            try node.ip("link set \(link) up")
        }
    }
}

func execute(_ words: [String]) -> Int32 {
    var arguments = words.map { strdup($0) } + [nil]
    defer { arguments.removeAll() }
    execvp(words[0], &arguments)
    return 127
}

/// A process of a scenario that speaks frames or lines, and its end of the socket pair.
final class RouterHandle {
    let node: Node
    let pid: pid_t
    private let channel: FrameChannel
    private var messages: [JSON] = []
    private var nextRequest: Int64 = 1
    /// From the fork to the word that the router is ready.
    private(set) var startTime = Duration.zero

    init(_ node: Node, _ configuration: RouterConfiguration, recording: String? = nil) throws {
        self.node = node
        let forked = MonotonicClock.now
        let (own, router) = try DescriptorPair.socketPair().split()
        pid = try node.spawn {
            RouterProcess<Router>.main(
                configuration, control: router,
                recording: recording.flatMap {
                    try? FileDescriptor.open($0, O_WRONLY | O_CREAT | O_TRUNC).release()
                })
        }
        close(router)
        let socket = FileDescriptor(owning: own)
        try socket.setNonBlocking()
        channel = FrameChannel(socket)
        _ = try wait("ready") { $0["ready"] != nil }
        startTime = MonotonicClock.now - forked
    }

    /// Takes messages until one fits; those that came before it are forgotten.
    func wait(
        _ what: String, within limit: Duration = .seconds(20), _ fits: (JSON) -> Bool
    ) throws -> JSON {
        let deadline = MonotonicClock.now + limit
        let poller = try Poller()
        try poller.add(channel.descriptor, token: 0)
        while true {
            while !messages.isEmpty {
                let message = messages.removeFirst()
                if message["report"]?["type"] == "problem" { complain(message) }
                if fits(message) { return message }
            }
            guard !channel.isClosed, MonotonicClock.now < deadline else {
                throw Failure("\(node.name): no \(what)")
            }
            _ = try poller.wait(until: deadline)
            for case .message(let message) in try channel.receive() { messages.append(message) }
        }
    }

    private func complain(_ message: JSON) {
        try? FileDescriptor(owning: dup(2)).write(
            Array("\(node.name): \(message.text)\n".utf8), to: "standard error")
    }

    /// Waits for a report of this type whose members are these.
    @discardableResult
    func report(_ type: String, _ members: [(String, JSON)]) throws -> JSON {
        let what = "\(type) with \(members.map { "\($0.0) \($0.1.text)" })"
        return try wait(what) { message in
            guard let report = message["report"], report["type"] == .string(type) else {
                return false
            }
            return members.allSatisfy { report[$0.0] == $0.1 }
        }
    }

    /// Leaves out what was told so far, so that it is not taken for news.
    func forget() throws {
        for case .message(let message) in try channel.receive() where message["id"] == nil {
            if message["report"]?["type"] == "problem" { complain(message) }
        }
        messages.removeAll()
    }

    /// Asks and waits for the answer; reports that come before it are kept for later.
    func ask(_ operation: RouterOperation, _ members: [JSON.Member] = []) throws -> JSON {
        let id = nextRequest
        nextRequest += 1
        let request = ControlRequest(
            id: id, operation: operation.rawValue, members: .object(members))
        try channel.send(.message(request.message))
        var passed: [JSON] = []
        let answer = try wait("answer to \(operation)") { message in
            if message["id"]?.int == id { return true }
            passed.append(message)
            return false
        }
        messages = passed + messages
        if let error = answer["error"]?.string { throw Failure("\(node.name): \(error)") }
        return answer["result"] ?? .null
    }

    func stop() throws -> Int32 {
        _ = try ask(.stop)
        return reap()
    }

    /// Waits for the end of the process.
    func reap() -> Int32 {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status
    }

    /// Private memory of the process in kB.
    func privateMemory() throws -> Int64 {
        let text = try FileDescriptor.open("/proc/\(pid)/smaps_rollup").read(8192)
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("Private_") }
            .reduce(0) { $0 + (Int64($1.split(separator: " ")[1]) ?? 0) }
    }
}
