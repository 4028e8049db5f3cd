// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives
import Topology
import Verify

let testCommand = Command(
    name: "test", summary: "Start a lab, run its tests, take it down",
    description: """
        Runs the tests of FILE in order on a lab of their own. A check waits for what it asks for,
        until its deadline; an event's checks are never satisfied by what was before it. A failed
        check prints what it saw beside what it wanted. The lab is taken down whatever happens.
        """,
    arguments: [.init(name: "FILE", summary: "The topology file")],
    options: [
        .substrate, .setting,
        .init(name: "junit", value: "FILE", summary: "Also write a JUnit report, for CI systems"),
        .init(name: "json", value: "FILE", summary: "Also write the whole report as JSON"),
        .init(
            name: "report", value: "DIR",
            summary: "Also write a page to look at, DIR/index.html, and both of these"),
        .init(name: "verbose", value: nil, summary: "Say what passing checks saw, too"),
        .init(
            name: "keep", value: nil, summary: "Leave the lab running afterwards, to look around"),
    ],
    examples: [
        .init(
            line: "weft test Topologies/multihomed-ipvpn.yaml",
            says: "exit code 0 when every check passed, 1 when one failed"),
        .init(line: "weft test lab.yaml --junit report.xml", says: "in CI"),
        .init(
            line: "weft test lab.yaml --report lab-report",
            says: "a drawing, every check, and a time line of every event"),
        .init(line: "weft test lab.yaml --keep", says: "then weft show, weft exec, weft down"),
    ]
) { invocation in
    let file = try TopologyText(
        invocation.argument("FILE"), settings: invocation.values("set"))
    guard !file.topology.tests.isEmpty else {
        throw Failure("\(file.path) has no tests", code: .wrongInput)
    }
    let keeps = invocation.has("keep")
    for name in ["json", "junit"] {
        // Not after all the work.
        if let path = invocation.value(name) { try checkStorable(path) }
    }
    let folder = try invocation.value("report").map { try ReportFolder($0) }
    let started = WallClock.now
    let launch = try LabLaunch(file, substrate: invocation.value("substrate"))
    try launch.build(isKept: keeps)
    let text = TextReport(
        isColored: Terminal.style.isColoured, isVerbose: invocation.has("verbose"))
    var report = try launch.run(file, text)
    if !keeps { report.phases.append(try launch.takeDown()) }
    Terminal.write(text.summary(report).map { $0 + "\n" }.joined())
    if keeps { Terminal.note("the lab is still there; `weft down \(launch.name)` ends it") }
    if let path = invocation.value("json") { try write(path, report.json.indentedText + "\n") }
    if let path = invocation.value("junit") { try write(path, report.junit(file: file.path)) }
    if let page = try folder?.write(report, file, facts: launch.facts(started: started)) {
        Terminal.note("the report is \(page)")
    }
    return report.passed ? .passed : .failed
}

private func write(_ path: String, _ text: String) throws {
    try attempt { () throws(SystemError) in try FileSystem.store(path, text) }
}

private func checkStorable(_ path: String) throws {
    try attempt { () throws(SystemError) in try FileSystem.checkStorable(path) }
}

private func attempt(_ body: () throws(SystemError) -> Void) throws {
    do throws(SystemError) { try body() } catch {
        throw Failure("\(error)", code: .wrongInput)
    }
}

extension LabLaunch {
    /// What the head of a report says.
    fileprivate func facts(started: WallTime) -> [ReportPage.Fact] {
        [
            .init("substrate", "\(choice.substrate.rawValue): \(choice.reason)"),
            .init("started", started.description), .init("machine", KernelRelease.text),
            .init("version", "weft \(weftVersion)"),
        ]
    }

    /// Runs the tests on the built lab, with a line for every step.
    fileprivate func run(_ file: TopologyText, _ text: TextReport) throws -> TestReport {
        var runner = TestRunner(client) { progress in
            for line in text.lines(progress, file: file.path) { Terminal.write(line + "\n") }
        }
        do throws(ControlError) {
            var report = try runner.run(file.topology)
            report.phases = phases + report.phases
            return report
        } catch {
            throw try ended(error)
        }
    }

    fileprivate func takeDown() throws -> TestReport.Phase {
        let began = MonotonicClock.now
        try end()
        return .init(name: "teardown", duration: MonotonicClock.now - began)
    }
}
