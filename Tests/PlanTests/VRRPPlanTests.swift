// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives
import Testing
import Topology

@testable import Plan

@Suite("VRRP of both families on one interface")
struct VRRPPlanTests {
    private func plan() throws -> LabPlan {
        let text = """
            name: site
            nodes:
              orcus: {role: ce}
              luna:
                role: ce
                vrrp:
                  - {lan: office, group: 1, virtual-address: 192.0.2.1}
                  - {lan: office, group: 1, virtual-address: "2001:db8::1"}
            links:
              - {endpoints: [orcus, luna], subnet: 198.51.100.0/30}
            lans:
              office: {vlan: 150, endpoints: {luna: [192.0.2.2/24, "2001:db8::2/64"]}}
            """
        return LabPlan(try Topology.parse(Array(text.utf8)))
    }

    @Test func eachGroupHasALinkWithItsOwnMACAddressAndNoOtherIPv6Address() throws {
        let luna = try #require(try plan().objects.namespaces.first { $0.name == "luna" })
        let links = luna.links.filter { $0.name.hasPrefix("vrrp") }
        #expect(links.map(\.name) == ["vrrp1", "vrrp1-2"])
        #expect(
            links.compactMap { $0.mac?.description } == ["00:00:5e:00:01:01", "00:00:5e:00:02:01"])
        #expect(links.allSatisfy { $0.ipv6 == .off && !$0.isUp })
    }

    /// The address that adverts come from is that which the kernel makes of the MAC address.
    @Test func advertsOfIPv6ComeFromTheLinkLocalAddressOfTheInterface() throws {
        let plan = try plan()
        let groups = try #require(plan.router("luna")).vrrpGroups
        #expect(groups.map(\.device) == ["vrrp1", "vrrp1-2"])
        #expect(groups.map(\.primaryAddress.description) == ["192.0.2.2", "fe80::ff:fe01:1"])
        let luna = try #require(plan.objects.namespaces.first { $0.name == "luna" })
        let trunk = try #require(luna.links.first { $0.name == "eth2" })
        #expect(trunk.mac?.description == "02:00:00:01:00:01")
        #expect(luna.links.first { $0.name == "eth1" }?.mac == nil)
    }
}
