// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Testing
import Topology

@testable import Verify

private let nowhere = Place(line: 1, column: 1)

private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

private func report(
    _ tests: [LabTest], _ lab: ScriptedLab
) throws -> TestReport {
    var runner = TestRunner(lab) { _ in }
    return try runner.run(Topology(name: "lab", tests: tests))
}

@Suite("Test runner")
struct TestRunnerTests {
    private func pingTest() throws -> LabTest {
        let probe = Probe(from: "a", to: try address("10.0.0.2"))
        let check = Check(kind: .ping(probe, count: 3), within: .seconds(5), place: nowhere)
        return LabTest(name: "reach", checks: [check], place: nowhere)
    }

    @Test func aCheckThatHoldsAtOncePasses() throws {
        let lab = ScriptedLab { _, _ in .result(["sent": 3, "received": 3]) }
        let report = try report([try pingTest()], lab)
        #expect(report.passed)
        #expect(report.passedCount == 1)
    }

    @Test func aCheckWaitsUntilItHolds() throws {
        var looks = 0
        let lab = ScriptedLab { _, _ in
            looks += 1
            return .result(["sent": 3, "received": looks < 5 ? 2 : 3])
        }
        #expect(try report([try pingTest()], lab).passed)
        #expect(looks == 5)
    }

    @Test func thePartsOfTheTestsTimeSayWhetherAnEventCameBeforeTheWait() throws {
        var looks = 0
        let lab = ScriptedLab { operation, _ in
            guard operation == .ping else { return .result(["nodes": []]) }
            looks += 1
            return .result(["sent": 3, "received": looks % 5 == 0 ? 3 : 2])
        }
        let event = LabEvent.kill(node: "a")
        var second = try pingTest()
        second.events = [event]
        let report = try report([try pingTest(), second], lab)
        #expect(report.phases.map(\.name) == ["converge", "checks", "events"])
        #expect(report.phases[0].duration == .milliseconds(400))
        #expect(report.phases[2].duration >= .milliseconds(400))
        #expect(report.phases.reduce(.zero) { $0 + $1.duration } == report.duration)
    }

    @Test func aCheckFailsAtItsDeadlineAndSaysWhatItSaw() throws {
        let lab = ScriptedLab { _, _ in .result(["sent": 3, "received": 1]) }
        let report = try report([try pingTest()], lab)
        let check = try #require(report.tests.first?.checks.first)
        #expect(!report.passed)
        #expect(check.wanted == "3 of 3 answered")
        #expect(check.seen == "1 of 3 answered")
        #expect(check.duration >= .seconds(5))
    }

    @Test func anAnswerThatIsAnErrorIsNotAPass() throws {
        let lab = ScriptedLab { _, _ in .failure("node a is stopped") }
        let check = try #require(try report([try pingTest()], lab).tests.first?.checks.first)
        #expect(check.status == .failed)
        #expect(check.seen == "node a is stopped")
    }

    @Test func aReportWithoutChecksDoesNotPass() throws {
        let lab = ScriptedLab { _, _ in .result([:]) }
        #expect(try !report([], lab).passed)
    }

    @Test func anEventThatCannotHappenFailsTheTest() throws {
        let lab = ScriptedLab { operation, _ in
            operation == .event ? .failure("no such node") : .result(["sent": 3, "received": 3])
        }
        var test = try pingTest()
        test.events = [.kill(node: "b")]
        let result = try #require(try report([test], lab).tests.first)
        #expect(!result.passed)
        #expect(result.checks.first?.seen == "no such node")
    }

    @Test func checksAfterAnEventBeginWhenNothingIsUnderWay() throws {
        // The far end has yet to receive one message at the first two looks.
        var looks = 0
        let lab = ScriptedLab { operation, _ in
            switch operation {
            case .counters:
                looks += 1
                return .result(Self.counters(receivedByB: looks < 3 ? 4 : 5))
            case .ping: return .result(["sent": 3, "received": 3])
            default: return .result([:])
            }
        }
        var test = try pingTest()
        test.events = [.kill(node: "c")]
        #expect(try report([test], lab).passed)
        let operations = lab.requests.map(\.operation)
        let lastLook = try #require(operations.lastIndex(of: .counters))
        let firstCheck = try #require(operations.firstIndex(of: .ping))
        #expect(lastLook < firstCheck)
        #expect(looks == 4)
    }

    private static func counters(receivedByB: Int64) -> JSON {
        func node(
            _ name: String, _ local: String, _ remote: String, _ sent: Int64, _ received: Int64
        )
            -> JSON
        {
            let session: JSON = [
                "address": .string(remote), "local-address": .string(local), "sent": .int(sent),
                "received": .int(received),
            ]
            return [
                "name": .string(name),
                "counters": ["generation": 7, "sessions": .array([session])],
            ]
        }
        return [
            "nodes": .array([
                node("a", "10.0.0.1", "10.0.0.2", 5, 3),
                node("b", "10.0.0.2", "10.0.0.1", 3, receivedByB),
            ])
        ]
    }
}

@Suite("Outages")
struct OutageTests {
    private func outage(_ below: Duration, _ answer: JSON) throws -> CheckResult {
        let limit = OutageLimit(
            from: "a", to: try address("10.0.0.2"), below: below, place: nowhere)
        let test = LabTest(name: "outage", outages: [limit], checks: [], place: nowhere)
        let lab = ScriptedLab { operation, _ in
            operation == .outageStart ? .progress(["started": true]) : .result(answer)
        }
        return try #require(try report([test], lab).tests.first?.checks.first)
    }

    @Test func aGapShorterThanTheLimitPasses() throws {
        let answer: JSON = ["sent": 100, "lost": 3, "longest-gap-us": 20_000]
        #expect(try outage(.milliseconds(21), answer).status == .passed)
        #expect(try outage(.milliseconds(20), answer).status == .failed)
    }

    @Test func noLossAllowedMeansNoneAtAll() throws {
        #expect(try outage(.zero, ["sent": 100, "lost": 0]).status == .passed)
        #expect(try outage(.zero, ["sent": 100, "lost": 1]).status == .failed)
    }

    @Test func probingThatNeverHappenedProvesNothing() throws {
        #expect(try outage(.seconds(1), ["sent": 0, "lost": 0]).status == .failed)
        #expect(try outage(.zero, [:]).status == .failed)
    }
}
