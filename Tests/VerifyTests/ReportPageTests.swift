// SPDX-License-Identifier: Apache-2.0

import Graph
import Primitives
import ProgramWitness
import Testing
import Topology

@testable import Verify

@Suite("The report page")
struct ReportPageTests {
    /// What a topology file or a router may say, and HTML must not hear.
    private static let hostile = "</title></script><script>alert(1)</script>\"'&<b>"

    private static let file = """
        name: lab
        bgp-groups: {peer: {import: accept, export: accept, password: hunter2}}
        nodes:
          a: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {b: peer}}}
          b: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {a: peer}}}
        links: [{endpoints: [a, b], subnet: 192.0.2.0/30}]
        tests:
          - name: reach
            checks:
              - ping: {from: a, to: 10.0.0.2}
              # a comment
              - route:
                  node: a
                  prefix: 10.0.0.2/32

                  next-hop: 192.0.2.2
              - traceroute: {from: a, to: 10.0.0.2,
                             hops: [10.0.0.2]}
        """

    private func at(_ milliseconds: Int64) -> Int64 { 5_000_000_000 + milliseconds * 1_000_000 }

    private func outage() -> OutageMeasurement {
        var samples: [JSON] = []
        for index in 0..<1500 {
            let isLost = (600..<700).contains(index)
            let sample: JSON = [
                "at": JSON(at(Int64(index) - 500)), "sent": 1, "lost": JSON(isLost ? 1 : 0),
            ]
            let times: JSON = ["min-us": 90, "mean-us": 100, "max-us": JSON(110 + index)]
            samples.append(.object(sample.members + (isLost ? [] : times.members)))
        }
        return OutageMeasurement([
            "sent": 1500, "lost": 100, "lost-forward": 100, "lost-back": 0,
            "longest-gap-us": 100_000, "samples": JSON(samples),
            "gaps": [["at": JSON(at(100)), "duration-us": 100_000, "lost": 100]],
        ])
    }

    private func report(_ name: String) throws -> TestReport {
        var report = TestReport(lab: name)
        var test = TestResult(name: name, events: [name])
        test.marks = [EventMark(title: name, at: Instant(nanoseconds: at(0)))]
        var outage = CheckResult(title: name, place: nil, status: .passed, seen: name)
        outage.outage = self.outage()
        test.checks = [
            outage,
            CheckResult(
                title: name, place: Place(line: 10, column: 9), status: .failed,
                wanted: "10.0.0.1 10.0.0.2", seen: "10.0.0.2 10.0.0.1 " + name),
            CheckResult(title: name, place: nil, status: .passed, seen: "1 route to 10.0.0.2/32"),
        ]
        let reports: [JSON] = [
            [
                "type": "session", "neighbor": .string(name), "state": "idle",
                "reason": .string(name),
            ],
            ["type": "session", "neighbor": .string(name), "state": "established"],
            ["type": "vrrp", "interface": "eth1", "group": 1, "state": "master"],
            ["type": "route", "prefix": .string(name)], ["type": "route", "prefix": "10.0.0.0/8"],
            ["type": "link", "interface": .string(name), "up": false],
            ["type": "link", "interface": "eth1", "up": true],
            ["type": "malformed", "neighbor": "10.0.0.2", "text": .string(name)],
        ]
        test.news = reports.enumerated().map { index, report in
            RouterNews([
                "node": .string(index % 2 == 0 ? "a" : name), "report": report,
                "at": JSON(at(Int64(index) * 20)),
            ])
        }
        report.tests = [test]
        report.phases = [.init(name: name, duration: .seconds(1))]
        return report
    }

    private func page(_ name: String) throws -> String {
        let topology = try Topology.parse(Array(Self.file.utf8))
        var drawing = Drawing(topology)
        drawing.description = name
        drawing.nodes[0].name = name
        return ReportPage(
            try report(name), drawing: drawing, file: name, source: Self.file,
            facts: [.init(name, name)]
        ).html
    }

    @Test func anXMLParserReadsThePageWhateverNamesAreInIt() throws {
        let bold = try ProgramWitness.xpath("count(//b)", of: try page("lab"))
        for name in ["lab", Self.hostile] {
            let html = try page(name)
            #expect(try ProgramWitness.complaintsOfXML(html) == "")
            #expect(!html.contains("<script>alert"))
            func count(_ element: String) throws -> String {
                try ProgramWitness.xpath("count(//*[local-name()='\(element)'])", of: html)
            }
            #expect(try count("script") == "1")
            #expect(try count("b") == bold)
            // Nothing is loaded from anywhere.
            for attribute in ["src", "href"] {
                let outside = "count(//@*[local-name()='\(attribute)'][not(starts-with(.,'#'))])"
                #expect(try ProgramWitness.xpath(outside, of: html) == "0")
            }
            #expect(!html.contains("url(") && !html.contains("@import"))
        }
    }

    @Test func theNameItselfIsOnThePage() throws {
        let title = try ProgramWitness.xpath("string(//h1)", of: try page(Self.hostile))
        #expect(title == Self.hostile)
    }

    @Test func whatFailsStandsFirstAndOpen() throws {
        let html = try page("lab")
        func value(_ expression: String) throws -> String {
            try ProgramWitness.xpath(expression, of: html)
        }
        #expect(try value("string(//main/section[1]/h2)") == "What does not hold")
        #expect(try value("count(//details[contains(@class,'check failed')][@open])") == "2")
        #expect(try value("count(//details[contains(@class,'check passed')][@open])") == "0")
        #expect(
            try value("string(//section[@aria-labelledby='tests']//details[@class][1]//p)")
                == "10.0.0.1 10.0.0.2")
        // Hops in another order are marked.
        #expect(try value("count(//main/section[1]//mark)") == "3")
        #expect(try value("string(//main/section[1]//pre)") == "ping: {from: a, to: 10.0.0.2}")
    }

    @Test func theTimeLineHasEverythingOnOneClock() throws {
        let html = try page("lab")
        func count(_ name: String) throws -> String {
            try ProgramWitness.xpath(
                "count(//*[@class='timeline']//*[local-name()='g'][@class='\(name)'])", of: html)
        }
        #expect(try count("event") == "1")
        #expect(try count("gap") == "1")
        #expect(try count("up") == "1")
        #expect(try count("lost") == "1")
        #expect(try count("vrrp") == "1")
        #expect(try count("malformed") == "1")
        #expect(try count("linkdown") == "1")
        #expect(try count("linkup") == "1")
        #expect(html.contains("100 lost in 100 ms, from +100 ms"))
        #expect(html.contains("8 changes in order"))
        // 1500 samples are drawn as no more than 500.
        let path = try ProgramWitness.xpath(
            "string((//*[local-name()='path'][@class='mean'])[1]/@d)", of: html)
        #expect((30...500).contains(path.split(separator: "L").count))
    }

    @Test func whatHappensInMillisecondsIsShownLargerBesideSeconds() throws {
        var test = TestResult(name: "failover", events: ["cut"])
        test.marks = [EventMark(title: "cut", at: Instant(nanoseconds: at(0)))]
        func add(_ milliseconds: Int64, _ report: JSON) {
            test.news.append(
                RouterNews(["node": "a", "report": report, "at": JSON(at(milliseconds))]))
        }
        let vrrp: JSON = ["type": "vrrp", "interface": "eth1", "group": 1, "state": "master"]
        add(3, ["type": "link", "interface": "eth1", "up": false])
        add(20, ["type": "route", "prefix": "10.0.0.0/8"])
        #expect(try #require(TimeLine(test, nodes: ["a"])).closeUp == nil)
        add(3000, vrrp)
        let whole = try #require(TimeLine(test, nodes: ["a"]))
        let part = try #require(whole.closeUp)
        #expect(whole.lanes[0].moments.count == 3)
        #expect(part.lanes[0].moments.map(\.kind) == [.linkDown, .routes])
        #expect(part.range.upperBound < .milliseconds(40))
        #expect(part.closeUp == nil)
        #expect(TimeLineMarkup(whole).html.contains("<h4>the beginning</h4>"))
    }

    @Test func passwordsAreNotOnThePage() throws {
        #expect(try !page("lab").contains("hunter2"))
        #expect(try !report("lab").json.text.contains("hunter2"))
    }

    @Test func aCheckIsQuotedAsTheFileHasIt() {
        func quote(_ line: Int, _ column: Int) -> String? {
            SourceSnippet.text(Self.file, at: Place(line: line, column: column))
        }
        #expect(quote(10, 9) == "ping: {from: a, to: 10.0.0.2}")
        #expect(
            quote(17, 9)?.split(separator: "\n").map { $0.drop { $0 == " " } }
                == ["traceroute: {from: a, to: 10.0.0.2,", "hops: [10.0.0.2]}"])
        #expect(quote(12, 9)?.contains("next-hop: 192.0.2.2") == true)
        #expect(quote(12, 9)?.contains("traceroute") == false)
        #expect(quote(99, 1) == nil)
    }
}
