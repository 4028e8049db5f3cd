// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

/// A lab of its own for a test, by the program that users run.
struct WeftLab {
    /// The lab's name, which no other test has.
    let lab: String
    /// The topology file.
    let file: String

    /// Two customer routers and a cable, which every kernel carries.
    init(_ name: String, password: String = "secret", tests: String = "") throws {
        let text = """
            bgp-groups: {peer: {import: accept, export: accept, password: \(password)}}
            nodes:
              a: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {b: peer}}}
              b: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {a: peer}}}
            links: [{endpoints: [a, b], subnet: 192.0.2.0/30}]
            \(tests)
            """
        try self.init(name, text: text)
    }

    /// - Parameter text: the topology, but for its name.
    init(_ name: String, text: String) throws {
        lab = "test-\(name)-\(getpid())"
        file = FileManager.default.temporaryDirectory.appendingPathComponent(lab + ".yaml").path
        let text = "name: \(lab)\n\(text)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    @discardableResult
    func run(_ arguments: String..., input: String = "") throws -> WeftRun.Outcome {
        try WeftRun.start(arguments, input: input).outcome()
    }

    func up() throws {
        let output = try run("up", file)
        try #require(output.status == 0, "\(output.complaint)")
    }

    /// What `weft ls` says of the lab; nil when it is not running.
    func listing() throws -> JSON? {
        let labs = try JSON(parsing: try run("ls", "--json").output)
        return labs.array.first { $0["name"]?.string == lab }
    }

    func down() throws {
        if try listing() != nil { try run("down", lab) }
        try? FileManager.default.removeItem(atPath: file)
    }

    // MARK: What is left

    /// The processes of the lab: those that say its file's name.
    var processes: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            return String(decoding: data, as: UTF8.self).contains(file)
        }
    }

    /// The network namespaces in which the lab's processes are, by inode.
    func namespaces() -> Set<String> {
        Set(
            processes.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/ns/net")
            })
    }

    /// What this machine shows of labs from outside: links, mounts and named namespaces.
    static func surroundings() throws -> [String] {
        let links = try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net").sorted()
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        let named = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
        return links + [mounts] + named.sorted()
    }
}

/// Waits for something that happens soon, looking often.
func eventually(_ what: String, _ isSo: () throws -> Bool) throws {
    for _ in 0..<500 {
        if try isSo() { return }
        Thread.sleep(forTimeInterval: 0.02)
    }
    Issue.record("never: \(what)")
}
