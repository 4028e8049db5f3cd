// SPDX-License-Identifier: Apache-2.0

import Primitives

/// When to send each echo request of a ping and which were answered: ping without sockets.
struct PingLedger {
    private let count: Int
    private let interval: Duration
    private let timeout: Duration
    private var sent: [Instant] = []
    private var replies: [(sequence: Int, roundTrip: Duration)] = []
    private var settled: Set<Int> = []
    private var errors: [JSON] = []

    init(count: Int, interval: Duration, timeout: Duration) {
        self.count = count
        self.interval = interval
        self.timeout = timeout
    }

    /// All were sent, and each was answered in some way or its time is over.
    func isDone(at now: Instant) -> Bool {
        guard sent.count == count else { return false }
        return settled.count == count || (sent.last.map { $0 + timeout <= now } ?? true)
    }

    /// When there is something to do if nothing arrives.
    var deadline: Instant? {
        guard let last = sent.last else { return nil }
        return sent.count < count ? due(sent.count) : last + timeout
    }

    /// Requests keep to the rhythm of the first, however late one is.
    private func due(_ sequence: Int) -> Instant? {
        sent.first.map { $0 + interval * sequence }
    }

    /// The sequence number to send now; nil while it is too early or all are sent.
    mutating func next(at now: Instant) -> Int? {
        guard sent.count < count, due(sent.count).map({ $0 <= now }) ?? true else { return nil }
        sent.append(now)
        return sent.count - 1
    }

    /// Takes an echo reply; a late or second one does not count.
    mutating func reply(_ sequence: Int, at now: Instant) {
        guard sent.indices.contains(sequence), now - sent[sequence] <= timeout,
            settled.insert(sequence).inserted
        else { return }
        replies.append((sequence, now - sent[sequence]))
    }

    /// Takes an error that came back for a request.
    mutating func error(_ sequence: Int, _ error: JSON) {
        guard sent.indices.contains(sequence), settled.insert(sequence).inserted else { return }
        errors.append(error)
    }

    /// {sent, received, replies: [{sequence, rtt-us}], errors: […]}
    var result: JSON {
        let rows: [JSON] = replies.map {
            ["sequence": JSON($0.sequence), "rtt-us": JSON($0.roundTrip.nanoseconds / 1000)]
        }
        return [
            "sent": JSON(sent.count), "received": JSON(replies.count), "replies": JSON(rows),
            "errors": JSON(errors),
        ]
    }
}
