// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Primitives
import Testing

/// Why a comparison could not be made.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A lab that the weft program starts, as for any user, with nodes that other people's daemons can
/// run in. It goes when the test ends, however that ends.
final class TestLab {
    let name: String
    let connection: ControlConnection
    private let remover: Process
    private let lifeline = Pipe()

    /// How long anything may take until it is called a failure.
    static let patience: Duration = .seconds(30)

    /// Runs `body` with a lab.
    /// - Parameter topology: the file's text without its name.
    static func run(
        _ name: String, substrate: String = "host", _ topology: String,
        _ body: (TestLab) throws -> Void
    ) throws {
        let lab = try TestLab("interop-\(name)-\(getpid())", substrate, topology)
        defer { lab.end() }
        try body(lab)
    }

    private init(_ name: String, _ substrate: String, _ topology: String) throws {
        self.name = name
        let weft = try Self.weft()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(name).yaml")
        try Data("name: \(name)\n\(topology)".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        remover = try Self.startRemover(weft, name, lifeline)
        let output = try weft.run(["up", file.path, "--substrate", substrate])
        guard output.status == 0 else { throw Failure("weft up: \(output.standardError)") }
        connection = try LabDirectory(lab: name).connect()
    }

    /// The program under test: WEFT, or what was built beside this test.
    private static func weft() throws -> HostTool {
        if let path = ProcessInfo.processInfo.environment["WEFT"] { return HostTool(path: path) }
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: link).deletingLastPathComponent()
            .appendingPathComponent("weft").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure("no weft program at \(path); set WEFT to one")
        }
        return HostTool(path: path)
    }

    /// A process that takes the lab down as soon as our end of the lifeline closes: at the end of
    /// the test, or when the test is killed or interrupted.
    private static func startRemover(
        _ weft: HostTool, _ name: String, _ lifeline: Pipe
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "trap '' INT HUP; cat; exec \"$0\" down \"$1\"", weft.path, name,
        ]
        process.standardInput = lifeline
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func end() {
        try? lifeline.fileHandleForWriting.close()
        remover.waitUntilExit()
        #expect(remover.terminationStatus == 0, "weft down \(name)")
    }

    // MARK: Questions and events

    /// Asks a router; the answers' shapes are `Query`'s.
    func show(_ node: String, _ query: String, _ members: [String: JSON] = [:]) throws -> JSON {
        let rest = members.map { JSON.Member($0.key, $0.value) }
        return try connection.call(
            .show, [.init("node", .string(node)), .init("query", .string(query))] + rest)
    }

    /// Makes something happen to the lab; returns when it has.
    func event(_ event: String, _ members: [String: JSON]) throws {
        _ = try connection.call(
            .event,
            [.init("event", .string(event))] + members.map { .init($0.key, $0.value) })
    }

    /// A router's session with the neighbor of this name.
    func session(_ node: String, _ neighbor: String) throws -> JSON {
        let sessions = try show(node, "neighbors")["neighbors"]?.array ?? []
        guard let session = sessions.first(where: { $0["name"]?.string == neighbor }) else {
            throw Failure("\(node) has no neighbor \(neighbor)")
        }
        return session
    }

    // MARK: Programs

    /// Runs a program in a node to its end, and gives what it printed.
    @discardableResult
    func run(_ node: String, _ words: [String], input: String = "") throws -> String {
        try start(node, words, input: input).succeed()
    }

    /// Starts a program in a node.
    func start(_ node: String, _ words: [String], input: String = "") throws -> NodeProgram {
        let program = try NodeProgram(self, node, words)
        try program.send(input)
        return program
    }

    /// Runs a shell script in a node.
    @discardableResult
    func shell(_ node: String, _ script: String, input: String = "") throws -> String {
        try startShell(node, script, input: input).succeed()
    }

    /// Starts a shell script in a node. What it mounts, only its own children see.
    func startShell(_ node: String, _ script: String, input: String = "") throws -> NodeProgram {
        try start(node, ["unshare", "--mount", "/bin/sh", "-ec", script], input: input)
    }

    /// Leaves a node's kernel objects to another routing daemon: ends our router without a word, as
    /// a crash would, and takes away what it has put into the kernel.
    func removeOurRouter(_ node: String) throws {
        try shell(
            node,
            """
            pkill -KILL -x weft-\(node)
            while pgrep -x weft-\(node) > /dev/null; do :; done
            ip route flush table all proto 77
            ip -6 route flush table all proto 77
            # A kernel without MPLS has nothing of ours there.
            [ -e /proc/sys/net/mpls ] || exit 0
            ip -f mpls route flush proto 77
            ip nexthop flush proto 77
            echo 10000 > /proc/sys/net/mpls/platform_labels
            """)
    }

    // MARK: Waiting

    /// Observes until what is seen is as expected. What was seen last stands in the failure.
    func eventually<Value: Equatable>(
        _ what: String, is expected: Value, within limit: Duration = patience,
        sourceLocation: SourceLocation = #_sourceLocation, _ observe: () throws -> Value
    ) throws {
        let deadline = ContinuousClock.now + limit
        while true {
            let seen = Result { try observe() }
            if case .success(expected) = seen { return }
            guard ContinuousClock.now < deadline else {
                let value = try seen.get()
                #expect(value == expected, "\(what)", sourceLocation: sourceLocation)
                throw Failure("\(what): not within \(limit)")
            }
            usleep(20_000)
        }
    }

    /// Observes until something holds.
    func eventually(
        _ what: String, within limit: Duration = patience,
        sourceLocation: SourceLocation = #_sourceLocation, _ holds: () throws -> Bool
    ) throws {
        try eventually(what, is: true, within: limit, sourceLocation: sourceLocation, holds)
    }
}
