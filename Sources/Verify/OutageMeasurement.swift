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

    /// Reads the answer of `outage-stop`.
    init(_ answer: JSON) {
        func count(_ name: String) -> Int64 { answer[name]?.int ?? 0 }
        sent = count("sent")
        lost = count("lost")
        lostForward = count("lost-forward")
        lostBack = count("lost-back")
        longestGap = .microseconds(count("longest-gap-us"))
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
        [
            "sent": JSON(sent), "lost": JSON(lost), "lost-forward": JSON(lostForward),
            "lost-back": JSON(lostBack), "longest-gap-us": JSON(longestGap.nanoseconds / 1000),
        ]
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
