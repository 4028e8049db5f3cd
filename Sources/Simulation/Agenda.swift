// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What is to happen, earliest first; what is due at the same moment keeps the order in which it
/// was put in. A binary heap.
struct Agenda<Item> {
    private struct Entry {
        var at: Instant
        /// Rises with every insertion.
        var number: UInt64
        var item: Item

        static func < (a: Entry, b: Entry) -> Bool { (a.at, a.number) < (b.at, b.number) }
    }

    private var entries: [Entry] = []
    private var lastNumber: UInt64 = 0

    /// When the next item is due.
    var next: Instant? { entries.first?.at }

    mutating func put(_ item: Item, at moment: Instant) {
        lastNumber += 1
        entries.append(Entry(at: moment, number: lastNumber, item: item))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child] < entries[parent] else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func take() -> (at: Instant, item: Item)? {
        guard let first = entries.first else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return (first.at, first.item)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child] < entries[least] {
                least = child
            }
            guard least != parent else { return }
            entries.swapAt(least, parent)
            parent = least
        }
    }
}
