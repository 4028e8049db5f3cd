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

    @Test func whatTheKernelRefusedIsInTheReport() throws {
        let lab = ScriptedLab { operation, request in
            guard operation == .logs else { return .result(["sent": 3, "received": 3]) }
            #expect(request["kinds"] == ["problem"])
            let entry: JSON = ["node": "a", "kind": "problem", "text": "no", "seconds": 1.5]
            return .progress(["entries": [entry], "skipped": 0])
        }
        let report = try report([try pingTest()], lab)
        #expect(report.passed)
        #expect(report.problems == [.init(node: "a", text: "no", seconds: 1.5)])
        let lines = TextReport(isColored: false).summary(report)
        #expect(lines.prefix(2) == ["the kernel refused 1 thing:", "  a: no"])
        #expect(report.json["problems"] == [["node": "a", "text": "no", "seconds": 1.5]])
    }

    @Test func aCheckWaitsUntilItHolds() throws {
        var looks = 0
        let lab = ScriptedLab { operation, _ in
            guard operation == .ping else { return .result([:]) }
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
        // The far end has yet to receive one message at the first two looks, and puts off what
        // follows at the next two.
        var looks = 0
        let lab = ScriptedLab { operation, _ in
            switch operation {
            case .counters:
                looks += 1
                return .result(
                    Self.counters(receivedByB: looks < 3 ? 4 : 5, isBAtRest: looks >= 5))
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
        #expect(looks == 6)
    }

    private static func counters(receivedByB: Int64, isBAtRest: Bool) -> JSON {
        func node(
            _ name: String, _ local: String, _ remote: String, _ sent: Int64, _ received: Int64
        )
            -> JSON
        {
            let isAtRest = name != "b" || isBAtRest
            let session: JSON = [
                "address": .string(remote), "local-address": .string(local), "sent": .int(sent),
                "received": .int(received),
            ]
            return [
                "name": .string(name),
                "counters": [
                    "generation": 7, "at-rest": .bool(isAtRest), "sessions": .array([session]),
                ],
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

@Suite("Wires")
struct WireTests {
    private let held: JSON = [
        "packets": 212,
        "kinds": [["kind": "bgp", "packets": 12], ["kind": "esp", "packets": 200]],
        "missing": [], "offending": 0, "lost": 0,
    ]

    private var limit: WireLimit {
        WireLimit(
            link: "p1-p2", only: [.esp, .bgp], some: [.esp], labels: [Label(16)],
            never: [IPPrefix.zero(.ipv6)], place: nowhere)
    }

    private func lab(_ answer: JSON) -> ScriptedLab {
        ScriptedLab { operation, _ in
            switch operation {
            case .wireStart, .outageStart: .progress(["started": true])
            case .wireStop: .result(answer)
            case .outageStop: .result(["sent": 3, "lost": 0])
            case .ping: .result(["sent": 3, "received": 3])
            default: .result([:])
            }
        }
    }

    private func wire(_ members: [(String, JSON)] = []) throws -> CheckResult {
        let changed = held.members.filter { old in !members.contains { $0.0 == old.name } }
        let answer = JSON.object(changed + members.map { .init($0.0, $0.1) })
        let test = LabTest(name: "wire", wires: [limit], checks: [], place: nowhere)
        return try #require(try report([test], lab(answer)).tests.first?.checks.first)
    }

    @Test func aLimitThatHoldsSaysWhatPassed() throws {
        let result = try wire()
        #expect(result.status == .passed)
        #expect(
            result.title == "wire p1-p2 only esp, bgp; some esp; labels 16; never ::/0")
        #expect(result.seen == "212 packets: 200 esp, 12 bgp")
        let line = TextReport(isColored: false).lines(.checkFinished(result), file: "lab.yaml")
        #expect(line == ["  ok    \(result.title): \(result.seen)", "        0.000 s"])
    }

    @Test func anOffendingPacketIsTold() throws {
        let first: JSON = ["at": 7, "direction": "p1 to p2", "text": "MPLS 17", "octets": "00"]
        let result = try wire([("offending", 3), ("first", first)])
        #expect(result.status == .failed)
        #expect(
            result.seen
                == "212 packets: 200 esp, 12 bgp; 3 offending, the first p1 to p2: MPLS 17")
        var whole = TestReport(lab: "lab")
        whole.tests = [TestResult(name: "wire", events: [])]
        whole.tests[0].checks = [result]
        let wire = whole.json["tests"]?[0]?["checks"]?[0]?["wire"]
        #expect(wire?["offending"] == 3)
        #expect(wire?["first"] == "p1 to p2: MPLS 17")
        #expect(whole.junit(file: "lab.yaml").contains("the first p1 to p2: MPLS 17</failure>"))
    }

    @Test func whatIsMissingOrWasNotSeenFails() throws {
        let missing = try wire([("missing", ["esp", "ike"])])
        #expect(missing.status == .failed)
        #expect(missing.seen == "212 packets: 200 esp, 12 bgp; no esp, no ike")
        let lost = try wire([("lost", 2)])
        #expect(lost.status == .failed)
        #expect(lost.seen == "212 packets: 200 esp, 12 bgp; 2 more were not seen")
        #expect(try wire([("lost", nil)]).status == .failed)
    }

    @Test func captureLastsFromBeforeTheEventsUntilAllElseIsDone() throws {
        let lab = lab(held)
        let to = try address("10.0.0.2")
        let test = LabTest(
            name: "wire", events: [.kill(node: "c")],
            outages: [OutageLimit(from: "a", to: to, below: .zero, place: nowhere)],
            wires: [limit],
            checks: [
                Check(kind: .ping(Probe(from: "a", to: to), count: 3), place: nowhere)
            ], place: nowhere)
        #expect(try report([test], lab).passed)
        let steps = lab.requests.map(\.operation).filter {
            ![.counters, .watch, .logs].contains($0)
        }
        #expect(
            steps == [.wireStart, .outageStart, .event, .ping, .outageStop, .wireStop])
        let start = lab.requests.first { $0.operation == .wireStart }?.members
        #expect(
            start?.text == #"{"link":"p1-p2","some":["esp"],"only":["esp","bgp"],"#
                + #""labels":[16],"never":["::/0"]}"#)
    }

    @Test func aCaptureThatCannotBeginFails() throws {
        let refused = ScriptedLab { operation, _ in
            operation == .wireStart ? .failure("no link") : .result([:])
        }
        let test = LabTest(name: "wire", wires: [limit], checks: [], place: nowhere)
        let result = try #require(try report([test], refused).tests.first?.checks.first)
        #expect(result.status == .failed)
        #expect(result.seen == "no link")
    }
}
