// SPDX-License-Identifier: Apache-2.0

import Plan
import Simulation
import Testing
import Topology
import Verify

/// IPv4 and IPv6 of one customer side by side, from the file to the forwarding tables.
@Suite struct DualStackTests {
    /// ce1 has a session for each family, ce2 one for both, ce3 none; the core knows IPv4 alone.
    private static func file(core: String) -> String {
        ["core: \(core)", provider, nodes, links].joined(separator: "\n")
    }

    private static let provider = """
        name: dual-stack
        transports: {cloud: {encapsulation: mgre}}
        bgp-groups:
          core: {families: [vpnv4, vpnv6]}
          site: {import: accept, export: all}
        policies: {all: [{match: {protocol: [direct, static, bgp]}, then: accept}]}
        """

    private static let nodes = """
        nodes:
          pe1:
            role: pe
            loopback: 10.0.0.1
            bgp: {as: 65000, neighbors: {pe2: core}}
            vrfs:
              red:
                rd: 1:1
                target: 1:1
                bgp:
                  neighbors:
                    192.0.2.2: {as: 65001, group: site}
                    "2001:db8:1::2": {as: 65001, group: site, families: [ipv6-unicast]}
          p: {role: p}
          pe2:
            role: pe
            loopback: 10.0.0.2
            bgp: {as: 65000, neighbors: {pe1: core}}
            vrfs:
              red:
                rd: 1:2
                target: 1:1
                static: {10.3.0.1/32: 192.0.2.10, "2001:db8:30::1/128": "2001:db8:3::2"}
                bgp:
                  neighbors:
                    "2001:db8:2::2":
                      {as: 65002, group: site, families: [ipv4-unicast, ipv6-unicast]}
          ce1:
            role: ce
            loopback: [10.1.0.1, "2001:db8:10::1"]
            bgp:
              as: 65001
              neighbors:
                192.0.2.1: {as: 65000, group: site}
                "2001:db8:1::1": {as: 65000, group: site, families: [ipv6-unicast]}
          ce2:
            role: ce
            loopback: [10.2.0.1, "2001:db8:20::1"]
            bgp:
              as: 65002
              neighbors:
                "2001:db8:2::1": {as: 65000, group: site, families: [ipv4-unicast, ipv6-unicast]}
          ce3:
            role: ce
            loopback: [10.3.0.1, "2001:db8:30::1"]
            static: {0.0.0.0/0: 192.0.2.9, "::/0": "2001:db8:3::1"}
        """

    private static let links = """
        links:
          - {endpoints: [pe1, p]}
          - {endpoints: [p, pe2]}
          - endpoints: [pe1, ce1]
            vrf: red
            addresses: [[192.0.2.1/30, "2001:db8:1::1/64"], [192.0.2.2/30, "2001:db8:1::2/64"]]
          - endpoints: [pe2, ce2]
            vrf: red
            addresses: [[192.0.2.5/30, "2001:db8:2::1/64"], [192.0.2.6/30, "2001:db8:2::2/64"]]
          - endpoints: [pe2, ce3]
            vrf: red
            addresses: [[192.0.2.9/30, "2001:db8:3::1/64"], [192.0.2.10/30, "2001:db8:3::2/64"]]
        tests:
          - name: both families reach every site
            checks:
              - ping: {from: ce1, source: 10.1.0.1, to: 10.2.0.1}
              - ping: {from: ce1, source: 10.1.0.1, to: 10.3.0.1}
              - ping: {from: ce2, source: 10.2.0.1, to: 10.3.0.1}
              - ping: {from: ce1, source: "2001:db8:10::1", to: "2001:db8:20::1"}
              - ping: {from: ce1, source: "2001:db8:10::1", to: "2001:db8:30::1"}
              - traceroute:
                  from: ce1
                  source: "2001:db8:10::1"
                  to: "2001:db8:20::1"
                  hops: ["2001:db8:1::1", "2001:db8:2::1", "2001:db8:20::1"]
              - route:
                  {node: pe1, vrf: red, prefix: "2001:db8:20::1/128", from: pe2, as-path: "65002"}
              - route: {node: ce2, prefix: "2001:db8:10::1/128", next-hop: "2001:db8:2::1"}
              - route: {node: ce2, prefix: 10.1.0.1/32, next-hop: 192.0.2.5}
          - name: a session that carries IPv6 is lost, and IPv4 stays
            do: {deactivate: {node: pe1, vrf: red, neighbor: "2001:db8:1::2"}}
            outage: {from: ce1, source: 10.1.0.1, to: 10.2.0.1, below: 0s}
            checks:
              - unreachable: {from: ce1, source: "2001:db8:10::1", to: "2001:db8:20::1"}
              - route: {node: ce2, prefix: "2001:db8:10::1/128", absent: true}
              - ping: {from: ce1, source: 10.1.0.1, to: 10.2.0.1}
        """

    @Test(arguments: ["{mode: static}", "{mode: ip, transport: cloud}"])
    func `a dual-stack VPN crosses a core of IPv4`(core: String) throws {
        let topology = try Topology.parse(Array(Self.file(core: core).utf8))
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        var runner = TestRunner(VirtualLab(network)) { _ in }
        let report = try runner.run(topology)
        for check in report.tests.flatMap(\.checks) where check.status == .failed {
            Issue.record("\(check.title): wanted \(check.wanted), saw \(check.seen)")
        }
        #expect(report.passedCount == 13)
    }
}
