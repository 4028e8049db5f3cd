// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

/// Whether anything is still under way between the lab's routers, decided from counters: when two
/// looks at all routers find the same generations, and both ends of every session have sent and
/// received the same number of messages, nothing can be in flight (Mattern's four-counter method).
struct CounterSnapshot: Hashable {
    /// A session from one end. Keyed by what both ends know of it.
    private struct End: Hashable {
        var local: String
        var remote: String
    }
    private struct Counts: Hashable {
        var sent: Int64
        var received: Int64
    }

    private var generations: [String: Int64] = [:]
    private var sessions: [End: Counts] = [:]
    private var isComplete = true
    /// No router has put off what may lead to other routes.
    private var isAtRest = true

    init(_ answer: JSON) {
        for node in answer["nodes"]?.array ?? [] {
            guard let name = node["name"]?.string, let counters = node["counters"] else { continue }
            generations[name] = counters["generation"]?.int ?? 0
            if counters["at-rest"]?.bool == false { isAtRest = false }
            for session in counters["sessions"]?.array ?? [] { add(session) }
        }
    }

    private mutating func add(_ session: JSON) {
        guard let local = session["local-address"]?.string,
            let remote = session["address"]?.string, let sent = session["sent"]?.int,
            let received = session["received"]?.int
        else { return }
        let end = End(local: local, remote: remote)
        // Two VRFs with the same addresses: the ends cannot be told apart, so nothing is concluded.
        if sessions[end] != nil { isComplete = false }
        sessions[end] = Counts(sent: sent, received: received)
    }

    /// Every session whose two ends are both in the lab balances.
    private var isBalanced: Bool {
        isComplete
            && sessions.allSatisfy { end, counts in
                guard let mate = sessions[End(local: end.remote, remote: end.local)] else {
                    return true
                }
                return mate.sent == counts.received && mate.received == counts.sent
            }
    }

    /// Sessions that only one end believes in: a goodbye or an OPEN is under way.
    private var isPaired: Bool {
        sessions.keys.allSatisfy { sessions[End(local: $0.remote, remote: $0.local)] != nil }
    }

    /// Until the next look. What was put off is so for longer than messages take.
    var pause: Duration { isAtRest ? .milliseconds(5) : .milliseconds(50) }

    /// Whether this look and the one before prove that nothing is under way.
    func provesRest(after previous: CounterSnapshot) -> Bool {
        self == previous && isAtRest && isBalanced && isPaired
    }
}

extension LabSession {
    /// Waits until nothing is under way between the routers, or until the time is up: a session
    /// with a dead peer stays unpaired until its hold timer ends it, and checks wait by themselves.
    mutating func settle(within limit: Duration) throws(ControlError) {
        let deadline = now + limit
        var previous: CounterSnapshot?
        while now < deadline {
            guard case .success(let answer) = try call(.counters, []) else { return }
            let snapshot = CounterSnapshot(answer)
            if let previous, snapshot.provesRest(after: previous) { return }
            let isNews = previous != nil && previous != snapshot
            previous = snapshot
            if !isNews { try waitForReport(after: reports, until: now + snapshot.pause) }
        }
    }
}
