// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A router: BGP sessions, routing tables and VRRP, joined.
///
/// What a session learns goes to the tables; what the tables want said goes out by sessions; what
/// VRRP tracks is looked up in both after every event. Everything that is done for several
/// sessions or groups is done in the order of their keys or of the configuration.
package struct Router: RouterMachine, Sendable {
    package internal(set) var configuration: RouterConfiguration
    var tables: RoutingTables
    /// In the order of their keys.
    var sessions: [BGPSession]
    /// In the configuration's order.
    var virtualRouters: [VirtualRouter]
    /// In the configuration's order.
    var advertisers: [RouterAdvertiser]
    /// In the order of their identities.
    var protocols: [any RoutingProtocol]
    var bfd = BFDSessions()
    /// By session: whether there was a route to the neighbor when that was last looked at.
    var hadRoute: [NeighborKey: Bool] = [:]
    /// What the configuration itself watches.
    var watched: [BFDClient: BFDKey] = [:]
    /// Which protocol a connection belongs to.
    var protocolConnections: [ConnectionID: RoutingProtocolID] = [:]
    var numbers = ConnectionNumbers()
    /// Which session a connection belongs to, by position.
    var owners: [ConnectionID: Int] = [:]
    var positions: [NeighborKey: Int]
    /// Of what a change of configuration has ended, so that their sum never shrinks.
    var retiredGenerations: UInt64 = 0
    /// After `shutDown` nothing happens any more.
    private var isStopped = false

    package init(_ configuration: RouterConfiguration) {
        self.configuration = configuration
        tables = RoutingTables(configuration)
        sessions = configuration.neighbors.sorted { $0.key < $1.key }
            .map { BGPSession($0, routerID: configuration.routerID) }
        positions = Self.positions(sessions)
        virtualRouters = configuration.vrrpGroups.map { VirtualRouter($0) }
        advertisers = configuration.routerAdvertisements.map { RouterAdvertiser($0) }
        protocols = Self.instances(configuration)
    }

    static func positions(_ sessions: [BGPSession]) -> [NeighborKey: Int] {
        Dictionary(
            sessions.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package mutating func step(_ event: Event, at now: Instant) -> [Effect] {
        var step = RouterStep(now: now)
        guard !isStopped else { return [] }
        switch event {
        case .start: start(&step)
        case .link(let interface, let isUp): link(interface, isUp: isUp, &step)
        case .connection(let id, let event): connection(id, event, &step)
        case .vrrp(let interface, let source, let hopLimit, let payload):
            for position in virtualRouters.indices
            where virtualRouters[position].concerns(
                interface: interface, source: source, payload: payload)
            {
                virtualRouters[position].received(
                    payload, hopLimit: hopLimit, from: source, at: now, &step.effects)
            }
        case .routerSolicitation(let interface, let source, let hopLimit, let payload):
            for position in advertisers.indices
            where advertisers[position].configuration.interface == interface {
                advertisers[position].solicited(
                    payload, hopLimit: hopLimit, from: source, at: now, &step.effects)
            }
        case .timer(let id): timer(id, &step)
        case .packet(let packet): received(packet, &step)
        case .command(let command): self.command(command, &step)
        }
        if !isStopped, !step.isRoutine {
            settleProtocols(&step)
            settleTracks(&step)
            settleAdvertisers(&step)
        }
        return step.effects
    }

    /// Grows with every change of state.
    package var generation: UInt64 {
        tables.generation + retiredGenerations + sessions.reduce(0) { $0 + $1.generation }
            + virtualRouters.reduce(0) { $0 + $1.generation }
            + protocols.reduce(0) { $0 + $1.generation } + bfd.generation
    }

    func position(_ key: NeighborKey) -> Int? { positions[key] }

    // MARK: Events

    private mutating func start(_ step: inout RouterStep) {
        startProtocols(&step)
        settleWatches(&step)
        take(tables.start(at: step.now), &step)
        for position in sessions.indices {
            let isReachable = tables.isConnected(sessions[position].neighbor)
            run(position, &step) { session, step in
                session.reachable(isReachable, &step)
                if session.isIdle { session.start(&step) }
            }
        }
    }

    private mutating func link(
        _ interface: String, isUp: Bool, _ step: inout RouterStep
    ) {
        // Devices that only carry something, such as a VRRP group's, are not in the configuration.
        guard let known = configuration.interfaces.first(where: { $0.name == interface })
        else { return }
        if tables.resolver.interfaces.isUp(interface) != isUp {
            step.effects.append(.report(.link(interface: interface, isUp: isUp)))
        }
        tables.change(interface, isUp: isUp, at: step.now)
        protocols(known, isUp: isUp, &step)
        exchange(&step)
        take(tables.complete(at: step.now, restoring: isUp ? interface : nil), &step)
        for position in sessions.indices where sessions[position].neighbor.vrf == known.vrf {
            let wasReachable = sessions[position].isReachable
            let isReachable = tables.isConnected(sessions[position].neighbor)
            run(position, &step) { session, step in
                session.reachable(isReachable, &step)
                // Others may have become reachable by the new interface as well.
                if isUp, wasReachable { session.start(&step) }
            }
        }
        for position in virtualRouters.indices
        where virtualRouters[position].configuration.interface == interface {
            virtualRouters[position].interface(isUp: isUp, at: step.now, &step.effects)
        }
    }

    private mutating func connection(
        _ id: ConnectionID, _ event: ConnectionEvent, _ step: inout RouterStep
    ) {
        if protocolConnection(id, event, &step) { return }
        if case .accepted(.bgp(let key)) = event {
            guard let position = position(key) else {
                let cease = BGPMessage.notification(.cease(.connectionRejected))
                step.effects += [.send(id, BGPSession.octets(cease)), .close(id)]
                return
            }
            owners[id] = position
        }
        // A connection that we closed may still have had events under way.
        guard let position = owners[id] else { return }
        switch event {
        case .failed, .closed: owners[id] = nil
        case .accepted, .connected, .received: break
        }
        run(position, &step) { $0.connection(id, event, &$1) }
    }

    private mutating func timer(_ id: TimerID, _ step: inout RouterStep) {
        switch id {
        case .connectRetry(let key), .hold(let key), .keepalive(let key):
            guard let position = position(key) else { return }
            run(position, &step) { $0.timer(id, &$1) }
        case .openDelay(let connection):
            guard let position = owners[connection] else { return }
            run(position, &step) { $0.timer(id, &$1) }
        case .vrrpAdvertisement(let key), .vrrpMasterDown(let key), .vrrpPreempt(let key):
            for position in virtualRouters.indices where virtualRouters[position].key == key {
                virtualRouters[position].timer(id, at: step.now, &step.effects)
            }
        case .routerAdvertisement(let device):
            for position in advertisers.indices
            where advertisers[position].configuration.device == device {
                advertisers[position].timer(at: step.now, &step.effects)
            }
        case .routing(let id, let timer): protocolTimer(id, timer, &step)
        case .labelQuarantine, .resolution: take(tables.timer(id, at: step.now), &step)
        }
    }

    private mutating func command(_ command: Command, _ step: inout RouterStep) {
        switch command {
        case .deactivate(let key):
            guard let position = position(key) else { return }
            run(position, &step) { $0.deactivate(.administrativeShutdown, &$1) }
            settleWatches(&step)
        case .activate(let key):
            guard let position = position(key) else { return }
            run(position, &step) { $0.activate(&$1) }
            settleWatches(&step)
        case .shutDown: shutDown(&step)
        case .reconfigure(let new): reconfigure(new, &step)
        }
    }

    /// What hosts wait for comes first. Forwarding stays until the process is gone, so that
    /// what is under way still arrives.
    private mutating func shutDown(_ step: inout RouterStep) {
        for position in advertisers.indices { advertisers[position].shutDown(&step.effects) }
        for position in virtualRouters.indices {
            virtualRouters[position].shutDown(&step.effects)
        }
        runBFD(&step) { $0.shutDown(&$1) }
        for position in protocols.indices { run(instance: position, &step) { $0.shutDown(&$1) } }
        isStopped = true
        for position in sessions.indices {
            run(position, &step) { $0.deactivate(.administrativeShutdown, &$1) }
        }
    }

    // MARK: Between the parts

    mutating func run(
        _ position: Int, _ step: inout RouterStep,
        _ body: (inout BGPSession, inout SessionStep) -> Void
    ) {
        var sessionStep = SessionStep(at: step.now, numbers: numbers)
        body(&sessions[position], &sessionStep)
        numbers = sessionStep.numbers
        for output in sessionStep.outputs { take(output, of: position, &step) }
    }

    mutating func take(
        _ output: SessionOutput, of position: Int, _ step: inout RouterStep
    ) {
        let key = sessions[position].key
        switch output {
        case .effect(let effect):
            if case .connect(let id, _) = effect { owners[id] = position }
            if case .close(let id) = effect { owners[id] = nil }
            step.effects.append(effect)
        case _ where isStopped: break
        case .up(let session): take(tables.sessionUp(key, session, at: step.now), &step)
        case .down: take(tables.sessionDown(key, at: step.now), &step)
        case .update(let update):
            take(tables.received(update, from: key, at: step.now), &step)
            guard let family = tables.excess(of: key) else { return }
            run(position, &step) { $0.exceedMaximum(of: family, &$1) }
        case .refresh(let family): take(tables.refresh(key, family, at: step.now), &step)
        }
    }

    mutating func take(_ outputs: [RoutingOutput], _ step: inout RouterStep) {
        for output in outputs {
            switch output {
            case .forwarding(let change): step.effects.append(.forwarding(change))
            case .message(let key, let octets):
                guard let position = position(key) else { continue }
                run(position, &step) { $0.send(octets, &$1) }
            case .arm(let id, let moment): step.effects.append(.arm(id, at: moment))
            case .cancel(let id): step.effects.append(.cancel(id))
            case .report(let report): step.effects.append(.report(report))
            }
        }
    }

    /// Looks at what VRRP tracks.
    mutating func settleTracks(_ step: inout RouterStep) {
        for position in virtualRouters.indices {
            let tracks = virtualRouters[position].configuration.tracks
            guard !tracks.isEmpty else { continue }
            let states = tracks.map { isUp($0.object) }
            virtualRouters[position].track(states, at: step.now, &step.effects)
        }
    }

    /// Hosts hear of a router that can forward: one whose interface is up, and of a virtual router
    /// from its master.
    private mutating func settleAdvertisers(_ step: inout RouterStep) {
        for position in advertisers.indices {
            let configuration = advertisers[position].configuration
            let isUp = tables.resolver.interfaces.isUp(configuration.interface) ?? false
            let isMaster = configuration.virtualRouter.map { key in
                virtualRouters.contains { $0.key == key && $0.state == .master }
            }
            advertisers[position].set(
                isActive: isUp && isMaster ?? true, at: step.now, &step.effects)
        }
    }

    private func isUp(_ object: VRRPConfiguration.Track.Object) -> Bool {
        switch object {
        case .interface(let name): tables.resolver.interfaces.isUp(name) ?? false
        case .route(let vrf, let prefix): tables.hasRoute(vrf: vrf, prefix: prefix)
        case .session(let key): position(key).map { sessions[$0].isEstablished } ?? false
        }
    }
}

/// What one event has led to so far.
struct RouterStep {
    let now: Instant
    var effects: [Effect] = []
    /// BFD heard or said what it ought to, many times a second: nothing follows from that.
    var isRoutine = false
}
