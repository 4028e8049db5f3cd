// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// A router whose BGP session and static routes watch their neighbor by BFD.
@Suite("BFD and those who watch by it")
struct BFDRouterTests {
    private static let peer = RouterTests.peer
    private static let parameters = BFDParameters(transmitInterval: .milliseconds(300))
    private static let statics = ["10.20.0.0/16", "10.21.0.0/16"]

    /// Established with AS 2 at 10.1.1.2, and two static routes to it, of which one watches.
    private func configuration(hold: UInt16 = 90) -> RouterConfiguration {
        var configuration = RouterTests().configuration()
        configuration.neighbors[0].bfd = Self.parameters
        configuration.neighbors[0].holdTime = hold
        configuration.staticRoutes = [
            StaticRouteConfiguration(
                prefix: prefix(Self.statics[0]), gateway: Self.peer.address, bfd: Self.parameters),
            StaticRouteConfiguration(prefix: prefix(Self.statics[1]), gateway: Self.peer.address),
        ]
        return configuration
    }

    private struct Life {
        var router: Router
        let connection: ConnectionID
        var now = Instant.zero
        private(set) var recorded: [RecordedEvent] = []
        private(set) var effects: [[Effect]] = []

        init(_ configuration: RouterConfiguration) {
            (router, connection) = RouterTests().established(configuration)
        }

        @discardableResult
        mutating func take(_ event: Event) -> [Effect] {
            recorded.append(RecordedEvent(at: now, event: event))
            effects.append(router.step(event, at: now))
            return effects.last ?? []
        }

        /// A control packet of the neighbor.
        @discardableResult
        mutating func hear(
            _ state: BFDPacket.State, _ change: (inout BFDPacket) -> Void = { _ in }
        ) -> [Effect] {
            let session = router.show(.routing(.bfd), at: now)["sessions"]?[0]
            var packet = BFDPacket(
                state: state, detectMultiplier: 3, myDiscriminator: 5,
                yourDiscriminator: UInt32(session?["discriminator"]?.int ?? 0),
                desiredMinTxInterval: 300_000, requiredMinRxInterval: 300_000)
            change(&packet)
            return take(
                .packet(
                    RoutingPacket(
                        .bfd, interface: "up", source: .ip(peer.address),
                        destination: .ip(address("10.1.1.1")), hopLimit: 255,
                        payload: (try? packet.encoded()) ?? [])))
        }

        /// The neighbor falls silent.
        mutating func loseByTime() -> [Effect] {
            now = now + .milliseconds(900)
            let discriminator =
                router.show(.routing(.bfd), at: now)["sessions"]?[0]?["discriminator"]?.int ?? 0
            return take(
                .timer(
                    .routing(RoutingProtocolID(.bfd), RoutingTimer("detect", "\(discriminator)"))))
        }

        func member(_ name: String) -> JSON? {
            router.show(.neighbors, at: now)["neighbors"]?[0]?[name]
        }

        /// Whether the kernel has the route by now.
        func has(_ text: String) -> Bool {
            router.forwarding.contains {
                if case .setRoute(let route) = $0 { route.prefix == prefix(text) } else { false }
            }
        }
    }

    @Test func oneSessionServesAllWhoWatchTheSameWay() {
        let life = Life(configuration())
        let sessions = life.router.show(.routing(.bfd), at: .zero)["sessions"]?.array ?? []
        #expect(sessions.count == 1)
        #expect(sessions.first?["clients"] == ["bgp 10.1.1.2", "static 10.20.0.0/16"])
        #expect(
            configuration().packetListeners == [PacketListener(.bfd, .ipv4, interface: "up")])
    }

    @Test(arguments: [90, 0] as [UInt16])
    func aLossEndsTheBGPSessionAtOnceAndTakesTheRoute(hold: UInt16) {
        var life = Life(configuration(hold: hold))
        life.hear(.initialize)
        #expect(life.member("state") == "established")
        let effects = life.loseByTime()
        #expect(
            effects.contains(.send(life.connection, octets(.notification(.cease(.bfdDown))))))
        #expect(life.member("state") == "active")
        #expect(life.member("last-error") == "sent Cease/BFD Down")
        let removal = ForwardingChange.removeRoute(vrf: nil, prefix: prefix(Self.statics[0]))
        #expect(effects.contains(.forwarding(removal)))
        #expect(!life.has(Self.statics[0]) && life.has(Self.statics[1]))
        // Word of it to the neighbor comes before all that.
        #expect(effects.first { !$0.isTimer && !$0.isReport }?.isPacket == true)
    }

    @Test func whatWasLostComesBackWithTheSession() {
        var life = Life(configuration())
        life.hear(.initialize)
        _ = life.loseByTime()
        life.now = life.now + .milliseconds(10)
        life.hear(.down) { $0.yourDiscriminator = 0 }
        #expect(!life.has(Self.statics[0]))
        let effects = life.hear(.up)
        #expect(life.has(Self.statics[0]))
        #expect(effects.connections.count == 1, "BGP tries again at once")
    }

    /// RFC 5882 §3.2; and a session that never came up says nothing of the path (§10.1).
    @Test func neitherSilenceFromTheStartNorAFarewellIsALoss() {
        var life = Life(configuration())
        #expect(life.has(Self.statics[0]) && life.member("state") == "established")
        life.hear(.down)
        _ = life.loseByTime()
        #expect(life.has(Self.statics[0]) && life.member("state") == "established")
        life.hear(.initialize)
        life.hear(.adminDown)
        #expect(life.has(Self.statics[0]) && life.member("state") == "established")
    }

    @Test func aDeactivatedNeighborIsNotWatched() {
        var configuration = configuration()
        configuration.staticRoutes = []
        var life = Life(configuration)
        life.hear(.initialize)
        let effects = life.take(.command(.deactivate(Self.peer)))
        let states = effects.compactMap { effect -> BFDPacket.State? in
            guard case .packet(let packet) = effect else { return nil }
            return try? BFDPacket(decoding: packet.payload).state
        }
        #expect(states == [.adminDown])
        life.take(.command(.activate(Self.peer)))
        let session = life.router.show(.routing(.bfd), at: life.now)["sessions"]?[0]
        #expect(session?["state"] == "down" && session?["clients"] == ["bgp 10.1.1.2"])
    }

    @Test func aChangeOfTheFileChangesWhatIsWatched() {
        var life = Life(configuration())
        life.hear(.initialize)
        _ = life.loseByTime()
        #expect(!life.has(Self.statics[0]))
        var other = configuration()
        other.neighbors[0].bfd = BFDParameters(transmitInterval: .milliseconds(50))
        other.staticRoutes[0].bfd = nil
        life.take(.command(.reconfigure(other)))
        #expect(life.has(Self.statics[0]), "no longer watched")
        let session = life.router.show(.routing(.bfd), at: life.now)["sessions"]?[0]
        #expect(session?["clients"] == ["bgp 10.1.1.2"])
        #expect(session?["receive-interval"] == "50ms")
        other.neighbors[0].bfd = nil
        life.take(.command(.reconfigure(other)))
        #expect(life.router.show(.routing(.bfd), at: life.now)["sessions"] == [])
    }

    @Test func aRouteStaysLostAcrossAChangeOfTheFile() {
        var life = Life(configuration())
        life.hear(.initialize)
        _ = life.loseByTime()
        var other = configuration()
        other.staticRoutes.removeLast()
        life.take(.command(.reconfigure(other)))
        #expect(!life.has(Self.statics[0]))
    }

    @Test func theTableSaysWhyARouteIsNotUsed() {
        var life = Life(configuration())
        life.hear(.initialize)
        _ = life.loseByTime()
        let query = Query.routes(vrf: nil, prefix: prefix(Self.statics[0]), source: nil)
        let path = life.router.show(query, at: life.now)["tables"]?[0]?["entries"]?[0]?["paths"]?[0]
        #expect(path?["active"] == false)
        #expect(path?["reason"] == "BFD session to next hop 10.1.1.2 is down")
    }

    @Test func aRecordedLifeReplays() throws {
        var life = Life(configuration())
        life.hear(.initialize)
        life.hear(.up) { $0.isPoll = true }
        _ = life.loseByTime()
        life.hear(.down) { $0.yourDiscriminator = 0 }
        life.hear(.up)
        var (again, _) = RouterTests().established(configuration())
        for (recorded, effects) in zip(life.recorded, life.effects) {
            let line = try JSON(parsing: recorded.json.text)
            let read = try #require(RecordedEvent(json: line))
            #expect(again.step(read.event, at: read.at) == effects)
        }
    }
}

extension Effect {
    fileprivate var isTimer: Bool {
        switch self {
        case .arm, .cancel: true
        default: false
        }
    }

    fileprivate var isReport: Bool { if case .report = self { true } else { false } }
    fileprivate var isPacket: Bool { if case .packet = self { true } else { false } }
}
