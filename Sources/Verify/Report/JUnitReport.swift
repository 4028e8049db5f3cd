// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

extension TestReport {
    /// The report in the XML form that CI systems read: a suite a test, a case a check.
    /// - Parameter file: the topology file's name, for the case's place.
    package func junit(file: String) -> String {
        let count = passedCount + failedCount
        let suites = tests.map { $0.junit(file: file) }.joined()
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="\(lab.markup)" tests="\(count)" failures="\(failedCount)" \
            time="\(duration.secondsText)">
            \(suites)</testsuites>

            """
    }
}

extension TestResult {
    fileprivate func junit(file: String) -> String {
        let failures = checks.filter { $0.status == .failed }.count
        let cases = checks.map { $0.junit(file: file, suite: name) }.joined()
        return """
              <testsuite name="\(name.markup)" tests="\(checks.count)" failures="\(failures)" \
            errors="0" skipped="0" time="\(duration.secondsText)">
            \(cases)  </testsuite>

            """
    }
}

extension CheckResult {
    fileprivate func junit(file: String, suite: String) -> String {
        let line = place.map { " line=\"\($0.line)\"" } ?? ""
        let head = """
                <testcase name="\(title.markup)" classname="\(suite.markup)" file="\(file.markup)"\(line) \
            time="\(duration.secondsText)"
            """
        guard status == .failed else { return head + "/>\n" }
        return """
            \(head)>
                  <failure message="\("wanted \(wanted), saw \(seen)".markup)">wanted: \(wanted.markup)
            saw:    \(seen.markup)</failure>
                </testcase>

            """
    }
}
