// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// How the parts of a router work together.
@Suite struct RouterTests {
    static let peer = NeighborKey(vrf: nil, address: address("10.1.1.2"))

    /// A router with an uplink to AS 2, and a LAN with a VRRP group that tracks `tracks`.
    func configuration(_ tracks: [VRRPConfiguration.Track.Object] = []) -> RouterConfiguration {
        RouterConfiguration(
            name: "r", routerID: value("10.0.0.1"), autonomousSystem: ASNumber(1),
            interfaces: [
                InterfaceConfiguration(
                    name: "lo", addresses: [value("10.0.0.1/32")], isLoopback: true),
                InterfaceConfiguration(name: "up", addresses: [value("10.1.1.1/24")]),
                InterfaceConfiguration(name: "lan", addresses: [value("192.168.1.3/24")]),
            ],
            neighbors: [
                NeighborConfiguration(
                    name: "peer", address: Self.peer.address, localAddress: address("10.1.1.1"),
                    remoteAS: ASNumber(2), localAS: ASNumber(1), families: [.ipv4Unicast],
                    importPolicy: ["accept"], exportPolicy: ["accept"])
            ],
            vrrpGroups: [
                VRRPConfiguration(
                    interface: "lan", device: "vrrp1", group: 1,
                    virtualAddresses: [address("192.168.1.1")],
                    primaryAddress: address("192.168.1.3"), priority: 250,
                    tracks: tracks.map { .init(object: $0, priorityCost: 120) })
            ])
    }

    /// A router with both interfaces up and its session established, at time zero.
    func established(
        _ tracks: [VRRPConfiguration.Track.Object] = []
    ) -> (router: Router, connection: ConnectionID) {
        established(configuration(tracks))
    }

    func established(
        _ configuration: RouterConfiguration
    ) -> (router: Router, connection: ConnectionID) {
        var router = Router(configuration)
        _ = router.step(.start, at: .zero)
        _ = router.step(.link(interface: "lan", isUp: true), at: .zero)
        let effects = router.step(.link(interface: "up", isUp: true), at: .zero)
        let id = effects.connections.first ?? ConnectionID(isOutgoing: true, number: 0)
        _ = router.step(.connection(id, .connected), at: .zero)
        let open = BGPOpen(
            asNumber: ASNumber(2), holdTime: 90, identifier: value("10.0.0.2"),
            families: [.ipv4Unicast])
        _ = router.step(
            .connection(id, .received(octets(.open(open)) + octets(.keepalive))), at: .zero)
        return (router, id)
    }

    func announcement(_ text: String) -> [UInt8] {
        let attributes = PathAttributes(origin: .igp, asPath: ASPath([ASNumber(2)]))
        let update = BGPUpdate(
            announced: [
                .init(
                    family: .ipv4Unicast, nextHop: Self.peer.address,
                    nlri: [NLRI(prefix: prefix(text))])
            ], attributes: attributes)
        return octets(.update(update))
    }

    func priority(_ router: Router) -> Int64? {
        router.show(.vrrp, at: .zero)["groups"]?[0]?["effective-priority"]?.int
    }

    @Test func `an external neighbor waits for its interface`() {
        var router = Router(configuration())
        #expect(router.step(.start, at: .zero).connections.isEmpty)
        #expect(router.step(.link(interface: "lan", isUp: true), at: .zero).connections.isEmpty)
        #expect(router.step(.link(interface: "up", isUp: true), at: .zero).connections.count == 1)
    }

    @Test func `routes learned are forwarded, and given up with the session`() {
        var (router, id) = established()
        let learned = router.step(
            .connection(id, .received(announcement("10.9.0.0/16"))), at: .zero)
        let route = ForwardingRoute(
            vrf: nil, prefix: prefix("10.9.0.0/16"),
            nextHops: [ForwardingNextHop(gateway: Self.peer.address, interface: "up")])
        #expect(learned.contains(.forwarding(.setRoute(route))))
        let lost = router.step(.connection(id, .closed(reason: "reset")), at: .zero)
        #expect(
            lost.contains(.forwarding(.removeRoute(vrf: nil, prefix: prefix("10.9.0.0/16")))))
    }

    @Test func `one prefix more than allowed ends the session until it is activated`() {
        var configuration = configuration()
        configuration.neighbors[0].maximumPrefixes = 2
        var (router, id) = established(configuration)
        func receive(_ text: String) -> [Effect] {
            router.step(.connection(id, .received(announcement(text))), at: .zero)
        }
        func state() -> JSON? { router.show(.neighbors, at: .zero)["neighbors"]?[0] }
        for text in ["10.9.0.0/16", "10.9.0.0/16", "10.8.0.0/16", "10.8.0.0/16"] {
            _ = receive(text)
        }
        #expect(state()?["state"] == "established")
        // IPv4 unicast, and the number.
        let cease = octets(
            .notification(.cease(.maximumPrefixesReached, data: [0, 1, 1, 0, 0, 0, 2])))
        let effects = receive("10.7.0.0/16")
        #expect(effects.contains(.send(id, cease)))
        #expect(effects.contains(.close(id)))
        #expect(state()?["state"] == "idle")
        #expect(state()?["deactivated"] == true)
        #expect(state()?["last-error"] == "more than 2 prefixes of ipv4-unicast")
        #expect(state()?["received"] == 0)
        #expect(receive("10.6.0.0/16") == [])
        #expect(router.step(.command(.activate(Self.peer)), at: .zero).connections.count == 1)
    }

    @Test func `a stranger's connection is rejected`() {
        var router = Router(configuration())
        _ = router.step(.start, at: .zero)
        let id = ConnectionID(isOutgoing: false, number: 1)
        let stranger = NeighborKey(vrf: nil, address: address("10.1.1.9"))
        let effects = router.step(.connection(id, .accepted(.bgp(stranger))), at: .zero)
        let cease = octets(.notification(.cease(.connectionRejected)))
        #expect(effects == [.send(id, cease), .close(id)])
    }

    @Test func `events of connections and timers that are gone do nothing`() {
        var (router, id) = established()
        _ = router.step(.command(.deactivate(Self.peer)), at: .zero)
        let generation = router.generation
        let late: [Event] = [
            .connection(id, .received(octets(.keepalive))),
            .connection(id, .closed(reason: "reset")), .connection(id, .connected),
            .timer(.hold(Self.peer)), .timer(.keepalive(Self.peer)),
            .timer(.connectRetry(Self.peer)), .timer(.openDelay(id)),
            .timer(.hold(NeighborKey(vrf: "no", address: Self.peer.address))),
            .link(interface: "no", isUp: true),
            .command(.activate(NeighborKey(vrf: "no", address: Self.peer.address))),
            .vrrp(interface: "no", source: Self.peer.address, hopLimit: 255, payload: [0x31, 1]),
        ]
        for event in late { #expect(router.step(event, at: .zero) == [], "\(event)") }
        #expect(router.generation == generation)
    }

    @Test func `keepalives leave the generation alone and everything else counts`() {
        var (router, id) = established()
        let before = router.generation
        _ = router.step(.connection(id, .received(octets(.keepalive))), at: .zero)
        _ = router.step(.timer(.keepalive(Self.peer)), at: .zero)
        #expect(router.generation == before)
        _ = router.step(.connection(id, .received(announcement("10.9.0.0/16"))), at: .zero)
        #expect(router.generation > before)
        let then = router.generation
        _ = router.step(.timer(.vrrpMasterDown(router.vrrpKey)), at: .zero)
        #expect(router.generation > then)
    }

    @Test func `VRRP tracks interfaces, routes and sessions`() {
        let route = prefix("10.9.0.0/16")
        var (router, id) = established([.interface("up")])
        #expect(priority(router) == 250)
        _ = router.step(.link(interface: "up", isUp: false), at: .zero)
        #expect(priority(router) == 130)

        (router, id) = established([.route(vrf: nil, prefix: route)])
        #expect(priority(router) == 130)
        _ = router.step(.connection(id, .received(announcement("10.9.0.0/16"))), at: .zero)
        #expect(priority(router) == 250)

        (router, id) = established([.session(Self.peer)])
        #expect(priority(router) == 250)
        _ = router.step(.connection(id, .closed(reason: "reset")), at: .zero)
        #expect(priority(router) == 130)
    }

    @Test func `a clean stop hands the virtual address over first, and ends everything`() {
        var (router, id) = established()
        _ = router.step(.timer(.vrrpMasterDown(router.vrrpKey)), at: .zero)
        let effects = router.step(.command(.shutDown), at: .zero)
        let release = effects.firstIndex {
            if case .vrrp(.release) = $0 { true } else { false }
        }
        let cease = effects.firstIndex(
            of: .send(id, octets(.notification(.cease(.administrativeShutdown)))))
        #expect(release ?? .max < cease ?? .min)
        #expect(effects.contains(.close(id)))
        #expect(!effects.contains { if case .forwarding = $0 { true } else { false } })
        #expect(router.step(.link(interface: "lan", isUp: true), at: .zero).isEmpty)
    }

    @Test func `show has what the neighbor was, is and has sent`() {
        var (router, id) = established()
        _ = router.step(.connection(id, .received(announcement("10.9.0.0/16"))), at: .zero)
        let later = Instant.zero + .seconds(75)
        let neighbor = router.show(.neighbors, at: later)["neighbors"]?[0]
        #expect(neighbor?["name"] == "peer")
        #expect(neighbor?["address"] == "10.1.1.2")
        #expect(neighbor?["vrf"] == nil)
        #expect(neighbor?["local-address"] == "10.1.1.1")
        #expect(neighbor?["remote-as"] == 2)
        #expect(neighbor?["type"] == "external")
        #expect(neighbor?["state"] == "established")
        #expect(neighbor?["uptime"] == 75)
        #expect(neighbor?["hold-time"] == 90)
        #expect(neighbor?["families"] == ["ipv4-unicast"])
        #expect(neighbor?["received"] == 1)
        #expect(neighbor?["accepted"] == 1)
        #expect(neighbor?["deactivated"] == false)
        let counters = router.show(.counters, at: later)
        #expect(counters["generation"]?.int == Int64(router.generation))
        #expect(counters["sessions"]?[0]?["received"] == 2, "OPEN and UPDATE")
    }
}

extension [Effect] {
    /// The connections asked for.
    var connections: [ConnectionID] {
        compactMap { if case .connect(let id, _) = $0 { id } else { nil } }
    }
}

extension Router {
    fileprivate var vrrpKey: VRRPKey { configuration.vrrpGroups[0].key }
}
