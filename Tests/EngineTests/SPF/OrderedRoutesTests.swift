// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine

@Suite("Routes in order")
struct OrderedRoutesTests {
    fileprivate static let throttle = SPFThrottle(maximumInterval: .milliseconds(200))
    fileprivate static let second = Instant(nanoseconds: 1_000_000_000)

    private static func route(_ metric: UInt32, _ hops: [String], _ text: String = "10.0.0.1/32")
        -> ProtocolRoute
    {
        ProtocolRoute(
            prefix: IPPrefix(text)!, source: .isis,
            nextHops: hops.map { ForwardingNextHop(gateway: IPAddress($0)!, interface: "eth1") },
            metric: metric)
    }

    /// An instance that shortest paths give routes to.
    private struct Bench {
        var routes = OrderedRoutes(OrderedRoutesTests.throttle)

        /// What one computation leads to.
        mutating func run(
            _ news: Instant?, _ wanted: [(ProtocolRoute, hops: Int)]
        ) -> [ProtocolOutput] {
            var step = ProtocolStep(at: news ?? OrderedRoutesTests.second)
            routes.begin(news)
            for (route, hops) in wanted { routes.set(route, hops: hops, &step) }
            routes.end(&step)
            return step.outputs
        }

        mutating func advance(to moment: Instant) -> [ProtocolOutput] {
            var step = ProtocolStep(at: moment)
            let isNews = routes.advance(&step)
            #expect(isNews == !step.outputs.isEmpty)
            return step.outputs
        }
    }

    /// One route that has been offered.
    private func bench(_ route: ProtocolRoute) -> Bench {
        var bench = Bench()
        let outputs = bench.run(.zero, [(route, 3)])
        #expect(outputs == [.setRoute(route)] && bench.routes.due == nil, "it does not wait")
        return bench
    }

    @Test func aBetterWayWaitsTheLongerTheMoreRoutersLieBefore() {
        let (near, far) = ("10.0.0.1/32", "10.0.0.2/32")
        var bench = bench(Self.route(20, ["192.0.2.1"], near))
        _ = bench.run(.zero, [(Self.route(30, ["192.0.2.1"], far), 4)])
        let better = [near, far].map { Self.route(10, ["192.0.2.2"], $0) }
        let outputs = bench.run(Self.second, [(better[0], 1), (better[1], 2)])
        #expect(outputs.isEmpty)
        for (route, wait) in zip(better, [600, 700]) {
            let turn = Self.second + .milliseconds(wait)
            #expect(bench.routes.due == turn)
            let outputs = bench.advance(to: turn)
            #expect(outputs == [.setRoute(route)])
        }
        #expect(bench.routes.due == nil && bench.routes.inOrder == better)
    }

    @Test func newsPutOffAllThatWaits() {
        var bench = bench(Self.route(20, ["192.0.2.1"]))
        _ = bench.run(Self.second, [(Self.route(10, ["192.0.2.2"]), 1)])
        _ = bench.run(Self.second + .milliseconds(400), [])
        #expect(bench.routes.due == Self.second + .milliseconds(1000))
    }

    @Test func whatGetsWorseWaitsForNothing() {
        var bench = bench(Self.route(20, ["192.0.2.1"]))
        _ = bench.run(.zero, [(Self.route(30, ["192.0.2.1"], "10.0.0.2/32"), 3)])
        let better = Self.route(10, ["192.0.2.2"])
        let worse = Self.route(40, ["192.0.2.2"], "10.0.0.2/32")
        _ = bench.run(Self.second, [(better, 1)])
        let outputs = bench.run(nil, [(worse, 3)])
        #expect(outputs == [.setRoute(worse), .setRoute(better)])
        #expect(bench.routes.due == nil)
    }

    /// Nobody's packets come by another router than before.
    @Test func fewerNextHopsOrAnotherCostDoNotWait() {
        var bench = bench(Self.route(20, ["192.0.2.1", "192.0.2.2"]))
        for route in [Self.route(20, ["192.0.2.2"]), Self.route(15, ["192.0.2.2"])] {
            let outputs = bench.run(Self.second, [(route, 3)])
            #expect(outputs == [.setRoute(route)])
        }
        let more = bench.run(Self.second, [(Self.route(15, ["192.0.2.2", "192.0.2.3"]), 3)])
        #expect(more.isEmpty && bench.routes.due != nil)
    }

    @Test func whatIsAsBeforeOrGoneWaitsNoMore() {
        let old = Self.route(20, ["192.0.2.1"])
        var bench = bench(old)
        _ = bench.run(Self.second, [(Self.route(10, ["192.0.2.2"]), 1)])
        let outputs = bench.run(Self.second, [(old, 3)])
        #expect(outputs.isEmpty && bench.routes.due == nil)
        _ = bench.run(Self.second, [(Self.route(10, ["192.0.2.2"]), 1)])
        var step = ProtocolStep(at: Self.second)
        bench.routes.remove(old.prefix, &step)
        #expect(step.outputs == [.removeRoute(old.prefix)] && bench.routes.due == nil)
    }
}

@Suite("A network, seen twice")
struct SeenNetworkTests {
    private func network(
        _ nodes: String, _ edges: [(Character, Character, UInt32)], overloaded: String = ""
    ) -> SeenNetwork<Character> {
        let nodes = Array(nodes)
        var told = [[ShortestPaths.Edge]](repeating: [], count: nodes.count)
        for (from, to, cost) in edges {
            told[nodes.firstIndex(of: from)!].append(
                .init(to: nodes.firstIndex(of: to)!, cost: cost))
        }
        return SeenNetwork(nodes, told, isTransit: nodes.map { !overloaded.contains($0) })
    }

    @Test func whatIsMoreOrCheaperLosesNothing() {
        let old = network("abc", [("a", "b", 10), ("b", "a", 10), ("b", "c", 5)])
        #expect(SeenNetwork<Character>().isKept(in: old))
        #expect(old.isKept(in: old))
        let more: [(Character, Character, UInt32)] = [
            ("b", "c", 5), ("c", "d", 1), ("b", "a", 9), ("a", "b", 10),
        ]
        #expect(old.isKept(in: network("dcab", more)))
        #expect(old.isKept(in: network("abcd", more + [("a", "b", 20)])))
    }

    @Test func whatIsGoneOrDearerIsALoss() {
        let edges: [(Character, Character, UInt32)] = [
            ("a", "b", 10), ("b", "a", 10), ("b", "c", 5),
        ]
        let old = network("abc", edges)
        for place in edges.indices {
            var fewer = edges
            fewer.remove(at: place)
            #expect(!old.isKept(in: network("abc", fewer)))
            var dearer = edges
            dearer[place].2 += 1
            #expect(!old.isKept(in: network("abc", dearer)))
        }
        // One of two that lie side by side is a way of its own, which somebody's next hop leads by.
        let both = network("abc", edges + [edges[0]])
        #expect(old.isKept(in: both) && both.isKept(in: both))
        #expect(!both.isKept(in: old))
        #expect(!old.isKept(in: network("ac", [])))
        #expect(!old.isKept(in: network("abc", edges, overloaded: "b")))
        #expect(network("abc", edges, overloaded: "b").isKept(in: old))
    }
}
