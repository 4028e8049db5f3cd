// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

@testable import Topology

/// The files in Containerlab, each with the topology it comes to and what is not carried. After a
/// change on purpose, run with WEFT_RECORD=1 in the environment and look at the difference.
@Suite struct ContainerlabImportTests {
    private static let folder = Files.tests.appending(path: "Containerlab")

    private func recorded(_ name: String, _ text: String) throws -> String {
        let file = Self.folder.appending(path: name)
        if ProcessInfo.processInfo.environment["WEFT_RECORD"] != nil {
            try Data(text.utf8).write(to: file)
        }
        return try String(contentsOf: file, encoding: .utf8)
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Self.folder.appending(path: name + ".clab.yml")))
    }

    @Test(arguments: ["campus", "pair"])
    func `a file becomes a topology, and what it lacks is named`(_ name: String) throws {
        let result = try ContainerlabImport(try bytes(name))
        let notes = result.notes.map { "\($0.place): \($0.message)\n" }.joined()
        #expect(try recorded(name + ".yaml", result.text) == result.text)
        #expect(try recorded(name + ".notes", notes) == notes)
        #expect(try topology(result.text).nodes.map(\.name) == result.topology.nodes.map(\.name))
    }

    @Test func `addresses, routes and forwarding are carried`() throws {
        let lab = try ContainerlabImport(try bytes("pair"))
        #expect(lab.notes == [])
        #expect(lab.topology.nodes.map(\.role) == [.host, .ce, .host])
        let left = try #require(lab.topology.node("left"))
        #expect(left.interfaces.map(\.name) == ["eth1"])
        #expect(left.interfaces[0].addresses.map(\.description) == ["192.0.2.1/24"])
        #expect(left.staticRoutes.first?.nextHop == IPAddress("192.0.2.2"))
    }

    @Test(arguments: [
        ("ip addr add 10.0.0.1/24 dev eth1", "address 10.0.0.1/24 eth1"),
        ("sudo /sbin/ip -4 a add 10.0.0.1/24 brd 10.0.0.255 dev eth1", "address 10.0.0.1/24 eth1"),
        ("ip addr add 10.0.0.1 dev eth1", "address 10.0.0.1/32 eth1"),
        ("ip addr add 10.0.0.1/24 peer 10.0.0.2 dev eth1", "not carried"),
        ("ip r add default via 10.0.0.2", "route 0.0.0.0/0 10.0.0.2"),
        ("ip -6 route add default via 2001:db8::1", "route ::/0 2001:db8::1"),
        ("ip route add 10.0.0.1 via 10.0.0.2 dev eth1", "route 10.0.0.1/32 10.0.0.2"),
        ("ip route add 10.0.0.0/8 dev eth1", "not carried"),
        ("ip route add 10.0.0.0/8 via 10.0.0.2 metric 5", "not carried"),
        ("ip link set dev eth1 up", "nothing"), ("ip link set eth1 mtu 1400", "not carried"),
        ("ip link add eth1.5 link eth1 type vlan id 5", "not carried"), ("", ""),
        ("sysctl -w net.ipv4.ip_forward=1", "forwarding"),
        ("sh -c 'sysctl net.ipv6.conf.all.forwarding=1; touch x'", "forwarding, not carried"),
        (
            "bash -c \"ip link set eth1 up && ip addr add ::1/64 dev eth1\"",
            "nothing, address ::1/64 eth1"
        ),
        ("ip", "not carried"), ("ip addr add", "not carried"),
        ("ip addr add 10.0.0.1/24 dev", "not carried"), ("'", "not carried"),
    ])
    func `a line of exec is read`(_ line: String, _ expected: String) {
        let words = ShellCommand.commands(in: line).map { _, command in
            switch command {
            case .address(let address, let interface): "address \(address) \(interface)"
            case .route(let prefix, let gateway): "route \(prefix) \(gateway)"
            case .forwarding: "forwarding"
            case .nothing: "nothing"
            case nil: "not carried"
            }
        }
        #expect(words.joined(separator: ", ") == expected)
    }

    @Test func `what is no containerlab file is refused`() {
        for text in [
            "", "name: x", "name: x\ntopology: 5", "topology: {nodes: []}", "[", "a: &a *a",
        ] {
            #expect(throws: TopologyErrors.self) { try ContainerlabImport(Array(text.utf8)) }
        }
    }

    /// Random files, most of them odd: what comes out is right, or the file is refused.
    @Test func `whatever comes out is a topology that is right`() throws {
        var generator = MutationTests.Generator(state: 8)
        var imported = 0
        for _ in 0..<150 {
            let text = RandomContainerlab.file(&generator)
            let result = try ContainerlabImport(Array(text.utf8))
            let found = mistakes(Array(result.text.utf8))
            #expect(found == [], "\(text)\n\(result.text)")
            imported += result.topology.links.count
        }
        #expect(imported > 100)
        let original = try bytes("campus")
        for _ in 0..<150 {
            let spoiled = MutationTests.spoil(original, &generator)
            guard let result = try? ContainerlabImport(spoiled) else { continue }
            #expect(mistakes(Array(result.text.utf8)) == [], "\(result.text)")
        }
    }
}

/// Containerlab files with everything in them that may clash.
enum RandomContainerlab {
    private typealias Generator = MutationTests.Generator

    private static func pick(_ texts: [String], _ generator: inout Generator) -> String {
        texts.randomElement(using: &generator) ?? ""
    }

    static func file(_ generator: inout MutationTests.Generator) -> String {
        var text = "name: \(pick(["lab", "my lab", "é", "x.y"], &generator))\ntopology:\n  nodes:\n"
        let names = ["a", "b", "c", "d.e", "none", "br", "-x"]
        for name in names {
            let kind = pick(["linux", "linux", "linux", "bridge", "srl"], &generator)
            text += "    \"\(name)\":\n      kind: \(kind)\n      exec:\n"
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                text += "        - \(command(&generator))\n"
            }
        }
        text += "  links:\n"
        for _ in 0..<Int.random(in: 1...9, using: &generator) {
            let ends = (0..<2).map { _ in
                "\"\(pick(names, &generator)):\(pick(["eth1", "eth2", "eth3", "e1-1", "1/1", "lo"], &generator))\""
            }
            text += "    - endpoints: [\(ends.joined(separator: ", "))]\n"
            if Bool.random(using: &generator) {
                text += "      mtu: \(pick(["1500", "9500", "x", "0"], &generator))\n"
            }
        }
        return text
    }

    private static func command(_ generator: inout MutationTests.Generator) -> String {
        let address = pick(
            ["10.0.0.1", "10.0.0.2", "10.0.0.0", "10.0.1.3", "10.0.0.255", "2001:db8::1"],
            &generator)
        let length = pick(["/24", "/30", "/32", "/8", "", "/64"], &generator)
        let interface = pick(["eth1", "eth2", "eth3", "e1-1", "lo", "eth0"], &generator)
        let prefix = pick(["default", "10.9.0.0/16", "10.0.0.7/32", "::/0", "x"], &generator)
        return switch Int.random(in: 0...4, using: &generator) {
        case 0: "sysctl -w net.ipv4.ip_forward=1"
        case 1: "ip route add \(prefix) via \(address)"
        default: "ip addr add \(address)\(length) dev \(interface)"
        }
    }
}
