// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("Networks of RIP routers")
struct RIPNetworkTests {
    private typealias Links = [(Int, Int)]

    private func line(_ count: Int) -> Links { (0..<count - 1).map { ($0, $0 + 1) } }

    @Test(arguments: AddressFamily.allCases)
    func aLineLearnsAllWithinSeconds(family: AddressFamily) {
        var network = RIPNetwork(family, routers: 5, links: line(5))
        network.wait(.seconds(20))
        #expect(network.metrics(to: 0) == [nil, 2, 3, 4, 5])
        #expect(network.metrics(to: 4) == [5, 4, 3, 2, nil])
        let route = network.offers[1][RIPNetwork.network(family, 0)]
        let neighbor = RIPNetwork.addresses(family, link: 0, side: false)[0].address
        #expect(
            route?.nextHops == [ForwardingNextHop(gateway: neighbor, interface: "eth0")])
        #expect(route?.source == .rip && route?.attributes.med == 2)
    }

    @Test(arguments: AddressFamily.allCases)
    func sixteenIsInfinity(family: AddressFamily) {
        var network = RIPNetwork(family, routers: 18, links: line(18))
        network.wait(.seconds(120))
        #expect(network.metrics(to: 0)[14] == 15)
        #expect(network.metrics(to: 0)[15] == nil)
    }

    @Test(arguments: AddressFamily.allCases)
    func whatIsLostIsLostEverywhereAndNobodyCounts(family: AddressFamily) {
        var network = RIPNetwork(family, routers: 5, links: line(5))
        network.wait(.seconds(40))
        network.setLink(0, isUp: false)
        network.wait(.seconds(21))
        #expect(network.metrics(to: 0) == [nil, nil, nil, nil, nil])
        let most = network.record.filter { $0.contains("setRoute") && $0.contains("metric: 15") }
        #expect(most.isEmpty, "nobody counted up to infinity")
        network.setLink(0, isUp: true)
        network.wait(.seconds(21))
        #expect(network.metrics(to: 0) == [nil, 2, 3, 4, 5])
    }

    @Test(arguments: AddressFamily.allCases)
    func aRingTurnsTheOtherWay(family: AddressFamily) {
        var network = RIPNetwork(
            family, routers: 4, links: [(0, 1), (1, 2), (2, 3), (3, 0)])
        network.wait(.seconds(40))
        #expect(network.metrics(to: 0) == [nil, 2, 3, 2])
        network.setLink(0, isUp: false)
        network.wait(.seconds(61))
        #expect(network.metrics(to: 0) == [nil, 4, 3, 2])
    }

    /// Silence ends a route after the timeout, and it is told as unreachable for the garbage time.
    @Test(arguments: AddressFamily.allCases)
    func silenceEndsARouteAfterTheTimeout(family: AddressFamily) throws {
        var network = RIPNetwork(family, routers: 3, links: line(3))
        network.wait(.seconds(65))
        network.silence(0)
        let cut = network.now
        network.wait(.seconds(149))
        #expect(network.metrics(to: 0)[1] == 2)
        network.wait(.seconds(32))
        #expect(network.metrics(to: 0) == [nil, nil, nil])
        let lost = RIPNetwork.network(family, 0)
        func tells() -> UInt8? {
            network.entries(from: 1, by: "eth1").first { $0.prefix == lost }?.metric
        }
        #expect(tells() == 16)
        network.wait(.seconds(90))
        #expect(tells() == 16, "and it goes on saying so")
        network.wait(.seconds(62))
        #expect(tells() == nil, "for the garbage time")
        #expect(network.now - cut > .seconds(300))
        let neighbors = network.routers[1].show(at: network.now)["neighbors"]?.array ?? []
        #expect(neighbors.count == 1, "the silent neighbor is forgotten")
        network.mend(0)
        network.wait(.seconds(31))
        #expect(network.metrics(to: 0) == [nil, 2, 3])
    }

    @Test(arguments: AddressFamily.allCases)
    func whatWasLearnedIsPoisonedWhereItCameFrom(family: AddressFamily) {
        var network = RIPNetwork(family, routers: 3, links: line(3))
        network.wait(.seconds(65))
        let entries = network.entries(from: 1, by: "eth0")
        func metric(_ router: Int) -> UInt8? {
            entries.first { $0.prefix == RIPNetwork.network(family, router) }?.metric
        }
        #expect(metric(0) == 16 && metric(1) == 1 && metric(2) == 2)
        let subnet = RIPNetwork.addresses(family, link: 0, side: false).last?.prefix
        #expect(!entries.contains { $0.prefix == subnet }, "the link's own subnet")
    }

    @Test(arguments: AddressFamily.allCases)
    func aRouterThatStopsSaysSo(family: AddressFamily) {
        var network = RIPNetwork(family, routers: 3, links: line(3))
        network.wait(.seconds(65))
        network.step(0) { $0.shutDown(&$1) }
        network.wait(.milliseconds(5500))
        #expect(network.metrics(to: 0) == [2 as UInt32?, nil, nil].map { _ in nil })
    }

    @Test(arguments: AddressFamily.allCases)
    func routersDoNotFallIntoStep(family: AddressFamily) {
        var network = RIPNetwork(family, routers: 2, links: line(2))
        network.wait(.seconds(3600))
        // What is told of changes comes in between, at first.
        let settled = Instant.zero + .seconds(60)
        let moments = network.sent.filter { $0.from == 0 && $0.at > settled }.map(\.at)
        let gaps = zip(moments, moments.dropFirst()).map { $1 - $0 }
        #expect(gaps.allSatisfy { $0 <= .seconds(30) && $0 >= .milliseconds(25_500) })
        #expect(Set(gaps).count > 50)
    }

    /// One every 1 to 5 seconds at most (RFC 2453 §3.10.1).
    @Test func changesThatComeFastAreToldTogether() {
        var network = RIPNetwork(.ipv4, routers: 2, links: line(2))
        network.wait(.seconds(40))
        let before = network.sent.filter { $0.from == 0 }.count
        for round in 0..<200 {
            let isThere = round % 2 == 0
            network.step(0) {
                $0.offered(
                    prefix("10.99.0.0/16"),
                    isThere ? OfferedRoute(source: .static, nextHops: [], metric: 0) : nil, &$1)
            }
            network.wait(.milliseconds(100))
        }
        let count = network.sent.filter { $0.from == 0 }.count - before
        #expect((5...21).contains(count), "\(count) packets in 20 s")
        network.wait(.seconds(6))
        #expect(network.offers[1][prefix("10.99.0.0/16")] == nil)
    }

    @Test(arguments: AddressFamily.allCases)
    func theSameEventsGiveTheSameOutputs(family: AddressFamily) {
        func life() -> [String] {
            var network = RIPNetwork(family, routers: 4, links: [(0, 1), (1, 2), (2, 3), (3, 0)])
            network.wait(.seconds(40))
            network.setLink(1, isUp: false)
            network.wait(.seconds(40))
            network.silence(2)
            network.wait(.seconds(400))
            return network.record
        }
        #expect(life() == life())
    }
}
