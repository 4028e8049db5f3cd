// SPDX-License-Identifier: Apache-2.0

import Plan
import Primitives
import Testing
import Topology

@Suite("Changes from one plan to another")
struct LabChangeTests {
    private static let text = """
        name: change
        bgp-groups: {peer: {import: accept, export: accept, password: secret}}
        policies: {few: [{match: {prefix: 10.0.0.0/8}, then: accept}]}
        nodes:
          a: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {b: peer}}}
          b: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {a: peer}}}
          h: {role: host, static: {0.0.0.0/0: 192.168.0.1}}
        links: [{endpoints: [a, b], subnet: 192.0.2.0/30}]
        lans: {site: {endpoints: {b: 192.168.0.1/24, h: 192.168.0.2/24}}}
        """

    private static func plan(_ text: String) throws -> LabPlan {
        LabPlan(try Topology.parse(Array(text.utf8)))
    }

    /// What replacing a piece of the text by another comes to, as lines.
    private func lines(_ edits: (String, String)...) throws -> [String] {
        var text = Self.text
        for (old, new) in edits {
            let range = try #require(text.firstRange(of: old))
            text.replaceSubrange(range, with: new)
        }
        let change = LabChange(from: try Self.plan(Self.text), to: try Self.plan(text))
        return change.items.map { item in
            let details = item.details.isEmpty ? "" : ": " + item.details.joined(separator: "; ")
            return "\(item.action) \(item.kind) \(item.name)\(details)"
        }
    }

    @Test func `what only people read is no change`() throws {
        #expect(try lines(("name: change", "name: change  # a comment")) == [])
        #expect(try lines(("name: change", "name: change\ndescription: other")) == [])
    }

    @Test func `a new node comes with its link, and changes its neighbor`() throws {
        let lines = try lines(
            ("{a: peer}", "{a: peer, c: peer}"),
            (
                "  h: {role",
                "  c: {role: ce, loopback: 10.0.0.3, bgp: {as: 65003, neighbors: {b: peer}}}\n"
                    + "  h: {role"
            ),
            ("192.0.2.0/30}]", "192.0.2.0/30}, {endpoints: [b, c], subnet: 192.0.2.4/30}]"))
        #expect(
            lines == [
                "changed node b: interface eth2: replaced, leads to c eth1; interface eth3 added; "
                    + "address 192.168.0.1/24 on eth2 removed; address 192.0.2.5/30 on eth2 added; "
                    + "address 192.168.0.1/24 on eth3 added; neighbor c added",
                "added node c: ce", "added link b-c", "changed lan site: b leaves; b joins",
            ])
    }

    @Test func `a policy changes and the session stays`() throws {
        #expect(
            try lines(("neighbors: {b: peer}", "neighbors: {b: {group: peer, import: few}}")) == [
                "changed node a: neighbor b: import policies; policy few added"
            ])
    }

    @Test func `a password restarts the session, and is not shown`() throws {
        let lines = try lines(("password: secret", "password: other"))
        #expect(
            lines == [
                "changed node a: neighbor b: password: the session restarts",
                "changed node b: neighbor a: password: the session restarts",
            ])
    }

    @Test func `addresses of a link are told at both ends and at the link`() throws {
        #expect(
            try lines(("192.0.2.0/30", "192.0.2.8/30")).contains(
                "changed link a-b: a has 192.0.2.9/30, was 192.0.2.1/30; "
                    + "b has 192.0.2.10/30, was 192.0.2.2/30"))
    }

    @Test func `a node leaves a LAN`() throws {
        let lines = try lines(
            ("  h: {role: host, static: {0.0.0.0/0: 192.168.0.1}}\n", ""),
            (", h: 192.168.0.2/24", ""))
        #expect(lines == ["removed node h", "changed lan site: h leaves"])
    }

    @Test func `the way back is told by the opposite words`() throws {
        let other = Self.text.replacing("as: 65001", with: "as: 65009")
        let there = LabChange(from: try Self.plan(Self.text), to: try Self.plan(other))
        let back = LabChange(from: try Self.plan(other), to: try Self.plan(Self.text))
        #expect(there.items.map(\.name) == back.items.map(\.name))
        #expect(there.items[0].details.contains("AS 65009, was AS 65001: every session restarts"))
        #expect(back.items[0].details.contains("AS 65001, was AS 65009: every session restarts"))
        #expect(there.json["equal"] == false)
        #expect(there.json["changes"]?[0]?["change"] == "changed")
    }
}
