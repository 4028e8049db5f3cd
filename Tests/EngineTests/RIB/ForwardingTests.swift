// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("RIB: forwarding")
struct ForwardingTests {
    private static let prefix = "203.0.113.0/24"

    private func bench() -> RouterBench {
        let statics = [
            StaticRouteConfiguration(
                prefix: value("10.255.0.0/16"), gateway: value("10.0.1.9"), source: .core,
                metric: 7),
            StaticRouteConfiguration(prefix: value("10.66.0.0/16"), gateway: nil),
        ]
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65001), RouterBench.neighbor(2, 65002),
                RouterBench.neighbor(3, 65000),
            ], statics: statics)
        bench.up("n1", "n2", "n3")
        return bench
    }

    private func kinds(_ outputs: [RoutingOutput]) -> [String] {
        outputs.map { output in
            switch output {
            case .forwarding(.setRoute), .forwarding(.setLabel): "set"
            case .forwarding: "remove"
            case .message: "message"
            case .report: "report"
            case .arm, .cancel: "timer"
            }
        }
    }

    @Test func directRoutesAreLeftToTheKernel() {
        let bench = bench()
        #expect(bench.paths("10.0.1.0/24").texts("protocol") == ["direct"])
        #expect(bench.kernel.route("10.0.1.0/24") == nil)
        #expect(bench.kernel.route("10.255.0.0/16")?.nextHops.map(\.interface) == ["eth1"])
        #expect(bench.kernel.route("10.66.0.0/16")?.nextHops == [])
    }

    @Test func anInternalNextHopIsResolvedToAGatewayOnALink() {
        var bench = bench()
        bench.announce("n3", [Self.prefix]) { $0.nextHop = value("10.255.4.4") }
        let hop = bench.kernel.route(Self.prefix)?.nextHops.first
        #expect(hop == ForwardingNextHop(gateway: value("10.0.1.9"), interface: "eth1"))
        #expect(bench.paths(Self.prefix).numbers("metric") == [7])
        bench.announce("n3", [Self.prefix]) { $0.nextHop = value("10.0.2.77") }
        let direct = bench.kernel.route(Self.prefix)?.nextHops.first
        #expect(direct == ForwardingNextHop(gateway: value("10.0.2.77"), interface: "eth2"))
    }

    @Test func aNextHopInDiscardedSpaceDiscards() {
        var bench = bench()
        bench.announce("n3", [Self.prefix]) { $0.nextHop = value("10.66.0.1") }
        #expect(bench.kernel.route(Self.prefix)?.nextHops == [])
    }

    @Test func newForwardingStandsBeforeItIsAdvertisedAndFallsAfterItIsWithdrawn() {
        var bench = bench()
        bench.announce("n1", [Self.prefix])
        #expect(kinds(bench.outputs) == ["set", "message", "message", "report"])
        bench.withdraw("n1", [Self.prefix])
        #expect(kinds(bench.outputs) == ["message", "message", "remove", "report"])
    }

    @Test func aLinkThatGoesDownTakesItsRoutesAlong() {
        var bench = bench()
        bench.announce("n1", [Self.prefix])
        bench.announce("n2", [Self.prefix], path: "65002 8")
        bench.link("eth1", isUp: false)
        #expect(bench.kernel.route(Self.prefix)?.nextHops.map(\.interface) == ["eth2"])
        #expect(bench.kernel.route("10.255.0.0/16") == nil)
        #expect(
            bench.paths(Self.prefix).texts("reason") == [
                "only path", "next hop 10.0.1.2 is not on a connected subnet",
            ])
        #expect(
            bench.paths("10.255.0.0/16").texts("reason") == [
                "next hop 10.0.1.9 is not on a connected subnet"
            ])
        #expect(bench.paths("10.0.1.0/24").isEmpty)
        #expect(!bench.tables.isConnected(bench.neighbor("n1")))
    }

    @Test func aLinkThatComesUpAgainGetsItsRoutesBackEvenIfNobodySawItGo() {
        var bench = bench()
        bench.announce("n1", [Self.prefix])
        let before = bench.kernel
        bench.link("eth1", isUp: true)
        let set = bench.outputs.compactMap { output -> IPPrefix? in
            guard case .forwarding(.setRoute(let route)) = output else { return nil }
            return route.prefix
        }
        #expect(set == [value("10.255.0.0/16"), value(Self.prefix)])
        #expect(bench.kernel == before)
        bench.link("eth1", isUp: false)
        bench.link("eth1", isUp: true)
        #expect(bench.kernel == before)
    }

    @Test func labelSwitchesFollowTheirInterface() {
        let hop = LabelledNextHop(
            gateway: value("10.0.1.2"), interface: "eth1", labels: [Label(77)])
        let link = InterfaceConfiguration(name: "eth1", addresses: [value("10.0.1.1/24")])
        var bench = RouterBench(
            RouterConfiguration(
                name: "p", routerID: value("10.9.9.9"), interfaces: [link],
                labelSwitches: [
                    LabelSwitchConfiguration(
                        label: Label(50), destination: value("10.255.0.1/32"), nextHop: hop)
                ]))
        bench.start()
        let forward = ForwardingNextHop(
            gateway: value("10.0.1.2"), interface: "eth1", labels: [Label(77)])
        #expect(bench.kernel.labels == [Label(50): .forward([forward])])
        let shown = bench.tables.show(.mpls, at: bench.now)["labels"]
        #expect(
            shown == [
                [
                    "label": 50, "action": "swap", "destination": "10.255.0.1/32",
                    "next-hop": "10.0.1.2", "interface": "eth1", "labels": [77],
                ]
            ])
        bench.link("eth1", isUp: false)
        #expect(bench.kernel.labels.isEmpty)
    }

    @Test func routeTrackingAsksForExactActiveRoutes() {
        var bench = bench()
        bench.announce("n1", [Self.prefix])
        bench.announce("n3", ["198.51.100.0/24"]) { $0.nextHop = value("172.16.0.1") }
        #expect(bench.tables.hasRoute(vrf: nil, prefix: value(Self.prefix)))
        #expect(!bench.tables.hasRoute(vrf: nil, prefix: value("203.0.113.0/25")))
        #expect(!bench.tables.hasRoute(vrf: nil, prefix: value("198.51.100.0/24")))
        #expect(!bench.tables.hasRoute(vrf: "none", prefix: value(Self.prefix)))
    }
}
