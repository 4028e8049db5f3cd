// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What the sending end of an outage meter knows: when each probe left, and which were answered.
///
/// A probe counts from the moment at which it was really sent. A sender that got no CPU time sends
/// fewer probes; it does not lose any.
struct OutageLedger {
    /// A run of probes without an answer.
    struct Gap: Hashable {
        var numbers: ClosedRange<UInt32>
        /// When the first of them was sent.
        var at: Instant
        /// From there until a probe was sent that was answered, or probing ended.
        var duration: Duration
    }

    /// Neighbouring probes put together, so that a long measurement is told in few words.
    struct Sample: Hashable {
        /// When the first of them was sent.
        var at: Instant
        var sent: Int
        var lost: Int
        /// Round trips of those that were answered.
        var least = Duration.zero
        var mean = Duration.zero
        var most = Duration.zero
    }

    private var times: [Int64] = []
    /// In microseconds; -1 while there is no answer.
    private var roundTrips: [Int32] = []
    private var answered = SequenceSet()
    /// Probes before this one went out before the path was up, and do not count.
    private var firstCounted: UInt32 = 0
    private(set) var hasStarted = false
    /// When the probe left whose answer came first.
    private(set) var firstAnswered: Instant?

    var sentCount: Int { times.count - Int(firstCounted) }
    /// Whether every probe that counts has been answered.
    var isComplete: Bool { answered.count(in: firstCounted...UInt32.max) == sentCount }

    /// The number of the probe that is sent now.
    mutating func send(at now: Instant) -> UInt32 {
        times.append(now.nanoseconds)
        roundTrips.append(-1)
        return UInt32(times.count - 1)
    }

    /// Numbers that were never sent, and second answers, do not count. The first answer begins the
    /// measurement, unless `start` did.
    mutating func answer(_ number: UInt32, at now: Instant) {
        guard number < times.count else { return }
        answered.insert(number)
        if roundTrips[Int(number)] < 0 {
            let time = (now.nanoseconds - times[Int(number)]) / 1000
            roundTrips[Int(number)] = Int32(clamping: max(0, time))
        }
        if firstAnswered == nil { firstAnswered = Instant(nanoseconds: times[Int(number)]) }
        if !hasStarted {
            hasStarted = true
            firstCounted = number
        }
    }

    /// Begins the measurement without an answer: whatever was sent counts.
    mutating func start() { hasStarted = true }

    /// The runs of probes that were not answered; `end` is when probing stopped.
    func gaps(until end: Instant) -> [Gap] {
        var gaps: [Gap] = []
        var next = firstCounted
        let total = UInt32(times.count)
        func add(_ limit: UInt32) {
            guard next < limit else { return }
            let at = Instant(nanoseconds: times[Int(next)])
            let over = limit < total ? Instant(nanoseconds: times[Int(limit)]) : end
            gaps.append(Gap(numbers: next...limit - 1, at: at, duration: over - at))
        }
        for run in answered.runs where run.upperBound >= firstCounted {
            add(run.lowerBound)
            next = run.upperBound + 1
        }
        add(total)
        return gaps
    }

    /// All probes that count, in at most `limit` samples of equally many.
    func samples(atMost limit: Int) -> [Sample] {
        let size = max(1, (sentCount + limit - 1) / limit)
        return stride(from: Int(firstCounted), to: times.count, by: size).map { first in
            let some = roundTrips[first..<min(first + size, times.count)]
            let known = some.filter { $0 >= 0 }
            var sample = Sample(
                at: Instant(nanoseconds: times[first]), sent: some.count,
                lost: some.count - known.count)
            guard let least = known.min(), let most = known.max() else { return sample }
            let mean = known.reduce(Int64(0)) { $0 + Int64($1) } / Int64(known.count)
            (sample.least, sample.most) = (.microseconds(least), .microseconds(most))
            sample.mean = .microseconds(mean)
            return sample
        }
    }

    private static let samplesMax = 2000

    /// {sent, gaps: [{first, last, at, duration-us}], samples: [{at, sent, lost, min-us, mean-us,
    /// max-us}]}
    func report(until end: Instant) -> JSON {
        let gaps: [JSON] = gaps(until: end).map {
            [
                "first": JSON($0.numbers.lowerBound), "last": JSON($0.numbers.upperBound),
                "at": JSON($0.at.nanoseconds), "duration-us": JSON($0.duration.nanoseconds / 1000),
            ]
        }
        return [
            "sent": JSON(sentCount), "gaps": JSON(gaps),
            "samples": JSON(samples(atMost: Self.samplesMax).map(\.json)),
        ]
    }
}

extension OutageLedger.Sample {
    /// Without round trips where nothing was answered.
    fileprivate var json: JSON {
        func microseconds(_ time: Duration) -> JSON {
            lost == sent ? .null : JSON(time.nanoseconds / 1000)
        }
        let members: JSON = [
            "at": JSON(at.nanoseconds), "sent": JSON(sent), "lost": JSON(lost),
            "min-us": microseconds(least), "mean-us": microseconds(mean),
            "max-us": microseconds(most),
        ]
        return members.compact
    }
}

/// Joins the reports of the two ends of an outage meter.
package enum OutageResult {
    /// - Parameters:
    ///   - near: what the sending end reported last.
    ///   - far: what the answering end reported: {seen: [[first, last], …]}; nil where it is gone,
    ///     which counts every loss as lost on the way there.
    /// - Returns: {sent, lost, longest-gap-us, lost-forward, lost-back, gaps: [{at (ns),
    ///   duration-us, lost}], samples}, as the control protocol's outage-stop has it.
    package static func join(near: JSON, far: JSON?) -> JSON {
        let seen = far?["seen"].flatMap { SequenceSet($0) } ?? SequenceSet()
        var lost = 0
        var lostBack = 0
        var longest: Int64 = 0
        var gaps: [JSON] = []
        for gap in near["gaps"]?.array ?? [] {
            guard let first = gap["first"]?.int.flatMap({ UInt32(exactly: $0) }),
                let last = gap["last"]?.int.flatMap({ UInt32(exactly: $0) }), first <= last
            else { continue }
            let duration = gap["duration-us"]?.int ?? 0
            let count = Int(last - first) + 1
            lost += count
            lostBack += seen.count(in: first...last)
            longest = max(longest, duration)
            gaps.append([
                "at": gap["at"] ?? .null, "duration-us": .int(duration), "lost": JSON(count),
            ])
        }
        return [
            "sent": near["sent"] ?? 0, "lost": JSON(lost), "longest-gap-us": .int(longest),
            "lost-forward": JSON(lost - lostBack), "lost-back": JSON(lostBack),
            "gaps": JSON(gaps), "samples": near["samples"] ?? [],
        ]
    }
}
