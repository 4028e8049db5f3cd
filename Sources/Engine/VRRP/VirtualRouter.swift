// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// One VRRP virtual router on one interface: the state machine of RFC 9568 §6.4, which is that of
/// RFC 3768 §6.4 for version 2. The RFC's Active state is called master, as operators call it.
package struct VirtualRouter: Sendable {
    package let configuration: VRRPConfiguration
    package private(set) var state: State = .initialize
    /// Whether each tracked object is up, in the configuration's order.
    package private(set) var tracksUp: [Bool]
    /// The latest packet that could not be taken as it was, in words.
    package private(set) var lastError: String?
    /// Grows with every change of state or priority.
    package private(set) var generation: UInt64 = 0
    private var isStopped = false

    package enum State: Hashable, Sendable {
        case initialize
        case backup(Backup)
        case master
    }

    package struct Backup: Hashable, Sendable {
        /// The master last heard of; nil before the first advert and after its goodbye.
        package var master: Master?
        /// Until when a lower-priority master is left in peace.
        package var holdUntil: Instant?
    }

    /// What adverts tell of another router.
    package struct Master: Hashable, Sendable {
        package var address: IPAddress
        package var priority: UInt8
        /// Its advertisement interval, which version 3 learns.
        package var interval: Duration
    }

    package init(_ configuration: VRRPConfiguration) {
        self.configuration = configuration
        // Whoever knows says which are down, before the interface comes up.
        tracksUp = configuration.tracks.map { _ in true }
    }

    package var key: VRRPKey { configuration.key }

    /// The owner of the virtual addresses is always the master when it is up (RFC 9568 §8.3.2).
    var isOwner: Bool { configuration.priority == 255 }

    /// The priority less the costs of what is down, at least 1: 0 means that the master leaves.
    package var effectivePriority: UInt8 {
        if isOwner { return 255 }
        let cost = zip(configuration.tracks, tracksUp).reduce(0) { sum, track in
            sum + (track.1 ? 0 : Int(track.0.priorityCost))
        }
        return UInt8(clamping: max(1, Int(configuration.priority) - cost))
    }

    // MARK: Events

    /// The interface came up (Startup, RFC 9568 §6.4.1) or went down (Shutdown, without a goodbye,
    /// which could not leave).
    package mutating func interface(isUp: Bool, at now: Instant, _ effects: inout [Effect]) {
        guard !isStopped else { return }
        switch state {
        case .initialize where isUp: start(at: now, &effects)
        case .backup where !isUp, .master where !isUp: initialize(&effects)
        default: break
        }
    }

    /// Clean stop: the backup need not wait for silence to know that the master is gone
    /// (RFC 9568 §6.4.3).
    package mutating func shutDown(_ effects: inout [Effect]) {
        if case .master = state { send(priority: 0, &effects) }
        initialize(&effects)
        isStopped = true
    }

    /// Tracked objects went down or came up.
    package mutating func track(_ tracksUp: [Bool], at now: Instant, _ effects: inout [Effect]) {
        precondition(tracksUp.count == configuration.tracks.count, "one state for each track")
        let before = effectivePriority
        self.tracksUp = tracksUp
        guard effectivePriority != before else { return }
        generation += 1
        switch state {
        case .initialize: break
        case .master: advertise(at: now, &effects)
        case .backup(var backup):
            guard effectivePriority > before else { return }
            hold(&backup, at: now, &effects)
            state = .backup(backup)
        }
    }

    /// A packet that passed the checks.
    mutating func take(
        _ advert: VRRPAdvertisement, from source: IPAddress, at now: Instant,
        _ effects: inout [Effect]
    ) {
        switch state {
        case .initialize: break
        case .backup(let backup): inBackup(backup, advert, from: source, at: now, &effects)
        case .master: inMaster(advert, from: source, at: now, &effects)
        }
    }

    package mutating func timer(_ id: TimerID, at now: Instant, _ effects: inout [Effect]) {
        switch (id, state) {
        case (.vrrpAdvertisement, .master): advertise(at: now, &effects)
        case (.vrrpMasterDown, .backup): becomeMaster(at: now, &effects)
        case (.vrrpPreempt, .backup(var backup)):
            backup.holdUntil = nil
            state = .backup(backup)
            let isBetter = backup.master.map { $0.priority < effectivePriority } ?? false
            // With nobody heard, Master_Down decides: a master may yet speak up.
            if isBetter { becomeMaster(at: now, &effects) }
        default: break
        }
    }

    /// Notes a packet that is of no use.
    mutating func reject(_ reason: String) { lastError = reason }

    // MARK: States

    /// RFC 9568 §6.4.1.
    private mutating func start(at now: Instant, _ effects: inout [Effect]) {
        if isOwner {
            becomeMaster(at: now, &effects)
        } else {
            var backup = Backup()
            hold(&backup, at: now, &effects)
            become(.backup(backup), &effects)
            armMasterDown(masterDownInterval(nil), at: now, &effects)
        }
    }

    /// RFC 9568 §6.4.2.
    private mutating func inBackup(
        _ old: Backup, _ advert: VRRPAdvertisement, from source: IPAddress, at now: Instant,
        _ effects: inout [Effect]
    ) {
        var backup = old
        let master = Master(
            address: source, priority: advert.priority, interval: interval(of: advert))
        backup.master = advert.priority == 0 ? nil : master
        state = .backup(backup)
        if advert.priority == 0 {
            armMasterDown(skewTime(master.interval), at: now, &effects)
        } else if !configuration.preempt || advert.priority >= effectivePriority
            || backup.holdUntil != nil
        {
            armMasterDown(masterDownInterval(master), at: now, &effects)
        }
        // Otherwise the advert is not listened to, and Master_Down runs out.
    }

    /// RFC 9568 §6.4.3.
    private mutating func inMaster(
        _ advert: VRRPAdvertisement, from source: IPAddress, at now: Instant,
        _ effects: inout [Effect]
    ) {
        let isStronger =
            advert.priority > effectivePriority
            || (advert.priority == effectivePriority && source > configuration.primaryAddress)
        guard isStronger, advert.priority != 0 else {
            // Priority 0: whoever leaves need not be waited for. Lower: it and the switches between
            // must learn at once who the master is.
            advertise(at: now, &effects)
            return
        }
        let master = Master(
            address: source, priority: advert.priority, interval: interval(of: advert))
        effects.append(.cancel(.vrrpAdvertisement(configuration.key)))
        effects.append(release)
        become(.backup(Backup(master: master)), &effects)
        armMasterDown(masterDownInterval(master), at: now, &effects)
    }

    /// The addresses come first, because the advert leaves by way of the device that carries them.
    private mutating func becomeMaster(at now: Instant, _ effects: inout [Effect]) {
        effects.append(.cancel(.vrrpMasterDown(configuration.key)))
        cancelHold(&effects)
        effects.append(
            .takeOver(device: configuration.device, addresses: configuration.virtualAddresses))
        become(.master, &effects)
        advertise(at: now, &effects)
    }

    private mutating func initialize(_ effects: inout [Effect]) {
        switch state {
        case .initialize: return
        case .backup:
            effects.append(.cancel(.vrrpMasterDown(configuration.key)))
            cancelHold(&effects)
        case .master:
            effects.append(.cancel(.vrrpAdvertisement(configuration.key)))
            effects.append(release)
        }
        become(.initialize, &effects)
    }

    private mutating func become(_ new: State, _ effects: inout [Effect]) {
        state = new
        generation += 1
        effects.append(
            .report(
                .vrrp(
                    interface: configuration.interface, group: configuration.group,
                    state: stateName)))
    }

    // MARK: Preempt delay

    /// From here on a lower-priority master is left in peace for the preempt delay, so that the
    /// routes behind this router can come back before traffic does.
    private func hold(_ backup: inout Backup, at now: Instant, _ effects: inout [Effect]) {
        guard configuration.preempt, configuration.preemptDelay > .zero else { return }
        let until = now + configuration.preemptDelay
        backup.holdUntil = until
        effects.append(.arm(.vrrpPreempt(configuration.key), at: until))
    }

    private func cancelHold(_ effects: inout [Effect]) {
        guard case .backup(let backup) = state, backup.holdUntil != nil else { return }
        effects.append(.cancel(.vrrpPreempt(configuration.key)))
    }

    private var release: Effect {
        .vrrp(
            .release(device: configuration.device, addresses: configuration.virtualAddresses))
    }
}

extension Effect {
    fileprivate static func takeOver(device: String, addresses: [IPAddress]) -> Effect {
        .vrrp(.takeOver(device: device, addresses: addresses))
    }
}
