// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import Primitives
import Testing

/// A running lab, operated by hand. Needs root.
@Suite(.serialized) struct OperationTests {
    @Test func `events by hand are done, listed until undone, and refused where misspelt`() throws {
        let weft = try WeftLab("set")
        try weft.up()
        defer { try? weft.down() }
        func set(_ words: String...) throws -> WeftRun.Outcome {
            try WeftRun.run(["set"] + words + ["--lab", weft.lab])
        }
        #expect(try set().output == "all is as the file says\n")
        #expect(try set("link-down", "a-b").output == "link a-b is down; taken in by a and b\n")
        #expect(try set().lines.dropFirst() == ["link  a-b at a  down", "link  a-b at b  down"])
        #expect(try set("link-up", "a-b").status == 0)
        #expect(
            try set("deactivate", "a", "b").output
                == "neighbor b of a is deactivated; taken in by a\n")
        #expect(try set("kill", "b").output == "b is killed; taken in by a\n")
        let rows = try set().lines.dropFirst()
        #expect(rows == ["node      b       stopped", "neighbor  b of a  deactivated"])
        let wrong = [
            ["kill", "aa"]: "the lab has no node 'aa'; did you mean 'a'?",
            ["link-down", "a-c"]: "the lab has no link 'a-c'; did you mean 'a-b'?",
            ["link-down", "a-b", "--node", "ab"]: "a-b has no end at 'ab'; did you mean 'a'?",
            ["activate", "a", "bb"]: "no neighbor 'bb' on a; did you mean 'b'?",
            ["start", "a"]: "a is running",
        ]
        for (words, message) in wrong {
            let outcome = try WeftRun.run(["set"] + words + ["--lab", weft.lab])
            #expect(outcome.status == 2)
            #expect(outcome.complaint == "weft: \(message)\n")
        }
        #expect(try set().lines.dropFirst() == rows)
        #expect(try set("start", "b").status == 0)
        #expect(try set("activate", "a", "b").status == 0)
        let list = try JSON(parsing: try set("--json").output)
        #expect(list == ["sessions": [], "links": [], "impairments": [], "nodes": []])
    }

    @Test func `a kernel without netem says so, and one with it impairs`() throws {
        let weft = try WeftLab("impair")
        try weft.up()
        defer { try? weft.down() }
        let words = ["set", "impair", "a-b", "--loss", "100%", "--lab", weft.lab]
        let outcome = try WeftRun.run(words)
        if KernelFeatures.probe().missing[.netem] == nil {
            #expect(outcome.output == "link a-b is impaired: loss 100%\n")
        } else {
            #expect(outcome.status == 3)
            #expect(outcome.complaint.hasPrefix("weft: this kernel has no netem; "))
        }
    }
}
