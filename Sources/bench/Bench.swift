// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One measurement that `make bench` can make.
struct Bench: Sendable {
    /// What the command line calls it.
    let name: String
    /// What is measured and what the aim is, for someone who knows networks; lines of at most 90
    /// columns.
    let explanation: String
    let run: @Sendable () throws -> [Figure]
}

/// One line of the result: ours beside what else can be had.
struct Figure {
    let name: String
    /// s, ms, MB …
    let unit: String
    /// Empty where nothing of ours does this.
    let ours: Samples
    /// Others that did the same in the same run.
    var baselines: [(name: String, samples: Samples)] = []
    /// What ours shall stay below, if anything.
    var aim: Double?
    /// At most how many times the first baseline ours shall take, if that is the aim.
    var timesAim: Double?

    /// How many times the first baseline ours takes.
    var times: Double? {
        guard let first = baselines.first?.samples.median, let ours = ours.median, first > 0 else {
            return nil
        }
        return ours / first
    }

    /// Whether it is as it should be; nil where nothing is asked for.
    var holds: Bool? {
        if let timesAim, let times { return times <= timesAim }
        guard let aim, let ours = ours.median else { return nil }
        return ours < aim
    }

    /// How many times as much the baseline takes; nil where the two cannot be compared.
    func ratio(to baseline: Samples) -> Double? {
        guard let ours = ours.median, let other = baseline.median, ours > 0 else { return nil }
        return other / ours
    }
}

/// The values of one quantity over the rounds of a bench.
struct Samples: ExpressibleByArrayLiteral {
    private(set) var values: [Double] = []

    init(arrayLiteral elements: Double...) { values = elements }
    init(_ values: [Double]) { self.values = values }

    mutating func add(_ value: Double) { values.append(value) }

    /// The one in the middle; nil where there are none.
    var median: Double? {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1
            ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    var json: JSON {
        let values: JSON = .array(values.map { JSON($0) })
        return ["median": median.map { JSON($0) } ?? .null, "values": values]
    }
}

/// Why a bench could not be run.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
