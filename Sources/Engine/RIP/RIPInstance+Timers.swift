// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension RoutingTimer {
    /// The next update of everything.
    static let update = RoutingTimer("update")
    /// Until it runs out, changes wait to be told together.
    static let triggered = RoutingTimer("triggered")
    /// The first route or neighbor that silence ends.
    static let age = RoutingTimer("age")
}

extension RIPInstance {
    /// Routers that hear each other must not fall into step (RFC 2453 §3.8).
    mutating func armUpdate(_ step: inout ProtocolStep) {
        let interval = jitter.shorten(configuration.updateInterval, byUpTo: 15)
        step.emit(.arm(.update, at: step.now + interval))
    }

    /// Tells what has changed, or lets it wait for 1 to 5 seconds after the last time
    /// (RFC 2453 §3.10.1).
    mutating func tellChanges(_ step: inout ProtocolStep) {
        guard !changed.isEmpty, !isHoldingChanges else { return }
        let prefixes = changed.sorted()
        changed = []
        guard tell(prefixes, &step) else { return }
        isHoldingChanges = true
        step.emit(.arm(.triggered, at: step.now + jitter.shorten(.seconds(5), byUpTo: 80)))
    }

    // MARK: Ages

    /// Deadlines mostly move away, so that one timer for the earliest suffices for all.
    mutating func armAge(_ moment: Instant, _ step: inout ProtocolStep) {
        if let ageDue, ageDue <= moment { return }
        ageDue = moment
        step.emit(.arm(.age, at: moment))
    }

    mutating func age(_ step: inout ProtocolStep) {
        ageDue = nil
        for prefix in learned.keys.sorted() where isDue(learned[prefix]?.expires, step) {
            forget(prefix, &step)
        }
        for prefix in gone.keys.sorted() where isDue(gone[prefix], step) { gone[prefix] = nil }
        for key in neighbors.keys.sorted() where isDue(silence(of: key), step) {
            neighbors[key] = nil
            report(key, "down", reason: "silent", &step)
        }
        let deadlines =
            learned.values.map(\.expires) + gone.values + neighbors.keys.compactMap(silence)
        if let next = deadlines.min() { armAge(next, &step) }
        tellChanges(&step)
    }

    private func isDue(_ moment: Instant?, _ step: ProtocolStep) -> Bool {
        moment.map { $0 <= step.now } ?? false
    }

    private func silence(of key: RIPNeighbor.Key) -> Instant? {
        neighbors[key].map { $0.lastHeard + configuration.timeout }
    }

    mutating func report(
        _ key: RIPNeighbor.Key, _ state: String, reason: String? = nil,
        _ step: inout ProtocolStep
    ) {
        generation += 1
        step.emit(
            .report(
                .adjacency(
                    id, interface: key.interface, neighbor: key.address.description, state: state,
                    reason: reason)))
    }
}
