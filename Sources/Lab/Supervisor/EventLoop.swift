// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Waits for descriptors and moments and calls whoever asked, one at a time.
final class EventLoop {
    typealias Ready = Poller.Ready

    private struct Watch {
        var raw: Int32
        var interest: Poller.Interest
        var body: (Ready) -> Void
    }

    private struct Timer {
        var at: Instant
        var body: () -> Void
    }

    private let poller: Poller
    /// By token. Tokens are never used again, so an event that was fetched for a descriptor that
    /// has meanwhile been closed finds nobody.
    private var watches: [UInt64: Watch] = [:]
    private var tokens: [Int32: UInt64] = [:]
    private var lastToken: UInt64 = 0
    private var timers: [UInt64: Timer] = [:]

    init() throws(SystemError) { poller = try Poller() }

    var now: Instant { MonotonicClock.now }

    /// Calls `body` whenever the descriptor is ready, until it is forgotten.
    func watch(
        _ raw: Int32, _ interest: Poller.Interest = .read, _ body: @escaping (Ready) -> Void
    ) throws(SystemError) {
        precondition(tokens[raw] == nil, "a descriptor is watched once")
        lastToken += 1
        try poller.add(raw, token: lastToken, interest)
        tokens[raw] = lastToken
        watches[lastToken] = Watch(raw: raw, interest: interest, body: body)
    }

    /// Changes what a watched descriptor is waited for.
    func setInterest(_ raw: Int32, _ interest: Poller.Interest) {
        guard let token = tokens[raw], watches[token]?.interest != interest else { return }
        watches[token]?.interest = interest
        try? poller.modify(raw, token: token, interest)
    }

    /// To be called before the descriptor is closed. One that is not watched is no error.
    func forget(_ raw: Int32) {
        guard let token = tokens.removeValue(forKey: raw) else { return }
        watches[token] = nil
        try? poller.remove(raw)
    }

    /// Calls `body` once at a moment, or as soon after as possible.
    @discardableResult
    func call(at moment: Instant, _ body: @escaping () -> Void) -> UInt64 {
        lastToken += 1
        timers[lastToken] = Timer(at: moment, body: body)
        return lastToken
    }

    func cancel(_ timer: UInt64) { timers[timer] = nil }

    /// Runs until `isDone` holds after some call.
    func run(until isDone: () -> Bool) throws(SystemError) {
        while !isDone() {
            let next = timers.values.map(\.at).min()
            for ready in try poller.wait(until: next) {
                guard !isDone() else { return }
                watches[ready.token]?.body(ready)
            }
            runTimers()
        }
    }

    private func runTimers() {
        let now = now
        let due = timers.filter { $0.value.at <= now }.sorted {
            ($0.value.at, $0.key) < ($1.value.at, $1.key)
        }
        for (token, timer) in due where timers.removeValue(forKey: token) != nil { timer.body() }
    }
}
