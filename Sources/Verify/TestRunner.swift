// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Topology

/// Runs a topology's tests against a lab: measurements on, events, rest, checks, measurements off.
package struct TestRunner<Client: LabClient> {
    var session: LabSession<Client>
    let observer: (TestProgress) -> Void
    private var spent = TimeSpent()

    /// How long an event's direct consequences may take to be exchanged before the checks begin.
    private static var settlingLimit: Duration { .seconds(2) }
    /// A look at what no router reports (the kernel's neighbour tables, say) is repeated so often.
    private static var lookInterval: Duration { .milliseconds(100) }

    /// - Parameter observer: told of every step as it happens.
    package init(_ client: Client, observer: @escaping (TestProgress) -> Void) {
        session = LabSession(client)
        self.observer = observer
    }

    /// Runs all tests in order, to the end whatever fails. The report's phases are the parts of the
    /// tests' time: converge, checks, events.
    package mutating func run(_ topology: Topology) throws(ControlError) -> TestReport {
        try session.startWatching()
        var report = TestReport(lab: topology.name)
        let began = session.now
        for test in topology.tests {
            observer(.testStarted(test))
            let result = try run(test)
            observer(.testFinished(result))
            report.tests.append(result)
        }
        report.duration = session.now - began
        report.phases = spent.phases(of: report.duration)
        report.problems = try session.problems()
        return report
    }

    private mutating func run(_ test: Test) throws(ControlError) -> TestResult {
        var result = TestResult(name: test.name, events: test.events.map(\.title))
        _ = session.takeNews()
        let began = session.now
        // Captures first: they are to see all that outages send.
        let wires = try start(test.wires.map(Limit.wire))
        let outages = try start(test.outages.map(Limit.outage))
        result.checks += try perform(test.events, &result.marks)
        for check in test.checks {
            let outcome = try verdict(on: check)
            observer(.checkFinished(outcome))
            spent.add(waiting: outcome.waited)
            result.checks.append(outcome)
        }
        // What the events and checks brought about belongs to the step: a better way is taken up
        // when all neighbors are there already.
        if !outages.isEmpty || !wires.isEmpty { try session.settle(within: Self.settlingLimit) }
        result.checks += try stop(outages)
        result.checks += try stop(wires)
        result.duration = session.now - began
        result.news = session.takeNews()
        return result
    }

    // MARK: Events

    /// Makes the events happen and lets their direct consequences pass.
    /// - Returns: those that could not be made to happen.
    private mutating func perform(
        _ events: [LabEvent], _ marks: inout [EventMark]
    ) throws(ControlError) -> [CheckResult] {
        guard !events.isEmpty else { return [] }
        let began = session.now
        var failures: [CheckResult] = []
        for event in events {
            let outcome = try perform(event, &marks)
            if outcome.status == .failed { failures.append(outcome) }
        }
        try session.settle(within: Self.settlingLimit)
        spent.add(events: session.now - began)
        return failures
    }

    private mutating func perform(
        _ event: LabEvent, _ marks: inout [EventMark]
    ) throws(ControlError) -> CheckResult {
        observer(.eventStarted(event))
        let began = session.now
        let outcome = try session.call(.event, event.request)
        var result = CheckResult(title: event.title, place: nil, status: .passed, seen: "done")
        switch outcome {
        case .success(let answer):
            if let at = answer["at"]?.int {
                marks.append(EventMark(title: event.title, at: Instant(nanoseconds: at)))
            }
        case .failure(let failure):
            result.status = .failed
            result.wanted = "done"
            result.seen = failure.text
            observer(.checkFinished(result))
        }
        result.duration = session.now - began
        return result
    }

    // MARK: Checks

    /// Looks until the check holds or its time is up. Reports of the routers trigger a new look.
    private mutating func verdict(on check: Check) throws(ControlError) -> CheckResult {
        let began = session.now
        let deadline = began + check.within
        while true {
            let reports = session.reports
            let waited = session.now - began
            let observation = try session.observe(check)
            let elapsed = session.now - began
            switch observation {
            case .holds(let seen):
                return CheckResult(
                    title: check.title, place: check.place, status: .passed, seen: seen,
                    duration: elapsed, waited: waited)
            case .differs(let wanted, let seen) where session.now >= deadline:
                return CheckResult(
                    title: check.title, place: check.place, status: .failed, wanted: wanted,
                    seen: seen, duration: elapsed, waited: waited)
            case .differs:
                let next = min(deadline, session.now + Self.lookInterval)
                try session.waitForReport(after: reports, until: next)
            }
        }
    }
}
