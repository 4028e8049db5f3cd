// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Runtime

@Suite("The outage meter's accounts")
struct OutageTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    /// Sends a probe at each of these milliseconds and answers those not in `lost`.
    private func ledger(_ times: [Int64], lost: Set<UInt32>) -> OutageLedger {
        var ledger = OutageLedger()
        for time in times {
            let number = ledger.send(at: at(time))
            if !lost.contains(number) { ledger.answer(number, at: at(time + 1)) }
        }
        return ledger
    }

    @Test("measure a gap from the first lost probe to the next answered one")
    func gap() {
        let ledger = ledger(Array(0..<20), lost: [5, 6, 7, 12])
        #expect(
            ledger.gaps(until: at(20)) == [
                .init(numbers: 5...7, at: at(5), duration: .milliseconds(3)),
                .init(numbers: 12...12, at: at(12), duration: .milliseconds(1)),
            ])
    }

    @Test("do not count the time in which a late sender sent nothing")
    func lateSender() {
        let ledger = ledger([0, 1, 2, 90, 91, 92], lost: [])
        #expect(ledger.gaps(until: at(200)).isEmpty)
        #expect(ledger.isComplete)
        #expect(ledger.sentCount == 6)
    }

    @Test("run to the end of probing where no answer came any more")
    func openEnd() {
        let ledger = ledger([0, 1, 2, 3], lost: [2, 3])
        let gap = OutageLedger.Gap(numbers: 2...3, at: at(2), duration: .milliseconds(48))
        #expect(ledger.gaps(until: at(50)) == [gap])
        #expect(!ledger.isComplete)
    }

    @Test("leave out what was sent before the first answer, unless told to start")
    func warmUp() {
        var waiting = OutageLedger()
        var told = OutageLedger()
        told.start()
        for time in 0..<4 {
            _ = waiting.send(at: at(Int64(time)))
            _ = told.send(at: at(Int64(time)))
        }
        waiting.answer(2, at: at(5))
        waiting.answer(3, at: at(5))
        told.answer(2, at: at(5))
        #expect(waiting.sentCount == 2)
        #expect(waiting.isComplete)
        #expect(told.sentCount == 4)
        #expect(told.gaps(until: at(4)).map(\.numbers) == [0...1, 3...3])
    }

    @Test("ignore second answers and answers to nothing")
    func strayAnswers() {
        var ledger = ledger([0, 1, 2], lost: [1])
        ledger.answer(0, at: at(9))
        ledger.answer(77, at: at(9))
        #expect(ledger.gaps(until: at(3)).map(\.numbers) == [1...1])
    }

    @Test("tell losses on the way there from losses on the way back")
    func join() throws {
        let near = ledger(Array(0..<20), lost: [5, 6, 7, 12]).report(until: at(20))
        let far = try JSON(parsing: #"{"seen":[[0,4],[7,11],[13,19]]}"#)
        let both = OutageResult.join(near: near, far: far)
        #expect(both["samples"]?.array.count == 20)
        #expect(
            JSON.object(both.members.filter { $0.name != "samples" }).text
                == #"{"sent":20,"lost":4,"longest-gap-us":3000,"lost-forward":3,"lost-back":1,"#
                + #""gaps":[{"at":5000000,"duration-us":3000,"lost":3},"#
                + #"{"at":12000000,"duration-us":1000,"lost":1}]}"#)
        let alone = OutageResult.join(near: near, far: nil)
        #expect(alone["lost-forward"] == 4)
        #expect(alone["lost-back"] == 0)
    }

    @Test("tell a long measurement in few samples that leave out nothing")
    func samples() {
        var ledger = OutageLedger()
        for time in 0..<10 {
            let number = ledger.send(at: at(Int64(time) * 10))
            if ![3, 8, 9].contains(number) {
                ledger.answer(number, at: at(Int64(time) * 10 + Int64(number) + 1))
            }
        }
        // A second answer does not make a round trip longer.
        ledger.answer(0, at: at(500))
        #expect(ledger.samples(atMost: 2000).count == 10)
        #expect(
            ledger.samples(atMost: 3) == [
                .init(
                    at: at(0), sent: 4, lost: 1, least: .milliseconds(1), mean: .milliseconds(2),
                    most: .milliseconds(3)),
                .init(
                    at: at(40), sent: 4, lost: 0, least: .milliseconds(5),
                    mean: .microseconds(6500), most: .milliseconds(8)),
                .init(at: at(80), sent: 2, lost: 2),
            ])
        let json = ledger.report(until: at(100))["samples"]
        #expect(json?[3]?.text == #"{"at":30000000,"sent":1,"lost":1}"#)
        #expect(json?[4]?["mean-us"] == 5000)
    }

    @Test("keep sets of numbers as runs, in whatever order the numbers come")
    func sequenceSet() throws {
        var set = SequenceSet()
        for number: UInt32 in [5, 1, 2, 4, 9, 3, 0] {
            let isNew = set.insert(number)
            #expect(isNew)
        }
        let isNew = set.insert(3)
        #expect(!isNew)
        #expect(set.runs == [0...5, 9...9])
        #expect(set.count == 7)
        #expect(set.count(in: 4...20) == 3)
        #expect(set.contains(9))
        #expect(!set.contains(8))
        #expect(SequenceSet(set.json) == set)
        #expect(SequenceSet(try JSON(parsing: "[[5,1]]")) == nil)
        #expect(SequenceSet(try JSON(parsing: "[[0,4],[3,9]]")) == nil)
    }
}
