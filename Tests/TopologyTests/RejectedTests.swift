// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Topology

/// Every file in Rejected is wrong, and its .expected says how `weft validate` puts it. After a
/// change on purpose, run with WEFT_RECORD=1 in the environment and look at the difference.
@Suite("Rejected files")
struct RejectedTests {
    static let folder = Files.tests.appending(path: "Rejected")

    static var names: [String] {
        let files = (try? Files.all(in: folder, ending: "yaml")) ?? []
        return files.map { $0.deletingPathExtension().lastPathComponent }
    }

    @Test(arguments: RejectedTests.names)
    func everyMistakeIsReportedInItsPlace(_ name: String) throws {
        let file = Self.folder.appending(path: name + ".yaml")
        let found = mistakes(Array(try Data(contentsOf: file)))
        let text = found.map { $0.text(file: name + ".yaml") + "\n" }.joined()
        let expected = Self.folder.appending(path: name + ".expected")
        if ProcessInfo.processInfo.environment["WEFT_RECORD"] != nil {
            try Data(text.utf8).write(to: expected)
        }
        #expect(!found.isEmpty)
        #expect(text == String(decoding: try Data(contentsOf: expected), as: UTF8.self))
    }

    @Test func theFolderIsFound() { #expect(Self.names.count >= 40) }
}
