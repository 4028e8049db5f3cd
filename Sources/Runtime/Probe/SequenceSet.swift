// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A set of sequence numbers, kept as runs: probes arrive nearly in order, so a set of a hundred
/// thousand is a handful of ranges.
package struct SequenceSet: Hashable, Sendable {
    /// Disjoint, ascending, and never adjacent.
    private(set) var runs: [ClosedRange<UInt32>] = []

    package init() {}

    var count: Int { runs.reduce(0) { $0 + $1.count } }

    func contains(_ number: UInt32) -> Bool {
        let place = firstRun(endingAtOrAfter: number)
        return place < runs.count && runs[place].contains(number)
    }

    /// How many numbers of a range are in the set.
    func count(in range: ClosedRange<UInt32>) -> Int {
        var total = 0
        for run in runs[firstRun(endingAtOrAfter: range.lowerBound)...] {
            guard run.lowerBound <= range.upperBound else { break }
            total += run.clamped(to: range).count
        }
        return total
    }

    /// Says whether the number is new.
    @discardableResult
    mutating func insert(_ number: UInt32) -> Bool {
        let place = firstRun(endingAtOrAfter: number)
        if place < runs.count, runs[place].contains(number) { return false }
        let joinsBefore = place > 0 && runs[place - 1].upperBound + 1 == number
        let joinsAfter = place < runs.count && runs[place].lowerBound - 1 == number
        let first = joinsBefore ? runs[place - 1].lowerBound : number
        let last = joinsAfter ? runs[place].upperBound : number
        let start = joinsBefore ? place - 1 : place
        let end = joinsAfter ? place + 1 : place
        runs.replaceSubrange(start..<end, with: [first...last])
        return true
    }

    /// By bisection.
    private func firstRun(endingAtOrAfter number: UInt32) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// [[first, last], …]
    var json: JSON {
        JSON(runs.map { JSON([JSON($0.lowerBound), JSON($0.upperBound)]) })
    }

    init?(_ json: JSON) {
        guard case .array(let elements) = json else { return nil }
        for element in elements {
            guard let first = element[0]?.int.flatMap({ UInt32(exactly: $0) }),
                let last = element[1]?.int.flatMap({ UInt32(exactly: $0) }), first <= last,
                runs.last.map({ $0.upperBound < first }) ?? true
            else { return nil }
            runs.append(first...last)
        }
    }
}
