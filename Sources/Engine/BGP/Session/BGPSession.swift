// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A BGP session with one neighbor: the finite state machine of RFC 4271 §8.
///
/// The RFC has a state machine for each connection; here a session has one, and while two
/// connections to the same neighbor exist, the second one is the rival, whose only state is
/// OpenSent (or whose connect is still under way). Where the RFC leaves a choice:
/// - DelayOpen, DampPeerOscillations and TrackTcpState are off; AllowAutomaticStart is on.
/// - After a failure the session is Active at once, not Idle, so that the neighbor can come in
///   while we wait to try again. Idle means taken out of service, or an interface that is down.
/// - Ten retries come every 100 ms, then the wait is doubled up to 2 s, without jitter: a lab wants
///   speed, and has few sessions. A session that is lost soon after it was established waits
///   longer each time. The delay starts again when the session has been established, is
///   activated, or an interface comes up.
package struct BGPSession: Sendable {
    package internal(set) var neighbor: NeighborConfiguration
    let routerID: IPv4Address
    package internal(set) var state: State = .idle
    /// The connections of the session: the one that the state is about and at most one rival.
    var connections: [Connection] = []
    /// Out of service by configuration or by command.
    package internal(set) var isDeactivated: Bool
    /// false while an external single-hop neighbor is on no interface that is up.
    package internal(set) var isReachable = true
    /// Failed attempts since the session was last established.
    var failures = 0
    /// Times in a row that the session was lost soon after it was established.
    var shortLives = 0
    package internal(set) var lastError: String?
    /// All messages since the start of the router.
    package internal(set) var messagesSent: UInt64 = 0
    package internal(set) var messagesReceived: UInt64 = 0
    /// Grows with every change of state.
    package internal(set) var generation: UInt64 = 0

    package enum State: Hashable, Sendable {
        case idle
        /// Our connect is under way.
        case connect(ConnectionID)
        /// Waiting for the neighbor, and unless passive for the time to try again.
        case active
        /// Our OPEN is sent.
        case openSent(ConnectionID)
        /// The neighbor's OPEN is good.
        case openConfirm(ConnectionID, Agreement)
        case established(ConnectionID, Agreement, since: Instant)
    }

    /// What both OPENs amount to.
    package struct Agreement: Hashable, Sendable {
        package var session: NegotiatedSession
        /// Seconds; 0 for no keepalives.
        package var holdTime: UInt16
        /// The neighbor's AS, which breaks ties of BGP identifiers (RFC 6286 §2.3).
        package var asNumber: ASNumber
    }

    struct Connection: Sendable {
        let id: ConnectionID
        /// The transport is there, and our OPEN sent.
        var isOpen: Bool
        var framer = BGPFramer()
        /// Messages other than KEEPALIVE.
        var sent: UInt64 = 0
        var received: UInt64 = 0
        var lastHeard: Instant
    }

    /// - Parameter isTakenOut: an earlier session with the neighbor was out of service by command.
    package init(
        _ neighbor: NeighborConfiguration, routerID: IPv4Address, isTakenOut: Bool = false
    ) {
        self.neighbor = neighbor
        self.routerID = routerID
        isDeactivated = neighbor.isDeactivated || isTakenOut
    }

    package var key: NeighborKey { neighbor.key }
    /// External and directly connected: it stands and falls with its interface.
    package var followsInterface: Bool { !neighbor.isInternal && neighbor.multihop == 1 }
    package var isIdle: Bool { if case .idle = state { true } else { false } }
    package var isEstablished: Bool { if case .established = state { true } else { false } }

    // MARK: What the router calls

    /// The router starts, or an interface came up by which the neighbor may be reached: try now.
    package mutating func start(_ step: inout SessionStep) {
        failures = 0
        shortLives = 0
        guard !isDeactivated, isReachable else { return }
        handle(.start, &step)
    }

    /// The interface of an external single-hop neighbor went down or came up. There is nobody to
    /// send a NOTIFICATION to.
    package mutating func reachable(_ isReachable: Bool, _ step: inout SessionStep) {
        guard isReachable != self.isReachable else { return }
        self.isReachable = isReachable
        if !isReachable { lastError = "interface down" }
        if isReachable { start(&step) } else { handle(.stop(nil, "interface down"), &step) }
    }

    /// BFD lost the neighbor: the session does not wait for its own silence (RFC 5882 §10.2,
    /// RFC 9384).
    package mutating func detectedLoss(_ step: inout SessionStep) {
        handle(.fault(.cease(.bfdDown)), &step)
    }

    package mutating func activate(_ step: inout SessionStep) {
        guard isDeactivated else { return }
        isDeactivated = false
        generation += 1
        start(&step)
    }

    /// Out of service until `activate`; the neighbor is told why (RFC 4486 §4).
    package mutating func deactivate(
        _ subcode: BGPNotification.CeaseSubcode, _ step: inout SessionStep
    ) {
        guard !isDeactivated else { return }
        isDeactivated = true
        generation += 1
        handle(.stop(.cease(subcode), "deactivated"), &step)
    }

    /// Out of service by command, not by configuration.
    var isTakenOut: Bool { isDeactivated && !neighbor.isDeactivated }

    /// The configuration has no place for the session any more (RFC 4486 §4). Nothing follows.
    mutating func retire(_ step: inout SessionStep) {
        handle(.stop(.cease(.otherConfigurationChange), "configuration changed"), &step)
    }

    /// The neighbor sent more prefixes of a family than it may: out of service until `activate`,
    /// since it would only do so again (RFC 4271 §6.7, RFC 4486 §4).
    package mutating func exceedMaximum(of family: BGPFamily, _ step: inout SessionStep) {
        guard let limit = neighbor.maximumPrefixes, !isDeactivated else { return }
        isDeactivated = true
        generation += 1
        var data = WireWriter()
        data.write(family.afi)
        data.write(family.safi)
        data.write(limit)
        let notification = BGPNotification.cease(.maximumPrefixesReached, data: data.octets)
        handle(.stop(notification, "more than \(limit) prefixes of \(family)"), &step)
    }

    package mutating func timer(_ id: TimerID, _ step: inout SessionStep) {
        switch id {
        case .connectRetry: handle(.connectRetryTimer, &step)
        case .hold: handle(.holdTimer, &step)
        case .keepalive: handle(.keepaliveTimer, &step)
        case .openDelay(let id) where id != primary:
            endRival(id, with: .holdTimerExpired, &step)
        default: break
        }
    }

    package mutating func connection(
        _ id: ConnectionID, _ event: ConnectionEvent, _ step: inout SessionStep
    ) {
        switch event {
        case .accepted: handle(.accepted(id), &step)
        case .received(let octets): received(octets, on: id, &step)
        case .connected:
            guard contains(id) else { return }
            if id == primary { handle(.connected, &step) } else { rivalConnected(id, &step) }
        case .failed(let reason), .closed(let reason):
            guard let index = index(id) else { return }
            let gone = connections.remove(at: index)
            if id == primary {
                handle(.lost(reason), &step)
            } else if gone.isOpen {
                step.emit(.cancel(.openDelay(id)))
            }
        }
    }

    /// Sends an encoded message of an established session; nothing when it is no longer.
    package mutating func send(_ octets: [UInt8], _ step: inout SessionStep) {
        guard case .established(let id, _, _) = state else { return }
        transmit(octets, on: id, isKeepalive: false, &step)
    }

    // MARK: The machine

    /// RFC 4271 §8.1, less what is switched off.
    enum Input {
        case start
        /// With the NOTIFICATION that says why, if it can arrive.
        case stop(BGPNotification?, String)
        case connectRetryTimer
        case holdTimer
        case keepaliveTimer
        case accepted(ConnectionID)
        /// The rest is about the connection of the state.
        case connected
        case lost(String)
        case message(BGPMessage)
        case fault(BGPNotification)
    }

    mutating func handle(_ input: Input, _ step: inout SessionStep) {
        switch state {
        case .idle: inIdle(input, &step)
        case .connect(let id): inConnect(id, input, &step)
        case .active: inActive(input, &step)
        case .openSent(let id): inOpenSent(id, input, &step)
        case .openConfirm(let id, let agreement): inOpenConfirm(id, agreement, input, &step)
        case .established(let id, let agreement, _): inEstablished(id, agreement, input, &step)
        }
    }

    mutating func become(_ new: State, reason: String? = nil, _ step: inout SessionStep) {
        state = new
        generation += 1
        step.emit(.report(.session(key, state: stateName, reason: reason)))
    }
}
