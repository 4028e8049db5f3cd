// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Lab

@Suite struct LabLogTests {
    private func log(_ count: Int) -> LabLog {
        var log = LabLog()
        for number in 0..<count {
            let at = Instant.zero + .milliseconds(number)
            _ = log.add(
                number.isMultiple(of: 2) ? .link : .problem, "line \(number)",
                node: number.isMultiple(of: 3) ? "a" : "b", at: at, wall: .init(nanoseconds: 0))
        }
        return log
    }

    @Test func `entries come in order, by node, kind and age`() {
        let log = log(12)
        #expect(log.entries(.init()).map(\.number) == Array(1...12))
        #expect(
            log.entries(.init(node: "a")).map(\.text) == ["line 0", "line 3", "line 6", "line 9"])
        #expect(log.entries(.init(node: "a", kinds: [.link])).map(\.number) == [1, 7])
        #expect(log.entries(.init(since: .zero + .milliseconds(10))).map(\.number) == [11, 12])
    }

    @Test func `the oldest give way when there are more than are kept, and are counted`() {
        let log = log(LabLog.capacity + 25)
        #expect(log.dropped == 25)
        #expect(log.total == LabLog.capacity + 25)
        let numbers = log.entries(.init()).map(\.number)
        #expect(numbers == Array(26...LabLog.capacity + 25))
    }

    @Test func `a long text is cut`() {
        var log = LabLog()
        let text = String(repeating: "x", count: 100_000)
        let entry = log.add(.ike, text, node: nil, at: .zero, wall: .init(nanoseconds: 0))
        #expect(entry.text.count == 1000)
    }
}
