// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// One BFD session: the state variables of RFC 5880 §6.8.1 and what changes them. Echo is not
/// offered (Required Min Echo RX Interval 0), and both ends are active.
package struct BFDSession: Sendable {
    package let key: BFDKey
    /// bfd.LocalDiscr.
    package let discriminator: UInt32
    /// Who watches, and what each asks for. None: the session says farewell.
    package internal(set) var clients: [BFDClient: BFDParameters]
    /// What of these counts.
    package internal(set) var parameters: BFDParameters
    /// bfd.SessionState.
    package private(set) var state = BFDPacket.State.down
    /// bfd.LocalDiag.
    package private(set) var diagnostic = BFDPacket.Diagnostic.none
    package internal(set) var remote = Remote()
    /// Whether packets can go out at all: its link is up.
    package private(set) var isLive = false
    var poll = Poll.none
    /// What transmission and detection go by; other than what is announced for as long as a Poll
    /// Sequence lasts (§6.8.3).
    var used: Intervals
    var schedule = Schedule()
    var proof: BFDProof
    var jitter: Jitter
    /// When the other end's sequence number is forgotten, and any is taken.
    var forgetsSequence: Instant?
    /// What clients were told last; nil before the session first came up.
    private(set) var told: Bool?
    /// Since when it has been in its state.
    private(set) var since: Instant
    /// How often it went down after it had been up.
    private(set) var losses = 0
    /// The latest packet that was of no use, in words.
    var lastError: String?

    /// What packets have told of the other end.
    package struct Remote: Hashable, Sendable {
        /// bfd.RemoteSessionState.
        var state = BFDPacket.State.down
        var diagnostic = BFDPacket.Diagnostic.none
        /// bfd.RemoteDiscr; 0 is unknown.
        var discriminator: UInt32 = 0
        /// bfd.RemoteMinRxInterval, which starts as 1 µs.
        var minRx = Duration.microseconds(1)
        /// Desired Min TX Interval; nil before the first packet.
        var minTx: Duration?
        var multiplier: UInt8 = 0
        /// bfd.RemoteDemandMode.
        var isDemand = false
    }

    /// A Poll Sequence (§6.5).
    enum Poll: Hashable, Sendable {
        case none
        /// Every packet asks, until an answer comes. If something changed again since it began,
        /// that answer may be of before, and another sequence follows.
        case asking(again: Bool)
    }

    struct Intervals: Hashable, Sendable {
        /// bfd.DesiredMinTxInterval: not below a second while the session is not up (§6.8.3).
        var minTx: Duration
        /// bfd.RequiredMinRxInterval.
        var minRx: Duration

        init(_ state: BFDPacket.State, _ parameters: BFDParameters) {
            minTx =
                state == .up
                ? parameters.transmitInterval : max(parameters.transmitInterval, .seconds(1))
            minRx = parameters.receiveInterval
        }
    }

    /// - Parameter discriminator: not zero, and of no other session of the router.
    init(
        _ key: BFDKey, discriminator: UInt32, _ client: BFDClient, _ parameters: BFDParameters,
        at now: Instant
    ) {
        precondition(discriminator != 0, "zero is no discriminator")
        self.key = key
        self.discriminator = discriminator
        clients = [client: parameters]
        self.parameters = parameters
        used = Intervals(.down, parameters)
        proof = BFDProof(parameters.authentication, at: now)
        jitter = Jitter(
            seed: UInt64(truncatingIfNeeded: key.local.bits) << 20 ^ UInt64(discriminator))
        since = now
    }

    // MARK: Events

    /// The link came up, or the session is new on one that is up.
    mutating func start(_ step: inout BFDStep) {
        guard !isLive else { return }
        isLive = true
        transmit(&step)
    }

    /// The link went down. Packets could not leave it.
    mutating func stop(_ step: inout BFDStep) {
        guard isLive else { return }
        isLive = false
        cancelTimers(&step)
        remote = Remote()
        if state == .adminDown { return }
        become(.down, .pathDown, &step)
    }

    /// The clients, or what they ask for, are others.
    mutating func changeParameters(_ step: inout BFDStep) {
        guard let merged = BFDParameters(merging: clients), merged != parameters else { return }
        let (before, wasDemandActive) = (announced, isDemandActive)
        parameters = merged
        proof.set(merged.authentication, at: step.now)
        if announced != before { changeIntervals(&step) }
        if isDemandActive != wasDemandActive { settleDemand(&step) }
        scheduleTransmission(&step)
    }

    /// Takes the session out of service without calling the path dead (§6.8.16): it says so for as
    /// long as the other end would wait.
    mutating func farewell(_ step: inout BFDStep) {
        become(.adminDown, .administrativelyDown, &step)
        let wait = max(announced.minTx, remote.minRx) * Int(parameters.multiplier)
        step.emit(.cancel(timer(.detect)))
        step.emit(.arm(timer(.linger), at: step.now + wait))
        if isLive { transmit(&step) }
    }

    /// Back in service before the farewell was over.
    mutating func revive(_ step: inout BFDStep) {
        guard state == .adminDown else { return }
        step.emit(.cancel(timer(.linger)))
        told = nil
        become(.down, .none, &step)
        if isLive { transmit(&step) }
    }

    // MARK: States

    /// Goes to another state and tells clients what that means to them: a session that came up is
    /// up; one that left Up is down, unless by somebody's will (RFC 5882 §3.2).
    mutating func become(
        _ new: BFDPacket.State, _ diagnostic: BFDPacket.Diagnostic, isWanted: Bool = false,
        _ step: inout BFDStep
    ) {
        guard new != state else { return }
        let (old, before, wasDemandActive) = (state, announced, isDemandActive)
        state = new
        switch new {
        case .up: self.diagnostic = .none
        // What went wrong before is told until all is well.
        case .initialize: break
        case .down, .adminDown: self.diagnostic = diagnostic
        }
        since = step.now
        if announced != before { changeIntervals(&step) }
        if isDemandActive != wasDemandActive { settleDemand(&step) }
        guard new == .up || old == .up else { return }
        step.noteChange()
        step.emit(
            .report(
                .adjacency(
                    RoutingProtocolID(.bfd, vrf: key.vrf), interface: key.interface,
                    neighbor: key.remote.description, state: new == .up ? "up" : "down",
                    reason: new == .up ? nil : diagnostic.description)))
        if new == .up {
            tell(true, &step)
        } else if new == .down {
            losses += 1
            if !isWanted { tell(false, &step) }
        }
    }

    /// What follows from a state comes before what clients make of it.
    private mutating func tell(_ isUp: Bool, _ step: inout BFDStep) {
        told = isUp
        step.later(.changed(key, isUp: isUp, clients.keys.sorted()))
    }
}

extension BFDParameters {
    /// What counts of what several clients ask for: the fastest of each, demand mode where all want
    /// it, and the first authentication in the order of clients. Nil without a client.
    init?(merging clients: [BFDClient: BFDParameters]) {
        let asked = clients.sorted { $0.key < $1.key }.map(\.value)
        guard var merged = asked.first else { return nil }
        for other in asked.dropFirst() {
            merged.transmitInterval = min(merged.transmitInterval, other.transmitInterval)
            merged.receiveInterval = min(merged.receiveInterval, other.receiveInterval)
            merged.multiplier = min(merged.multiplier, other.multiplier)
            merged.authentication = merged.authentication ?? other.authentication
            merged.isDemand = merged.isDemand && other.isDemand
        }
        self = merged
    }
}
