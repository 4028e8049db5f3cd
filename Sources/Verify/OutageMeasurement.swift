// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What probes every few milliseconds found.
package struct OutageMeasurement: Hashable, Sendable {
    package var sent: Int64
    package var lost: Int64
    /// Lost on the way there, and on the way back.
    package var lostForward: Int64
    package var lostBack: Int64
    /// The longest time without an answer.
    package var longestGap: Duration
    package var gaps: [Gap]
    /// Neighbouring probes put together; for drawing.
    package var samples: [Sample]

    /// A run of probes without an answer.
    package struct Gap: Hashable, Sendable {
        /// On the lab's clock.
        package var at: Instant
        package var duration: Duration
        package var lost: Int64
    }

    package struct Sample: Hashable, Sendable {
        /// On the lab's clock, when the first of them was sent.
        package var at: Instant
        package var sent: Int64
        package var lost: Int64
        /// Microseconds; nil where none was answered.
        package var roundTrip: RoundTrip?
    }

    package struct RoundTrip: Hashable, Sendable {
        package var least: Int64
        package var mean: Int64
        package var most: Int64
    }

    /// Reads the answer of `outage-stop`.
    init(_ answer: JSON) {
        func count(_ name: String) -> Int64 { answer[name]?.int ?? 0 }
        sent = count("sent")
        lost = count("lost")
        lostForward = count("lost-forward")
        lostBack = count("lost-back")
        longestGap = .microseconds(count("longest-gap-us"))
        gaps = (answer["gaps"]?.array ?? []).map { gap in
            Gap(
                at: Instant(nanoseconds: gap["at"]?.int ?? 0),
                duration: .microseconds(gap["duration-us"]?.int ?? 0), lost: gap["lost"]?.int ?? 0)
        }
        samples = (answer["samples"]?.array ?? []).map { sample in
            var roundTrip: RoundTrip?
            if let least = sample["min-us"]?.int, let mean = sample["mean-us"]?.int,
                let most = sample["max-us"]?.int
            {
                roundTrip = RoundTrip(least: least, mean: mean, most: most)
            }
            return Sample(
                at: Instant(nanoseconds: sample["at"]?.int ?? 0), sent: sample["sent"]?.int ?? 0,
                lost: sample["lost"]?.int ?? 0, roundTrip: roundTrip)
        }
    }

    /// Of all probes that were answered: the least, the mean and the most.
    package var roundTrip: RoundTrip? {
        let known = samples.compactMap { sample in
            sample.roundTrip.map { (answers: sample.sent - sample.lost, time: $0) }
        }
        let answers = known.reduce(0) { $0 + $1.answers }
        guard answers > 0, let least = known.map(\.time.least).min(),
            let most = known.map(\.time.most).max()
        else { return nil }
        let sum = known.reduce(0) { $0 + $1.answers * $1.time.mean }
        return RoundTrip(least: least, mean: sum / answers, most: most)
    }

    /// No probe lost at all, where the limit is zero; otherwise no gap as long as the limit.
    /// Probing that never took place proves nothing.
    func isWithin(_ limit: OutageLimit) -> Bool {
        guard sent > 0 else { return false }
        return limit.below == .zero ? lost == 0 : longestGap < limit.below
    }

    package var text: String {
        let loss =
            lost == 0
            ? "none lost"
            : "\(lost) lost (\(lostForward) there, \(lostBack) back), longest gap "
                + "\(longestGap.nanoseconds / 1_000_000) ms"
        return "\(sent) probes, \(loss)"
    }

    package var json: JSON {
        let members: JSON = [
            "sent": JSON(sent), "lost": JSON(lost), "lost-forward": JSON(lostForward),
            "lost-back": JSON(lostBack), "longest-gap-us": JSON(longestGap.nanoseconds / 1000),
            "gaps": .array(
                gaps.map {
                    [
                        "at": JSON($0.at.nanoseconds),
                        "duration-us": JSON($0.duration.nanoseconds / 1000), "lost": JSON($0.lost),
                    ]
                }),
            "rtt-us": roundTrip.map {
                ["min": JSON($0.least), "mean": JSON($0.mean), "max": JSON($0.most)]
            } ?? .null,
        ]
        return members.compact
    }
}

extension OutageLimit {
    var wantedText: String { below == .zero ? "none lost" : "no gap of \(below.text) or more" }

    /// The request that begins the probing (ControlOperation.outageStart).
    var request: [JSON.Member] {
        let members: [(String, JSON)] = [
            ("node", JSON(from)), ("vrf", JSON(vrf)), ("source", JSON(source)), ("to", JSON(to)),
            ("interval-us", JSON(interval.nanoseconds / 1000)),
        ]
        return members.filter { $0.1 != .null }.map { JSON.Member($0.0, $0.1) }
    }
}
