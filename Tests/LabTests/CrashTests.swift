// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernel
import Primitives
import Testing

/// The crash contract: whatever is killed, interrupted or lacking, at whatever moment, a lab is
/// there whole or gone without a trace in the kernel's own lists, and the next one works. Needs
/// root.
@Suite(.serialized) struct CrashTests {
    private struct Scenario: CustomStringConvertible {
        var name: String
        /// Kills, signals or shortages, each at another moment.
        var rounds: Int64
        var description: String { name }
    }

    private static let scenarios = [
        Scenario(name: "up", rounds: 44), Scenario(name: "sweep", rounds: 24),
        Scenario(name: "sweep-rootless", rounds: 24),
        Scenario(name: "test", rounds: 15), Scenario(name: "probes", rounds: 5),
        Scenario(name: "down", rounds: 24), Scenario(name: "exec", rounds: 4),
        Scenario(name: "router", rounds: 1), Scenario(name: "signal-up", rounds: 24),
        Scenario(name: "signal-test", rounds: 12), Scenario(name: "signal-users", rounds: 6),
        Scenario(name: "signal-down", rounds: 6), Scenario(name: "descriptors", rounds: 18),
        Scenario(name: "disk", rounds: 7), Scenario(name: "several", rounds: 10),
        Scenario(name: "stale", rounds: 4), Scenario(name: "processes", rounds: 5),
        Scenario(name: "microvm-boot", rounds: 6), Scenario(name: "microvm-signals", rounds: 5),
        Scenario(name: "microvm-running", rounds: 2), Scenario(name: "microvm-ike", rounds: 1),
        Scenario(name: "microvm-cache", rounds: 5),
        Scenario(name: "microvm-memory", rounds: 1),
    ]

    @Test(arguments: scenarios)
    private func `nothing is left, and the next lab works`(scenario: Scenario) throws {
        let outcome = try WeftRun.start(
            program: [try WeftRun.neighbour("CrashScenarios"), WeftRun.path(), scenario.name]
        ).outcome()
        let found = try JSON(parsing: outcome.output)
        #expect(found["failure"] == nil, "\(outcome.output)")
        for complaint in found["complaints"]?.array ?? [] {
            Issue.record("\(complaint.string ?? "")")
        }
        #expect(found["rounds"]?.int == scenario.rounds)
    }
}
