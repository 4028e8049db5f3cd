// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// A router that is given another configuration while it runs. That its state is then that of a
/// router which never had another one is shown in SimulationTests, on whole labs.
@Suite struct ReconfigureTests {
    private let bench = RouterTests()

    private func reconfigure(
        _ router: inout Router, at now: Instant = .zero,
        _ change: (inout RouterConfiguration) -> Void
    ) -> [Effect] {
        var configuration = router.configuration
        change(&configuration)
        return router.step(.command(.reconfigure(configuration)), at: now)
    }

    private func message(_ octets: [UInt8]) -> BGPMessage? {
        try? BGPMessage(
            decoding: octets, in: BGPCodecContext(fourOctetAS: true, isInternal: false))
    }

    private func notifications(_ effects: [Effect]) -> [BGPNotification] {
        effects.compactMap { effect in
            guard case .send(_, let octets) = effect,
                case .notification(let notification)? = message(octets)
            else { return nil }
            return notification
        }
    }

    private func state(_ router: Router) -> String? {
        router.show(.neighbors, at: .zero)["neighbors"]?[0]?["state"]?.string
    }

    @Test func `an equal configuration has no effect`() {
        var (router, id) = bench.established()
        _ = router.step(.connection(id, .received(bench.announcement("10.9.0.0/16"))), at: .zero)
        let before = router.generation
        #expect(reconfigure(&router) { _ in } == [])
        #expect(router.generation == before)
    }

    @Test func `a neighbor that is removed hears why`() {
        var (router, id) = bench.established()
        _ = router.step(.connection(id, .received(bench.announcement("10.9.0.0/16"))), at: .zero)
        let before = router.generation
        let effects = reconfigure(&router) { $0.neighbors = [] }
        #expect(notifications(effects) == [.cease(.otherConfigurationChange)])
        #expect(effects.contains(.close(id)))
        #expect(
            effects.contains(.forwarding(.removeRoute(vrf: nil, prefix: prefix("10.9.0.0/16")))))
        #expect(effects.contains(.cancel(.hold(RouterTests.peer))))
        #expect(router.generation > before)
        #expect(router.step(.connection(id, .closed(reason: "late")), at: .zero) == [])
    }

    @Test func `a neighbor whose session cannot go on is connected to again`() {
        var (router, id) = bench.established()
        let effects = reconfigure(&router) { $0.neighbors[0].holdTime = 30 }
        #expect(notifications(effects) == [.cease(.otherConfigurationChange)])
        #expect(effects.contains(.close(id)))
        #expect(effects.connections.count == 1)
        #expect(effects.connections.first != id)
    }

    @Test func `what the session was agreed on ends it`() {
        let changes: [(inout RouterConfiguration) -> Void] = [
            { $0.routerID = value("10.0.0.77") }, { $0.autonomousSystem = ASNumber(9) },
            { $0.neighbors[0].password = "other" },
            { $0.neighbors[0].localAddress = address("10.1.1.9") },
        ]
        for change in changes {
            var (router, _) = bench.established()
            let effects = reconfigure(&router, change)
            #expect(notifications(effects) == [.cease(.otherConfigurationChange)])
        }
    }

    @Test func `policies are asked again, and the neighbor is not`() {
        var (router, id) = bench.established()
        _ = router.step(.connection(id, .received(bench.announcement("10.9.0.0/16"))), at: .zero)
        let rejected = reconfigure(&router) { $0.neighbors[0].importPolicy = ["reject"] }
        #expect(
            rejected.contains(.forwarding(.removeRoute(vrf: nil, prefix: prefix("10.9.0.0/16")))))
        #expect(notifications(rejected) == [] && state(router) == "established")
        let accepted = reconfigure(&router) { $0.neighbors[0].importPolicy = ["accept"] }
        let route = ForwardingRoute(
            vrf: nil, prefix: prefix("10.9.0.0/16"),
            nextHops: [ForwardingNextHop(gateway: RouterTests.peer.address, interface: "up")])
        #expect(accepted.contains(.forwarding(.setRoute(route))))
        #expect(state(router) == "established")
    }

    @Test func `what the neighbor has stays with it, and the difference is told`() throws {
        var (router, id) = bench.established()
        let effects = reconfigure(&router) {
            $0.staticRoutes = [
                StaticRouteConfiguration(prefix: prefix("10.7.0.0/16"), gateway: nil)
            ]
        }
        let messages = effects.compactMap { effect -> BGPUpdate? in
            guard case .send(id, let octets) = effect,
                case .update(let update)? = message(octets)
            else { return nil }
            return update
        }
        #expect(
            messages.flatMap(\.announced).flatMap(\.nlri).map(\.prefix) == [
                prefix("10.7.0.0/16")
            ])
        let withdrawn = messages.flatMap { $0.withdrawn }
        #expect(withdrawn == [])
    }

    @Test func `a session that was taken out by hand stays out`() {
        var (router, _) = bench.established()
        _ = router.step(.command(.deactivate(RouterTests.peer)), at: .zero)
        let effects = reconfigure(&router) { $0.neighbors[0].holdTime = 30 }
        #expect(effects.connections.isEmpty)
        #expect(state(router) == "idle")
        let started = router.step(.command(.activate(RouterTests.peer)), at: .zero)
        #expect(started.connections.count == 1)
    }

    @Test func `a virtual router goes on, unless it is another one`() {
        var (router, _) = bench.established()
        let key = router.configuration.vrrpGroups[0].key
        _ = router.step(.timer(.vrrpMasterDown(key)), at: .zero)
        let others = reconfigure(&router) { $0.neighbors = [] }
        #expect(!others.contains { if case .vrrp = $0 { true } else { false } })
        #expect(router.show(.vrrp, at: .zero)["groups"]?[0]?["state"] == "master")
        let changed = reconfigure(&router) { $0.vrrpGroups[0].priority = 20 }
        let virtual = address("192.168.1.1")
        #expect(changed.contains(.vrrp(.release(device: "vrrp1", addresses: [virtual]))))
        #expect(router.show(.vrrp, at: .zero)["groups"]?[0]?["state"] == "backup")
        let gone = reconfigure(&router) { $0.vrrpGroups = [] }
        #expect(gone.contains(.cancel(.vrrpMasterDown(key))))
    }

    @Test func `who retires leaves all else as it is`() {
        let (router, _) = bench.established()
        var new = router.configuration
        new.vrrpGroups = []
        new.staticRoutes = [StaticRouteConfiguration(prefix: prefix("10.7.0.0/16"), gateway: nil)]
        let rest = router.configuration.retiring(for: new)
        #expect(rest.neighbors == router.configuration.neighbors)
        #expect(rest.vrrpGroups == [] && rest.staticRoutes == [])
        #expect(router.configuration.retiring(for: router.configuration) == router.configuration)
        new.routerID = value("10.0.0.99")
        #expect(router.configuration.retiring(for: new).neighbors == [])
    }

    @Test func `a recording tells that it came, and no secret`() throws {
        var configuration = bench.configuration()
        configuration.neighbors[0].password = "s3cret"
        let line = Event.command(.reconfigure(configuration)).json.text
        #expect(line == #"{"event":"reconfigure"}"#)
        #expect(Event(json: try JSON(parsing: line)) == nil)
    }
}
