// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Sends the router advertisements of one interface or virtual router (RFC 4861 §6.2).
///
/// Hosts have their default route from the virtual router as long as any router stands in for it.
/// So a virtual router that passes to another has no goodbye: the next master goes on in its name.
package struct RouterAdvertiser: Sendable {
    package let configuration: RouterAdvertisementConfiguration
    /// How many have been sent since it began; nil while it does not advertise.
    package private(set) var sentCount: Int?
    private var lastSent: Instant?

    /// MAX_INITIAL_RTR_ADVERTISEMENTS: the first are sent at short intervals (RFC 4861 §6.2.4).
    private static let initialCount = 3
    /// MIN_DELAY_BETWEEN_RAS, by which answers keep apart; as short as RFC 6275 §7.5 lets it be.
    private static let delayMin = Duration.milliseconds(30)

    package init(_ configuration: RouterAdvertisementConfiguration) {
        self.configuration = configuration
    }

    private var timer: TimerID { .routerAdvertisement(device: configuration.device) }

    /// Begins or ceases to advertise, where that is a change.
    package mutating func set(isActive: Bool, at now: Instant, _ effects: inout [Effect]) {
        switch (sentCount, isActive) {
        case (nil, true):
            sentCount = 0
            send(at: now, &effects)
        case (.some, false):
            sentCount = nil
            effects.append(.cancel(timer))
        case (nil, false), (.some, true): break
        }
    }

    package mutating func timer(at now: Instant, _ effects: inout [Effect]) {
        if sentCount != nil { send(at: now, &effects) }
    }

    /// Takes a solicitation as it came from the IP layer. The answer goes to all hosts, at once.
    package mutating func solicited(
        _ payload: [UInt8], hopLimit: UInt8, from source: IPAddress, at now: Instant,
        _ effects: inout [Effect]
    ) {
        guard sentCount != nil, hopLimit == NeighborDiscovery.hopLimit,
            (try? RouterSolicitation(
                decoding: payload, source: source, destination: .allRouters)) != nil
        else { return }
        let earliest = lastSent.map { $0 + Self.delayMin } ?? now
        if earliest <= now {
            send(at: now, &effects)
        } else {
            effects.append(.arm(timer, at: earliest))
        }
    }

    /// Clean stop: hosts need not wait for the lifetime to run out (RFC 4861 §6.2.5).
    package mutating func shutDown(_ effects: inout [Effect]) {
        guard sentCount != nil else { return }
        if configuration.virtualRouter == nil { effects.append(advertisement(lifetime: 0)) }
        sentCount = nil
        effects.append(.cancel(timer))
    }

    private mutating func send(at now: Instant, _ effects: inout [Effect]) {
        let count = (sentCount ?? 0) + 1
        sentCount = count
        lastSent = now
        effects.append(advertisement(lifetime: configuration.lifetime))
        let interval = configuration.interval
        let next = count < Self.initialCount ? max(Self.delayMin, interval / 4) : interval
        effects.append(.arm(timer, at: now + next))
    }

    private func advertisement(lifetime: UInt16) -> Effect {
        let advertisement = RouterAdvertisement(
            lifetime: lifetime, sourceMAC: configuration.linkLayerAddress,
            prefixes: configuration.prefixes.map { RouterAdvertisement.Prefix($0) })
        return .routerAdvertisement(
            device: configuration.device, source: configuration.source,
            payload: advertisement.encoded(
                source: configuration.source, destination: .allNodes))
    }
}
