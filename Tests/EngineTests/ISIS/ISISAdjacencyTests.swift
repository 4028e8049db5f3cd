// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine
@testable import Wire

@Suite("IS-IS: neighbors")
struct ISISAdjacencyTests {
    private func pair(
        isLAN: Bool = false, _ change: (Int, inout ISISCircuitConfiguration) -> Void = { _, _ in }
    ) -> ISISNetwork {
        var network = ISISNetwork()
        network.addNode()
        network.addNode()
        network.join([0, 1], isLAN: isLAN, change)
        return network
    }

    @Test(arguments: [false, true])
    func twoRoutersFindEachOtherWithoutWaiting(isLAN: Bool) {
        var network = pair(isLAN: isLAN)
        network.start()
        network.run(for: .milliseconds(100))
        for node in 0...1 {
            #expect(network.adjacencies(node).map(\.state) == [.up])
            #expect(network.adjacencies(node).map(\.system) == [ISISNetwork.system(1 - node)])
        }
        network.run(for: .milliseconds(900))
        network.expectShortestPaths()
        network.expectSameDatabases()
        #expect(
            network.nodes[0].reports.contains(
                .adjacency(
                    RoutingProtocolID(.isis), interface: "s0",
                    neighbor: ISISNetwork.system(1).description, state: "up", reason: nil)))
    }

    /// Adjacency, own packet, paths and routes: in one step.
    @Test func anInterfaceThatGoesDownTakesItsRoutesInTheSameEvent() {
        var network = ISISNetwork()
        for _ in 0..<3 { network.addNode() }
        network.join([0, 1])
        network.join([1, 2])
        network.join([0, 2], metric: 100)
        network.start()
        network.run(for: .seconds(20))
        network.expectShortestPaths()
        let outputs = network.run(0) { $0.interface("s0", isUp: false, &$1) }
        let told = outputs.contains { output in
            guard case .send(let packet) = output, packet.interface == "s2",
                case .linkState(let lsp)? = try? ISISPacket(decoding: packet.payload)
            else { return false }
            return lsp.id.node.system == ISISNetwork.system(0)
        }
        #expect(told, "the neighbor on the other link hears of it at once")
        #expect(network.nodes[0].routes[ISISNetwork.loopback(1)]?.metric == 110)
        #expect(
            network.nodes[0].reports.last
                == .adjacency(
                    RoutingProtocolID(.isis), interface: "s0", neighbor: "r1", state: "down",
                    reason: "interface down"))
        #expect(network.nodes[0].instance?.circuits[1].adjacencies.isEmpty == true)
    }

    @Test func silenceForTheHoldTimeEndsAnAdjacency() {
        var network = pair()
        network.start()
        network.run(for: .seconds(5))
        network.segments[0].loss = 1
        network.run(for: .seconds(1))
        #expect(network.adjacencies(0).count == 1)
        network.run(for: .seconds(3))
        #expect(network.adjacencies(0).isEmpty)
        #expect(network.nodes[0].routes.isEmpty)
        network.segments[0].loss = 0
        network.run(for: .seconds(8))
        network.expectShortestPaths()
    }

    /// One-way: what is not heard back is no neighbor (RFC 5303).
    @Test func aRestartIsNoticedByTheFirstHello() {
        var network = pair()
        network.start()
        network.run(for: .seconds(5))
        network.kill(1)
        network.run(for: .milliseconds(500))
        network.start(1)
        network.run(for: .milliseconds(2))
        #expect(network.adjacencies(0).map(\.state) != [.up])
        network.run(for: .seconds(7))
        network.expectShortestPaths()
        network.expectSameDatabases()
    }

    @Test func aFarewellIsNotWaitedFor() {
        var network = pair(isLAN: true)
        network.start()
        network.run(for: .seconds(5))
        network.run(1) { $0.shutDown(&$1) }
        #expect(network.nodes[1].routes.isEmpty)
        network.run(for: .milliseconds(10))
        #expect(!network.adjacencies(0).contains { $0.state == .up })
        #expect(network.nodes[0].routes.isEmpty)
        #expect(network.nodes[1].timers.isEmpty)
    }

    @Test func bfdWatchesNeighborsThatAreUpAndEndsThem() throws {
        var network = pair { _, circuit in
            circuit.bfd = BFDParameters(transmitInterval: .milliseconds(100))
        }
        // The other router has no BFD, and is a neighbor without it.
        network.nodes[1].configuration.circuits[1].bfd = nil
        network.start()
        network.run(for: .seconds(5))
        let keys = network.nodes[0].watched.sorted()
        #expect(keys.map(\.interface) == ["s0", "s0"])
        #expect(keys.map(\.remote.family) == [.ipv4, .ipv6])
        #expect(keys[0].remote.description == "11.0.0.2" && keys[0].local.description == "11.0.0.1")
        let mac = ISISNetwork.mac(1, 0)
        #expect(keys[1].remote == .linkLocal(of: mac))
        let outputs = network.run(0) { $0.bfd(keys[0], isUp: false, &$1) }
        #expect(outputs.contains(.removeRoute(ISISNetwork.loopback(1))))
        #expect(outputs.contains(.unwatch(keys[1])))
        #expect(network.adjacencies(0).isEmpty && network.nodes[0].watched.isEmpty)
    }

    @Test(arguments: [
        Authentication.Method.clear, .hmacMD5, .hmacSHA1, .hmacSHA256,
    ])
    func hellosOfAnotherKeyAreNotHeard(kind: Authentication.Method) {
        for isRight in [true, false] {
            var network = pair { node, circuit in
                let key = isRight || node == 0 ? "word" : "other"
                circuit.authentication = Authentication(method: kind, keyID: 3, password: key)
            }
            network.start()
            network.run(for: .seconds(5))
            #expect(network.adjacencies(0).isEmpty != isRight)
            let error = network.nodes[0].instance?.circuits[1].lastError
            #expect((error?.hasPrefix("authentication of a hello") ?? false) != isRight)
        }
    }

    @Test(arguments: [Authentication.Method.clear, .hmacMD5, .hmacSHA256])
    func packetsOfAnotherKeyAreNotTaken(kind: Authentication.Method) {
        for isRight in [true, false] {
            var network = ISISNetwork()
            for node in 0...1 {
                network.addNode {
                    let key = isRight || node == 0 ? "word" : "other"
                    $0.authentication = [
                        nil, Authentication(method: kind, keyID: 3, password: key),
                    ]
                }
            }
            network.join([0, 1])
            network.start()
            network.run(for: .seconds(30))
            #expect(network.adjacencies(0).map(\.state) == [.up])
            #expect(network.nodes[0].routes.isEmpty != isRight)
            if isRight { network.expectSameDatabases() }
        }
    }

    @Test func levelOneWantsAnAreaInCommon() {
        for (areas, isUp) in [(["49.0001", "49.0001"], true), (["49.0001", "49.0002"], false)] {
            for isLAN in [false, true] {
                var network = ISISNetwork()
                for area in areas { network.addNode(levels: .level1, area: area) }
                network.join([0, 1], isLAN: isLAN)
                network.start()
                network.run(for: .seconds(5))
                #expect(network.adjacencies(0).contains { $0.state == .up } == isUp)
            }
        }
    }

    @Test func aRouterOfTheSameNameIsNoNeighborAndDoesNoHarm() {
        var network = ISISNetwork()
        for _ in 0..<3 { network.addNode() }
        network.nodes[2].configuration.systemID = ISISNetwork.system(0)
        network.join([0, 1])
        network.join([1, 2])
        network.join([0, 2])
        network.start()
        network.run(for: .seconds(10))
        #expect(network.nodes[0].instance?.circuits[2].adjacencies.isEmpty == true)
        #expect(
            network.nodes[0].instance?.circuits[2].lastError?.contains("own system ID") == true)
        let sent = network.nodes.map(\.sent)
        network.run(for: .seconds(20))
        // Each outruns the other's packet, but no faster than packets are made anew in a storm.
        for node in 0..<3 { #expect(network.nodes[node].sent - sent[node] < 400) }
    }

    @Test func whatComesInIsNeverFatal() throws {
        var network = pair(isLAN: true)
        network.start()
        network.run(for: .seconds(3))
        var random = UInt64(3)
        let neighbor = ISISNetwork.mac(1, 0)
        for _ in 0..<5000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1
            let fixtures = [UInt8]([15, 16, 17, 18, 20, 24, 25, 26, 27])
            var octets: [UInt8] = [
                0x83, 27, 1, 0, fixtures[Int(random >> 40) % 9], 1, 0, 0,
            ]
            octets[1] = [27, 27, 20, 27, 27, 33, 33, 17, 17][Int(random >> 40) % 9]
            for place in 0..<Int(random >> 50 & 127) {
                octets.append(UInt8(truncatingIfNeeded: random >> UInt64(place % 50)))
            }
            let packet = RoutingPacket(
                .isis, interface: "s0", source: .mac(neighbor),
                destination: .mac(ISISPacket.allRouters(.two)), hopLimit: 255, payload: octets)
            network.run(0) { $0.received(packet, &$1) }
        }
        #expect(network.nodes[0].instance?.circuits[1].lastError != nil)
    }
}
