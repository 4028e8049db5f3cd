// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

/// Labs that `weft new` and `weft import` write, on this kernel.
@Suite(.serialized) struct NewLabTests {
    /// A directory that is gone afterwards.
    private func inDirectory(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "weft-new-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func passed(_ file: URL) throws -> Int64? {
        let report = file.appendingPathExtension("json")
        let outcome = try WeftRun.run(["test", file.path, "--json", report.path])
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.complaint)")
        return try JSON(parsing: String(contentsOf: report, encoding: .utf8))["checks-passed"]?.int
    }

    @Test func `a new lab passes its tests, and is never written over another`() throws {
        try inDirectory { folder in
            let words =
                ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path, try WeftRun.path()]
                + ["new", "ebgp", "new-ebgp-lab"]
            let first = try WeftRun.start(program: words).outcome()
            #expect(first.status == 0, "\(first.complaint)")
            #expect(first.output.contains("weft test new-ebgp-lab.yaml"))
            let file = folder.appending(path: "new-ebgp-lab.yaml")
            #expect(try passed(file) == 5)
            try Data("mine".utf8).write(to: file)
            let second = try WeftRun.start(program: words).outcome()
            #expect(second.status == 2)
            #expect(second.complaint.contains("new-ebgp-lab.yaml"), "\(second.complaint)")
            #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
        }
    }

    @Test func `a mistaken name starts nothing`() throws {
        let wrong = try WeftRun.run(["new", "l3vnp", "x"])
        #expect(wrong.status == 2)
        #expect(wrong.complaint.contains("did you mean 'l3vpn'?"), "\(wrong.complaint)")
        let piece = try WeftRun.run(["new", "site", "x"])
        #expect(piece.status == 2)
        #expect(piece.complaint.contains("'site' is a template"), "\(piece.complaint)")
        let name = try WeftRun.run(["new", "l3vpn", "no such/name"])
        #expect(name.status == 2)
        #expect(name.complaint.contains("cannot be called"), "\(name.complaint)")
    }

    @Test func `a lab from a containerlab file carries packets`() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let source = tests.appending(path: "TopologyTests/Containerlab/pair.clab.yml").path
        try inDirectory { folder in
            let file = folder.appending(path: "pair.yaml")
            let outcome = try WeftRun.run(
                ["import", "containerlab", source, "--output", file.path])
            #expect(outcome.status == 0)
            #expect(outcome.output + outcome.complaint == "", "all of it is carried")
            let checks = """
                tests:
                  - name: through the router
                    checks:
                      - traceroute: {from: left, to: right, hops: [192.0.2.2, 198.51.100.1]}

                """
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("name: pair\n", with: "name: new-imported\n")
            try Data((text + checks).utf8).write(to: file)
            #expect(try passed(file) == 1)
        }
    }
}
