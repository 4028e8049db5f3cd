// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Routes of either family over sessions of either family.
@Suite("RIB: IPv4 and IPv6")
struct DualStackTests {
    /// What is the same of both families but for the addresses.
    struct Stack: CustomStringConvertible, Sendable {
        let family: AddressFamily

        private var isIPv4: Bool { family == .ipv4 }
        var description: String { isIPv4 ? "IPv4" : "IPv6" }
        var unicast: BGPFamily { isIPv4 ? .ipv4Unicast : .ipv6Unicast }
        var prefix: String { isIPv4 ? "203.0.113.0/24" : "2001:db8:113::/48" }
        var other: String { isIPv4 ? "198.51.100.0/24" : "2001:db8:114::/48" }
        var table: String { isIPv4 ? "inet.0" : "inet6.0" }
        var vpnTable: String { isIPv4 ? "bgp.l3vpn.0" : "bgp.l3vpn-inet6.0" }
        /// The router's address on the link to a neighbor, and that of the neighbor.
        func own(_ number: Int) -> String {
            isIPv4 ? "10.0.\(number).1" : "2001:db8:\(number)::1"
        }
        func far(_ number: Int) -> String {
            isIPv4 ? "10.0.\(number).2" : "2001:db8:\(number)::2"
        }
        func subnet(_ number: Int) -> String {
            isIPv4 ? "10.0.\(number).0/24" : "2001:db8:\(number)::/64"
        }
        func address(_ text: String) -> IPAddress { value(text) }
    }

    static let stacks = AddressFamily.allCases.map { Stack(family: $0) }

    /// nK with a session of a family, for routes of both.
    private func neighbor(
        _ number: Int, _ asNumber: UInt32, over session: Stack, vrf: String? = nil,
        _ change: (inout NeighborConfiguration) -> Void = { _ in }
    ) -> NeighborConfiguration {
        RouterBench.neighbor(
            number, asNumber, vrf: vrf, families: [.ipv4Unicast, .ipv6Unicast]
        ) { neighbor in
            neighbor.address = value(session.far(number))
            neighbor.localAddress = value(session.own(number))
            change(&neighbor)
        }
    }

    // MARK: Next hops (RFC 2545)

    @Test(arguments: stacks, stacks)
    func theNextHopIsOfTheRoutesFamilyWhateverCarriesTheSession(route: Stack, session: Stack) {
        var bench = RouterBench(
            [neighbor(1, 65001, over: session), neighbor(2, 65002, over: session)],
            isDualStack: true)
        bench.up("n1", "n2")
        bench.announce("n1", [route.prefix])
        #expect(
            bench.kernel.route(route.prefix)?.nextHops == [
                ForwardingNextHop(gateway: value(route.far(1)), interface: "eth1")
            ])
        #expect(bench.held("n2", route.prefix)?.nextHop == route.address(route.own(2)))
    }

    @Test(arguments: stacks)
    func aRouteForWhichTheLinkHasNoNextHopIsNotTold(session: Stack) {
        let route = Stack(family: session.family == .ipv4 ? .ipv6 : .ipv4)
        let links = [
            InterfaceConfiguration(
                name: "eth2", addresses: [InterfaceAddress(value(session.own(2)), length: 32)])
        ]
        var bench = RouterBench(
            [neighbor(1, 65001, over: session), neighbor(2, 65002, over: session)],
            interfaces: links, isDualStack: true)
        bench.up("n1", "n2")
        bench.announce("n1", [route.prefix])
        bench.announce("n1", [session.prefix])
        #expect(bench.held("n2", route.prefix) == nil)
        #expect(bench.held("n2", session.prefix) != nil)
    }

    @Test(arguments: stacks)
    func aNextHopOfTheOtherFamilyIsUnusable(route: Stack) {
        let other = Stack(family: route.family == .ipv4 ? .ipv6 : .ipv4)
        var bench = RouterBench([neighbor(1, 65001, over: other)], isDualStack: true)
        bench.up("n1")
        bench.announce("n1", [route.prefix]) { $0.nextHop = value(other.far(1)) }
        #expect(
            bench.paths(route.prefix, route.table).texts("reason")
                == ["next hop \(other.far(1)) is of the other address family"])
        #expect(bench.kernel.route(route.prefix) == nil)
    }

    @Test func aLinkLocalNextHopBesideAGlobalOneIsNotNeededAndNotPassedOn() {
        let session = Stack(family: .ipv6)
        var bench = RouterBench(
            [neighbor(1, 65001, over: session), neighbor(2, 65002, over: session)],
            isDualStack: true)
        bench.up("n1", "n2")
        bench.announce("n1", [session.prefix]) { $0.linkLocalNextHop = value("fe80::1") }
        #expect(
            bench.kernel.route(session.prefix)?.nextHops.map(\.gateway)
                == [session.address(session.far(1))])
        #expect(bench.held("n2", session.prefix)?.nextHop == session.address(session.own(2)))
        #expect(bench.held("n2", session.prefix)?.linkLocalNextHop == nil)
    }

    @Test(arguments: stacks)
    func anInternalNeighborGetsTheNextHopThatTheRouteCameWithUnlessItIsTold(route: Stack) {
        for isNextHopSelf in [false, true] {
            var bench = RouterBench(
                [
                    neighbor(1, 65001, over: route),
                    neighbor(2, 65000, over: route) { $0.isNextHopSelf = isNextHopSelf },
                ], isDualStack: true)
            bench.up("n1", "n2")
            bench.announce("n1", [route.prefix])
            let expected = isNextHopSelf ? route.own(2) : route.far(1)
            #expect(bench.held("n2", route.prefix)?.nextHop == route.address(expected))
        }
    }

    @Test(arguments: stacks)
    func thePolicysNextHopCountsForRoutesOfItsFamily(route: Stack) {
        let given = route.family == .ipv4 ? "10.0.2.77" : "2001:db8:2::77"
        let policy = Policy(
            name: "out", terms: [Policy.Term(actions: [.nextHop(value(given))], verdict: .accept)])
        var bench = RouterBench(
            [
                neighbor(1, 65001, over: route),
                neighbor(2, 65002, over: route) { $0.exportPolicy = ["out"] },
            ], policies: [policy], isDualStack: true)
        bench.up("n1", "n2")
        for stack in Self.stacks { bench.announce("n1", [stack.prefix]) }
        #expect(bench.held("n2", route.prefix)?.nextHop == route.address(given))
        let families = Set(bench.prefixes(heldBy: "n2").map { $0.contains(":") })
        #expect(families == [route.family == .ipv6])
    }

    // MARK: Local routes

    @Test(arguments: stacks)
    func directAndStaticRoutesOfBothFamiliesAreToldAndExported(route: Stack) {
        let export = Policy(name: "all", terms: [Policy.Term(verdict: .accept)])
        var bench = RouterBench(
            [
                neighbor(1, 65001, over: route) { $0.exportPolicy = ["all"] },
                neighbor(3, 65003, over: route, vrf: "red"),
                RouterBench.neighbor(4, 65000, families: [.vpnv4, .vpnv6]),
            ], policies: [export], vrfs: [VPNBench.vrf("red", "1:1")],
            statics: [nil, "red"].map { vrf in
                StaticRouteConfiguration(
                    vrf: vrf, prefix: value(route.other),
                    gateway: value(route.far(vrf == nil ? 1 : 3)))
            }, isDualStack: true)
        bench.up("n1", "n3", "n4")
        #expect(bench.kernel.route(route.other)?.nextHops.first?.interface == "eth1")
        #expect(bench.kernel.route(route.other, vrf: "red")?.nextHops.first?.interface == "eth3")
        #expect(bench.held("n1", route.subnet(1))?.nextHop == route.address(route.own(1)))
        for prefix in [route.subnet(3), route.other] {
            // An IPv4 next hop for either family (RFC 4659 §3.2.1.2).
            let held = bench.held("n4", prefix, rd: "1:1")
            #expect(held?.nextHop == value("10.0.4.1", as: IPAddress.self))
            #expect(bench.paths(prefix, route.vpnTable).count == 1)
        }
    }

    @Test func linkLocalSubnetsAreNobodysRoutes() {
        let link = InterfaceConfiguration(
            name: "eth1", addresses: [value("fe80::1/64"), value("2001:db8:1::1/64")])
        var bench = RouterBench(
            RouterConfiguration(name: "r", routerID: value("10.9.9.9"), interfaces: [link]))
        bench.start()
        #expect(bench.paths("fe80::/64", "inet6.0").isEmpty)
        #expect(bench.paths("2001:db8:1::/64", "inet6.0").count == 1)
    }

    // MARK: Decisions

    @Test(arguments: stacks)
    func theBestPathIsChosenAlikeAndEachFamilyOnItsOwn(route: Stack) {
        var bench = RouterBench(
            [neighbor(1, 65001, over: route), neighbor(2, 65002, over: route)],
            isDualStack: true)
        bench.up("n1", "n2")
        bench.announce("n1", [route.prefix], path: "65001 7")
        bench.announce("n2", [route.prefix])
        let paths = bench.paths(route.prefix, route.table)
        #expect(paths.texts("reason") == ["shortest AS path", "AS path length 2 > 1"])
        #expect(paths.texts("next-hop") == [route.far(2), route.far(1)])
        bench.withdraw("n2", [route.prefix])
        #expect(bench.paths(route.prefix, route.table).texts("neighbor") == ["n1"])
    }
}
