// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Gives out labels, lowest first. A freed label is not given out again before its quarantine has
/// passed, since packets with it may still be under way, and other routers may still use it.
package struct LabelAllocator: Sendable {
    /// How long a freed label stays out of use: many times what a withdrawal takes to spread.
    package static let quarantine = Duration.seconds(60)

    private let range: ClosedRange<Label>
    /// The lowest label that was never given out.
    private var next: UInt32
    /// Freed labels past their quarantine, in ascending order.
    private var free: [Label] = []
    /// Freed labels in the order in which they were freed.
    private var quarantined: [Quarantined] = []

    private struct Quarantined: Sendable {
        var label: Label
        var owner: Owner
        var until: Instant
    }

    /// Whose packets a label marks.
    package enum Owner: Hashable, Sendable {
        /// Those of one family to a VRF.
        case vrf(String, AddressFamily)
        /// Those to a prefix of the default VRF.
        case prefix(IPPrefix)
        /// Those of others' VPN routes, on their way through an AS border router.
        case transit(TransitWay)
    }

    package init(_ range: ClosedRange<Label>) {
        self.range = range
        next = range.lowerBound.value
    }

    /// A label for `owner`: the one it freed last if that is still in quarantine, since for
    /// the same owner the label means the same.
    /// - Returns: nil when the range is used up.
    package mutating func allocate(for owner: Owner) -> Label? {
        if let index = quarantined.lastIndex(where: { $0.owner == owner }) {
            return quarantined.remove(at: index).label
        }
        if !free.isEmpty { return free.removeFirst() }
        guard next <= range.upperBound.value else { return nil }
        defer { next += 1 }
        return Label(next)
    }

    /// Puts a label into quarantine.
    /// - Precondition: `owner` was given the label and has not freed it.
    package mutating func release(_ label: Label, from owner: Owner, at now: Instant) {
        precondition(
            range.contains(label) && label.value < next && !free.contains(label)
                && !quarantined.contains { $0.label == label }, "only labels in use are freed")
        quarantined.append(
            Quarantined(label: label, owner: owner, until: now + Self.quarantine))
    }

    /// When the next label leaves quarantine.
    package var nextExpiry: Instant? { quarantined.first?.until }

    /// The labels that leave quarantine now.
    package mutating func expire(at now: Instant) -> [Label] {
        let expired = quarantined.prefix { $0.until <= now }.map(\.label)
        quarantined.removeFirst(expired.count)
        free = (free + expired).sorted()
        return expired
    }
}
