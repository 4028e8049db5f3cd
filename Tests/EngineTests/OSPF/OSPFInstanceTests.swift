// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

@Suite("An OSPF router and what may happen to it")
struct OSPFInstanceTests {
    private func triangle(_ version: OSPFVersion) -> OSPFNetwork.Plan {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 1)
        plan.link(1, 2, cost: 1)
        plan.link(0, 2, cost: 10)
        return plan
    }

    private func started(_ plan: OSPFNetwork.Plan) -> OSPFNetwork {
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(20))
        return network
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func aNeighborThatBFDLosesIsGoneInTheSameEvent(version: OSPFVersion) throws {
        var plan = triangle(version)
        plan.bfd = BFDParameters(transmitInterval: .milliseconds(50))
        var network = started(plan)
        let local = OSPFNetwork.address(version, 0, 0)
        let remote = OSPFNetwork.address(version, 0, 1)
        let key = BFDKey(interface: "0-1-0", local: local, remote: remote)
        #expect(network.watches[0][key] == plan.bfd)
        #expect(network.watches[0].count == 2)
        network.silence(0)
        network.perform(0) { $0.bfd(key, isUp: false, &$1) }
        #expect(network.nextRouters(0, to: 1) == [2])
        #expect(network.watches[0][key] == plan.bfd, "it is looked for")
        #expect(
            network.reports.contains {
                $0.router == 0 && $0.at == network.now
                    && $0.report
                        == .adjacency(
                            RoutingProtocolID(version == .v2 ? .ospf : .ospf3),
                            interface: "0-1-0", neighbor: "10.0.0.2", state: "down",
                            reason: "BFD down")
            })
        // It comes back once BFD has found it again, and not for its Hellos alone.
        network.silence(0, false)
        network.run(for: .seconds(20))
        #expect(network.nextRouters(0, to: 1) == [2])
        network.perform(0) { $0.bfd(key, isUp: true, &$1) }
        network.run(for: .seconds(20))
        #expect(network.nextRouters(0, to: 1) == [1])
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func untilLDPCarriesALinkItIsTheLastResort(version: OSPFVersion) {
        var plan = triangle(version)
        plan.isLDPSynchronised = true
        var network = started(plan)
        #expect(network.route(0, to: 1)?.metric == 0xffff)
        for (segment, ends) in [(0, [0, 1]), (1, [1, 2]), (2, [0, 2])] {
            let name = plan.segments[segment].name
            for router in ends {
                network.perform(router) { $0.synchronised(name, true, &$1) }
            }
        }
        network.run(for: .seconds(10))
        #expect(network.route(0, to: 1)?.metric == 1)
        network.perform(0) { $0.synchronised("0-1-0", false, &$1) }
        #expect(network.nextRouters(0, to: 1) == [2])
    }

    @Test func onlyNeighborsWithTheSameKeyAreHeard() {
        let keys: [Authentication] = [
            Authentication(method: .clear, password: "s3cret"),
            Authentication(method: .md5, keyID: 7, password: "s3cret"),
            Authentication(method: .hmacSHA256, keyID: 7, password: "s3cret"),
        ]
        for key in keys {
            var plan = triangle(.v2)
            plan.authentication = key
            #expect(started(plan).route(0, to: 1)?.metric == 1)
            var network = OSPFNetwork(plan)
            var other = plan
            other.authentication?.password = "other"
            network.routers[1] = OSPFInstance(OSPFNetwork.configuration(other, 1))
            network.start()
            network.run(for: .seconds(20))
            #expect(network.route(0, to: 1) == nil)
            #expect(network.route(0, to: 2)?.metric == 10)
            #expect(network.routers[0]?.interfaces[1].rejected ?? 0 > 0)
        }
    }

    @Test func aPacketThatIsSentAgainByAStrangerIsRefused() throws {
        var plan = triangle(.v2)
        plan.authentication = Authentication(method: .md5, keyID: 7, password: "s3cret")
        var network = OSPFNetwork(plan)
        network.isTapped = true
        network.start()
        network.run(for: .seconds(20))
        // The first Hello of router 1, which names nobody.
        let old = try #require(
            network.tap.first { $0.source.ip == OSPFNetwork.address(.v2, 0, 1) })
        network.perform(0) { $0.received(old, &$1) }
        #expect(network.neighborStates(0, 0) == [1: .full])
        #expect(network.routers[0]?.interfaces[1].lastError?.contains("sequence") == true)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func aSequenceThatRunsOutBeginsAnew(version: OSPFVersion) throws {
        var network = started(triangle(version))
        // Somebody has told router 0's LSA with the last number there is.
        let place = OSPFPlace(
            scope: .area(OSPFInstance.backbone),
            key: try #require(network.routers[0]?.dialect.routerKey))
        let last = try OSPFLSA(
            place.key, .router(OSPFRouterLSA()), version: version,
            options: version == .v2 ? .external : [], sequence: OSPFLSAHeader.maximumSequence)
        let packet = OSPFPacket(
            version: version, routerID: OSPFNetwork.routerID(1), areaID: OSPFInstance.backbone,
            body: .update([last]))
        let (source, group) = (
            OSPFNetwork.address(version, 0, 1), OSPFPacket.allRouters(version)
        )
        let octets = try packet.encoded(source: source, destination: group)
        network.perform(0) {
            $0.received(
                RoutingPacket(
                    .ospf, interface: "0-1-0", source: .ip(source), destination: .ip(group),
                    hopLimit: 1, payload: octets), &$1)
        }
        network.run(for: .seconds(30))
        for router in 0...2 {
            let entry = try #require(network.routers[router]?.entry(place))
            #expect(entry.lsa.header.sequence < OSPFLSAHeader.initialSequence + 5)
        }
        #expect(network.route(2, to: 0)?.metric == 2)
        #expect(network.route(1, to: 0)?.metric == 1)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func nothingThatArrivesBreaksARouter(version: OSPFVersion) throws {
        var plan = triangle(version)
        plan.lan([0, 1, 2], cost: 20)
        var network = OSPFNetwork(plan)
        network.isTapped = true
        network.start()
        network.run(for: .seconds(20))
        let packets = network.tap
        var dice = OSPFDice(seed: 5)
        for _ in 0..<3000 {
            var packet = try #require(packets.randomElement(using: &dice))
            for _ in 0..<Int.random(in: 0...4, using: &dice) where !packet.payload.isEmpty {
                let index = Int.random(in: 0..<packet.payload.count, using: &dice)
                packet.payload[index] = UInt8.random(in: 0...255, using: &dice)
            }
            if Bool.random(using: &dice), version == .v2 { mend(&packet.payload) }
            network.perform(Int.random(in: 0...2, using: &dice)) { $0.received(packet, &$1) }
        }
        // Whatever was believed meanwhile, the routers come to agree again.
        network.run(for: .seconds(4000))
        #expect(network.route(0, to: 1)?.metric == 1)
        #expect(network.route(0, to: 2)?.metric == 2)
    }

    /// A right checksum of version 2, so that nonsense comes further.
    private func mend(_ payload: inout [UInt8]) {
        guard payload.count >= 24 else { return }
        (payload[12], payload[13]) = (0, 0)
        let sum = InternetChecksum.of(Array(payload[..<16]) + Array(payload[24...]))
        (payload[12], payload[13]) = (UInt8(sum >> 8), UInt8(sum & 0xff))
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func itShowsWhatItKnows(version: OSPFVersion) throws {
        let network = started(triangle(version))
        let shown = try #require(network.routers[0]).show(at: network.now)
        #expect(shown["router-id"] == "10.0.0.1")
        #expect(shown["neighbors"]?.array.map { $0["state"]?.string } == ["full", "full"])
        #expect(shown["interfaces"]?.array.count == 3)
        #expect(shown["areas"]?[0]?["area"] == "0.0.0.0")
        let far = OSPFNetwork.loopback(version, 2).description
        let route = shown["routes"]?.array.first { $0["prefix"]?.string == far }
        #expect(route?["cost"] == 2)
        #expect(route?["type"] == "intra-area")
        #expect(route?["next-hops"]?[0]?["interface"] == "0-1-0")
        let types = Set(shown["database"]?.array.compactMap { $0["type"]?.string } ?? [])
        #expect(types == (version == .v2 ? ["router"] : ["router", "link", "intra-area-prefix"]))
    }

    @Test func whatItAskedForIsGivenAgain() throws {
        let network = started(triangle(.v2))
        let again = try #require(network.routers[0]).contribution
        let routes = network.tables[0].values.sorted { $0.prefix < $1.prefix }
        #expect(again == routes.map { .setRoute($0) })
    }
}
