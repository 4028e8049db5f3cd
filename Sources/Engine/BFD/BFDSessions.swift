// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The BFD sessions of a router, each for one or more clients.
package struct BFDSessions: Sendable {
    /// In the order of their keys.
    package private(set) var sessions: [BFDSession] = []
    /// Where each stands, by its discriminator and by its key.
    private var places: [UInt32: Int] = [:]
    private var keys: [BFDKey: Int] = [:]
    /// Interfaces that can forward.
    private var live: Set<String> = []
    private var lastDiscriminator: UInt32 = 0
    /// Grows with every session that comes up or goes down.
    package private(set) var generation: UInt64 = 0

    package init() {}

    // MARK: Clients

    /// Watches a way for a client, or with other parameters than before. Who joins a session that
    /// is up is told so.
    package mutating func watch(
        _ key: BFDKey, _ parameters: BFDParameters, for client: BFDClient,
        _ step: inout BFDStep
    ) {
        if let position = keys[key] {
            run(position, &step) { session, step in
                let isNew = session.clients[client] == nil
                session.clients[client] = parameters
                session.revive(&step)
                session.changeParameters(&step)
                if isNew, session.state == .up {
                    step.later(.changed(key, isUp: true, [client]))
                }
            }
            return
        }
        repeat {
            lastDiscriminator &+= 1
        } while lastDiscriminator == 0
            || places[lastDiscriminator] != nil
        let session = BFDSession(
            key, discriminator: lastDiscriminator, client, parameters, at: step.now)
        let position = sessions.firstIndex { key < $0.key } ?? sessions.endIndex
        sessions.insert(session, at: position)
        reindex()
        if isLive(key) { run(position, &step) { $0.start(&$1) } }
    }

    /// A client needs a session no more. The last one's leaving ends it: with a farewell if the
    /// other end would otherwise think the path dead.
    package mutating func unwatch(
        _ key: BFDKey, for client: BFDClient, _ step: inout BFDStep
    ) {
        guard let position = keys[key],
            sessions[position].clients.removeValue(forKey: client) != nil
        else { return }
        run(position, &step) { session, step in
            guard session.clients.isEmpty else { return session.changeParameters(&step) }
            if session.isLive, session.state == .up || session.state == .initialize {
                session.farewell(&step)
            } else {
                session.cancelTimers(&step)
            }
        }
        if sessions[position].clients.isEmpty, sessions[position].state != .adminDown {
            remove(position)
        }
    }

    package mutating func unwatchAll(for client: BFDClient, _ step: inout BFDStep) {
        for session in sessions where session.clients[client] != nil {
            unwatch(session.key, for: client, &step)
        }
    }

    /// The router stops: all that can be said is said once.
    package mutating func shutDown(_ step: inout BFDStep) {
        for position in sessions.indices where sessions[position].state != .adminDown {
            sessions[position].clients = [:]
            run(position, &step) { $0.farewell(&$1) }
        }
        sessions = []
        reindex()
    }

    // MARK: Events

    package mutating func interface(_ name: String, isUp: Bool, _ step: inout BFDStep) {
        if isUp { live.insert(name) } else { live.remove(name) }
        for position in sessions.indices where sessions[position].key.interface == name {
            run(position, &step) { session, step in
                if isUp { session.start(&step) } else { session.stop(&step) }
            }
        }
        // A farewell that cannot be sent is over.
        sessions.removeAll { !$0.isLive && $0.clients.isEmpty }
        reindex()
    }

    /// A packet of either port. What belongs to no session is dropped in silence (RFC 5880 §6.8.6).
    package mutating func received(_ packet: RoutingPacket, _ step: inout BFDStep) {
        guard packet.channel == .bfdMultihop || packet.hopLimit == BFDPacket.timeToLive,
            let control = try? BFDPacket(decoding: packet.payload),
            let position = position(of: control, in: packet)
        else { return }
        run(position, &step) { $0.received(control, in: packet.payload, &$1) }
    }

    package mutating func timer(_ timer: RoutingTimer, _ step: inout BFDStep) {
        guard let name = BFDSession.TimerName(rawValue: timer.name),
            let discriminator = UInt32(timer.subject),
            let position = places[discriminator]
        else { return }
        var goesOn = true
        run(position, &step) { goesOn = $0.timer(name, &$1) }
        guard goesOn else { return remove(position) }
        if name == .transmit { sendOthers(with: position, &step) }
    }

    private mutating func sendOthers(with position: Int, _ step: inout BFDStep) {
        let first = sessions[position]
        for other in sessions.indices where other != position {
            run(other, &step) { $0.accompany(first, &$1) }
        }
    }

    /// The answer to `Query.bfd`.
    package func show(at now: Instant) -> JSON {
        ["sessions": JSON(sessions.map { $0.json(at: now) })]
    }

    // MARK: Which session

    /// By Your Discriminator, or for the first packets by where they come from (RFC 5881 §3). The
    /// addresses must be the session's in any case.
    private func position(of control: BFDPacket, in packet: RoutingPacket) -> Int? {
        guard control.yourDiscriminator != 0 else {
            return sessions.firstIndex { $0.key.isOf(packet) }
        }
        guard let position = places[control.yourDiscriminator],
            sessions[position].key.isOf(packet)
        else { return nil }
        return position
    }

    private mutating func remove(_ position: Int) {
        sessions.remove(at: position)
        reindex()
    }

    private mutating func reindex() {
        (places, keys) = ([:], [:])
        for (position, session) in sessions.enumerated() {
            places[session.discriminator] = position
            keys[session.key] = position
        }
    }

    private func isLive(_ key: BFDKey) -> Bool { key.interface.map(live.contains) ?? true }

    /// What clients make of a change comes after all that the session itself does.
    private mutating func run(
        _ position: Int, _ step: inout BFDStep,
        _ body: (inout BFDSession, inout BFDStep) -> Void
    ) {
        body(&sessions[position], &step)
        generation += step.finishSession()
    }
}

extension BFDKey {
    /// Whether a packet came the session's way. One by a socket that hears all interfaces may have
    /// come by any.
    fileprivate func isOf(_ packet: RoutingPacket) -> Bool {
        let isSingleHop = packet.channel == .bfd
        let isThere = !isSingleHop || packet.interface == nil || packet.interface == interface
        return vrf == packet.vrf && isSingleHop == (interface != nil) && isThere
            && packet.source.ip == remote && packet.destination.ip == local
    }
}

/// What one call to the sessions has led to so far.
package struct BFDStep {
    package let now: Instant
    package private(set) var outputs: [BFDOutput] = []
    private var postponed: [BFDOutput] = []
    private var changes: UInt64 = 0

    package init(at now: Instant) { self.now = now }

    package mutating func emit(_ output: BFDOutput) { outputs.append(output) }

    /// Emits it when the session has done all else.
    mutating func later(_ output: BFDOutput) { postponed.append(output) }

    mutating func noteChange() { changes += 1 }

    /// - Returns: how many changes were noted.
    fileprivate mutating func finishSession() -> UInt64 {
        defer { (postponed, changes) = ([], 0) }
        outputs += postponed
        return changes
    }
}

/// What BFD wants done, in this order.
package enum BFDOutput: Hashable, Sendable {
    case send(RoutingPacket)
    case arm(RoutingTimer, at: Instant)
    case cancel(RoutingTimer)
    /// A session came up, or went down after it had been up.
    case changed(BFDKey, isUp: Bool, [BFDClient])
    case report(Report)
}
