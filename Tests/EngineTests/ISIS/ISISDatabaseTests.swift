// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine
@testable import Wire

@Suite("IS-IS: link state packets")
struct ISISDatabaseTests {
    private func line(
        _ count: Int, _ change: (inout ISISConfiguration) -> Void = { _ in }
    ) -> ISISNetwork {
        var network = ISISNetwork()
        for _ in 0..<count { network.addNode(change) }
        for node in 1..<count { network.join([node - 1, node]) }
        return network
    }

    private func sequence(_ network: ISISNetwork, at node: Int, of origin: Int) -> UInt32? {
        network.database(node)[LSPID(ISISNodeID(ISISNetwork.system(origin)))]?.packet.sequence
    }

    @Test func anEarlierLifesPacketIsOutrun() throws {
        var network = line(3)
        network.start()
        network.run(for: .seconds(5))
        for _ in 0..<5 {
            network.set(1, isUp: false)
            network.run(for: .seconds(2))
            network.set(1, isUp: true)
            network.run(for: .seconds(5))
        }
        let before = try #require(sequence(network, at: 0, of: 2))
        #expect(before > 5)
        network.kill(2)
        network.run(for: .milliseconds(100))
        network.start(2)
        network.run(for: .seconds(10))
        let after = try #require(sequence(network, at: 0, of: 2))
        #expect(after > before)
        network.expectShortestPaths()
        network.expectSameDatabases()
    }

    @Test func packetsAreRefreshedAndThoseOfTheDeadRunOut() {
        var network = line(3) { $0.lifetime = .seconds(100) }
        network.start()
        network.run(for: .seconds(1000))
        network.expectShortestPaths("after ten lives of a packet")
        network.kill(2)
        network.run(for: .seconds(99))
        // The lifetime, and then a minute for the purge to be remembered.
        network.run(for: .seconds(65))
        #expect(sequence(network, at: 0, of: 2) == nil)
        #expect(sequence(network, at: 1, of: 2) == nil)
    }

    /// ISO 10589 §7.3.16.1.
    @Test func theLastNumberIsFollowedByTheFirst() throws {
        var network = line(3) { $0.lifetime = .seconds(100) }
        network.start()
        network.run(for: .seconds(5))
        let id = LSPID(ISISNodeID(ISISNetwork.system(0)))
        let forged = ISISLinkState(
            level: .two, lifetime: 90, id: id, sequence: .max, flags: .levelTwo)
        let packet = RoutingPacket(
            .isis, interface: "s0", source: .mac(ISISNetwork.mac(1, 0)),
            destination: .mac(ISISPacket.allIntermediateSystems), hopLimit: 255,
            payload: try ISISPacket.linkState(forged).encoded())
        network.run(0) { $0.received(packet, &$1) }
        network.run(for: .seconds(2))
        #expect(network.database(2)[id]?.isPurged == true, "withdrawn everywhere")
        #expect(network.nodes[2].routes[ISISNetwork.loopback(0)] == nil)
        network.run(for: .seconds(170))
        #expect(sequence(network, at: 2, of: 0).map { $0 < 10 } == true)
        network.expectShortestPaths("begun anew")
    }

    /// Two contents under one number: the third wins.
    @Test func aConflictIsSettledByTheOrigin() throws {
        var network = line(3)
        network.start()
        network.run(for: .seconds(5))
        let id = LSPID(ISISNodeID(ISISNetwork.system(0)))
        let number = try #require(sequence(network, at: 2, of: 0))
        let forged = ISISLinkState(
            level: .two, lifetime: 90, id: id, sequence: number, flags: .levelTwo)
        let packet = RoutingPacket(
            .isis, interface: "s1", source: .mac(ISISNetwork.mac(1, 1)),
            destination: .mac(ISISPacket.allIntermediateSystems), hopLimit: 255,
            payload: try ISISPacket.linkState(forged).encoded())
        network.run(2) { $0.received(packet, &$1) }
        network.run(for: .seconds(8))
        #expect(try #require(sequence(network, at: 2, of: 0)) > number)
        network.expectShortestPaths()
        network.expectSameDatabases()
    }

    @Test func aPacketThatNobodyIssuedAnyMoreIsWithdrawn() throws {
        var network = line(2)
        network.start()
        network.run(for: .seconds(5))
        let stale = ISISLinkState(
            level: .two, lifetime: 900, id: LSPID(ISISNodeID(ISISNetwork.system(0)), fragment: 9),
            sequence: 4, flags: .levelTwo)
        let packet = RoutingPacket(
            .isis, interface: "s0", source: .mac(ISISNetwork.mac(0, 0)),
            destination: .mac(ISISPacket.allIntermediateSystems), hopLimit: 255,
            payload: try ISISPacket.linkState(stale).encoded())
        network.run(1) { $0.received(packet, &$1) }
        // It goes to its origin by the account of a new adjacency.
        network.set(0, isUp: false)
        network.run(for: .seconds(1))
        network.set(0, isUp: true)
        network.run(for: .seconds(10))
        #expect(network.database(1)[stale.id]?.isPurged ?? true)
    }

    @Test func aLostPacketIsSentAgain() {
        var network = line(2)
        network.start()
        network.run(for: .seconds(5))
        network.segments[0].loss = 1
        network.run(0) {
            $0.offered(
                prefix("192.0.2.0/24"),
                OfferedRoute(source: .static, nextHops: [], metric: 7), &$1)
        }
        network.run(for: .milliseconds(500))
        network.segments[0].loss = 0
        network.run(for: .seconds(6))
        #expect(network.nodes[1].routes[prefix("192.0.2.0/24")]?.metric == 17)
    }

    @Test func manyPrefixesAreToldInManyPacketsAndTakenBack() throws {
        var network = line(3)
        network.start()
        network.run(for: .seconds(5))
        let prefixes = (0..<2000).map {
            IPPrefix(IPAddress(family: .ipv4, bits: UInt128(0x6400_0000 + $0 * 256)), length: 24)
        }
        for prefix in prefixes {
            network.run(0) {
                $0.offered(prefix, OfferedRoute(source: .bgp, nextHops: [], metric: 0), &$1)
            }
        }
        network.run(for: .seconds(15))
        #expect(prefixes.allSatisfy { network.nodes[2].routes[$0]?.metric == 20 })
        let fragments = network.database(2).fragments(of: ISISNodeID(ISISNetwork.system(0)))
        #expect(fragments.count > 10)
        #expect(fragments.allSatisfy { $0.octets.count <= 1492 })
        network.expectSameDatabases()
        for prefix in prefixes { network.run(0) { $0.offered(prefix, nil, &$1) } }
        network.run(for: .seconds(15))
        #expect(network.nodes[2].routes.count == 5)
        #expect(
            network.database(2).fragments(of: ISISNodeID(ISISNetwork.system(0)))
                .count { !$0.isPurged } == 1)
    }

    @Test func aDatabaseThatIsFullSaysSo() {
        var network = line(5)
        network.nodes[2].configuration.maximumLSPs = 3
        network.start()
        network.run(for: .seconds(20))
        #expect(network.database(2).count <= 4)
        #expect(network.nodes[2].instance?.isOverloaded == true)
        let own = network.database(1)[LSPID(ISISNodeID(ISISNetwork.system(2)))]
        #expect(own?.packet.flags.contains(.overload) == true)
    }

    // MARK: Overload and LDP

    @Test func nobodyLeadsTrafficThroughARouterThatHasJustBegun() {
        var network = ISISNetwork()
        for node in 0..<4 {
            network.addNode { if node == 1 { $0.overloadOnStart = .seconds(30) } }
        }
        network.join([0, 1])
        network.join([1, 3])
        network.join([0, 2], metric: 50)
        network.join([2, 3], metric: 50)
        network.start()
        network.run(for: .seconds(20))
        #expect(network.nodes[0].routes[ISISNetwork.loopback(3)]?.metric == 100)
        #expect(network.nodes[0].routes[ISISNetwork.loopback(1)]?.metric == 10, "only to it")
        network.run(for: .seconds(20))
        network.expectShortestPaths("it is ready")
    }

    /// RFC 5443.
    @Test func aLinkWithoutLabelsIsTheLastResort() {
        var network = ISISNetwork()
        for _ in 0..<3 { network.addNode() }
        network.join([0, 1]) { $1.isLDPSynchronised = true }
        network.join([1, 2])
        network.join([0, 2], metric: 100)
        network.start()
        network.run(for: .seconds(10))
        #expect(network.nodes[0].routes[ISISNetwork.loopback(1)]?.metric == 110)
        for node in 0...1 { network.run(node) { $0.synchronised("s0", true, &$1) } }
        network.run(for: .seconds(5))
        network.expectShortestPaths("labels are there")
        network.run(0) { $0.synchronised("s0", false, &$1) }
        network.run(for: .seconds(5))
        #expect(network.nodes[0].routes[ISISNetwork.loopback(1)]?.metric == 110)
        network.set(2, isUp: false)
        network.run(for: .seconds(5))
        #expect(network.nodes[0].routes[ISISNetwork.loopback(1)]?.metric == 0xff_fffe)
    }

    // MARK: Numbers

    @Test func agesAreThoseOfTheStandard() {
        func entry(_ sequence: UInt32, _ lifetime: UInt16, _ checksum: UInt16 = 1) -> LSPEntry {
            LSPEntry(lifetime: lifetime, id: .first, sequence: sequence, checksum: checksum)
        }
        #expect(ISISAge(of: entry(2, 0), against: entry(1, 9)) == .newer)
        #expect(ISISAge(of: entry(1, 9), against: entry(2, 0)) == .older)
        #expect(ISISAge(of: entry(1, 0, 2), against: entry(1, 9)) == .newer)
        #expect(ISISAge(of: entry(1, 9), against: entry(1, 0, 2)) == .older)
        #expect(ISISAge(of: entry(1, 9), against: entry(1, 8)) == .same)
        #expect(ISISAge(of: entry(1, 9, 2), against: entry(1, 8)) == .conflicting)
        #expect(ISISAge(of: entry(1, 0, 2), against: entry(1, 0)) == .same)
    }

    @Test func theDatabaseIsInOrder() {
        var database = ISISDatabase()
        let nodes = [5, 1, 9, 3, 1].map { ISISNodeID(SystemID(bits: UInt64($0))) }
        for (number, node) in nodes.enumerated() {
            let lsp = ISISLinkState(
                level: .two, lifetime: 9, id: LSPID(node, fragment: UInt8(number % 2)),
                sequence: 1, flags: .levelTwo)
            database.set(
                ISISDatabase.Entry(octets: [], packet: lsp, checksum: 0, expires: .zero))
        }
        #expect(database.order == database.order.sorted() && database.count == 5)
        #expect(database.fragments(of: nodes[1]).count == 2)
        #expect(database.entries(in: LSPID(nodes[1])...LSPID(nodes[3])).count == 2)
        database.remove(LSPID(nodes[2]))
        database.remove(LSPID(nodes[2]))
        #expect(database.count == 4 && database[LSPID(nodes[2])] == nil)
    }
}
