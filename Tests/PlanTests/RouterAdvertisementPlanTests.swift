// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives
import Testing
import Topology

@testable import Plan

@Suite("Router advertisements")
struct RouterAdvertisementPlanTests {
    private func plan(_ luna: String, host: String = "") throws -> LabPlan {
        let text = """
            name: site
            nodes:
              luna: {role: ce\(luna)}
              saturn: {role: host\(host)}
            lans:
              office:
                router-advertisements: true
                endpoints: {luna: [192.0.2.2/24, "2001:db8::2/64"], saturn: "2001:db8::9/64"}
            """
        return LabPlan(try Topology.parse(Array(text.utf8)))
    }

    private func sysctls(_ plan: LabPlan, _ node: String) -> [String] {
        (plan.objects.namespaces.first { $0.name == node }?.sysctls ?? [])
            .filter { $0.path.contains("accept_ra") }.map { "\($0.path)=\($0.value)" }
    }

    @Test func aRouterAdvertisesItselfWhereItHasNoVirtualRouter() throws {
        let plan = try plan("")
        let advertised = try #require(plan.router("luna")).routerAdvertisements
        #expect(advertised.map(\.device) == ["eth1"])
        #expect(advertised.map(\.source.description) == ["fe80::ff:fe00:0"])
        #expect(advertised.map(\.linkLayerAddress.description) == ["02:00:00:00:00:00"])
        #expect(advertised.flatMap(\.prefixes).map(\.description) == ["2001:db8::/64"])
        #expect(plan.router("saturn")?.routerAdvertisements == [])
    }

    @Test func aVirtualRouterIsAdvertisedInItsOwnName() throws {
        let group = "{lan: office, group: 5, virtual-address: \"2001:db8::1\"}"
        let plan = try plan(", vrrp: [\(group)]")
        let advertised = try #require(plan.router("luna")).routerAdvertisements
        #expect(advertised.map(\.device) == ["vrrp5"])
        #expect(advertised.map(\.source.description) == ["fe80::5e00:205"])
        #expect(advertised.map(\.linkLayerAddress.description) == ["00:00:5e:00:02:05"])
        #expect(advertised.first?.virtualRouter == plan.router("luna")?.vrrpGroups.first?.key)
    }

    @Test func aHostListensUnlessItHasADefaultRoute() throws {
        let listening = [
            "net/ipv6/conf/eth1/accept_ra=2", "net/ipv6/conf/eth1/accept_ra_pinfo=0",
            "net/ipv6/conf/eth1/accept_ra_defrtr=1",
        ]
        #expect(sysctls(try plan(""), "saturn") == listening)
        #expect(sysctls(try plan(""), "luna") == [])
        let own = try plan("", host: ", static: {\"::/0\": \"2001:db8::2\"}")
        #expect(sysctls(own, "saturn") == [])
    }
}
