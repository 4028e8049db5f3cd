// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// The timers of a router, soonest first; of those due at one moment, in the order of `TimerID`.
///
/// A binary heap that knows where each timer stands, because a hold timer is armed anew with every
/// message that arrives: entries left behind would pile up for as long as the hold time.
struct TimerQueue {
    private struct Entry {
        var at: Instant
        var id: TimerID

        func isBefore(_ other: Entry) -> Bool { at == other.at ? id < other.id : at < other.at }
    }

    private var heap: [Entry] = []
    private var places: [TimerID: Int] = [:]

    var count: Int { heap.count }
    /// When the first timer runs out; nil where none is armed.
    var next: Instant? { heap.first?.at }

    /// Arms a timer, in place of one of the same identity.
    mutating func arm(_ id: TimerID, at: Instant) {
        let entry = Entry(at: at, id: id)
        guard let place = places[id] else {
            heap.append(entry)
            places[id] = heap.count - 1
            return rise(heap.count - 1)
        }
        let isSooner = at < heap[place].at
        heap[place] = entry
        if isSooner { rise(place) } else { sink(place) }
    }

    /// Does nothing to a timer that is not armed.
    mutating func cancel(_ id: TimerID) {
        guard let place = places.removeValue(forKey: id) else { return }
        let last = heap.removeLast()
        guard place < heap.count else { return }
        put(last, place)
        rise(place)
        sink(places[last.id] ?? place)
    }

    /// Takes out the first timer that has run out and is wanted.
    mutating func popDue(
        at now: Instant, where isWanted: (TimerID) -> Bool = { _ in true }
    ) -> TimerID? {
        guard let first = heap.first, first.at <= now else { return nil }
        if isWanted(first.id) {
            cancel(first.id)
            return first.id
        }
        let due = heap.filter { $0.at <= now && isWanted($0.id) }
        guard let id = due.min(by: { $0.isBefore($1) })?.id else { return nil }
        cancel(id)
        return id
    }

    private mutating func put(_ entry: Entry, _ place: Int) {
        heap[place] = entry
        places[entry.id] = place
    }

    private mutating func rise(_ start: Int) {
        var place = start
        let entry = heap[place]
        while place > 0, entry.isBefore(heap[(place - 1) / 2]) {
            put(heap[(place - 1) / 2], place)
            place = (place - 1) / 2
        }
        put(entry, place)
    }

    private mutating func sink(_ start: Int) {
        var place = start
        let entry = heap[place]
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            put(heap[child], place)
            place = child
        }
        put(entry, place)
    }
}
