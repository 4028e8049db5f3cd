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

    private static let widthMax = 100

    /// The text after a head, on lines of at most 100 columns that begin below each other.
    /// - Parameter tail: stands after the text, where it has room.
    private func lines(
        _ head: String, width: Int, _ text: String, tail: String? = nil
    ) -> [String] {
        let room = Self.widthMax - width
        var pieces = text.wrapped(to: room)
        if let tail {
            let isTooLong = (pieces.last ?? "").count + 2 + tail.count > room
            if isTooLong { pieces.append("") }
            pieces[pieces.count - 1] += (isTooLong ? "" : "  ") + paint(tail, .dim)
        }
        let blanks = String(repeating: " ", count: width)
        return pieces.enumerated().map { ($0 == 0 ? head : blanks) + $1 }
    }

    /// The lines for one step; empty where there is nothing to say.
    package func lines(_ progress: TestProgress, file: String) -> [String] {
        switch progress {
        case .testStarted(let test): test.name.wrapped(to: Self.widthMax).map { paint($0, .bold) }
        case .eventStarted(let event): lines("  > ", width: 4, event.title)
        case .checkFinished(let result): lines(result, file: file)
        case .testFinished: []
        }
    }

    private func lines(_ result: CheckResult, file: String) -> [String] {
        let time = "\(result.duration.secondsText) s"
        guard result.status == .failed else {
            let tells = isVerbose || result.outage != nil || result.wire != nil
            let seen = tells ? ": \(result.seen)" : ""
            return lines(
                "  \(paint("ok", .green))    ", width: 8, result.title + seen, tail: time)
        }
        let place = result.place.map { "  (\(file):\($0))" } ?? ""
        return lines("  \(paint("FAILED", .red)) ", width: 9, result.title + place, tail: time)
            + lines("           wanted: ", width: 19, result.wanted)
            + lines("           saw:    ", width: 19, result.seen)
    }

    /// The last lines: counts and where the time went.
    package func summary(_ report: TestReport) -> [String] {
        let verdict = report.passed ? paint("PASSED", .green) : paint("FAILED", .red)
        var time: [String] = []
        for phase in report.phases {
            let text = "\(phase.name) \(phase.duration.secondsText) s"
            if let last = time.last, last.count + 3 + text.count <= Self.widthMax {
                time[time.count - 1] = last + ", " + text
            } else {
                if let last = time.last { time[time.count - 1] = last + "," }
                time.append("  " + text)
            }
        }
        let count = "\(report.passedCount) checks passed, \(report.failedCount) failed"
        return problems(report) + lines("\(verdict)  ", width: 8, "\(report.lab): \(count)") + time
    }

    /// How many problems are told one by one.
    private static let problemsMax = 10

    private func problems(_ report: TestReport) -> [String] {
        let count = report.problems.count
        guard count > 0 else { return [] }
        let what = count == 1 ? "1 thing" : "\(count) things"
        let shown = report.problems.prefix(Self.problemsMax)
        let more = count - shown.count
        return [paint("the kernel refused \(what):", .red)]
            + shown.flatMap { lines("  ", width: 2, "\($0.node): \($0.text)") }
            + (more > 0 ? ["  and \(more) more"] : [])
    }
}
