// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What happens while tests run, for a display.
package enum TestProgress: Sendable {
    case testStarted(Test)
    case eventStarted(LabEvent)
    case checkFinished(CheckResult)
    case testFinished(TestResult)
}

/// The verdict on a lab.
package struct TestReport: Hashable, Sendable {
    package var lab: String
    package var tests: [TestResult] = []
    package var duration: Duration = .zero
    /// What the kernel refused while the lab was there, by the routers' word, oldest first.
    package var problems: [Problem] = []
    /// Where all the time went, in order: boot and build; converge, checks and events, which
    /// together are the tests; teardown.
    package var phases: [Phase] = []

    package struct Phase: Hashable, Sendable {
        package var name: String
        package var duration: Duration

        package init(name: String, duration: Duration) {
            self.name = name
            self.duration = duration
        }
    }

    /// Something that a router could not do.
    package struct Problem: Hashable, Sendable {
        package var node: String
        package var text: String
        /// Since the lab began.
        package var seconds: Double
    }

    package init(lab: String) { self.lab = lab }

    private var checks: [CheckResult] { tests.flatMap(\.checks) }
    package var passedCount: Int { checks.filter { $0.status == .passed }.count }
    package var failedCount: Int { checks.filter { $0.status == .failed }.count }
    /// A report without a single check proves nothing and does not pass.
    package var passed: Bool { failedCount == 0 && passedCount > 0 }
}

package struct TestResult: Hashable, Sendable {
    package var name: String
    package var events: [String]
    package var checks: [CheckResult] = []
    package var duration: Duration = .zero
    /// When each event happened; those that could not are not in it.
    package var marks: [EventMark] = []
    /// What the routers reported meanwhile, in the order in which it came.
    package var news: [RouterNews] = []

    package var passed: Bool { checks.allSatisfy { $0.status == .passed } }

    init(name: String, events: [String]) {
        self.name = name
        self.events = events
    }
}

/// An event, on the lab's clock.
package struct EventMark: Hashable, Sendable {
    package var title: String
    package var at: Instant
}

/// What a router reported (Control's `watch`).
package struct RouterNews: Hashable, Sendable {
    package var node: String
    /// {type: session|route|vrrp|link|malformed, …}
    package var report: JSON
    /// On the lab's clock.
    package var at: Instant

    /// - Parameter message: {node, report, at}.
    init(_ message: JSON) {
        node = message["node"]?.string ?? ""
        report = message["report"] ?? [:]
        at = Instant(nanoseconds: message["at"]?.int ?? 0)
    }

    var json: JSON {
        ["at": JSON(at.nanoseconds), "node": .string(node), "report": report]
    }
}

package struct CheckResult: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable { case passed, failed }

    package var title: String
    /// Where the check stands in the topology file; nil for events.
    package var place: Place?
    package var status: Status
    /// Empty where the check passed.
    package var wanted: String = ""
    package var seen: String
    package var duration: Duration = .zero
    /// How much of it had passed when the look began that decided.
    package var waited: Duration = .zero
    package var outage: OutageMeasurement?
    package var wire: WireMeasurement?
}

/// Where the time of tests goes.
struct TimeSpent {
    private var converge = Duration.zero
    private var events = Duration.zero
    private var isDisturbed = false

    /// A check waited for what it asks for: for the lab to come up, or, once something was done to
    /// it, for the consequences.
    mutating func add(waiting time: Duration) {
        if isDisturbed { events += time } else { converge += time }
    }

    /// Events happened, and their direct consequences passed.
    mutating func add(events time: Duration) {
        isDisturbed = true
        events += time
    }

    /// The parts of a whole; checks are what is neither waiting nor events: looks and probes.
    func phases(of whole: Duration) -> [TestReport.Phase] {
        [
            .init(name: "converge", duration: converge),
            .init(name: "checks", duration: whole - converge - events),
            .init(name: "events", duration: events),
        ]
    }
}
