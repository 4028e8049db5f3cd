// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Simulation
import Testing
import Topology
import Verify

/// The walk of `weft trace` over a static core, in virtual time.
@Suite struct TraceTests {
    private static let file = """
        name: trace
        core: {mode: static, label-base: 1000}
        policies: {all: [{match: {protocol: [direct, bgp]}, then: accept}]}
        bgp-groups:
          core: {families: [ipv4-unicast, vpnv4]}
          site: {import: accept, export: all}
        nodes:
          left:
            {role: ce, loopback: 10.9.1.1, bgp: {as: 65001, neighbors: {pe1: site}}}
          pe1:
            role: pe
            loopback: 10.0.0.1
            bgp: {as: 1, neighbors: {pe2: core}}
            vrfs: {red: {rd: "1:1", target: "1:1", bgp: {neighbors: {left: site}}}}
          p1: {role: p, loopback: 10.0.0.3}
          p2: {role: p, loopback: 10.0.0.4}
          pe2:
            role: pe
            loopback: 10.0.0.2
            bgp: {as: 1, neighbors: {pe1: core}}
            vrfs: {red: {rd: "1:1", target: "1:1", bgp: {neighbors: {right: site}}}}
          right:
            {role: ce, loopback: 10.9.2.1, bgp: {as: 65002, neighbors: {pe2: site}}}
        links:
          - {endpoints: [left, pe1], subnet: 192.0.2.0/30, vrf: red}
          - {endpoints: [pe1, p1], subnet: 172.16.0.0/30}
          - {endpoints: [p1, p2], subnet: 172.16.0.4/30}
          - {endpoints: [p2, pe2], subnet: 172.16.0.8/30}
          - {endpoints: [pe2, right], subnet: 192.0.2.4/30, vrf: red}
        """

    private struct Lab {
        let topology: Topology
        var network: VirtualNetwork

        init() throws {
            topology = try Topology.parse(Array(TraceTests.file.utf8))
            network = VirtualNetwork(LabPlan(topology))
            network.startAll()
            network.run(for: .seconds(60))
        }

        func trace(_ to: String, from: String, vrf: String? = nil) throws -> [TraceWay] {
            var walk = TraceWalk(
                topology, VirtualTraceSource(network: network),
                to: TraceWalk.Destination(try #require(IPPrefix(to))))
            return try walk.ways(from: from, vrf: vrf)
        }
    }

    private static func words(_ way: TraceWay) -> [String] {
        way.steps.map { step in
            let out = step.out.map(\.description).joined(separator: "/")
            return [step.node, step.action.rawValue, out].filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }

    @Test func `a customer's packet is followed over the core, label by label`() throws {
        let ways = try Lab().trace("10.9.2.1/32", from: "left")
        let way = try #require(ways.first)
        #expect(ways.count == 1 && way.fault == nil)
        let words = Self.words(way)
        #expect(words.count == 7)
        #expect(words[0] == "left forward")
        #expect(words[1].hasPrefix("pe1 push 1") && words[1].contains("/"))
        #expect(words[2].hasPrefix("p1 swap 1") && words[2].contains("/"))
        #expect(words[3].hasPrefix("p2 pop"))
        #expect(words[4] == "pe2 look-up")
        #expect(words[5...] == ["pe2 forward", "right deliver"])
        #expect(way.steps[1].vrf == "red" && way.steps[4].vrf == "red")
        #expect(way.steps[3].out == way.steps[4].labels, "the VPN label is left")
    }

    /// Labels that LDP found, over two parallel links.
    @Test func `a core that signals itself is followed by every next hop`() throws {
        let topology = MultihomedLab.topology(named: "huawei-l3vpn")
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        network.run(for: .seconds(90))
        func ways() throws -> [TraceWay] {
            var walk = TraceWalk(
                topology, VirtualTraceSource(network: network),
                to: TraceWalk.Destination(try #require(IPPrefix("10.2.0.1/32"))))
            return try walk.ways(from: "head", vrf: nil)
        }
        let both = try ways()
        #expect(both.map(\.fault) == [nil, nil])
        #expect(Set(both.compactMap { $0.steps.first { $0.node == "p1" }?.interface }).count == 2)
        for way in both {
            #expect(
                way.steps.map { "\($0.node) \($0.action.rawValue)" } == [
                    "head forward", "pe1 push", "p1 swap", "p2 pop", "pe3 look-up", "pe3 forward",
                    "branch deliver",
                ])
        }
        network.setLink("p1-p2", isUp: false)
        network.run(for: .milliseconds(100))
        #expect(try ways().map(\.fault) == [nil])
    }

    /// RFC 4364 §10 c: three labels over the first provider, two over the second.
    @Test func `a packet is followed over two providers, and border routers know no VPN`() throws {
        let topology = MultihomedLab.topology(named: "inter-as-c")
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        network.run(for: .seconds(90))
        var walk = TraceWalk(
            topology, VirtualTraceSource(network: network),
            to: TraceWalk.Destination(try #require(IPPrefix("10.2.0.1/32"))))
        let ways = try walk.ways(from: "red1", vrf: nil)
        #expect(ways.map(\.fault) == [nil])
        let steps = try #require(ways.first).steps
        #expect(
            steps.map { "\($0.node) \($0.action.rawValue) \($0.out.count)" } == [
                "red1 forward 0", "pe1 push 3", "p1 pop 2", "asbr1 swap 2", "asbr2 swap 2",
                "p2 pop 1", "pe2 look-up 0", "pe2 forward 0", "red2 deliver 0",
            ])
        for (node, count) in [("rr1", 4), ("asbr1", 0), ("asbr2", 0), ("p1", 0)] {
            let answer = network.show(node, .routes(vrf: nil, prefix: nil, source: nil))
            let table = answer["tables"]?.array.first { $0["name"]?.string == "bgp.l3vpn.0" }
            #expect(table?["destinations"]?.int ?? 0 == count, "\(node)")
        }
    }

    @Test func `a subnet is reached where it lies`() throws {
        let ways = try Lab().trace("192.0.2.4/30", from: "pe1", vrf: "red")
        #expect(ways.map(\.fault) == [nil])
        #expect(ways[0].steps.last?.node == "pe2" && ways[0].steps.last?.action == .deliver)
    }

    @Test func `where it breaks is said, and why`() throws {
        var lab = try Lab()
        #expect(
            try lab.trace("10.77.0.1/32", from: "left").map(\.fault)
                == ["left has no route to 10.77.0.1"])
        #expect(
            try lab.trace("10.9.9.9/32", from: "pe1", vrf: "red").map(\.fault)
                == ["pe1 has no route to 10.9.9.9 in VRF red"])
        lab.network.setLink("p2-pe2", isUp: false)
        lab.network.run(for: .milliseconds(1))
        // The PE that lost its link knows; the other one sends on, and p2 has dropped the label.
        let fault = try #require(try lab.trace("10.9.2.1/32", from: "left").first?.fault)
        #expect(fault.hasPrefix("p2 has no entry for label 1"), "\(fault)")
        lab.network.kill("p1")
        lab.network.run(for: .milliseconds(1))
        #expect(try lab.trace("10.0.0.3/32", from: "p1").map(\.fault) == ["p1 is not running"])
    }
}

/// A virtual network, asked node by node. There is no kernel.
struct VirtualTraceSource: TraceSource {
    let network: VirtualNetwork

    func lookUp(
        _ node: String, _ lookUp: TraceLookUp
    ) -> (engine: TraceView, kernel: TraceView?)? {
        let key: ForwardingLookUp =
            switch lookUp {
            case .address(let address, let vrf): .address(address, vrf: vrf)
            case .label(let label): .label(label)
            }
        return TraceView(network.show(node, .lookUp(key))).map { ($0, nil) }
    }

    func isMaster(_ node: String, of address: IPAddress) -> Bool {
        (network.show(node, .vrrp)["groups"]?.array ?? []).contains { group in
            group["state"] == "master"
                && (group["virtual-addresses"]?.array ?? []).contains {
                    $0.string == address.description
                }
        }
    }
}
