// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives

/// The forwarding entries that the engine wants, and what of them the kernel is known to have.
///
/// Pure: it says what to write, is told what failed, and is shown what the kernel has. An entry
/// is tried again after every link or address change until it is in.
struct DesiredForwarding {
    private var desired: [ForwardingKey: ForwardingEntry] = [:]
    /// Keys whose last write failed.
    private var failed: Set<ForwardingKey> = []

    /// How many routes point to groups.
    private(set) var groupedCount = 0

    var count: Int { desired.count }
    var failedKeys: [ForwardingKey] { failed.sorted() }

    /// Takes a wanted entry, or nil to want it no longer. What to write is said by `Step`.
    mutating func want(_ entry: ForwardingEntry?, for key: ForwardingKey) {
        let before = desired[key]
        groupedCount += (entry?.isGrouped == true ? 1 : 0) - (before?.isGrouped == true ? 1 : 0)
        desired[key] = entry
        failed.remove(key)
    }

    /// Takes entries to want in the place of all others.
    /// - Returns: the changes that lead from the old ones to the new.
    mutating func replace(by wanted: [ForwardingKey: ForwardingEntry]) -> ForwardingStep {
        var step = ForwardingStep()
        for (key, entry) in wanted.sorted(by: { $0.key < $1.key }) where desired[key] != entry {
            step.add(key, entry)
        }
        for key in desired.keys.sorted() where wanted[key] == nil { step.add(key, nil) }
        desired = wanted
        groupedCount = wanted.values.count { $0.isGrouped }
        failed.formIntersection(wanted.keys)
        return step
    }

    func entry(_ key: ForwardingKey) -> ForwardingEntry? { desired[key] }

    /// Notes entries that the kernel refused. A removal that was refused is not tried again: there
    /// was nothing to remove.
    mutating func note(failures: [ForwardingKey]) {
        failed.formUnion(failures.filter { desired[$0] != nil })
    }

    /// What to write to try again what failed.
    func retries() -> ForwardingChanges {
        ForwardingChanges(set: failedKeys.compactMap { desired[$0] })
    }

    /// What to write so that a kernel that has `present`, all of our own protocol number, has what
    /// is wanted: at the start, and after lost notifications.
    func difference(from present: [ForwardingEntry]) -> ForwardingChanges {
        var missing = desired
        var surplus: [ForwardingKey] = []
        for entry in present {
            guard let wanted = desired[entry.key] else {
                surplus.append(entry.key)
                continue
            }
            if wanted == entry { missing[entry.key] = nil }
        }
        return ForwardingChanges(
            set: missing.keys.sorted().compactMap { desired[$0] },
            remove: surplus.sorted().reversed())
    }
}

/// The forwarding changes of one step of the engine, gathered so that the kernel is asked twice at
/// most: once before the step's first message goes out and once after its last.
///
/// What tells of links alone goes out before all. Of other messages, the engine orders an entry
/// before the one that advertises it, and a withdrawal before the
/// removal. Setting earlier and removing later keeps both, for any order of the two in between;
/// within one key the last change counts. Endpoints and next hops are set before all that leads
/// through them, and removed after it.
struct ForwardingStep {
    private var order: [ForwardingKey] = []
    private var last: [ForwardingKey: ForwardingEntry?] = [:]

    var isEmpty: Bool { order.isEmpty }

    mutating func add(_ key: ForwardingKey, _ entry: ForwardingEntry?) {
        if last[key] == nil { order.append(key) }
        last[key] = .some(entry)
    }

    /// To be written before the step's messages.
    var before: ForwardingChanges {
        ForwardingChanges(
            set: inPhases(Array(ForwardingKey.phases)).compactMap { last[$0] ?? nil })
    }

    /// To be written after the step's messages.
    var after: ForwardingChanges {
        ForwardingChanges(
            remove: inPhases(ForwardingKey.phases.reversed()).filter { key in
                if case .some(.none) = last[key] { true } else { false }
            })
    }

    private func inPhases(_ phases: [Int]) -> [ForwardingKey] {
        phases.flatMap { phase in order.filter { $0.phase == phase } }
    }
}
