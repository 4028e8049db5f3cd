// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine
@testable import Wire

@Suite("IS-IS: whole networks")
struct ISISNetworkTests {
    private func network(_ count: Int, levels: ISISLevels = .level2) -> ISISNetwork {
        var network = ISISNetwork()
        for _ in 0..<count { network.addNode(levels: levels) }
        return network
    }

    private func ring(_ count: Int) -> ISISNetwork {
        var network = network(count)
        for node in 0..<count { network.join([node, (node + 1) % count]) }
        return network
    }

    @Test func aRingHasTwoWaysAround() {
        var network = ring(6)
        network.start()
        network.run(for: .seconds(10))
        network.expectShortestPaths()
        network.expectSameDatabases()
        #expect(network.nodes[0].routes[ISISNetwork.loopback(3)]?.nextHops.count == 2)
        network.set(2, isUp: false)
        network.run(for: .milliseconds(20))
        network.expectShortestPaths("a link is lost")
        network.set(2, isUp: true)
        network.run(for: .seconds(6))
        network.expectShortestPaths("and comes back")
    }

    @Test func aMeshOfAllWithAll() {
        var network = network(8)
        for a in 0..<8 { for b in a + 1..<8 { network.join([a, b], metric: 10) } }
        network.start()
        network.run(for: .seconds(10))
        network.expectShortestPaths()
        network.kill(3)
        network.run(for: .seconds(8))
        network.expectShortestPaths("a router has died")
    }

    @Test func aLANHasOneDesignatedRouter() throws {
        var network = network(5)
        network.join([0, 1, 2, 3], isLAN: true) { node, circuit in
            circuit.priority = node == 2 ? 100 : 64
        }
        network.join([3, 4])
        network.start()
        network.run(for: .seconds(20))
        let lan = ISISNodeID(ISISNetwork.system(2), pseudonode: 2)
        for node in 0..<4 { #expect(network.nodes[node].instance?.circuits[1].lanIDs[.two] == lan) }
        network.expectShortestPaths()
        network.expectSameDatabases()
        let pseudonodes = network.database(0).all.filter {
            $0.packet.id.node.isPseudonode && !$0.isPurged
        }
        #expect(pseudonodes.map(\.packet.id) == [LSPID(lan)])
        network.kill(2)
        network.run(for: .seconds(10))
        let next = ISISNodeID(ISISNetwork.system(3), pseudonode: 2)
        #expect(network.nodes[0].instance?.circuits[1].lanIDs[.two] == next, "highest address")
        network.expectShortestPaths("the designated router has died")
        network.start(2)
        network.run(for: .seconds(20))
        #expect(network.nodes[0].instance?.circuits[1].lanIDs[.two] == lan)
        network.expectShortestPaths("and lives again")
        network.expectSameDatabases()
    }

    @Test func whatFallsApartHealsAndKnowsTheSameAgain() {
        var network = ring(8)
        network.start()
        network.run(for: .seconds(10))
        network.set(0, isUp: false)
        network.set(4, isUp: false)
        network.run(for: .seconds(2))
        network.expectShortestPaths("in two pieces")
        // Both pieces go on by themselves.
        network.set(6, isUp: false)
        network.run(for: .seconds(5))
        network.set(6, isUp: true)
        network.run(for: .seconds(10))
        network.expectShortestPaths("still in two pieces")
        network.set(0, isUp: true)
        network.set(4, isUp: true)
        network.run(for: .seconds(10))
        network.expectShortestPaths("whole again")
        network.expectSameDatabases()
    }

    @Test(arguments: UInt64(1)...12)
    func anyNetworkFindsItsShortestPaths(seed: UInt64) {
        var random = Jitter(seed: seed)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        var network = network(6 + pick(8))
        let count = network.nodes.count
        for node in 1..<count {
            network.join([pick(node), node], metric: UInt32(1 + pick(20)))
        }
        for _ in 0..<count / 2 {
            let a = pick(count)
            let b = pick(count)
            if a != b {
                network.join([a, b], metric: UInt32(1 + pick(20)), isLAN: pick(2) == 0)
            }
        }
        let members = Array(Set((0..<4).map { _ in pick(count) })).sorted()
        if members.count > 2 { network.join(members, metric: UInt32(1 + pick(20)), isLAN: true) }
        if seed.isMultiple(of: 2) {
            for segment in network.segments.indices { network.segments[segment].loss = 10 }
        }
        network.start()
        network.run(for: .seconds(60))
        for _ in 0..<4 {
            let segment = pick(network.segments.count)
            network.set(segment, isUp: !network.segments[segment].isUp)
            network.run(for: .milliseconds(Int64(pick(3000))))
        }
        // With every tenth packet lost now and then a neighbor is lost too.
        for segment in network.segments.indices { network.segments[segment].loss = 0 }
        network.run(for: .seconds(45))
        network.expectShortestPaths("seed \(seed)")
    }

    @Test func theSameEventsHaveTheSameEffects() {
        func life() -> [String] {
            var network = ring(5)
            network.join([0, 2, 4], isLAN: true)
            network.keepsLog = true
            network.start()
            network.run(for: .seconds(10))
            network.set(1, isUp: false)
            network.run(for: .seconds(5))
            return network.log
        }
        let (first, second) = (life(), life())
        #expect(first.count > 100)
        #expect(first == second)
    }

    // MARK: Levels

    /// Areas 1 (routers 0, 1) and 2 (routers 2, 3), joined at level 2 between 1 and 2.
    private func twoAreas() -> ISISNetwork {
        var network = ISISNetwork()
        network.addNode(levels: .level1, area: "49.0001")
        network.addNode(levels: .both, area: "49.0001")
        network.addNode(levels: .both, area: "49.0002")
        network.addNode(levels: .level1, area: "49.0002")
        network.join([0, 1])
        network.join([1, 2])
        network.join([2, 3])
        return network
    }

    @Test func areasReachEachOtherByRoutersOfBothLevels() throws {
        var network = twoAreas()
        network.start()
        network.run(for: .seconds(10))
        let zero = IPPrefix.zero(.ipv4)
        #expect(network.nodes[0].routes[zero]?.nextHops.map(\.interface) == ["s0"])
        #expect(network.nodes[0].routes[.zero(.ipv6)]?.metric == 10)
        #expect(network.nodes[0].routes[ISISNetwork.loopback(3)] == nil, "an area keeps to itself")
        let far = try #require(network.nodes[1].routes[ISISNetwork.loopback(3)])
        #expect(far.metric == 20 && far.preference == 18)
        #expect(network.nodes[1].routes[ISISNetwork.loopback(0)]?.preference == 15)
        #expect(network.nodes[1].routes[zero] == nil)
        network.set(1, isUp: false)
        network.run(for: .seconds(3))
        #expect(network.nodes[0].routes[zero] == nil, "the way out is lost")
        network.set(1, isUp: true)
        network.run(for: .seconds(8))
        #expect(network.nodes[0].routes[zero] != nil)
    }

    @Test func aCircuitOfBothLevelsHasPathsOfBoth() {
        var network = network(4, levels: .both)
        for node in 0..<4 { network.join([node, (node + 1) % 4], isLAN: node == 0) }
        network.start()
        network.run(for: .seconds(20))
        network.expectShortestPaths()
        network.expectSameDatabases(.one)
        network.expectSameDatabases(.two)
        for node in 0..<4 {
            #expect(network.nodes[node].routes.values.allSatisfy { $0.preference == 15 })
        }
    }
}
