// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

/// SplitMix64, seeded: the same networks everywhere.
struct OSPFDice: RandomNumberGenerator {
    var jitter: Jitter
    init(seed: UInt64) { jitter = Jitter(seed: seed) }
    mutating func next() -> UInt64 { jitter.next() }
}

/// Distances between routers by their links, without anything of OSPF's.
struct FloydWarshall {
    private(set) var distances: [[Int?]]
    private let steps: [[(to: Int, cost: Int)]]

    init(_ plan: OSPFNetwork.Plan, without cut: Set<Int> = []) {
        let count = plan.routerCount
        var distances = [[Int?]](repeating: [Int?](repeating: nil, count: count), count: count)
        var steps = [[(to: Int, cost: Int)]](repeating: [], count: count)
        for router in 0..<count { distances[router][router] = 0 }
        for (number, segment) in plan.segments.enumerated() where !cut.contains(number) {
            for a in segment.routers {
                for b in segment.routers where a != b {
                    steps[a].append((b, Int(segment.cost)))
                    distances[a][b] = min(distances[a][b] ?? .max, Int(segment.cost))
                }
            }
        }
        for middle in 0..<count {
            for a in 0..<count {
                for b in 0..<count {
                    guard let first = distances[a][middle], let second = distances[middle][b] else {
                        continue
                    }
                    distances[a][b] = min(distances[a][b] ?? .max, first + second)
                }
            }
        }
        self.distances = distances
        self.steps = steps
    }

    func nextRouters(_ a: Int, to b: Int) -> Set<Int> {
        guard let distance = distances[a][b], a != b else { return [] }
        return Set(
            steps[a].filter { step in
                distances[step.to][b].map { $0 + step.cost == distance } ?? false
            }
            .map(\.to))
    }
}

@Suite("Networks of OSPF routers in virtual time")
struct OSPFNetworkTests {
    static let versions: [OSPFVersion] = [.v2, .v3]

    private func expectShortestPaths(
        _ network: OSPFNetwork, without cut: Set<Int> = [], _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let expected = FloydWarshall(network.plan, without: cut)
        for a in 0..<network.plan.routerCount {
            for b in 0..<network.plan.routerCount where a != b {
                let route = network.route(a, to: b)
                #expect(
                    route.map { Int($0.metric) } == expected.distances[a][b],
                    "\(comment) \(a) to \(b)", sourceLocation: sourceLocation)
                #expect(
                    network.nextRouters(a, to: b) == expected.nextRouters(a, to: b),
                    "\(comment) \(a) to \(b)", sourceLocation: sourceLocation)
            }
        }
    }

    private func randomPlan(_ seed: UInt64, _ version: OSPFVersion) -> OSPFNetwork.Plan {
        var dice = OSPFDice(seed: seed)
        var plan = OSPFNetwork.Plan()
        plan.version = version
        let count = Int.random(in: 4...9, using: &dice)
        for router in 1..<count {
            plan.link(
                router, Int.random(in: 0..<router, using: &dice),
                cost: UInt16.random(in: 1...5, using: &dice))
        }
        for _ in 0..<count / 2 {
            let a = Int.random(in: 0..<count, using: &dice)
            let b = (a + Int.random(in: 1..<count, using: &dice)) % count
            plan.link(a, b, cost: UInt16.random(in: 1...5, using: &dice))
        }
        let members = (0..<count).shuffled(using: &dice).prefix(4)
        plan.lan(Array(members), cost: UInt16.random(in: 1...5, using: &dice))
        return plan
    }

    @Test(arguments: versions)
    func twoRoutersLearnEachOthersPrefixesWithinAFifthOfASecond(version: OSPFVersion) throws {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 7)
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .milliseconds(50))
        #expect(network.neighborStates(0, 0) == [1: .full])
        #expect(network.neighborStates(1, 0) == [0: .full])
        // A router LSA may be told anew after 100 ms.
        network.run(for: .milliseconds(100))
        let route = try #require(network.route(0, to: 1))
        #expect(route.metric == 7)
        #expect(route.source == .ospf)
        #expect(
            route.nextHops == [
                ForwardingNextHop(
                    gateway: OSPFNetwork.address(version, 0, 1), interface: "0-1-0")
            ])
        // Its own subnet is no route of OSPF's.
        #expect(network.tables[0].count == 1)
        expectShortestPaths(network)
    }

    @Test(arguments: versions, 1...8 as ClosedRange<UInt64>)
    func randomNetworksComeToTheShortestPaths(version: OSPFVersion, seed: UInt64) {
        var network = OSPFNetwork(randomPlan(seed, version))
        network.start()
        network.run(for: .seconds(30))
        expectShortestPaths(network, "seed \(seed)")
    }

    @Test(arguments: versions, 1...3 as ClosedRange<UInt64>)
    func lostPacketsDelayAndChangeNothing(version: OSPFVersion, seed: UInt64) {
        var network = OSPFNetwork(randomPlan(seed, version))
        let dice = DiceBox(seed: seed)
        network.arrives = { _, _ in dice.roll(100) >= 15 }
        network.start()
        network.run(for: .seconds(60))
        network.arrives = { _, _ in true }
        network.run(for: .seconds(30))
        expectShortestPaths(network, "seed \(seed)")
    }

    @Test(arguments: versions, 1...2 as ClosedRange<UInt64>)
    func everyLinkFailsAndComesBack(version: OSPFVersion, seed: UInt64) {
        var network = OSPFNetwork(randomPlan(seed, version))
        network.start()
        network.run(for: .seconds(30))
        for segment in network.plan.segments.indices {
            network.set(segment, isUp: false)
            network.run(for: .seconds(12))
            expectShortestPaths(network, without: [segment], "seed \(seed), without \(segment)")
            network.set(segment, isUp: true)
            network.run(for: .seconds(25))
            expectShortestPaths(network, "seed \(seed), again with \(segment)")
        }
    }

    @Test(arguments: versions)
    func aFailedLinkIsForgottenInTheSameEvent(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 1)
        plan.link(1, 2, cost: 1)
        plan.link(0, 2, cost: 5)
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(30))
        #expect(network.nextRouters(0, to: 1) == [1])
        network.set(0, isUp: false)
        // No time has passed.
        #expect(network.nextRouters(0, to: 1) == [2])
        #expect(network.nextRouters(1, to: 0) == [2])
        // And whoever is further away knows after a packet's time.
        network.run(for: .milliseconds(2))
        expectShortestPaths(network, without: [0])
    }

    /// The second failure in a row is not made to wait for MinLSInterval.
    @Test(arguments: versions)
    func aLinkThatFailsRightAfterTheStartIsGoneForAllInATenthOfASecond(version: OSPFVersion) {
        var network = triangle(version)
        network.run(for: .seconds(2))
        expectShortestPaths(network)
        network.set(0, isUp: false)
        network.run(for: .milliseconds(100))
        expectShortestPaths(network, without: [0])
        network.set(0, isUp: true)
        network.run(for: .seconds(2))
        expectShortestPaths(network)
    }

    /// Who does not listen to a new instance within a second of the last (MinLSArrival), and says
    /// nothing of it, has it a second later, and not after RxmtInterval.
    @Test(arguments: versions)
    func aNeighborThatListensOnceASecondIsToldAgain(version: OSPFVersion) {
        var network = triangle(version)
        for router in 0...2 {
            network.routers[router]?.arrivalInterval = .seconds(1)
            network.routers[router]?.arrivalsMax = 1
        }
        network.run(for: .seconds(10))
        expectShortestPaths(network)
        for _ in 0..<5 {
            network.set(0, isUp: false)
            network.run(for: .milliseconds(150))
            network.set(0, isUp: true)
            network.run(for: .milliseconds(150))
        }
        network.set(0, isUp: false)
        // By now a change may have to wait for 1.6 s, and its flooding for a second or two.
        network.run(for: .milliseconds(4500))
        expectShortestPaths(network, without: [0])
        network.run(for: .seconds(20))
        network.set(0, isUp: true)
        network.run(for: .milliseconds(2500))
        expectShortestPaths(network)
    }

    private func triangle(_ version: OSPFVersion) -> OSPFNetwork {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 10)
        plan.link(1, 2, cost: 10)
        plan.link(0, 2, cost: 100)
        var network = OSPFNetwork(plan)
        network.start()
        return network
    }

    @Test(arguments: versions)
    func partsOfANetworkHealAfterChangesOnBothSides(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1)
        plan.link(1, 2)
        plan.link(2, 3)
        plan.link(0, 1, cost: 3)
        plan.link(2, 3, cost: 3)
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(20))
        // Nobody is told that the middle carries nothing.
        network.silence(1)
        network.run(for: .seconds(10))
        #expect(network.route(0, to: 3) == nil)
        network.set(3, isUp: false)
        network.set(4, isUp: false)
        network.run(for: .seconds(10))
        network.silence(1, false)
        network.run(for: .seconds(20))
        expectShortestPaths(network, without: [3, 4])
    }

    @Test(arguments: versions)
    func aRouterThatForgotEverythingIsBelievedAgain(version: OSPFVersion) throws {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1)
        plan.link(1, 2)
        plan.lan([0, 1, 2], cost: 30)
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(60))
        let before = try #require(sequence(network, of: 1, at: 0))
        network.restart(1)
        network.run(for: .seconds(30))
        expectShortestPaths(network)
        let after = try #require(sequence(network, of: 1, at: 0))
        #expect(after > before)
    }

    private func sequence(_ network: OSPFNetwork, of router: Int, at other: Int) -> Int32? {
        let id = OSPFNetwork.routerID(router)
        let area = network.routers[other]?.databases[.area(OSPFInstance.backbone)]
        return area?.entries(of: .router).first { $0.lsa.key.advertisingRouter == id }?
            .lsa.header.sequence
    }

    @Test(arguments: versions)
    func hoursPassAndEverythingIsRefreshed(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1)
        plan.lan([1, 2, 3])
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(60))
        let reports = network.reports.count
        network.run(for: .seconds(2 * 3600))
        expectShortestPaths(network)
        #expect(network.reports.count == reports, "no adjacency was lost")
        for router in network.routers {
            for database in router?.databases.values ?? [:].values {
                for entry in database.inOrder { #expect(entry.age(at: network.now) < 1900) }
            }
        }
    }

    @Test(arguments: versions)
    func whatNobodyRefreshesGoes(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1)
        plan.link(1, 2)
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(20))
        network.kill(2)
        network.run(for: .seconds(4000))
        let area = network.routers[0]?.databases[.area(OSPFInstance.backbone)]
        let gone = OSPFNetwork.routerID(2)
        #expect(area?.keys.contains { $0.advertisingRouter == gone } == false)
        #expect(network.route(0, to: 1) != nil)
    }

    @Test(arguments: versions)
    func afterAFarewellNobodyWaits(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1)
        plan.link(1, 2)
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(20))
        network.perform(2) { $0.shutDown(&$1) }
        network.run(for: .milliseconds(10))
        #expect(network.route(0, to: 2) == nil)
        #expect(network.neighborStates(1, 1)[2] == .initial)
    }

    @Test(arguments: versions)
    func theSameEventsGiveTheSamePackets(version: OSPFVersion) {
        func packets() -> [RoutingPacket] {
            var network = OSPFNetwork(randomPlan(3, version))
            network.isTapped = true
            network.start()
            network.run(for: .seconds(20))
            network.set(0, isUp: false)
            network.run(for: .seconds(20))
            return network.tap
        }
        let first = packets()
        #expect(first.count > 100)
        #expect(first == packets())
    }
}

/// Dice that closures can share.
final class DiceBox {
    private var dice: OSPFDice
    init(seed: UInt64) { dice = OSPFDice(seed: seed) }
    func roll(_ sides: UInt64) -> UInt64 { dice.next() % sides }
}
