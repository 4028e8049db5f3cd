// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Testing
import Topology

@testable import Verify

private let nowhere = Place(line: 1, column: 1)

private func observe(_ kind: Check.Kind, _ answer: JSON) throws -> Observation {
    var session = LabSession(ScriptedLab { _, _ in .result(answer) })
    return try session.observe(Check(kind: kind, place: nowhere))
}

extension Observation {
    fileprivate var holds: Bool { if case .holds = self { true } else { false } }
}

@Suite("Checks against answers")
struct CheckTests {
    private func probe() throws -> Probe {
        Probe(from: "saturn", to: try #require(IPAddress("10.0.0.3")))
    }

    @Test func tracerouteWantsExactHops() throws {
        let hops = [IPAddress("192.168.1.3"), nil, IPAddress("10.0.0.3")]
        let kind = Check.Kind.traceroute(try probe(), hops: hops)
        func answer(_ froms: [String?], reached: Bool = true) -> JSON {
            ["hops": .array(froms.map { ["from": JSON($0)] }), "reached": .bool(reached)]
        }
        #expect(try observe(kind, answer(["192.168.1.3", nil, "10.0.0.3"])).holds)
        #expect(try !observe(kind, answer(["192.168.1.3", "4.0.0.1", "10.0.0.3"])).holds)
        #expect(try !observe(kind, answer(["192.168.1.3", nil])).holds)
        #expect(try !observe(kind, answer(["192.168.1.3", nil, "10.0.0.3"], reached: false)).holds)
    }

    @Test func unreachableWantsSilenceToRealProbes() throws {
        let kind = Check.Kind.unreachable(try probe())
        #expect(try observe(kind, ["sent": 3, "received": 0]).holds)
        #expect(try !observe(kind, ["sent": 3, "received": 1]).holds)
        #expect(try !observe(kind, ["sent": 0, "received": 0]).holds)
    }

    private func routes(_ paths: [JSON], vrf: String? = nil) -> JSON {
        let entry: JSON = ["prefix": "10.0.0.3/32", "paths": .array(paths)]
        return ["tables": .array([["vrf": JSON(vrf), "entries": .array([entry])]])]
    }

    private func check(_ change: (inout RouteCheck) -> Void) throws -> Check.Kind {
        var check = RouteCheck(node: "luna", prefix: try #require(IPPrefix("10.0.0.3/32")))
        change(&check)
        return .route(check)
    }

    @Test func routeComparesTheActivePath() throws {
        let paths: [JSON] = [
            ["active": true, "med": 10, "next-hop": "4.0.0.22", "communities": ["b", "a"]],
            ["active": false, "med": 150],
        ]
        let med10 = try check { $0.active.med = 10 }
        let med150 = try check { $0.active.med = 150 }
        #expect(try observe(med10, routes(paths)).holds)
        #expect(try observe(med150, routes(paths)) == .differs(wanted: "med 150", seen: "med 10"))
        let both = try check {
            $0.paths = [PathExpectation(med: 10), PathExpectation(med: 150)]
        }
        #expect(try observe(both, routes(paths)).holds)
        let three = try check { $0.paths = Array(repeating: PathExpectation(), count: 3) }
        #expect(try !observe(three, routes(paths)).holds)
    }

    @Test func routeWantsAnActivePathOfTheRightTable() throws {
        let present = try check { _ in }
        let absent = try check { $0.isPresent = false }
        #expect(try !observe(present, routes([["active": false]])).holds)
        #expect(try !observe(present, routes([["active": true]], vrf: "red")).holds)
        #expect(try !observe(present, ["tables": []]).holds)
        #expect(try observe(absent, ["tables": []]).holds)
        #expect(try !observe(absent, routes([["active": true]])).holds)
    }

    @Test func communitiesCompareInAnyOrder() throws {
        let wanted = try ["target:1:1", "65000:1"].map { try #require(AnyCommunity($0)) }
        let kind = try check { $0.active.communities = wanted }
        let path: JSON = ["active": true, "communities": ["65000:1", "target:1:1"]]
        #expect(try observe(kind, routes([path])).holds)
        let more: JSON = ["active": true, "communities": ["65000:1", "target:1:1", "65000:2"]]
        #expect(try !observe(kind, routes([more])).holds)
    }

    @Test func receivedNamesWhatIsMissingAndWhatIsExtra() throws {
        let prefixes = try ["10.0.0.3/32", "10.0.0.4/32"].map { try #require(IPPrefix($0)) }
        let neighbor = try #require(IPAddress("4.0.0.46"))
        let check = NeighborRoutesCheck(
            node: "orcus", neighbor: neighbor, prefixes: prefixes, med: 150)
        func answer(_ prefixes: [String], med: Int64 = 150) -> JSON {
            ["routes": .array(prefixes.map { ["prefix": .string($0), "med": .int(med)] })]
        }
        #expect(try observe(.received(check), answer(["10.0.0.3/32", "10.0.0.4/32"])).holds)
        #expect(
            try !observe(.received(check), answer(["10.0.0.3/32", "10.0.0.4/32"], med: 1)).holds)
        guard
            case .differs(_, let seen) = try observe(
                .received(check), answer(["10.0.0.3/32", "10.0.0.12/32"]))
        else { return #expect(Bool(false), "a missing prefix must be noticed") }
        #expect(seen == "missing 10.0.0.4/32; also 10.0.0.12/32")
    }

    @Test func kernelRouteComparesLabelsAsAStack() throws {
        let prefix = try #require(IPPrefix("10.0.0.12/32"))
        func kind(_ labels: [UInt32]) -> Check.Kind {
            .kernelRoute(
                KernelRouteCheck(
                    node: "liber", vrf: "ipvpn", prefix: prefix, labels: labels.map { Label($0) }))
        }
        let answer: JSON = ["routes": [["prefix": "10.0.0.12/32", "labels": [1003, 16]]]]
        #expect(try observe(kind([1003, 16]), answer).holds)
        #expect(try !observe(kind([16, 1003]), answer).holds)
        #expect(try !observe(kind([16]), ["routes": []]).holds)
    }

    @Test func sessionsAndGroupsAreFoundByTheirKeys() throws {
        let neighbor = try #require(IPAddress("4.0.0.22"))
        let bgp = Check.Kind.bgp(node: "luna", vrf: nil, neighbor: neighbor, state: "established")
        let session: JSON = ["address": "4.0.0.22", "state": "established"]
        #expect(try observe(bgp, ["neighbors": .array([session])]).holds)
        #expect(try !observe(bgp, ["neighbors": []]).holds)
        let vrrp = Check.Kind.vrrp(
            node: "luna", interface: "eth2.150", group: 1, family: .ipv4, state: "master",
            virtualAddresses: [try #require(IPAddress("192.168.1.1"))])
        let group: JSON = [
            "interface": "eth2.150", "group": 1, "family": "ipv4", "state": "master",
            "virtual-addresses": ["192.168.1.1"],
        ]
        let twin: JSON = [
            "interface": "eth2.150", "group": 1, "family": "ipv6", "state": "backup",
        ]
        #expect(try observe(vrrp, ["groups": .array([twin, group])]).holds)
        #expect(try observe(vrrp, ["groups": .array([group])]).holds)
        #expect(try !observe(vrrp, ["groups": []]).holds)
    }
}

@Suite("Reports")
struct ReportTests {
    private var report: TestReport {
        var report = TestReport(lab: "a<b>")
        var test = TestResult(name: "both \"up\"", events: [])
        test.checks = [
            CheckResult(title: "ping", place: nowhere, status: .passed, seen: "3 of 3"),
            CheckResult(
                title: "route", place: Place(line: 7, column: 3), status: .failed, wanted: "med 10",
                seen: "med 150 & more"),
        ]
        report.tests = [test]
        return report
    }

    @Test func junitEscapesAndCounts() {
        let xml = report.junit(file: "lab.yaml")
        #expect(xml.contains("<testsuites name=\"a&lt;b&gt;\" tests=\"2\" failures=\"1\""))
        #expect(xml.contains("classname=\"both &quot;up&quot;\" file=\"lab.yaml\" line=\"7\""))
        #expect(xml.contains("saw:    med 150 &amp; more</failure>"))
    }

    @Test func jsonTellsTheVerdict() throws {
        let json = try JSON(parsing: report.json.text)
        #expect(json["passed"]?.bool == false)
        #expect(json["tests"]?[0]?["checks"]?[1]?["place"]?.string == "7:3")
    }

    @Test func textShowsWantedBesideSeen() {
        let text = TextReport(isColored: false)
        let lines = text.lines(.checkFinished(report.tests[0].checks[1]), file: "lab.yaml")
        #expect(lines.count == 3)
        #expect(lines[0].contains("FAILED route  (lab.yaml:7:3)"))
        #expect(lines[1].contains("wanted: med 10"))
        #expect(text.summary(report)[0].contains("1 checks passed, 1 failed"))
    }

    @Test func longTextsGoOnBelowThemselves() {
        let name = String(repeating: "customer-edge-", count: 12)
        let check = CheckResult(
            title: "ping \(name) to \(name)", place: nowhere, status: .failed, wanted: name + name,
            seen: "\(name) \(name)")
        var report = TestReport(lab: name)
        let names = ["boot", "build", "converge", "checks", "events", "teardown"]
        report.phases = names.map { .init(name: $0, duration: .seconds(123_456)) }
        for isColored in [false, true] {
            let text = TextReport(isColored: isColored, isVerbose: true)
            let lines = text.lines(.checkFinished(check), file: name) + text.summary(report)
            #expect(lines.count > 8)
            for line in lines {
                let width = line.replacing(/\u{1b}\[[0-9]+m/, with: "").count
                #expect(width <= 100, "\(line)")
            }
            #expect(lines.contains { $0.hasPrefix("                   customer-edge-") })
        }
    }
}
