// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Which hops of a path to probe next, and what answered: the part of traceroute without sockets.
///
/// Several hops are probed side by side; a hop that stays silent is probed once more. The search
/// ends when every hop up to the destination has answered or has been given up.
struct TracerouteSearch {
    /// A packet to be sent.
    struct Probe: Hashable {
        /// Counts all probes of this search from 0.
        var number: Int
        /// The packet's TTL.
        var hop: Int
    }

    /// What an answer says about the path.
    enum Answer: Hashable {
        /// A router on the way.
        case timeExceeded
        /// The destination itself.
        case reached
        /// Somebody on the way cannot go on: the type and code of its message.
        case unreachable(type: UInt8, code: UInt8)

        var isFinal: Bool { self != .timeExceeded }
    }

    private struct Hop {
        var attempts = 0
        /// When the probe under way is given up.
        var deadline: Instant?
        var answer: (from: IPAddress, answer: Answer, roundTrip: Duration)?
        var isOpen: Bool { answer == nil }
    }

    /// How many hops are probed at a time.
    static let window = 6
    static let attemptsMax = 2

    private let timeout: Duration
    private var hops: [Hop]
    private var sent: [(hop: Int, at: Instant)] = []
    /// The first hop with a final answer.
    private var last: Int?

    /// - Precondition: `hopsMax` is positive.
    init(hopsMax: Int, timeout: Duration) {
        precondition(hopsMax > 0, "a path has a hop")
        self.timeout = timeout
        hops = Array(repeating: Hop(), count: hopsMax)
    }

    private var end: Int { last ?? hops.count }
    private var underWay: Int { hops[..<end].count { $0.isOpen && $0.deadline != nil } }

    /// Whether no answer that may still come changes the result.
    var isDone: Bool {
        hops[..<end].allSatisfy {
            !$0.isOpen || ($0.deadline == nil && $0.attempts == Self.attemptsMax)
        }
    }

    /// When `expire` has something to do.
    var deadline: Instant? { hops[..<end].compactMap { $0.isOpen ? $0.deadline : nil }.min() }

    /// The next probe to send, which the caller then sends; nil while enough are under way.
    mutating func next(at now: Instant) -> Probe? {
        guard underWay < Self.window,
            let hop = hops[..<end].firstIndex(where: {
                $0.isOpen && $0.deadline == nil && $0.attempts < Self.attemptsMax
            })
        else { return nil }
        hops[hop].attempts += 1
        hops[hop].deadline = now + timeout
        sent.append((hop, now))
        return Probe(number: sent.count - 1, hop: hop + 1)
    }

    /// Takes an answer to a probe. Late and second answers of a hop that has one are ignored.
    mutating func take(_ answer: Answer, to number: Int, from: IPAddress, at now: Instant) {
        guard sent.indices.contains(number) else { return }
        let probe = sent[number]
        guard hops[probe.hop].isOpen else { return }
        hops[probe.hop].answer = (from, answer, now - probe.at)
        if answer.isFinal { last = min(end, probe.hop + 1) }
    }

    /// Gives up probes whose time is over.
    mutating func expire(at now: Instant) {
        for hop in hops.indices {
            if let deadline = hops[hop].deadline, deadline <= now { hops[hop].deadline = nil }
        }
    }

    /// {hops: [{hop, from?, rtt-us?, unreachable?: {type, code}}], reached}. Hops at the end of a
    /// path that never ended are left out, but one.
    var result: JSON {
        let answered = hops[..<end].lastIndex { !$0.isOpen } ?? 0
        let shown = last ?? min(answered + 2, hops.count)
        let rows: [JSON] = hops[..<shown].enumerated().map { index, hop in
            JSON.object(
                [
                    .init("hop", JSON(index + 1)), .init("from", JSON(hop.answer?.from)),
                    .init("rtt-us", JSON((hop.answer?.roundTrip.nanoseconds).map { $0 / 1000 })),
                    .init("unreachable", Self.unreachable(hop.answer?.answer)),
                ]
            ).compact
        }
        let isReached = last.map { hops[$0 - 1].answer?.answer == .reached } ?? false
        return ["hops": JSON(rows), "reached": JSON(isReached)]
    }

    private static func unreachable(_ answer: Answer?) -> JSON {
        guard case .unreachable(let type, let code) = answer else { return .null }
        return ["type": JSON(type), "code": JSON(code)]
    }
}
