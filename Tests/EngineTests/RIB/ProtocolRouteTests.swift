// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("RIB: routes of protocols")
struct ProtocolRouteTests {
    private static let prefix = "203.0.113.0/24"
    private static let ospf = RoutingProtocolID(.ospf)

    /// A router with two links, and a route by both; the route's next hop serves BGP as well.
    private func bench() -> RouterBench {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65001), RouterBench.neighbor(2, 65002),
            RouterBench.neighbor(3, 65000),
        ])
        bench.up("n3")
        bench.act { tables, now in
            tables.set(Self.route(Self.prefix, ["eth1", "eth2"]), of: Self.ospf, at: now)
            tables.set(Self.route("10.77.0.1/32", ["eth1"]), of: Self.ospf, at: now)
            return tables.settle(at: now)
        }
        bench.announce("n3", ["198.51.100.0/24"]) { $0.nextHop = value("10.77.0.1") }
        return bench
    }

    private static func route(_ prefix: String, _ links: [String]) -> ProtocolRoute {
        ProtocolRoute(
            prefix: value(prefix), source: .ospf,
            nextHops: links.map {
                ForwardingNextHop(
                    gateway: value("10.0.\($0.dropFirst(3)).9"), interface: $0)
            }, metric: 20)
    }

    private func links(_ bench: RouterBench, _ prefix: String) -> [String]? {
        bench.kernel.route(prefix)?.nextHops.map(\.interface)
    }

    /// The kernel drops them with the link; the protocol may take its time to find another way.
    @Test func nextHopsByALinkThatIsDownAreNotUsedAndComeBackWithIt() {
        var bench = bench()
        #expect(links(bench, Self.prefix) == ["eth1", "eth2"])
        #expect(links(bench, "10.77.0.1/32") == ["eth1"])
        #expect(links(bench, "198.51.100.0/24") == ["eth1"])
        bench.link("eth1", isUp: false)
        #expect(links(bench, Self.prefix) == ["eth2"])
        #expect(links(bench, "10.77.0.1/32") == nil)
        #expect(links(bench, "198.51.100.0/24") == nil)
        bench.link("eth2", isUp: false)
        #expect(links(bench, Self.prefix) == nil)
        bench.link("eth1", isUp: true)
        #expect(links(bench, Self.prefix) == ["eth1"])
        #expect(links(bench, "198.51.100.0/24") == ["eth1"])
    }

    /// What the protocol says meanwhile holds.
    @Test func aRouteSetWhileItsLinkIsDownWaitsForIt() {
        var bench = bench()
        bench.link("eth1", isUp: false)
        bench.act { tables, now in
            tables.set(Self.route(Self.prefix, ["eth1"]), of: Self.ospf, at: now)
            tables.remove(value("10.77.0.1/32"), of: Self.ospf, at: now)
            return tables.settle(at: now)
        }
        #expect(links(bench, Self.prefix) == nil)
        bench.link("eth1", isUp: true)
        #expect(links(bench, Self.prefix) == ["eth1"])
        #expect(links(bench, "10.77.0.1/32") == nil)
    }
}
