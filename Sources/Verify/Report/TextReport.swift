// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// Lines for a person who watches: what happens as it happens, then a summary.
package struct TextReport {
    /// Marks lines with ANSI colours.
    package var isColored: Bool
    /// Also says what passing checks saw.
    package var isVerbose: Bool

    package init(isColored: Bool, isVerbose: Bool = false) {
        self.isColored = isColored
        self.isVerbose = isVerbose
    }

    private enum Color: String {
        case green = "32"
        case red = "31"
        case dim = "2"
        case bold = "1"
    }

    private func paint(_ text: String, _ color: Color) -> String {
        isColored ? "\u{1b}[\(color.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// The lines for one step; empty where there is nothing to say.
    package func lines(_ progress: TestProgress, file: String) -> [String] {
        switch progress {
        case .testStarted(let test): [paint(test.name, .bold)]
        case .eventStarted(let event): ["  > \(event.title)"]
        case .checkFinished(let result): lines(result, file: file)
        case .testFinished: []
        }
    }

    private func lines(_ result: CheckResult, file: String) -> [String] {
        let time = paint("\(result.duration.secondsText) s", .dim)
        guard result.status == .failed else {
            let tells = isVerbose || result.outage != nil || result.wire != nil
            let seen = tells ? ": \(result.seen)" : ""
            return ["  \(paint("ok", .green))    \(result.title)\(seen)  \(time)"]
        }
        let place = result.place.map { "  (\(file):\($0))" } ?? ""
        return [
            "  \(paint("FAILED", .red)) \(result.title)\(place)  \(time)",
            "           wanted: \(result.wanted)",
            "           saw:    \(result.seen)",
        ]
    }

    /// The last lines: counts and where the time went.
    package func summary(_ report: TestReport) -> [String] {
        let verdict = report.passed ? paint("PASSED", .green) : paint("FAILED", .red)
        let phases = report.phases.map { "\($0.name) \($0.duration.secondsText) s" }
        let time = phases.isEmpty ? [] : ["  " + phases.joined(separator: ", ")]
        let count = "\(report.passedCount) checks passed, \(report.failedCount) failed"
        return problems(report) + ["\(verdict)  \(report.lab): \(count)"] + time
    }

    /// How many problems are told one by one.
    private static let problemsMax = 10

    private func problems(_ report: TestReport) -> [String] {
        let count = report.problems.count
        guard count > 0 else { return [] }
        let what = count == 1 ? "1 thing" : "\(count) things"
        let lines = report.problems.prefix(Self.problemsMax).map { "  \($0.node): \($0.text)" }
        let more = count - lines.count
        return [paint("the kernel refused \(what):", .red)] + lines
            + (more > 0 ? ["  and \(more) more"] : [])
    }
}
