// SPDX-License-Identifier: Apache-2.0

import Plan
import Primitives
import Testing
import Topology

@testable import Lab

@Suite struct ReachGraphTests {
    /// Two VPNs over one core, whose sites have the same addresses.
    static let text = """
        name: vpns
        policies: {blue-export: [{set: {community: {add: "target:1:2"}}, then: accept}]}
        nodes:
          pe1:
            role: pe
            loopback: 10.0.0.1
            bgp: {as: 1}
            vrfs: {red: {rd: 1:1, target: 1:1}, blue: {rd: 1:2, target: 1:2}}
          pe2:
            role: pe
            loopback: 10.0.0.2
            bgp: {as: 1}
            vrfs:
              red: {rd: 1:1, target: 1:1}
              blue: {rd: 1:2, import-target: 1:2, export: blue-export}
          r1: {role: ce, loopback: 172.16.0.1}
          r2: {role: ce, loopback: 172.16.0.2}
          b1: {role: ce, loopback: 172.16.0.1}
          b2: {role: ce, loopback: 172.16.0.2}
        links:
          - {endpoints: [pe1, pe2], subnet: 10.1.0.0/30}
          - {endpoints: [pe1, r1], vrf: red, subnet: 192.168.0.0/30}
          - {endpoints: [pe2, r2], vrf: red, subnet: 192.168.0.4/30}
          - {endpoints: [pe1, b1], vrf: blue, subnet: 192.168.0.0/30}
          - {endpoints: [pe2, b2], vrf: blue, subnet: 192.168.0.4/30}
        """

    let graph: ReachGraph

    init() throws {
        graph = ReachGraph(LabPlan(try Topology.parse(Array(Self.text.utf8))))
    }

    func owner(_ address: String, from node: String, vrf: String? = nil) throws -> ReachGraph.Place?
    {
        let address = try #require(IPAddress(address))
        return graph.owner(of: address, seenFrom: .init(node: node, vrf: vrf))
    }

    @Test func `of nodes with one address, that of the same VPN is meant`() throws {
        #expect(try owner("172.16.0.2", from: "r1") == .init(node: "r2"))
        #expect(try owner("172.16.0.2", from: "b1") == .init(node: "b2"))
        #expect(try owner("172.16.0.1", from: "pe2", vrf: "blue") == .init(node: "b1"))
    }

    @Test func `addresses of links and of VRFs have owners, with the VRF`() throws {
        #expect(try owner("192.168.0.5", from: "r1") == .init(node: "pe2", vrf: "red"))
        #expect(try owner("192.168.0.5", from: "b1") == .init(node: "pe2", vrf: "blue"))
        #expect(try owner("10.0.0.2", from: "pe1") == .init(node: "pe2"))
    }

    @Test
    func `an address that cannot be reached still has its owner, one that nobody has has none`()
        throws
    {
        #expect(try owner("10.0.0.2", from: "r1") == .init(node: "pe2"))
        #expect(try owner("9.9.9.9", from: "r1") == nil)
    }
}
