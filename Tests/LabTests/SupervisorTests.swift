// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Testing

/// What clients may say to a running lab, and what they hear. Needs root.
@Suite(.serialized) struct SupervisorTests {
    let weft: WeftLab
    let lab: ControlConnection

    init() throws {
        weft = try WeftLab("control")
        try weft.up()
        lab = try LabDirectory(lab: weft.lab).connect()
    }

    func with(_ body: () throws -> Void) throws {
        defer { try? weft.down() }
        try body()
    }

    func event(_ event: String, _ members: (String, JSON)...) throws -> JSON {
        try lab.call(
            .event,
            [.init("event", .string(event))] + members.map { JSON.Member($0.0, $0.1) })
    }

    func interfaceIsUp(_ node: String) throws -> Bool? {
        let answer = try lab.call(
            .show, [.init("node", .string(node)), .init("query", "interfaces")])
        return answer["interfaces"]?.array.first { $0["name"] == "eth1" }?["up"]?.bool
    }

    func session(_ node: String) throws -> String? {
        let answer = try lab.call(
            .show, [.init("node", .string(node)), .init("query", "neighbors")])
        return answer["neighbors"]?[0]?["state"]?.string
    }

    @Test func `a link event is answered when both routers have taken it in`() throws {
        try with {
            _ = try event("link-down", ("link", "a-b"))
            #expect(try interfaceIsUp("a") == false)
            #expect(try interfaceIsUp("b") == false)
            _ = try event("link-up", ("link", "a-b"))
            #expect(try interfaceIsUp("a") == true)
            #expect(try interfaceIsUp("b") == true)
            _ = try event("link-down", ("link", "a-b"), ("node", "b"))
            #expect(try interfaceIsUp("a") == false)
        }
    }

    @Test func `a killed node is out of reach and comes back when it is started`() throws {
        try with {
            _ = try event("kill", ("node", "a"))
            #expect(try interfaceIsUp("b") == false)
            #expect(throws: CallError.refused("a is not running")) { try interfaceIsUp("a") }
            #expect(throws: CallError.refused("a is not running")) {
                try event("kill", ("node", "a"))
            }
            _ = try event("start", ("node", "a"))
            #expect(try interfaceIsUp("b") == true)
            try eventually("the session is back") { try session("b") == "established" }
            #expect(throws: CallError.refused("a is running")) { try event("start", ("node", "a")) }
        }
    }

    @Test func `a stopped node says goodbye first`() throws {
        try with {
            try eventually("the session is up") { try session("b") == "established" }
            let watch = try lab.start(.watch)
            _ = try event("stop", ("node", "a"))
            // The interface that goes down afterwards is its neighbor's last error.
            var reasons: [String] = []
            while !reasons.contains(where: { $0.contains("Cease") }) {
                let message = try #require(
                    try lab.next(of: watch, until: lab.now + .seconds(10)), "\(reasons)")
                guard case .progress(let news) = message.content, news["node"] == "b" else {
                    continue
                }
                reasons.append(news["report"]?["reason"]?.string ?? "")
            }
            #expect(throws: CallError.refused("a is not running")) { try interfaceIsUp("a") }
        }
    }

    @Test func `watchers hear what routers report, and other requests go on meanwhile`() throws {
        try with {
            try eventually("the session is up") { try session("b") == "established" }
            let watch = try lab.start(.watch)
            _ = try event("deactivate", ("node", "a"), ("neighbor", "b"))
            var kinds: Set<String> = []
            while !kinds.contains("session") {
                let message = try #require(
                    try lab.next(of: watch, until: lab.now + .seconds(10)), "no report")
                guard case .progress(let news) = message.content else { continue }
                if let kind = news["report"]?["type"]?.string { kinds.insert(kind) }
                #expect(news["at"]?.int != nil)
            }
            #expect(try session("a") == "idle")
        }
    }

    @Test func `counters of all routers come in one answer, in the file's order`() throws {
        try with {
            let all = try lab.call(.counters)
            #expect(all["nodes"]?.array.map { $0["name"]?.string } == ["a", "b"])
            let one = try lab.call(.counters, [.init("nodes", ["b"])])
            #expect(one["nodes"]?.array.map { $0["name"]?.string } == ["b"])
            #expect(one["nodes"]?[0]?["counters"]?["generation"]?.int != nil)
        }
    }

    @Test func `what makes no sense is refused in words`() throws {
        try with {
            func refusal(_ operation: ControlOperation, _ members: (String, JSON)...) -> String? {
                do {
                    _ = try lab.call(operation, members.map { JSON.Member($0.0, $0.1) })
                    return nil
                } catch { return error.description }
            }
            #expect(refusal(.build, ("topology", "x")) == "the lab is built already")
            #expect(
                refusal(.show, ("node", "c"), ("query", "vrfs")) == "the lab has no node 'c'")
            #expect(
                refusal(.show, ("node", "a"), ("query", "weather"))
                    == "a router cannot show 'weather'")
            #expect(
                refusal(.event, ("event", "link-down"), ("link", "a-c"))
                    == "the lab has no link 'a-c'; did you mean 'a-b'?")
            #expect(
                refusal(.event, ("event", "link-down"), ("link", "a-b"), ("node", "c"))
                    == "a-b has no end at 'c'")
            #expect(
                refusal(.event, ("event", "rain")) == "a lab knows no event 'rain'")
            #expect(
                refusal(.event, ("event", "deactivate"), ("node", "a"), ("neighbor", "c"))
                    == "no neighbor 'c' on a")
            #expect(
                refusal(.ping, ("node", "a"), ("to", "nowhere")) == "'nowhere' is not an address")
            #expect(
                refusal(.outageStart, ("node", "a"), ("to", "9.9.9.9"))
                    == "no node has the address 9.9.9.9")
            #expect(
                refusal(.outageStop, ("outage", 99))
                    == "no outage measurement of that id is running")
            #expect(refusal(.exec, ("node", "a")) == "exec: argv is missing")
            #expect(
                refusal(.pathMTU, ("node", "a"), ("to", "10.0.0.2"))
                    == "a path MTU is a number from 68 to 65534")
            #expect(
                refusal(.wireStart, ("link", "a-c"))
                    == "the lab has no link 'a-c'; did you mean 'a-b'?")
            #expect(
                refusal(.wireStart, ("link", "a-b"), ("only", ["rain"]))
                    == "\"rain\" is not a kind of packet")
            #expect(
                refusal(.wireStop, ("wire", 99)) == "no capture of that id is running")
        }
    }

    @Test func `probes find the far end, and an outage is told there and back`() throws {
        try with {
            try eventually("the session is up") { try session("b") == "established" }
            let path: [JSON.Member] = [.init("node", "a"), .init("to", "10.0.0.2")]
            try eventually("the route is there") {
                try lab.call(.ping, path + [.init("timeout-ms", 200)])["received"] == 3
            }
            let trace = try lab.call(.traceroute, path)
            #expect(trace["hops"]?.array.map { $0["from"]?.string } == ["10.0.0.2"])
            let outage = try lab.start(.outageStart, path + [.init("interval-us", 2000)])
            let first = try #require(try lab.next(of: outage, until: lab.now + .seconds(20)))
            #expect(first.content == .progress(["started": true]))
            _ = try event("link-down", ("link", "a-b"))
            _ = try event("link-up", ("link", "a-b"))
            try eventually("packets flow again") {
                try lab.call(.ping, path + [.init("timeout-ms", 200)])["received"] == 3
            }
            let result = try lab.call(.outageStop, [.init("outage", JSON(outage))])
            let lost = try #require(result["lost"]?.int)
            #expect(lost > 0)
            #expect(lost == (result["lost-forward"]?.int ?? 0) + (result["lost-back"]?.int ?? 0))
            #expect((result["sent"]?.int ?? 0) > lost)
        }
    }

    @Test func `a link is captured, and its MTU is found`() throws {
        try with {
            try eventually("the session is up") { try session("b") == "established" }
            let path: [JSON.Member] = [.init("node", "a"), .init("to", "192.0.2.2")]
            let wire = try lab.start(
                .wireStart,
                [.init("link", "a-b"), .init("only", ["bgp"]), .init("some", ["icmp", "esp"])])
            let first = try #require(try lab.next(of: wire, until: lab.now + .seconds(20)))
            #expect(first.content == .progress(["started": true]))
            let found = try lab.call(.pathMTU, path + [.init("mtu", 1500)])
            #expect(found["text"] == "1500 passes, 1501 is refused by a with 1500")
            let result = try lab.call(.wireStop, [.init("wire", JSON(wire))])
            #expect(result["offending"] == 2)
            #expect(result["lost"] == 0)
            #expect(result["missing"] == ["esp"])
            #expect(result["first"]?["direction"] == "a to b")
            #expect(
                result["first"]?["text"]?.string?.hasSuffix(
                    "IPv4 192.0.2.1 > 192.0.2.2, ICMP echo request") == true)
        }
    }
}
