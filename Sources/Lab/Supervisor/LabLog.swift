// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// What a lab, its routers and its daemons said: the last entries, the oldest first. It never
/// grows beyond its bound, whatever is said.
struct LabLog {
    /// What an entry is about.
    enum Kind: String, CaseIterable {
        /// The lab itself, and what was done to it.
        case lab, event
        case session, adjacency, vrrp, link, malformed
        /// What the kernel refused.
        case problem
        /// A router process that ended by itself.
        case router
        /// A line of a node's IKE daemon.
        case ike
    }

    struct Entry {
        /// From 1, without gaps.
        var number: Int
        var at: Instant
        var wall: WallTime
        var node: String?
        var kind: Kind
        var text: String
    }

    /// What is asked for.
    struct Selection {
        var node: String?
        /// nil for all.
        var kinds: Set<Kind>?
        var since: Instant?

        func has(_ entry: Entry) -> Bool {
            (node == nil || entry.node == node) && kinds?.contains(entry.kind) ?? true
                && since.map { entry.at >= $0 } ?? true
        }
    }

    /// How many entries are kept.
    static let capacity = 10_000
    /// Letters of an entry that are kept.
    private static let textMax = 1000

    /// A ring once it is full.
    private var entries: [Entry] = []
    /// How many there ever were.
    private(set) var total = 0

    /// How many are no longer kept.
    var dropped: Int { total - entries.count }

    /// Takes an entry in, in the place of the oldest where there is no more room.
    mutating func add(
        _ kind: Kind, _ text: String, node: String?, at: Instant, wall: WallTime
    ) -> Entry {
        total += 1
        let entry = Entry(
            number: total, at: at, wall: wall, node: node, kind: kind,
            text: String(text.prefix(Self.textMax)))
        if entries.count < Self.capacity {
            entries.append(entry)
        } else {
            entries[(total - 1) % Self.capacity] = entry
        }
        return entry
    }

    /// In the order in which things happened: a router may tell of them late.
    func entries(_ selection: Selection) -> [Entry] {
        entries.filter(selection.has).sorted { ($0.at, $0.number) < ($1.at, $1.number) }
    }
}

extension LabLog.Entry {
    /// As the control protocol's `logs` has it.
    /// - Parameter start: when the lab began.
    func json(since start: Instant) -> JSON {
        let row: JSON = [
            "number": JSON(number), "at": JSON(at.nanoseconds),
            "seconds": JSON((at - start).seconds), "time": JSON(wall), "node": JSON(node),
            "kind": .string(kind.rawValue), "text": .string(text),
        ]
        return row.compact
    }
}

/// A client that hears of every new entry.
final class LogFollower {
    private let reply: Reply
    private let selection: LabLog.Selection
    private let start: Instant
    /// Entries that were not sent because the client did not keep up.
    private var skipped = 0

    init(_ reply: Reply, _ selection: LabLog.Selection, start: Instant) {
        self.reply = reply
        self.selection = selection
        self.start = start
    }

    func take(_ entry: LabLog.Entry) {
        guard selection.has(entry) else { return }
        guard !reply.isStuck else {
            skipped += 1
            return
        }
        let entries = JSON([entry.json(since: start)])
        reply.progress(["entries": entries, "skipped": JSON(skipped)])
        skipped = 0
    }
}
