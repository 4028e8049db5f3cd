// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import ProgramWitness
import Testing

/// Labs on this kernel, started and ended in every way; needs root, as labs on a host do.
@Suite(.serialized) struct WeftLabTests {
    @Test func `a lab comes up, is used from outside, and leaves nothing`() throws {
        let weft = try WeftLab("life")
        let before = try WeftLab.surroundings()
        try weft.up()
        defer { try? weft.down() }
        let listing = try #require(try weft.listing())
        #expect(listing["state"] == "running")
        #expect(listing["nodes"]?.array.map { $0["state"]?.string } == ["running", "running"])
        // The machine's own, two nodes', and the supervisor's where the lab is rootless.
        let isRootless = listing["substrate"] == "rootless"
        #expect(weft.namespaces().count == (isRootless ? 4 : 3))
        try eventually("the session is established") {
            try weft.run("show", "a", "bgp", "--lab", weft.lab).output.contains("established")
        }
        #expect(
            try weft.run("show", "a", "route", "10.0.0.2", "--lab", weft.lab).output
                .contains("> to 192.0.2.2 via eth1"))
        #expect(try weft.run("show", "nobody", "bgp", "--lab", weft.lab).status == 2)
        #expect(try WeftLab.surroundings() == before)
        let output = try weft.run("down", weft.lab)
        #expect(output.output == "lab \(weft.lab) is gone\n")
        #expect(weft.processes == [])
        #expect(try WeftLab.surroundings() == before)
        #expect(try weft.run("down", weft.lab).status == 2)
    }

    @Test func `a tool in a node has its streams, its status and its own surroundings`() throws {
        let weft = try WeftLab("exec")
        try weft.up()
        defer { try? weft.down() }
        func exec(_ command: String, input: String = "") throws -> WeftRun.Outcome {
            try weft.run("exec", "--lab", weft.lab, "a", "--", "sh", "-c", command, input: input)
        }
        let both = try exec("cat; echo oops >&2; exit 7", input: "hello\n")
        #expect(both.output == "hello\n")
        #expect(both.complaint == "oops\n")
        #expect(both.status == 7)
        #expect(try exec("kill -TERM $$").status == 143)
        #expect(try exec("hostname; ls /sys/class/net").output == "a\neth1\nlo\n")
        #expect(try exec("ls /run").output == "")
        #expect(try exec("mkdir /run/mine").status == 0)
        #expect(try exec("ls /run").output == "mine\n")
        #expect(!FileManager.default.fileExists(atPath: "/run/mine"))
        let missing = try weft.run("exec", "--lab", weft.lab, "a", "--", "no-such-program")
        #expect(missing.status == 127)
        let much = try exec("head -c 3000000 /dev/zero | tr '\\0' x")
        #expect(much.output.utf8.count == 3_000_000)
    }

    @Test func `a tool ends with the client that asked for it`() throws {
        let weft = try WeftLab("orphan")
        try weft.up()
        defer { try? weft.down() }
        let marker = "86413.\(getpid())"
        func isRunning() throws -> Bool {
            let output = try weft.run("exec", "--lab", weft.lab, "b", "--", "ps", "ax")
            return output.output.contains("sleep \(marker)")
        }
        let client = try WeftRun.start(["exec", "--lab", weft.lab, "a", "--", "sleep", marker])
        try eventually("the tool runs") { try isRunning() }
        kill(client.pid, SIGKILL)
        _ = try client.outcome()
        try eventually("the tool has ended") { try !isRunning() }
    }

    @Test func `killing the supervisor ends every process, tools in the background too`() throws {
        let weft = try WeftLab("kill")
        try weft.up()
        defer { try? weft.down() }
        try weft.run(
            "exec", "--lab", weft.lab, "a", "--", "sh", "-c",
            "setsid sh -c 'sleep 86412; true' \(weft.file) </dev/null >/dev/null 2>&1 &")
        // The keeper, the supervisor, two routers and the tool.
        try eventually("the tool runs") { weft.processes.count == 5 }
        let pid = try #require(try weft.listing()?["pid"]?.int)
        kill(Int32(pid), SIGKILL)
        try eventually("all processes are gone") { weft.processes == [] }
        #expect(try weft.listing() == nil)
        try weft.up()
        #expect(try weft.listing() != nil)
    }

    @Test func `a second lab of the same name is refused and the first one is left alone`() throws {
        let tests = "tests: [{name: t, checks: [ping: {from: a, to: b}]}]"
        let weft = try WeftLab("twice", tests: tests)
        try weft.up()
        defer { try? weft.down() }
        let before = weft.processes
        let second = try weft.run("test", weft.file)
        #expect(second.status == 3)
        #expect(second.complaint.contains("a lab named \(weft.lab) is already running"))
        #expect(weft.processes == before)
    }

    @Test func `a router that dies is reported and not started again`() throws {
        let weft = try WeftLab("death")
        try weft.up()
        defer { try? weft.down() }
        let pid = try #require(try weft.listing()?["nodes"]?[1]?["pid"]?.int)
        kill(Int32(pid), SIGSEGV)
        try eventually("the node is stopped") {
            try weft.listing()?["nodes"]?[1]?["state"] == "stopped"
        }
        #expect(try weft.listing()?["nodes"]?[1]?["last-error"] == "ended by signal 11")
        #expect(try weft.listing()?["nodes"]?[0]?["state"] == "running")
    }

    static let tests = """
        tests:
          - name: reach
            checks: [{ping: {from: a, to: 10.0.0.2}}]
          - name: the cable is out and in again
            do: [{link-down: a-b}, {link-up: a-b}]
            checks: [{ping: {from: a, to: 10.0.0.2}}]
        """

    @Test func `a test run gives its verdict, its reports and leaves nothing`() throws {
        let weft = try WeftLab("verdict", tests: Self.tests)
        defer { try? weft.down() }
        let report = weft.file + ".json"
        defer { try? FileManager.default.removeItem(atPath: report) }
        let output = try weft.run("test", weft.file, "--substrate", "host", "--json", report)
        #expect(output.status == 0, "\(output.output)\(output.complaint)")
        #expect(output.output.contains("PASSED"))
        let json = try JSON(parsing: try String(contentsOfFile: report, encoding: .utf8))
        #expect(json["checks-passed"] == 2)
        #expect(weft.processes == [])
    }

    static let impossible = """
        tests:
          - name: never
            checks: [{ping: {from: a, to: 10.9.9.9, within: 60s}}]
        """

    @Test func `a failed check is exit code 1 and the lab is taken down all the same`() throws {
        let text = Self.impossible.replacingOccurrences(of: "60s", with: "100ms")
        let weft = try WeftLab("failed", tests: text)
        defer { try? weft.down() }
        let output = try weft.run("test", weft.file, "--substrate", "host")
        #expect(output.status == 1)
        #expect(output.output.contains("wanted: 3 of 3 answered"), "\(output.output)")
        #expect(weft.processes == [])
    }

    @Test func `a report is a page, beside what else is in its folder, and says no secret`() throws
    {
        let text = Self.tests.replacingOccurrences(
            of: "{link-up: a-b}]",
            with: "{link-up: a-b}]\n    outage: {from: a, to: 10.0.0.2, below: 20s}")
        let weft = try WeftLab("report", tests: text)
        let folder = weft.file + "-report"
        defer {
            try? weft.down()
            try? FileManager.default.removeItem(atPath: folder)
        }
        func read(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        for name in ["index.html", "notes.txt"] {
            try "mine".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        let output = try weft.run("test", weft.file, "--substrate", "host", "--report", folder)
        #expect(output.status == 0, "\(output.output)\(output.complaint)")
        #expect(output.complaint.contains("the report is \(folder)/index.html"))
        #expect(try read("notes.txt") == "mine")
        let page = try read("index.html")
        #expect(try ProgramWitness.complaintsOfXML(page) == "")
        func value(_ expression: String) throws -> String {
            try ProgramWitness.xpath(expression, of: page)
        }
        #expect(try value("string(//h1)") == weft.lab)
        #expect(try value("count(//*[@class='event'])") == "2")
        // Both routers saw the cable go and come back.
        #expect(try value("count(//*[local-name()='g'][@class='linkdown'])") != "0")
        #expect(try value("count(//*[local-name()='path'][@class='mean'])") != "0")
        let json = try JSON(parsing: try read("report.json"))
        #expect(json["passed"] == true)
        #expect(json["tests"]?[1]?["marks"]?.array.count == 2)
        let news = json["tests"]?[1]?["news"]?.array ?? []
        #expect(Set(news.compactMap { $0["node"]?.string }) == ["a", "b"])
        for name in ["index.html", "report.json", "junit.xml"] {
            #expect(try !read(name).contains("secret"), "\(name)")
        }
    }

    @Test func `a folder that cannot be is told before a lab is started`() throws {
        let weft = try WeftLab("no-folder", tests: Self.tests)
        defer { try? weft.down() }
        let output = try weft.run("test", weft.file, "--report", weft.file)
        #expect(output.status == 2)
        #expect(output.complaint.contains("Not a directory"), "\(output.complaint)")
        #expect(output.output == "")
    }

    @Test func `a running lab is drawn as it is`() throws {
        let weft = try WeftLab("drawn")
        try weft.up()
        defer { try? weft.down() }
        try weft.run("set", "link-down", "a-b", "--lab", weft.lab)
        let svg = try weft.run("graph", weft.lab, "--sessions").output
        #expect(try ProgramWitness.complaintsOfXML(svg) == "")
        #expect(svg.contains(">down</text>"))
        #expect(try weft.run("graph", "nobody").status == 2)
        let json = try JSON(parsing: try weft.run("graph", weft.file, "--json").output)
        #expect(json["links"]?[0]?["name"] == "a-b")
        #expect(json["links"]?[0]?["ends"]?[0]?["down"] == false)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
    func `a test run that is ended by a signal leaves nothing`(signal: Int32) throws {
        let weft = try WeftLab("signal-\(signal)", tests: Self.impossible)
        defer { try? weft.down() }
        let process = try WeftRun.start(["test", weft.file, "--substrate", "host"])
        try eventually("the lab runs") { try weft.listing()?["state"] == "running" }
        kill(process.pid, signal)
        let output = try process.outcome()
        #expect(output.status == (signal == SIGKILL ? nil : 3))
        try eventually("nothing is left") { try weft.processes == [] && weft.listing() == nil }
    }
}
