// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// An AS border router that passes VPN routes on under its own name (RFC 4364 §10 b).
@Suite("VPN: the border of an AS")
struct BorderRouterTests {
    private static let prefix = "203.0.113.0/24"

    /// n1 is a PE of this AS behind label 1001 of n1's link, n2 the border router of AS 65002, n3
    /// another PE that wants next hops as they are.
    private func make(_ change: (inout NeighborConfiguration) -> Void = { _ in }) -> RouterBench {
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65000, families: [.vpnv4]) { $0.isNextHopSelf = true },
                RouterBench.neighbor(2, 65002, families: [.vpnv4], change),
                RouterBench.neighbor(3, 65000, families: [.vpnv4]),
            ],
            tunnels: [
                TunnelConfiguration(
                    destination: value("10.255.0.1/32"),
                    nextHop: LabelledNextHop(
                        gateway: value("10.0.1.2"), interface: "eth1", labels: [Label(1001)]),
                    metric: 10)
            ])
        bench.up("n1", "n2", "n3")
        return bench
    }

    private func announce(
        _ bench: inout RouterBench, _ name: String, label: UInt32 = 30, by nextHop: String,
        _ prefix: String = prefix
    ) {
        bench.announce(name, [prefix], rd: "7:7", label: label) {
            $0.nextHop = value(nextHop)
            $0.extendedCommunities = [value("target:7:7")]
        }
    }

    private func sentLabels(_ bench: RouterBench, to name: String) -> [Label] {
        bench.messages.filter { $0.neighbor == name }.flatMap {
            $0.update.announced.flatMap { $0.nlri.flatMap(\.labels) }
        }
    }

    @Test func aRouteFromInsideCrossesTheBorderWithALabelThatLeadsToItsProviderEdge() {
        var bench = make()
        announce(&bench, "n1", by: "10.255.0.1")
        let held = bench.held("n2", Self.prefix, rd: "7:7")
        #expect(held?.nextHop == value("10.0.2.1"))
        #expect(held?.asPath == value("65000"))
        #expect(held?.extendedCommunities == [value("target:7:7")])
        let label = sentLabels(bench, to: "n2").first
        #expect(label != Label(30))
        let hop = ForwardingNextHop(
            gateway: value("10.0.1.2"), interface: "eth1", labels: [Label(1001), Label(30)])
        #expect(label.flatMap { bench.kernel.labels[$0] } == .forward([hop]))
    }

    @Test func aRouteFromOutsideIsThisRoutersOwnWhereThatIsAskedFor() {
        var bench = make()
        announce(&bench, "n2", by: "10.0.2.2")
        #expect(bench.held("n1", Self.prefix, rd: "7:7")?.nextHop == value("10.0.1.1"))
        let label = sentLabels(bench, to: "n1").first
        let hop = ForwardingNextHop(
            gateway: value("10.0.2.2"), interface: "eth2", labels: [Label(30)])
        #expect(label.flatMap { bench.kernel.labels[$0] } == .forward([hop]))
        // The other gets what came, and has to find the way itself.
        #expect(bench.held("n3", Self.prefix, rd: "7:7")?.nextHop == value("10.0.2.2"))
        #expect(sentLabels(bench, to: "n3") == [Label(30)])
    }

    @Test func routesOfOneWayShareALabelAndOthersDoNot() {
        var bench = make()
        announce(&bench, "n2", by: "10.0.2.2")
        announce(&bench, "n2", by: "10.0.2.2", "203.0.114.0/24")
        #expect(bench.kernel.labels.count == 1)
        announce(&bench, "n2", label: 31, by: "10.0.2.2", "203.0.115.0/24")
        #expect(bench.kernel.labels.count == 2)
    }

    @Test func theEntryStandsBeforeTheRouteIsToldAndOutlivesItByTheQuarantine() {
        var bench = make()
        announce(&bench, "n2", by: "10.0.2.2")
        let entry = bench.outputs.firstIndex { output in
            if case .forwarding(.setLabel) = output { true } else { false }
        }
        let message = bench.outputs.firstIndex { output in
            if case .message = output { true } else { false }
        }
        #expect(entry ?? 99 < message ?? 0)
        bench.withdraw("n2", [Self.prefix], rd: "7:7")
        #expect(bench.held("n1", Self.prefix, rd: "7:7") == nil)
        #expect(bench.kernel.labels.count == 1)
        bench.now = bench.now + .seconds(61)
        bench.act { tables, now in tables.timer(.labelQuarantine, at: now) }
        #expect(bench.kernel.labels.isEmpty)
    }

    @Test func anotherLabelOfTheNeighborIsAnotherLabelHere() {
        var bench = make()
        announce(&bench, "n2", by: "10.0.2.2")
        let first = sentLabels(bench, to: "n1")
        announce(&bench, "n2", label: 31, by: "10.0.2.2")
        let second = sentLabels(bench, to: "n1")
        #expect(first.count == 1 && second.count == 1 && first != second)
    }

    @Test func theLossOfTheLinkAcrossTheBorderTakesItsRoutes() {
        var bench = make()
        announce(&bench, "n2", by: "10.0.2.2")
        bench.link("eth2", isUp: false)
        #expect(bench.held("n1", Self.prefix, rd: "7:7") == nil)
        bench.link("eth2", isUp: true)
        #expect(bench.held("n1", Self.prefix, rd: "7:7") != nil)
    }

    @Test func aSessionOverSeveralHopsKeepsNextHopAndLabel() {
        var bench = make { $0.multihop = 5 }
        announce(&bench, "n1", by: "10.255.0.1")
        #expect(bench.held("n2", Self.prefix, rd: "7:7")?.nextHop == value("10.255.0.1"))
        #expect(sentLabels(bench, to: "n2") == [Label(30)])
        #expect(bench.kernel.labels.isEmpty)
    }

    @Test func anotherConfigurationKeepsTheLabels() {
        var bench = make()
        announce(&bench, "n2", by: "10.0.2.2")
        let labels = bench.kernel.labels
        let configuration = bench.configuration
        let kept = Set(configuration.neighbors.map(\.key))
        bench.act { tables, now in tables.reconfigure(configuration, keeping: kept, at: now) }
        #expect(bench.kernel.labels == labels)
        #expect(!bench.outputs.contains { if case .message = $0 { true } else { false } })
    }
}
