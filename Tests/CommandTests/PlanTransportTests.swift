// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Primitives
import Testing
import Topology

@testable import weft

@Suite struct PlanTransportTests {
    static let text = """
        name: pair
        core: {mode: ip, transport: fast, pairs: [{endpoints: [pe1, pe2], transport: slow}]}
        transports:
          fast: {encapsulation: mgre, key: 1, ipsec: hand, advertise: true}
          slow: {encapsulation: gre, ipsec: daemon, mtu: 1300}
        ipsec:
          hand: {secret: hush, secrets: {pe2: else}}
          daemon: {keying: ike, mode: tunnel, cipher: aes-gcm-256, rekey-time: 1m, secret: hush}
        nodes:
          pe1: {role: pe, loopback: 10.0.0.1, bgp: {as: 1}, vrfs: {red: {rd: 1:1, target: 1:1}}}
          pe3: {role: pe, loopback: 10.0.0.3, bgp: {as: 1}, vrfs: {red: {rd: 1:1, target: 1:1}}}
          pe2: {role: pe, loopback: 10.0.0.2, bgp: {as: 2}, vrfs: {red: {rd: 1:1, target: 1:1}}}
        links: [{endpoints: [pe1, pe2], core: true}, {endpoints: [pe1, pe3]}]
        """

    @Test func `a plan shows transports and IPsec without secrets or names of keys`() throws {
        let plan = LabPlan(try Topology.parse(Array(Self.text.utf8)))
        try expectGolden("plan-transports", plan.text(only: "pe1"))
        let json = plan.json().text
        #expect(!json.contains("hush") && !json.contains("else"))
        let names = plan.objects.namespaces.flatMap { $0.securityAssociations.map(\.keyName) }
        #expect(!names.isEmpty && names.allSatisfy { !json.contains($0) })
        let pe1 = try #require(plan.json()["namespaces"]?.array.first)
        let associations = pe1["kernel"]?["security-associations"]?.array ?? []
        #expect(associations.compactMap { $0["spi"]?.string }.count == 2)
        #expect(pe1["ipsec"]?.array.compactMap { $0["secret"]?.string } == ["(set)", "(set)"])
        #expect(pe1["router"]?["transport"]?["provider"]?.string == "fast")
    }
}
