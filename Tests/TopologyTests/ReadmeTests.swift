// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Topology

@Suite struct ReadmeTests {
    @Test func `the examples of the README are right`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let examples = text.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(examples.count == 2)
        for example in examples { _ = try Topology.parse(Array(example.utf8)) }
    }
}
