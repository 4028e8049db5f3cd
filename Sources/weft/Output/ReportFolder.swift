// SPDX-License-Identifier: Apache-2.0

import Graph
import Kernel
import Primitives
import Topology
import Verify

/// Where `weft test --report` writes: index.html for people, report.json for programs, junit.xml
/// for CI systems. Other files there are left alone.
struct ReportFolder {
    private let path: String

    /// Makes the folder, so that a run does not end in finding that it cannot be written to.
    init(_ path: String) throws {
        self.path = path
        do throws(SystemError) { try FileSystem.makeDirectory(path) } catch {
            throw Failure("\(error)", code: .wrongInput)
        }
        guard FileSystem.isWritable(path) else {
            throw Failure("\(path) cannot be written to", code: .wrongInput)
        }
    }

    /// - Parameter facts: what the head of the page says besides the verdict.
    /// - Returns: the page's name.
    func write(
        _ report: TestReport, _ file: TopologyText, facts: [ReportPage.Fact]
    ) throws -> String {
        let page = ReportPage(
            report, drawing: Drawing(file.topology), file: file.path, source: file.text,
            facts: facts)
        do throws(SystemError) {
            try FileSystem.store(path + "/report.json", report.json.indentedText + "\n")
            try FileSystem.store(path + "/junit.xml", report.junit(file: file.path))
            try FileSystem.store(path + "/index.html", page.html)
        } catch {
            throw Failure("\(error)", code: .wrongInput)
        }
        return path + "/index.html"
    }
}
