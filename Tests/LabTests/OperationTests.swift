// SPDX-License-Identifier: Apache-2.0

import Glibc
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

    @Test func `the log tells what was done, what came of it, and who died`() throws {
        let weft = try WeftLab("logs")
        try weft.up()
        defer { try? weft.down() }
        func entries(_ words: String...) throws -> [JSON] {
            let outcome = try WeftRun.run(["logs", "--json", "--lab", weft.lab] + words)
            return try JSON(parsing: outcome.output)["entries"]?.array ?? []
        }
        func texts(_ node: String? = nil) throws -> [String] {
            let words = node.map { [$0] } ?? []
            return try WeftRun.run(["logs", "--lab", weft.lab] + words).lines
        }
        let follower = try WeftRun.start(["logs", "--follow", "--lab", weft.lab])
        try eventually("the session is up") {
            try texts("a").contains { $0.hasSuffix("neighbor b (192.0.2.2) is established") }
        }
        try weft.run("set", "link-down", "a-b", "--lab", weft.lab)
        try weft.run("set", "link-up", "a-b", "--lab", weft.lab)
        let pid = try #require(try weft.listing()?["nodes"]?[1]?["pid"]?.int)
        kill(Int32(pid), SIGSEGV)
        try eventually("the death is told") {
            try texts("b").contains { $0.hasSuffix("the router has ended by signal 11") }
        }
        let all = try entries()
        #expect(all.first?["text"] == "begins, with 2 nodes")
        let kinds = all.compactMap { $0["kind"]?.string }
        #expect(Set(kinds).isSuperset(of: ["lab", "session", "link", "event", "router"]))
        #expect(all.contains { $0["text"] == "link a-b is down" && $0["kind"] == "event" })
        #expect(all.contains { $0["text"] == "eth1 is down" && $0["node"] == "a" })
        let times = all.compactMap { $0["time"]?.string }
        #expect(times.count == all.count && times == times.sorted())
        #expect(try entries("--since", "1ns").isEmpty)
        #expect(try entries("a").allSatisfy { $0["node"] == "a" })
        kill(follower.pid, SIGINT)
        let followed = try follower.outcome()
        #expect(followed.status == 0)
        #expect(followed.lines.contains { $0.hasSuffix("the router has ended by signal 11") })
        let wrong = try WeftRun.run(["logs", "aa", "--lab", weft.lab])
        #expect(wrong.status == 2)
    }
}
