// SPDX-License-Identifier: Apache-2.0

import Graph
import Primitives
import Topology

/// The report as one HTML page that needs nothing but itself: no network, no other file. Names and
/// texts of the lab are written as text, whatever is in them.
package struct ReportPage {
    package var report: TestReport
    package var drawing: Drawing
    /// The topology file's name, and its text, from which checks are quoted.
    package var file: String
    package var source: String
    /// What else the head says: which substrate, when, by which version.
    package var facts: [Fact]

    /// A word and what it stands for.
    package struct Fact: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        _ report: TestReport, drawing: Drawing, file: String, source: String, facts: [Fact]
    ) {
        self.report = report
        self.drawing = drawing
        self.file = file
        self.source = source
        self.facts = facts
    }

    /// Well-formed XML too, so that any parser reads it.
    package var html: String {
        let verdict = report.passed ? "passed" : "failed"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <meta name="generator" content="weft"/>
            <title>\(report.lab.markup): \(verdict)</title>
            <style>
            \(ReportStyle.text)
            </style>
            </head>
            <body>
            <main>
            \(head)
            \(failures)
            \(problems)
            \(picture)
            <section aria-labelledby="tests"><h2 id="tests">Tests</h2>
            \(tests)
            </section>
            </main>
            <script>/*<![CDATA[*/
            \(ReportScript.text)
            /*]]>*/</script>
            </body>
            </html>

            """
    }

    // MARK: The head

    private var head: String {
        let verdict = report.passed ? "passed" : "failed"
        let (mark, word) = report.passed ? ("✓", "Passed") : ("✗", "Failed")
        let description =
            drawing.description.isEmpty ? "" : "<p class=\"lead\">\(drawing.description.markup)</p>"
        let count = report.passedCount + report.failedCount
        let failed = report.failedCount
        let counts =
            failed == 0
            ? "\(count) of \(count) checks hold" : "\(failed) of \(count) checks do not hold"
        let facts = facts.map { fact in
            "<div><dt>\(fact.name.markup)</dt><dd>\(fact.value.markup)</dd></div>"
        }
        return """
            <header>
            <div class="title"><span class="verdict \(verdict)"><b>\(mark)</b> \(word)</span>
            <h1>\(report.lab.markup)</h1></div>
            \(description)
            <p class="counts">\(counts), in \(report.duration.secondsText) s of tests</p>
            <dl class="facts">\(facts.joined())</dl>
            \(phases)
            </header>
            """
    }

    /// Where the time went, as one bar.
    private var phases: String {
        let shown = report.phases.filter { $0.duration > .zero }
        let whole = shown.reduce(Duration.zero) { $0 + $1.duration }
        guard whole > .zero else { return "" }
        let bars = shown.enumerated().map { index, phase in
            let share = phase.duration.seconds / whole.seconds * 100
            return """
                <span class="phase f\(index % 6)" style="flex-grow:\(share.svg)" \
                title="\(phase.name.markup) \(phase.duration.secondsText) s"></span>
                """
        }
        let names = shown.enumerated().map { index, phase in
            """
            <li><span class="phase f\(index % 6)"></span>\(phase.name.markup) \
            <b>\(phase.duration.secondsText) s</b></li>
            """
        }
        return """
            <div class="phases" role="img" aria-label="where the time went">\(bars.joined())</div>
            <ul class="phasenames">\(names.joined())<li>together <b>\(whole.secondsText) s</b></li>\
            </ul>
            """
    }

    // MARK: The parts

    /// What does not hold, before anything else.
    private var failures: String {
        let failing = report.tests.enumerated().flatMap { index, test in
            test.checks.filter { $0.status == .failed }.map { (index, test, $0) }
        }
        guard !failing.isEmpty else { return "" }
        let rows = failing.map { index, test, check in
            """
            <div class="failure"><p class="where"><a href="#test-\(index + 1)">\
            \(test.name.markup)</a></p>\(CheckMarkup(check, source, file).html(isAlone: true))</div>
            """
        }
        return """
            <section class="failures" aria-labelledby="failures">
            <h2 id="failures">What does not hold</h2>
            \(rows.joined(separator: "\n"))
            </section>
            """
    }

    /// What the kernel refused; a check may not have noticed.
    private var problems: String {
        guard !report.problems.isEmpty else { return "" }
        let rows = report.problems.prefix(100).map { problem in
            "<li><b>\(problem.node.markup)</b> \(problem.text.markup)</li>"
        }
        return """
            <section class="failures" aria-labelledby="problems">
            <h2 id="problems">What the kernel refused</h2>
            <ul>\(rows.joined())</ul>
            </section>
            """
    }

    private var picture: String {
        let hasSessions = !drawing.sessions.isEmpty
        let picture = SVGText(showsSessions: hasSessions, hasHead: false).picture(drawing)
        let choice =
            hasSessions
            ? """
            <input type="checkbox" id="sessions"/><label for="sessions">BGP sessions</label>
            """ : ""
        return """
            <section class="picture" aria-labelledby="lab"><h2 id="lab">The lab</h2>
            \(choice)
            <div class="scroll"><div class="fit" style="max-width:\(picture.width.svg)px;\
            min-width:\(min(picture.width, 940).svg)px">
            \(picture.text)</div></div>
            </section>
            """
    }

    private var tests: String {
        // Failed ones first; otherwise as they ran.
        let order = report.tests.indices.sorted {
            (report.tests[$0].passed ? 1 : 0, $0) < (report.tests[$1].passed ? 1 : 0, $1)
        }
        return order.map { test($0, report.tests[$0]) }.joined(separator: "\n")
    }

    private func test(_ index: Int, _ test: TestResult) -> String {
        let order = drawing.nodes.map(\.name)
        let line = TimeLine(test, nodes: order).map { TimeLineMarkup($0).html } ?? ""
        let isOpen = !test.passed || report.passed && !line.isEmpty
        let (mark, word) = test.passed ? ("✓", "passed") : ("✗", "failed")
        let gap = test.checks.compactMap(\.outage).filter { $0.sent > 0 }.map(\.longestGap).max()
        let loss = gap.map {
            "<span class=\"loss\">"
                + ($0 == .zero ? "nothing lost" : "longest gap \($0.millisecondsText)") + "</span>"
        }
        let events = test.events.map { "<li>\($0.markup)</li>" }.joined()
        let checks = test.checks.sorted {
            ($0.status == .failed ? 0 : 1) < ($1.status == .failed ? 0 : 1)
        }
        .map { CheckMarkup($0, source, file).html(isAlone: false) }
        return """
            <details class="test \(word)" id="test-\(index + 1)"\(isOpen ? " open=\"\"" : "")>
            <summary><b class="mark \(word)" title="\(word)">\(mark)</b>\
            <span class="name"><span class="number">\(index + 1)</span> \(test.name.markup)</span>\
            \(loss ?? "")<span class="time">\(test.duration.secondsText) s</span></summary>
            \(events.isEmpty ? "" : "<ul class=\"events\">\(events)</ul>")
            \(line)
            <div class="checks">\(checks.joined(separator: "\n"))</div>
            </details>
            """
    }
}

extension Duration {
    /// Milliseconds without a fraction, or with one where they are few: `312 ms`, `1.4 ms`.
    var millisecondsText: String {
        nanoseconds >= 10_000_000
            ? "\((nanoseconds + 500_000) / 1_000_000) ms" : "\(milliseconds.svg) ms"
    }
}
