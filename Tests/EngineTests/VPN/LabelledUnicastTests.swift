// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Unicast routes with labels (RFC 8277), and VPN routes carried by them (RFC 4364 §10 c).
@Suite("BGP: unicast routes with labels")
struct LabelledUnicastTests {
    private static let edge = "10.255.0.1/32"
    private static let far = "10.8.0.1/32"
    private static let site = "203.0.113.0/24"

    /// n1 is a PE of this AS behind label 1001 of n1's link, and sends VPN routes too; n2 is the
    /// border router of AS 65002; n3, of this AS, is to have this router as the next hop. The VRF
    /// `red` imports target:1:1.
    private func make(isDualStack: Bool = false) -> RouterBench {
        let families: [BGPFamily] = [.ipv4LabelledUnicast, .ipv6LabelledUnicast]
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65000, families: families + [.vpnv4]),
                RouterBench.neighbor(2, 65002, families: families) {
                    $0.exportPolicy = ["loopbacks"]
                },
                RouterBench.neighbor(3, 65000, families: families) { $0.isNextHopSelf = true },
            ],
            policies: [Self.loopbacks], vrfs: [VPNBench.vrf("red", "1:1")],
            statics: [
                StaticRouteConfiguration(
                    prefix: value(Self.edge), gateway: value("10.0.1.2"), source: .core),
                StaticRouteConfiguration(
                    prefix: value("10.255.0.7/32"), gateway: value("10.0.3.2"), source: .core),
            ],
            tunnels: [
                TunnelConfiguration(
                    destination: value(Self.edge),
                    nextHop: LabelledNextHop(
                        gateway: value("10.0.1.2"), interface: "eth1", labels: [Label(1001)]),
                    metric: 10)
            ], isDualStack: isDualStack)
        bench.up("n1", "n2", "n3")
        return bench
    }

    /// Accepts what comes from the core, and subnets of the router.
    private static let loopbacks = Policy(
        name: "loopbacks",
        terms: [
            Policy.Term(conditions: [.source([.core, .direct, .bgp])], verdict: .accept),
            Policy.Term(verdict: .reject),
        ])

    private func hop(_ number: Int, _ labels: UInt32...) -> ForwardingNextHop {
        ForwardingNextHop(
            gateway: value("10.0.\(number).2"), interface: "eth\(number)",
            labels: labels.map { Label($0) })
    }

    /// The label that stands at a neighbor, by what the router says that it has sent.
    private func sentLabel(_ bench: RouterBench, _ prefix: String, to name: String) -> Label? {
        let answer = bench.tables.show(.advertised(bench.neighbor(name).key), at: bench.now)
        let route = answer["routes"]?.array.first { $0["prefix"]?.string == prefix }
        return route?["labels"]?[0]?.int.map { Label(UInt32($0)) }
    }

    private func action(_ bench: RouterBench, _ prefix: String, to name: String) -> LabelAction? {
        sentLabel(bench, prefix, to: name).flatMap { bench.kernel.labels[$0] }
    }

    private func announceSite(_ bench: inout RouterBench, by nextHop: String) {
        bench.announce("n1", [Self.site], rd: "7:7", label: 77) {
            $0.nextHop = value(nextHop)
            $0.extendedCommunities = [value("target:1:1")]
        }
    }

    private func siteHops(_ bench: RouterBench) -> [ForwardingNextHop]? {
        bench.kernel.route(Self.site, vrf: "red")?.nextHops
    }

    // MARK: What is told

    @Test func theLoopbackIsToldWithImplicitNull() {
        let bench = make()
        #expect(bench.held("n2", "10.9.9.9/32")?.nextHop == value("10.0.2.1"))
        #expect(sentLabel(bench, "10.9.9.9/32", to: "n2") == .implicitNull)
        #expect(sentLabel(bench, "10.9.9.9/32", to: "n1") == nil, "internal: BGP routes alone")
    }

    @Test func aRouteOfTheCoreIsToldWithALabelThatLeadsAlongItsLabelSwitchedPath() {
        let bench = make()
        #expect(bench.held("n2", Self.edge)?.asPath == value("65000"))
        #expect(action(bench, Self.edge, to: "n2") == .forward([hop(1, 1001)]))
        // Labelled packets to this one have no way on.
        #expect(bench.paths("10.255.0.7/32").texts("protocol") == ["core"])
        #expect(bench.held("n2", "10.255.0.7/32") == nil)
    }

    @Test func aRouteOfTheCoreIsTakenBackWithItsPathAndToldAgain() {
        var bench = make()
        bench.link("eth1", isUp: false)
        #expect(bench.held("n2", Self.edge) == nil)
        bench.link("eth1", isUp: true)
        #expect(action(bench, Self.edge, to: "n2") == .forward([hop(1, 1001)]))
    }

    @Test func whoIsTheNextHopSwaps() {
        var bench = make()
        bench.announce("n2", [Self.far], label: 30)
        #expect(bench.held("n3", Self.far)?.nextHop == value("10.0.3.1"))
        #expect(sentLabel(bench, Self.far, to: "n3") != Label(30))
        #expect(action(bench, Self.far, to: "n3") == .forward([hop(2, 30)]))
        // The other gets what came.
        #expect(bench.held("n1", Self.far)?.nextHop == value("10.0.2.2"))
        #expect(sentLabel(bench, Self.far, to: "n1") == Label(30))
        #expect(bench.kernel.route(Self.far)?.nextHops == [hop(2, 30)])
        let path = bench.paths(Self.far).first
        #expect(path?["label"] == 30 && path?["vpn-label"] == nil && path?["labels"] == [30])
    }

    @Test func implicitNullIsNeverPushed() {
        var bench = make()
        bench.announce("n2", [Self.far], label: 3)
        #expect(bench.kernel.route(Self.far)?.nextHops == [hop(2)])
        #expect(action(bench, Self.far, to: "n3") == .forward([hop(2)]))
    }

    @Test func theEntryStandsBeforeTheRouteIsToldAndOutlivesItByTheQuarantine() {
        var bench = make()
        let before = bench.kernel.labels
        bench.announce("n2", [Self.far], label: 30)
        let entry = bench.outputs.firstIndex {
            if case .forwarding(.setLabel) = $0 { true } else { false }
        }
        let message = bench.outputs.firstIndex { if case .message = $0 { true } else { false } }
        #expect(entry ?? 99 < message ?? 0)
        let during = bench.kernel.labels
        bench.withdraw("n2", [Self.far])
        #expect(bench.held("n3", Self.far) == nil && bench.held("n1", Self.far) == nil)
        #expect(bench.kernel.route(Self.far) == nil)
        #expect(bench.kernel.labels == during && during.count == before.count + 1)
        bench.now = bench.now + .seconds(61)
        bench.act { tables, now in tables.timer(.labelQuarantine, at: now) }
        #expect(bench.kernel.labels == before)
    }

    @Test func aRefreshRepeatsRoutesWithTheirLabels() {
        var bench = make()
        bench.announce("n2", [Self.far], label: 30)
        let key = bench.neighbor("n1").key
        bench.act { tables, now in tables.refresh(key, .ipv4LabelledUnicast, at: now) }
        let told = bench.messages.flatMap { $0.update.announced }
        #expect(told.map(\.family) == [.ipv4LabelledUnicast])
        #expect(told.flatMap(\.nlri) == [NLRI(labels: [Label(30)], prefix: value(Self.far))])
        bench.act { tables, now in tables.refresh(key, .ipv4Unicast, at: now) }
        #expect(bench.messages.isEmpty)
    }

    @Test func anIPv6RouteCrossesAnIPv4Core() {
        var bench = make(isDualStack: true)
        bench.announce("n2", ["2001:db8:99::/48"], label: 50) { $0.nextHop = value("10.0.2.2") }
        #expect(bench.kernel.route("2001:db8:99::/48")?.nextHops == [hop(2, 50)])
        #expect(bench.held("n3", "2001:db8:99::/48")?.nextHop == value("10.0.3.1"))
        #expect(action(bench, "2001:db8:99::/48", to: "n3") == .forward([hop(2, 50)]))
        #expect(sentLabel(bench, "2001:db8:1::/64", to: "n2") == .ipv6ExplicitNull)
    }

    // MARK: What is carried

    @Test func aVPNRouteIsCarriedByTheLabelledRouteToItsNextHop() {
        var bench = make()
        announceSite(&bench, by: "10.8.0.1")
        #expect(siteHops(bench) == nil)
        bench.announce("n2", [Self.far], label: 30)
        #expect(siteHops(bench) == [hop(2, 30, 77)])
        bench.withdraw("n2", [Self.far])
        #expect(siteHops(bench) == nil, "in the event that takes its carrier")
        bench.announce("n2", [Self.far], label: 30)
        #expect(siteHops(bench) == [hop(2, 30, 77)])
    }

    @Test func threeLabelsLeadOverTheCoreTheBorderAndIntoTheVPN() {
        var bench = make()
        announceSite(&bench, by: "10.8.0.1")
        bench.announce("n1", [Self.far], label: 40) { $0.nextHop = value("10.255.0.1") }
        #expect(bench.kernel.route(Self.far)?.nextHops == [hop(1, 1001, 40)])
        #expect(siteHops(bench) == [hop(1, 1001, 40, 77)])
    }

    @Test func anotherLabelMovesWhatItCarriesInTheSameEvent() {
        var bench = make()
        announceSite(&bench, by: "10.8.0.1")
        bench.announce("n2", [Self.far], label: 30)
        let first = sentLabel(bench, Self.far, to: "n3")
        bench.announce("n2", [Self.far], label: 31)
        #expect(siteHops(bench) == [hop(2, 31, 77)])
        #expect(bench.kernel.route(Self.far)?.nextHops == [hop(2, 31)])
        #expect(action(bench, Self.far, to: "n3") == .forward([hop(2, 31)]))
        #expect(sentLabel(bench, Self.far, to: "n3") != first, "packets under way keep theirs")
        #expect(sentLabel(bench, Self.far, to: "n1") == Label(31))
    }

    @Test func aNextHopThatIsLostTakesTheRouteAndWhatItCarried() {
        var bench = make()
        announceSite(&bench, by: "10.8.0.1")
        bench.announce("n2", [Self.far], label: 30)
        bench.link("eth2", isUp: false)
        #expect(bench.held("n3", Self.far) == nil)
        #expect(siteHops(bench) == nil && bench.kernel.route(Self.far) == nil)
        bench.link("eth2", isUp: true)
        #expect(bench.held("n3", Self.far) != nil)
        #expect(siteHops(bench) == [hop(2, 30, 77)])
        bench.down("n2")
        #expect(siteHops(bench) == nil && bench.held("n3", Self.far) == nil)
    }

    @Test func aPathThatIsLostTakesTheRoutesOverIt() {
        var bench = make()
        bench.announce("n3", [Self.far], label: 40) { $0.nextHop = value("10.255.0.1") }
        #expect(bench.kernel.route(Self.far)?.nextHops == [hop(1, 1001, 40)])
        #expect(action(bench, Self.far, to: "n2") == .forward([hop(1, 1001, 40)]))
        bench.link("eth1", isUp: false)
        #expect(bench.kernel.route(Self.far) == nil && bench.held("n2", Self.far) == nil)
    }

    @Test func aLabelledRouteDoesNotCarryItself() {
        var bench = make()
        bench.announce("n3", [Self.far], label: 40) { $0.nextHop = value("10.8.0.1") }
        #expect(bench.paths(Self.far).map { $0["active"]?.bool } == [false])
        bench.announce("n2", ["10.8.0.2/32"], label: 30)
        bench.announce("n3", [Self.far], label: 40) { $0.nextHop = value("10.8.0.2") }
        #expect(bench.kernel.route(Self.far) == nil, "nor another one")
    }

    @Test func aPathOfTheCoreIsTakenBeforeALabelledRoute() {
        var bench = make()
        announceSite(&bench, by: "10.255.0.1")
        bench.announce("n2", [Self.edge], label: 30)
        #expect(siteHops(bench) == [hop(1, 1001, 77)])
        #expect(bench.paths(Self.edge).texts("protocol") == ["core", "bgp"])
    }

    @Test func anotherConfigurationKeepsLabelsAndWhatTheyCarry() {
        var bench = make()
        announceSite(&bench, by: "10.8.0.1")
        bench.announce("n2", [Self.far], label: 30)
        let kernel = bench.kernel
        let configuration = bench.configuration
        let kept = Set(configuration.neighbors.map(\.key))
        bench.act { tables, now in tables.reconfigure(configuration, keeping: kept, at: now) }
        #expect(bench.kernel == kernel)
        #expect(siteHops(bench) == [hop(2, 30, 77)])
        #expect(!bench.outputs.contains { if case .message = $0 { true } else { false } })
    }
}
