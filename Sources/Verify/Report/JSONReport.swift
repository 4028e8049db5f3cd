// SPDX-License-Identifier: Apache-2.0

import Primitives

extension TestReport {
    /// The whole report for programs. Durations are in seconds; `at` is in nanoseconds of the
    /// lab's monotonic clock.
    package var json: JSON {
        [
            "lab": .string(lab), "passed": .bool(passed),
            "checks-passed": JSON(passedCount), "checks-failed": JSON(failedCount),
            "seconds": JSON(duration.seconds), "problems": .array(problems.map(\.json)),
            "phases": .array(
                phases.map { ["name": .string($0.name), "seconds": JSON($0.duration.seconds)] }),
            "tests": .array(tests.map(\.json)),
        ]
    }
}

extension TestReport.Problem {
    var json: JSON {
        ["node": .string(node), "text": .string(text), "seconds": JSON(seconds)]
    }
}

extension TestResult {
    var json: JSON {
        [
            "name": .string(name), "passed": .bool(passed), "events": JSON(events),
            "seconds": JSON(duration.seconds), "checks": .array(checks.map(\.json)),
            "marks": .array(
                marks.map { ["at": JSON($0.at.nanoseconds), "event": .string($0.title)] }),
            "news": .array(news.map(\.json)),
        ]
    }
}

extension CheckResult {
    var json: JSON {
        let members: JSON = [
            "title": .string(title), "status": .string(status.rawValue), "place": JSON(place),
            "wanted": wanted.isEmpty ? .null : .string(wanted), "seen": .string(seen),
            "seconds": JSON(duration.seconds), "waited-seconds": JSON(waited.seconds),
            "outage": outage?.json ?? .null, "wire": wire?.json ?? .null,
        ]
        return members.compact
    }
}
