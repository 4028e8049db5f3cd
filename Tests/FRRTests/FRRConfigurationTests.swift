// SPDX-License-Identifier: Apache-2.0

import Engine
import FRR
import Foundation
import Plan
import Primitives
import Testing
import Topology

@Suite("What FRR is told of a node")
struct FRRConfigurationTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// A lab with FRR on some nodes.
    private static func plan(
        _ nodes: [String], of lab: String = "multihomed-ipvpn",
        _ change: (String) -> String = { $0 }
    ) throws -> LabPlan {
        let file = folder.appendingPathComponent("../../Topologies/\(lab).yaml")
        let text = change(try String(contentsOf: file, encoding: .utf8))
        let settings = try nodes.map { try #require(TopologySetting("nodes.\($0).engine=frr")) }
        let changed = try TopologySetting.text(of: Array(text.utf8), with: settings)
        return LabPlan(try Topology.parse(Array(changed.utf8)))
    }

    /// P router, provider edge, provider edge that reflects routes; provider edge with OSPF.
    @Test(arguments: [
        ("mars", "multihomed-ipvpn"), ("juno", "multihomed-ipvpn"), ("ceres", "multihomed-ipvpn"),
        ("pe1", "huawei-l3vpn"),
    ])
    func `the daemons' files are as recorded`(node: String, lab: String) throws {
        let plan = try Self.plan([node], of: lab)
        let frr = try #require(FRRConfiguration(engineOf: node, in: plan))
        #expect(frr.refusals == [])
        let text = frr.daemons.map { "! \($0.rawValue)\n\(frr.text(of: $0))" }
            .joined(separator: "\n")
        let golden = Self.folder.appendingPathComponent("Golden/\(node).conf")
        if ProcessInfo.processInfo.environment["WEFT_RECORD"] != nil {
            try text.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(text == (try String(contentsOf: golden, encoding: .utf8)))
    }

    @Test func `a node without the key is ours`() throws {
        #expect(FRRConfiguration(engineOf: "mars", in: try Self.plan(["juno"])) == nil)
    }

    private struct Refused: Sendable, CustomStringConvertible {
        var nodes: [String]
        var from: String
        var to: String
        var words: String
        var description: String { words }
    }

    private static let refused = [
        Refused(nodes: ["luna"], from: "", to: "", words: "VRRP"),
        Refused(
            nodes: ["mars"], from: "multiplier: 3}\n\n#", to: "multiplier: 3, demand: true}\n\n#",
            words: "BFD's demand mode of IS-IS on"),
        Refused(
            nodes: ["mars"], from: "level: 2,", to: "level: 2, hello-interval: 1500ms,",
            words: "a hello interval in IS-IS on"),
        Refused(
            nodes: ["mars"], from: "isis: {level: 2,", to: "isis: {ipv6: true, level: 2,",
            words: "which carries IPv6"),
        Refused(
            nodes: ["mars"], from: "password: ldp-secret", to: "password: \"ldp secret\"",
            words: "LDP: FRR takes printable ASCII without spaces as a password"),
        Refused(
            nodes: ["mars"], from: "type: hmac-md5", to: "type: hmac-sha-256",
            words: "authentication by hmac-sha-256 of IS-IS"),
        Refused(
            nodes: ["juno"], from: "primary:   [{set",
            to: "primary:   [{match: {protocol: bgp}, set",
            words: "the condition 'protocol' in a policy"),
        Refused(
            nodes: ["juno"], from: "reject}, {then: accept}]", to: "reject}]",
            words: "an export policy that leaves routes undecided, to luna"),
        Refused(
            nodes: ["juno"], from: "target: 1:1\n        loopback: 10.0.0.5",
            to: "target: 1:1\n        import: primary\n        loopback: 10.0.0.5",
            words: "import and export policies of the VRF ipvpn"),
    ]

    /// Nothing that the file says is left out in silence: it is a mistake of the file, at the node.
    @Test(arguments: refused)
    private func `what FRR cannot be told is named`(refused: Refused) throws {
        let plan = try Self.plan(refused.nodes) { text in
            refused.from.isEmpty ? text : text.replacing(refused.from, with: refused.to)
        }
        let diagnostics = FRRConfiguration.diagnostics(of: plan.topology)
        let node = try #require(plan.topology.node(refused.nodes[0]))
        #expect(!diagnostics.isEmpty && diagnostics.allSatisfy { $0.place == node.place })
        #expect(diagnostics.contains { $0.message.contains(refused.words) }, "\(diagnostics)")
    }

    /// Configurations of a router with OSPF alone, on `eth1` but for what is changed.
    private static func ospf(
        _ change: (inout OSPFConfiguration) -> Void = { _ in }
    ) -> FRRConfiguration {
        let id = IPv4Address(bits: 0x0a00_0001)
        let backbone = IPv4Address(bits: 0)
        var ospf = OSPFConfiguration(
            family: .ipv4, routerID: id, areas: [OSPFAreaConfiguration(id: backbone)],
            interfaces: [
                OSPFInterfaceConfiguration(interface: "eth1", addresses: [], area: backbone)
            ])
        change(&ospf)
        return FRRConfiguration(
            RouterConfiguration(name: "a", routerID: id, protocols: [.ospf(ospf)]))
    }

    @Test func `kinds of areas, LANs and keys of OSPF`() {
        let stub = IPv4Address(bits: 1)
        let frr = Self.ospf { ospf in
            ospf.areas.append(
                OSPFAreaConfiguration(id: stub, kind: .totallyStub(defaultMetric: 7)))
            ospf.interfaces[0].isPointToPoint = false
            ospf.interfaces[0].authentication = Authentication(
                method: .md5, keyID: 9, password: "word")
        }
        let lines = frr.text(of: .ospfd).split(separator: "\n")
        #expect(frr.refusals == [])
        for line in [
            " area 0.0.0.1 stub no-summary", " area 0.0.0.1 default-cost 7",
            " ip ospf network broadcast", " ip ospf authentication message-digest",
            " ip ospf message-digest-key 9 md5 word",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
    }

    @Test func `what FRR's OSPF cannot be told is named`() {
        let place = "OSPF on eth1"
        let refusals: [(String, (inout OSPFConfiguration) -> Void)] = [
            ("OSPF version 3", { $0.family = .ipv6 }),
            ("OSPF in the VRF red", { $0.vrf = "red" }),
            ("OSPF's export of other routes", { $0.exportPolicy = ["all"] }),
            (
                "authentication by hmac-sha-256 of \(place); it takes clear and md5",
                {
                    $0.interfaces[0].authentication = Authentication(
                        method: .hmacSHA256, password: "word")
                }
            ),
            (
                "a dead interval in \(place) of 1.5s; it takes whole seconds, 1 to 65535",
                { $0.interfaces[0].deadInterval = .milliseconds(1500) }
            ),
        ]
        for (words, change) in refusals { #expect(Self.ospf(change).refusals == [words]) }
    }

    @Test func `a VRF exports the families that a neighbor takes`() throws {
        let plan = try Self.plan(["juno"]) {
            $0.replacing(
                "target: 1:1\n        loopback: 10.0.0.5",
                with: "target: 1:1\n        loopback: [10.0.0.5, \"2001:db8::5\"]")
        }
        let frr = try #require(FRRConfiguration(engineOf: "juno", in: plan))
        let lines = frr.text(of: .bgpd).split(separator: "\n")
        #expect(lines.contains(" address-family ipv6 unicast"))
        #expect(lines.count { $0 == "  redistribute static" } == 2)
        #expect(lines.count { $0 == "  label vpn export auto" } == 1)
    }

    @Test func `IPv6 VPNs over a core of IPv4 are refused`() throws {
        let plan = try Self.plan(["pe1"], of: "6vpe") { $0 + "\ncore: signalled\n" }
        #expect(
            FRRConfiguration.diagnostics(of: plan.topology).map(\.message) == [
                "pe1 has 'engine: frr', and FRR cannot be told IPv6 VPNs over IPv4 (RFC 4659) with "
                    + "the neighbor pe2"
            ])
    }

    @Test func `a static core is refused`() throws {
        let text = """
            name: x
            nodes:
              a: {role: p, engine: frr}
              b: {role: p}
            links: [{endpoints: [a, b]}]
            """
        let topology = try Topology.parse(Array(text.utf8))
        let messages = FRRConfiguration.diagnostics(of: topology).map(\.message)
        #expect(
            messages.contains(
                "a has 'engine: frr', and FRR cannot be told the label switched paths of a static "
                    + "core"))
    }
}
