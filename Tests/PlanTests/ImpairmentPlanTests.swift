// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Testing
import Topology

@testable import Plan

@Suite struct ImpairmentPlanTests {
    private func features(_ tests: String) throws -> Set<KernelFeature> {
        let text = """
            name: far
            nodes: {a: {role: ce}, b: {role: ce}}
            links: [{endpoints: [a, b], subnet: 192.0.2.0/30}]
            tests: [{name: one, do: \(tests)}]
            """
        return LabPlan(try Topology.parse(Array(text.utf8))).features
    }

    @Test func `a file that impairs a link needs a kernel with netem`() throws {
        #expect(try features("{impair: {link: a-b, loss: 1%}}").contains(.netem))
        #expect(!(try features("{link-down: a-b}").contains(.netem)))
    }
}
