// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Topology

@Suite struct ReadmeTests {
    static func examples() throws -> [String] {
        let root = Files.tests.deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        return text.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
    }

    @Test func `the examples of the README are right`() throws {
        let examples = try Self.examples()
        #expect(examples.count == 4)
        for example in examples { _ = try Topology.parse(Array(example.utf8)) }
    }
}
