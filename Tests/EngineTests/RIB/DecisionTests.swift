// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// The decision, step by step: each test makes two paths equal in all that comes before.
@Suite("RIB: decision")
struct DecisionTests {
    private static let prefix = "203.0.113.0/24"

    /// Paths from external neighbors n1 (AS 65001) and n2 (AS 65002), and internal n3 and n4.
    private func bench() -> RouterBench {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65001), RouterBench.neighbor(2, 65002),
            RouterBench.neighbor(3, 65000), RouterBench.neighbor(4, 65000),
        ])
        bench.up("n1", "n2", "n3", "n4")
        return bench
    }

    private func expect(
        _ bench: RouterBench, _ winner: String, _ winning: String, _ losing: String,
        at location: SourceLocation = #_sourceLocation
    ) {
        let paths = bench.paths(Self.prefix)
        #expect(paths.map { $0["active"]?.bool } == [true, false], sourceLocation: location)
        #expect(paths.first?["neighbor"]?.string == winner, sourceLocation: location)
        #expect(paths.texts("reason") == [winning, losing], sourceLocation: location)
    }

    @Test func theOnlyPathIsActiveAsThat() {
        var bench = bench()
        bench.announce("n2", [Self.prefix])
        #expect(bench.paths(Self.prefix).texts("reason") == ["only path"])
    }

    @Test func higherLocalPreferenceWinsOverAShorterPath() {
        var bench = bench()
        bench.announce("n3", [Self.prefix], path: "1 2 3") { $0.localPreference = 150 }
        bench.announce("n1", [Self.prefix])
        expect(bench, "n3", "highest local preference", "local preference 100 < 150")
    }

    @Test func shorterASPathWinsOverLowerOrigin() {
        var bench = bench()
        bench.announce("n1", [Self.prefix], path: "65001 7")
        bench.announce("n2", [Self.prefix], path: "65002") { $0.origin = .incomplete }
        expect(bench, "n2", "shortest AS path", "AS path length 2 > 1")
    }

    @Test func anASSetCountsAsOne() {
        var bench = bench()
        bench.announce("n1", [Self.prefix], path: "65001 7 8")
        bench.announce("n2", [Self.prefix], path: "65002 {7 8 9}")
        expect(bench, "n2", "shortest AS path", "AS path length 3 > 2")
    }

    @Test func lowerOriginWinsOverLowerMED() {
        var bench = bench()
        bench.announce("n1", [Self.prefix], path: "7") { $0.origin = .egp }
        bench.announce("n2", [Self.prefix], path: "7") { $0.med = 10 }
        expect(bench, "n2", "lowest origin", "origin egp > igp")
    }

    @Test func lowerMEDWinsOverExternalWithinOneNeighboringAS() {
        var bench = bench()
        bench.announce("n1", [Self.prefix], path: "65001") { $0.med = 20 }
        bench.announce("n3", [Self.prefix], path: "65001") { $0.med = 10 }
        expect(bench, "n3", "lowest MED", "MED 20 > 10")
    }

    @Test func aMissingMEDIsTheLowest() {
        var bench = bench()
        bench.announce("n3", [Self.prefix], path: "65001") { $0.med = 1 }
        bench.announce("n4", [Self.prefix], path: "65001")
        expect(bench, "n4", "lowest MED", "MED 1 > 0")
    }

    @Test func theMEDIsNotComparedBetweenDifferentNeighboringASes() {
        var bench = bench()
        bench.announce("n1", [Self.prefix], path: "65001") { $0.med = 20 }
        bench.announce("n2", [Self.prefix], path: "65002") { $0.med = 10 }
        expect(bench, "n1", "lowest router ID", "router ID 1.1.1.2 > 1.1.1.1")
    }

    @Test func externalWinsOverInternal() {
        var bench = bench()
        bench.announce("n3", [Self.prefix], path: "7")
        bench.announce("n1", [Self.prefix], path: "65001")
        expect(bench, "n1", "external over internal", "internal, not external")
    }

    @Test func lowerInteriorCostOfTheNextHopWins() {
        let statics = [("10.8.8.3/32", UInt32(20)), ("10.8.8.4/32", 10)].map { prefix, metric in
            StaticRouteConfiguration(
                prefix: value(prefix), gateway: value("10.0.1.2"), source: .core, metric: metric)
        }
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65000), RouterBench.neighbor(3, 65000),
                RouterBench.neighbor(4, 65000),
            ], statics: statics)
        bench.up("n3", "n4")
        bench.announce("n3", [Self.prefix]) { $0.nextHop = value("10.8.8.3") }
        bench.announce("n4", [Self.prefix]) { $0.nextHop = value("10.8.8.4") }
        expect(bench, "n4", "lowest IGP metric", "IGP metric 20 > 10")
        #expect(bench.paths(Self.prefix).texts("next-hop") == ["10.0.1.2", "10.0.1.2"])
    }

    @Test func lowerRouterIDWins() {
        var bench = bench()
        bench.announce("n4", [Self.prefix])
        bench.announce("n3", [Self.prefix])
        expect(bench, "n3", "lowest router ID", "router ID 1.1.1.4 > 1.1.1.3")
    }

    @Test func theOriginatorStandsForTheRouterIDOfAReflectedRoute() {
        var bench = bench()
        bench.announce("n3", [Self.prefix]) { $0.originatorID = value("9.9.9.9") }
        bench.announce("n4", [Self.prefix])
        expect(bench, "n4", "lowest router ID", "router ID 9.9.9.9 > 1.1.1.4")
    }

    @Test func shorterClusterListWins() {
        var bench = bench()
        for (name, clusters) in [("n3", ["5.5.5.5", "6.6.6.6"]), ("n4", ["5.5.5.5"])] {
            bench.announce(name, [Self.prefix]) {
                $0.originatorID = value("9.9.9.8")
                $0.clusterList = clusters.map { value($0) }
            }
        }
        expect(bench, "n4", "shortest cluster list", "cluster list length 2 > 1")
    }

    @Test func lowerNeighborAddressWins() {
        var bench = bench()
        for name in ["n4", "n3"] {
            bench.announce(name, [Self.prefix]) { $0.originatorID = value("9.9.9.8") }
        }
        expect(
            bench, "n3", "lowest neighbor address", "neighbor address 10.0.4.2 > 10.0.3.2")
    }

    @Test func whicheverCameFirstMakesNoDifference() {
        let announcements: [(String, String, UInt32)] = [
            ("n1", "7 8", 20), ("n2", "9 8", 5), ("n3", "7 8", 10), ("n4", "9 8", 6),
        ]
        var results: Set<[String]> = []
        for order in permutations(of: announcements.indices.map { $0 }) {
            var bench = bench()
            for index in order {
                let (name, path, med) = announcements[index]
                bench.announce(name, [Self.prefix], path: path) { $0.med = med }
            }
            let paths = bench.paths(Self.prefix)
            results.insert(paths.texts("neighbor") + paths.texts("reason"))
        }
        // n1 falls to n3's MED and n4 to n2's; then n2 is external.
        #expect(
            results == [
                [
                    "n2", "n3", "n4", "n1", "external over internal", "internal, not external",
                    "MED 6 > 5", "MED 20 > 10",
                ]
            ])
    }

    private func permutations(of items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.flatMap { first in
            permutations(of: items.filter { $0 != first }).map { [first] + $0 }
        }
    }

    @Test func lowerPreferenceOfTheSourceWinsOverEverything() {
        var bench = RouterBench(
            [RouterBench.neighbor(1, 65001)],
            statics: [
                StaticRouteConfiguration(prefix: value(Self.prefix), gateway: value("10.0.1.9"))
            ])
        bench.up("n1")
        bench.announce("n1", [Self.prefix])
        let paths = bench.paths(Self.prefix)
        #expect(paths.texts("protocol") == ["static", "bgp"])
        #expect(paths.texts("reason") == ["lowest preference", "preference 170 > 5"])
        #expect(paths.numbers("preference") == [5, 170])
    }

    @Test func aPathWithoutAWayToItsNextHopIsNeverActive() {
        var bench = bench()
        bench.announce("n3", [Self.prefix]) {
            $0.localPreference = 900
            $0.nextHop = value("172.16.0.1")
        }
        bench.announce("n4", [Self.prefix])
        let paths = bench.paths(Self.prefix)
        #expect(paths.texts("neighbor") == ["n4", "n3"])
        #expect(paths.texts("reason") == ["only path", "no route to next hop 172.16.0.1"])
    }

    @Test func anExternalNextHopMustBeConnected() {
        var bench = bench()
        bench.announce("n1", [Self.prefix]) { $0.nextHop = value("10.9.8.7") }
        let paths = bench.paths(Self.prefix)
        #expect(paths.map { $0["active"]?.bool } == [false])
        #expect(paths.texts("reason") == ["next hop 10.9.8.7 is not on a connected subnet"])
        #expect(bench.kernel.route(Self.prefix) == nil)
    }

    @Test func ourOwnAddressIsNoNextHop() {
        var bench = bench()
        bench.announce("n1", [Self.prefix]) { $0.nextHop = value("10.0.1.1") }
        #expect(bench.paths(Self.prefix).texts("reason") == ["next hop 10.0.1.1 is this router"])
    }
}
