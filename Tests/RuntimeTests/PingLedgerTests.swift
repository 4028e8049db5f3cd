// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Runtime

@Suite("A ping's accounts")
struct PingLedgerTests {
    private var ledger = PingLedger(
        count: 3, interval: .milliseconds(10), timeout: .milliseconds(100))

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test("keep the rhythm of the first request, however late one is sent")
    mutating func rhythm() {
        var sent: [Int64] = []
        for time in [0, 5, 10, 11, 19, 27, 28] as [Int64] {
            while ledger.next(at: at(time)) != nil { sent.append(time) }
        }
        #expect(sent == [0, 10, 27])
        #expect(ledger.deadline == at(127))
    }

    @Test("count each reply once and none that is late; an error settles its request")
    mutating func replies() {
        for time in [0, 10, 20] as [Int64] { _ = ledger.next(at: at(time)) }
        ledger.reply(0, at: at(2))
        ledger.reply(0, at: at(3))
        ledger.reply(9, at: at(3))
        ledger.error(1, ["type": 3])
        #expect(!ledger.isDone(at: at(119)))
        #expect(ledger.isDone(at: at(120)))
        ledger.reply(2, at: at(121))
        #expect(
            ledger.result.text
                == #"{"sent":3,"received":1,"replies":[{"sequence":0,"rtt-us":2000}],"#
                + #""errors":[{"type":3}]}"#)
    }

    @Test("are closed as soon as every request is settled")
    mutating func early() {
        for time in [0, 10, 20] as [Int64] { _ = ledger.next(at: at(time)) }
        for sequence in 0..<3 { ledger.reply(sequence, at: at(21)) }
        #expect(ledger.isDone(at: at(21)))
    }
}

@Suite("The rhythm of an outage meter")
struct RhythmTests {
    @Test("never drifts, and leaves out what it missed")
    func ticks() {
        let rhythm = Rhythm(start: Instant(nanoseconds: 100), interval: .nanoseconds(10))
        func tick(_ now: Int64) -> Int64 {
            rhythm.tick(after: Instant(nanoseconds: now)).nanoseconds
        }
        #expect(tick(100) == 110)
        #expect(tick(109) == 110)
        #expect(tick(110) == 120)
        #expect(tick(157) == 160)
        #expect(tick(50) == 110)
    }
}
