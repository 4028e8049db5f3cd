// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("AS path patterns")
struct ASPathPatternTests {
    private func matches(_ pattern: String, _ path: String) -> Bool {
        let numbers = path.split(separator: " ").compactMap { ASNumber(String($0)) }
        return ASPathPattern(pattern)?.matches(numbers) ?? false
    }

    @Test(arguments: [
        ("", "", true), ("", "1", true), ("^$", "", true), ("^$", "1", false),
        ("1", "2 1 3", true), ("1", "2 3", false), ("^1", "1 2", true), ("^1", "2 1", false),
        ("1$", "2 1", true), ("1$", "1 2", false), ("^1 2$", "1 2", true), ("1 2", "3 1 2 4", true),
        ("1 2", "1 3 2", false), ("^. 2", "9 2", true), ("^. 2", "2", false),
        ("^1* 2$", "2", true), ("^1* 2$", "1 1 1 2", true), ("^1* 2$", "1 3 2", false),
        ("^1+ 2$", "2", false), ("^1+ 2$", "1 2", true), ("^1+ 2$", "1 1 2", true),
        ("^1? 2$", "2", true), ("^1? 2$", "1 2", true), ("^1? 2$", "1 1 2", false),
        ("^1 .* 2$", "1 2", true), ("^1 .* 2$", "1 7 8 2", true), ("^1 .* 2$", "1 7 8", false),
        ("^.+$", "", false), ("^.+$", "5", true), ("^65500 .* 1$", "65500 4 1", true),
        ("1+ 1", "1", false), ("1+ 1", "1 1", true), (".? .? 3$", "3", true),
    ])
    func patternsMatch(pattern: String, path: String, expected: Bool) {
        #expect(matches(pattern, path) == expected)
    }

    @Test func aLongPathAndManyStarsCostNoMoreThanTheirProduct() {
        let path = Array(repeating: ASNumber(1), count: 2000)
        let pattern = ASPathPattern(Array(repeating: ".*", count: 30).joined(separator: " ") + " 2")
        // One way at a time, this would outlive us.
        #expect(pattern?.matches(path) == false)
        #expect(pattern?.matches(path + [ASNumber(2)]) == true)
    }
}
