// SPDX-License-Identifier: Apache-2.0

import Plan
import Simulation
import Testing
import Topology
import Verify

/// What `weft new` starts with, and a lab that templates make large, run in virtual time.
@Suite struct StarterTests {
    @Test(arguments: TemplateSummary.labs.map(\.name))
    func `the tests of a lab to start from pass`(name: String) throws {
        let lab = try #require(TemplateSummary.labs.first { $0.name == name })
        let topology = try Topology.parse(Array(lab.text.utf8))
        let checks = topology.tests.map { $0.checks.count + $0.outages.count }.reduce(0, +)
        #expect(try StoryTests().run(topology) == checks)
    }

    @Test func `two hundred sites reach each other`() throws {
        let topology = MultihomedLab.topology(named: "two-hundred-sites")
        #expect(topology.nodes.count { $0.role == .ce } == 200)
        #expect(try StoryTests().run(topology) == 28)
    }
}
