// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine
@testable import Wire

/// Where both ends have BFD, it says when a neighbor comes up (RFC 6213).
@Suite("IS-IS: neighbors that wait for BFD")
struct ISISReachTests {
    private static func pair(isLAN: Bool) -> ISISNetwork {
        var network = ISISNetwork()
        network.addNode()
        network.addNode()
        network.join([0, 1], isLAN: isLAN) { _, circuit in
            circuit.bfd = BFDParameters(transmitInterval: .milliseconds(100))
        }
        network.start()
        network.run(for: .seconds(5))
        return network
    }

    private func tell(_ network: inout ISISNetwork, _ node: Int, isUp: Bool, count: Int = 2) {
        for key in network.nodes[node].watched.sorted().prefix(count) {
            network.run(node) { $0.bfd(key, isUp: isUp, &$1) }
        }
    }

    @Test(arguments: [false, true])
    func aNeighborIsUpWhenBFDHasFoundTheWayForEachFamily(isLAN: Bool) {
        var network = Self.pair(isLAN: isLAN)
        for node in 0...1 {
            #expect(network.adjacencies(node).map(\.state) == [.initializing])
            #expect(network.nodes[node].watched.count == 2, "it is looked for")
            #expect(network.nodes[node].routes.isEmpty)
        }
        tell(&network, 0, isUp: true, count: 1)
        #expect(network.adjacencies(0).map(\.state) == [.initializing], "IPv6 is not there yet")
        tell(&network, 0, isUp: true)
        #expect(network.adjacencies(0).map(\.state) == [.up])
        network.run(for: .seconds(5))
        #expect(network.nodes[0].routes.isEmpty, "the other end has not found it yet")
        tell(&network, 1, isUp: true)
        network.run(for: .seconds(5))
        network.expectShortestPaths()
        network.expectSameDatabases()
    }

    /// A link that carries hellos and not all else flaps for as long as it lasts, if hellos are
    /// believed.
    @Test(arguments: [false, true])
    func whomBFDLostIsNotTakenBackForItsHellos(isLAN: Bool) {
        var network = Self.pair(isLAN: isLAN)
        for node in 0...1 { tell(&network, node, isUp: true) }
        network.run(for: .seconds(5))
        network.expectShortestPaths()
        tell(&network, 0, isUp: false, count: 1)
        #expect(network.adjacencies(0).map(\.state) == [.initializing])
        #expect(network.nodes[0].routes.isEmpty)
        #expect(network.nodes[0].watched.count == 2, "it is looked for")
        #expect(
            network.nodes[0].reports.last
                == .adjacency(
                    RoutingProtocolID(.isis), interface: "s0", neighbor: "r1", state: "down",
                    reason: "BFD session down"))
        network.run(for: .seconds(20))
        #expect(network.adjacencies(0).map(\.state) == [.initializing])
        #expect(network.nodes[0].routes.isEmpty)
        tell(&network, 0, isUp: true, count: 1)
        network.run(for: .seconds(5))
        network.expectShortestPaths()
    }

    @Test func aNeighborThatBeginsToHaveBFDStaysUp() {
        var network = Self.pair(isLAN: false)
        network.kill(1)
        network.run(for: .seconds(5))
        network.nodes[1].configuration.circuits[1].bfd = nil
        network.start(1)
        network.run(for: .seconds(5))
        #expect(network.adjacencies(0).map(\.state) == [.up])
        #expect(network.adjacencies(0).map(\.bfdFamilies) == [[]])
        let adjacency = network.adjacencies(0)[0]
        let hello = ISISPacket.hello(
            ISISHello(
                circuitType: .two, source: ISISNetwork.system(1), holdingTime: 30,
                circuit: .pointToPoint(circuitID: 2),
                tlvs: [
                    .areaAddresses([AreaAddress("49.0001")!]), .protocols([0xcc, 0x8e]),
                    .ipv4Addresses(adjacency.gateways.compactMap(\.v4)),
                    .ipv6Addresses(adjacency.gateways.filter(\.isLinkLocal)),
                    .bfdEnabled([.init(protocolNumber: 0xcc), .init(protocolNumber: 0x8e)]),
                    .threeWay(
                        ISISThreeWay(
                            state: .up, circuitID: 2,
                            neighbor: .init(ISISNetwork.system(0), circuitID: 2))),
                ]))
        let packet = RoutingPacket(
            .isis, interface: "s0", source: .mac(adjacency.address),
            destination: .mac(ISISPacket.allIntermediateSystems), hopLimit: 255,
            payload: (try? hello.encoded(key: nil)) ?? [])
        network.run(0) { $0.received(packet, &$1) }
        #expect(network.adjacencies(0).map(\.bfdFamilies) == [[.ipv4, .ipv6]])
        #expect(network.adjacencies(0).map(\.state) == [.up])
    }
}
