// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

/// `weft trace` on running labs, and what it says of entries that were taken out by hand.
@Suite(.serialized) struct LabTraceTests {
    @Test func `a route that the kernel has lost is named`() throws {
        let lab = try WeftLab(
            "trace",
            text: """
                bgp-groups: {peer: {import: accept, export: all}}
                policies: {all: [{match: {protocol: direct}, then: accept}]}
                nodes:
                  a: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {b: peer}}}
                  b: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {a: peer}}}
                links: [{endpoints: [a, b], subnet: 192.0.2.0/30}]
                """)
        defer { try? lab.down() }
        try lab.up()
        let words = ["trace", "b", "--from", "a", "--lab", lab.lab]
        let way = try passing(words)
        #expect(way.lines.last?.hasPrefix("b ") == true && way.output.contains("deliver"))
        try lab.run("exec", "a", "--lab", lab.lab, "--", "ip", "route", "del", "10.0.0.2")
        let broken = try WeftRun.start(words).outcome()
        #expect(broken.status == 1)
        #expect(
            broken.output
                == "broken: a: engine and kernel disagree about 10.0.0.2: the engine sends it by "
                + "eth1 to 192.0.2.2, the kernel has nothing for it\n")
        #expect(try lab.run("trace", "10.9.9.9", "--from", "a", "--lab", lab.lab).status == 1)
        #expect(try lab.run("trace", "b", "--from", "nobody", "--lab", lab.lab).status == 2)
        #expect(try lab.run("trace", "what", "--from", "a", "--lab", lab.lab).status == 2)
    }

    @Test func `a label that the kernel has lost is named`() throws {
        let lab = try WeftLab(
            "trace-labels",
            text: """
                core: {mode: static, label-base: 1000}
                bgp-groups: {core: {families: [vpnv4]}}
                nodes:
                  pe1:
                    role: pe
                    loopback: 10.0.0.1
                    bgp: {as: 1, neighbors: {pe2: core}}
                    vrfs: {blue: {rd: "1:1", target: "1:1", loopback: 10.1.0.1}}
                  p1: {role: p, loopback: 10.0.0.2}
                  p2: {role: p, loopback: 10.0.0.3}
                  pe2:
                    role: pe
                    loopback: 10.0.0.4
                    bgp: {as: 1, neighbors: {pe1: core}}
                    vrfs: {blue: {rd: "1:1", target: "1:1", loopback: 10.2.0.1}}
                links:
                  - {endpoints: [pe1, p1]}
                  - {endpoints: [p1, p2]}
                  - {endpoints: [p2, pe2]}
                """)
        defer { try? lab.down() }
        let up = try lab.run("up", lab.file, "--substrate", "microvm")
        try #require(up.status == 0, "\(up.complaint)")
        let mpls = try JSON(
            parsing: try lab.run("show", "p1", "mpls", "--json", "--lab", lab.lab).output)
        let entry = mpls["labels"]?.array.first { $0["destination"]?.string == "10.0.0.4/32" }
        let label = try #require(entry?["label"]?.int)
        let words = [
            "trace", "10.2.0.1", "--from", "pe1", "--vrf", "blue", "--lab", lab.lab,
        ]
        let way = try passing(words)
        #expect(
            way.output.contains("push \(label)/16") && way.output.contains("look up in VRF blue"))
        try lab.run(
            "exec", "p1", "--lab", lab.lab, "--", "ip", "-f", "mpls", "route", "del", "\(label)")
        let broken = try WeftRun.start(words).outcome()
        #expect(broken.status == 1)
        let last = try #require(broken.lines.last)
        #expect(last.hasPrefix("broken: p1: engine and kernel disagree about label \(label): "))
        #expect(last.hasSuffix("the kernel has nothing for it"))
    }

    /// The outcome once the lab's sessions are up.
    private func passing(_ words: [String]) throws -> WeftRun.Outcome {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let outcome = try WeftRun.start(words).outcome()
            if outcome.status == 0 { return outcome }
            try #require(ContinuousClock.now < deadline, "\(words): \(outcome.output)")
            usleep(100_000)
        }
    }
}
