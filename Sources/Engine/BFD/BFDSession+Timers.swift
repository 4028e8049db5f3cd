// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension BFDSession {
    /// How often a session in demand mode makes sure of the other end by a Poll Sequence, which
    /// RFC 5880 §6.6 leaves to us.
    static let verificationInterval = Duration.seconds(10)

    enum TimerName: String, CaseIterable {
        case transmit
        case detect
        /// The next Poll Sequence of demand mode.
        case verify
        /// The end of a farewell.
        case linger
    }

    /// Whether a timer ends a detection time: what has arrived should be heard first.
    package static func tellsOfSilence(_ id: RoutingProtocolID, _ timer: RoutingTimer) -> Bool {
        id.kind == .bfd && timer.name == TimerName.detect.rawValue
    }

    func timer(_ name: TimerName) -> RoutingTimer {
        RoutingTimer(name.rawValue, String(discriminator))
    }

    struct Schedule: Hashable, Sendable {
        var lastSent: Instant?
        /// The interval by which the next packet's moment was reckoned; nil when none is due.
        var interval: Duration?
        /// That moment.
        var due: Instant?
    }

    // MARK: Intervals

    /// What packets say.
    var announced: Intervals { Intervals(state, parameters) }

    /// How often packets are sent, before jitter (§6.8.2).
    package var transmitInterval: Duration { max(used.minTx, remote.minRx) }

    /// After how long a silence the other end is down (§6.8.4); nil before it was heard.
    package var detectionTime: Duration? {
        if isDemandActive { return transmitInterval * Int(parameters.multiplier) }
        return remote.minTx.map { max(used.minRx, $0) * Int(remote.multiplier) }
    }

    /// Whether this end hears no periodic packets (§6.6).
    var isDemandActive: Bool { parameters.isDemand && state == .up && remote.state == .up }

    /// Whether the other end wants to hear none.
    var isRemoteDemandActive: Bool { remote.isDemand && state == .up && remote.state == .up }

    /// What is announced is another than before: slower sending and sooner detection wait for the
    /// answer to a Poll while the session is up (§6.8.3).
    mutating func changeIntervals(_ step: inout BFDStep) {
        let announced = announced
        if state != .up || announced.minTx < used.minTx { used.minTx = announced.minTx }
        if state != .up || announced.minRx > used.minRx { used.minRx = announced.minRx }
        // Nobody could answer.
        guard state != .adminDown, remote.discriminator != 0 else {
            poll = .none
            return
        }
        beginPoll(&step)
    }

    mutating func beginPoll(_ step: inout BFDStep) {
        switch poll {
        case .none:
            poll = .asking(again: false)
            if isDemandActive { armDetection(&step) }
        case .asking: poll = .asking(again: true)
        }
    }

    /// An answer to a Poll came.
    mutating func endPoll(_ step: inout BFDStep) {
        switch poll {
        case .none: return
        case .asking(again: true):
            poll = .asking(again: false)
            if isDemandActive { armDetection(&step) }
        case .asking(again: false):
            poll = .none
            used = announced
            if isDemandActive { step.emit(.cancel(timer(.detect))) }
        }
    }

    // MARK: Transmission

    /// Whether packets go periodically (§6.8.7).
    private var isTransmitting: Bool {
        isLive && !proof.isImpossible && remote.minRx > .zero
            && (!isRemoteDemandActive || poll != .none)
    }

    /// Arms the timer of the next packet if its moment is not right any more.
    mutating func scheduleTransmission(_ step: inout BFDStep) {
        guard isTransmitting else {
            if schedule.interval != nil { step.emit(.cancel(timer(.transmit))) }
            schedule.interval = nil
            return
        }
        let interval = transmitInterval
        guard schedule.interval != interval else { return }
        let due = (schedule.lastSent ?? step.now) + shortened(interval)
        arm(interval, due: max(due, step.now), &step)
    }

    private mutating func arm(_ interval: Duration, due: Instant, _ step: inout BFDStep) {
        (schedule.interval, schedule.due) = (interval, due)
        step.emit(.arm(timer(.transmit), at: due))
    }

    /// Sends with a session that has just sent, and next when that one does, where that is as often
    /// and jitter allows it (§6.8.7): a router of many sessions wakes once for all of them.
    mutating func accompany(_ other: BFDSession, _ step: inout BFDStep) {
        guard let interval = schedule.interval, interval == other.schedule.interval,
            let due = other.schedule.due, let lastSent = schedule.lastSent,
            step.now > lastSent, step.now - lastSent >= interval * 3 / 4,
            (parameters.multiplier == 1) == (other.parameters.multiplier == 1)
        else { return }
        send(isFinal: false, &step)
        schedule.lastSent = step.now
        arm(interval, due: due, &step)
    }

    /// Packets of several systems must not fall into step: up to a quarter less, and where one
    /// missing packet is a loss at least a tenth less (§6.8.7).
    private mutating func shortened(_ interval: Duration) -> Duration {
        parameters.multiplier == 1
            ? jitter.shorten(interval * 9 / 10, byUpTo: 16) : jitter.shorten(interval, byUpTo: 25)
    }

    // MARK: Detection

    /// Waits a detection time from now on.
    mutating func armDetection(_ step: inout BFDStep) {
        guard let detectionTime else { return }
        step.emit(.arm(timer(.detect), at: step.now + detectionTime))
    }

    /// Demand mode begins or ends. In it silence says nothing: only an unanswered Poll does (§6.6),
    /// and one is sent every now and then.
    mutating func settleDemand(_ step: inout BFDStep) {
        guard isDemandActive else {
            step.emit(.cancel(timer(.verify)))
            return armDetection(&step)
        }
        if poll == .none { step.emit(.cancel(timer(.detect))) }
        step.emit(.arm(timer(.verify), at: step.now + Self.verificationInterval))
    }

    /// Nothing was heard for a detection time (§6.8.4).
    private mutating func detectionExpired(_ step: inout BFDStep) {
        // bfd.RemoteDiscr is forgotten (§6.8.1), and with it what was asked of us.
        remote = Remote()
        poll = .none
        let isLoss = state == .up || state == .initialize
        if isLoss {
            become(.down, .detectionTimeExpired, &step)
            transmit(&step)
        } else {
            scheduleTransmission(&step)
        }
    }

    /// - Returns: false where the session is over.
    mutating func timer(_ name: TimerName, _ step: inout BFDStep) -> Bool {
        switch name {
        case .transmit:
            schedule.interval = nil
            if isTransmitting { transmit(&step) }
        case .detect: detectionExpired(&step)
        case .verify:
            guard isDemandActive else { break }
            beginPoll(&step)
            scheduleTransmission(&step)
            step.emit(.arm(timer(.verify), at: step.now + Self.verificationInterval))
        case .linger:
            cancelTimers(&step)
            return !clients.isEmpty
        }
        return true
    }

    mutating func cancelTimers(_ step: inout BFDStep) {
        for name in TimerName.allCases { step.emit(.cancel(timer(name))) }
        schedule.interval = nil
        poll = .none
    }
}
