// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Primitives
import Testing

/// A running lab that becomes what an edited file says. Needs root, as labs on a host do.
@Suite(.serialized) struct ChangeTests {
    /// Four routers in a line and a LAN at its end.
    static let start = """
        name: NAME
        bgp-groups: {peer: {import: accept, export: accept, password: secret}}
        policies: {not-c: [{match: {prefix: 10.0.0.3/32}, then: reject}, {then: accept}]}
        nodes:
          a: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {b: peer}}}
          b: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {a: peer, c: peer}}}
          c: {role: ce, loopback: 10.0.0.3, bgp: {as: 65003, neighbors: {b: peer}}}
          h: {role: host, static: {0.0.0.0/0: 192.168.0.1}}
          # more nodes
        links:
          - {endpoints: [a, b], subnet: 192.0.2.0/30}
          - {endpoints: [b, c], subnet: 192.0.2.4/30}
          # more links
        lans:
          site: {endpoints: {c: 192.168.0.1/24, h: 192.168.0.2/24}}
        """

    /// A lab, and its file in the hands of an editor.
    final class Edited {
        let weft: WeftLab
        private(set) var text: String
        let connection: ControlConnection

        init(_ name: String, _ text: String = ChangeTests.start, substrate: String = "host") throws
        {
            weft = try WeftLab(name)
            self.text = text.replacing("NAME", with: weft.lab)
            try self.text.write(toFile: weft.file, atomically: true, encoding: .utf8)
            let up = try weft.run("up", weft.file, "--substrate", substrate)
            try #require(up.status == 0, "\(up.complaint)")
            connection = try LabDirectory(lab: weft.lab).connect()
        }

        func edit(_ edits: (String, String)...) throws {
            for (old, new) in edits {
                let range = try #require(text.firstRange(of: old), "\(old)")
                text.replaceSubrange(range, with: new)
            }
            try text.write(toFile: weft.file, atomically: true, encoding: .utf8)
        }

        /// What `weft diff` foretells, `weft up` prints and does.
        func apply() throws -> [String] {
            let diff = try weft.run("diff", weft.file)
            #expect(diff.status == 1)
            let up = try weft.run("up", weft.file)
            try #require(up.status == 0, "\(up.complaint)")
            #expect(Array(up.lines.dropLast()) == diff.lines)
            #expect(try weft.run("diff", weft.file).status == 0)
            return diff.lines
        }

        func tool(_ node: String, _ command: String) throws -> String {
            try weft.run("exec", "--lab", weft.lab, node, "--", "sh", "-c", command).output
        }

        func show(_ node: String, _ what: String) throws -> JSON {
            try JSON(parsing: try weft.run("show", node, what, "--json", "--lab", weft.lab).output)
        }

        /// The neighbors of a node with which its session is established.
        func established(_ node: String) throws -> [String] {
            try show(node, "bgp")["neighbors"]?.array.filter { $0["state"] == "established" }
                .compactMap { $0["name"]?.string } ?? []
        }

        /// The TCP connections of a node's sessions, by the ports of both ends.
        func connections(_ node: String) throws -> Set<String> {
            Set(
                try tool(node, "ss -Htn state established").split(separator: "\n").map { line in
                    line.split(separator: " ").suffix(2).joined(separator: " ")
                })
        }

        func reaches(_ node: String, _ address: String) throws -> Bool {
            try weft.run(
                "exec", "--lab", weft.lab, node, "--", "ping", "-c1", "-W1", address
            ).status == 0
        }
    }

    /// Everything that `weft show` and iproute2 show of some nodes, without what no two labs have
    /// alike.
    static func listing(_ lab: Edited, _ nodes: [String]) throws -> [String: [String]] {
        var all: [String: [String]] = [:]
        for node in nodes {
            let shown = try queries.map { query in
                let members = [JSON.Member("node", .string(node)), .init("query", .string(query))]
                return "\(query): \(plain(try lab.connection.call(.show, members)).text)"
            }
            let script = commands.map { "echo '@\($0)'; \($0)" }.joined(separator: "; ")
            let listed = try lab.tool(node, script).split(separator: "@").map { part in
                let lines = part.split(separator: "\n")
                let rows = lines.dropFirst().flatMap { line in
                    (try? plain(JSON(parsing: String(line))))?.array.map(\.text)
                        ?? [String(line)]
                }
                return ([String(lines[0])] + rows.sorted()).joined(separator: "\n")
            }
            all[node] = shown + listed
        }
        return all
    }

    private static let queries = [
        "routes", "neighbors", "vrfs", "vrrp", "mpls", "transports", "interfaces",
    ]

    private static let commands = [
        "ip -j -d link", "ip -j addr", "ip -j rule", "ip -j -6 rule",
        "ip -j route show table all", "ip -j -6 route show table all",
        "ip -j neigh show nud permanent", "ip -j -f mpls route 2>/dev/null",
        "ip xfrm policy 2>/dev/null", "ip xfrm state 2>/dev/null | grep -e ^src -e spi",
        "cat /proc/sys/net/ipv4/conf/*/arp_ignore /proc/sys/net/ipv4/conf/*/rp_filter",
        "cat /proc/sys/net/mpls/platform_labels /proc/sys/net/mpls/conf/*/input 2>/dev/null",
    ]

    private static let untold: Set<String> = [
        "age", "uptime", "messages-sent", "messages-received", "last-error", "ifindex",
        "link_index", "link_netnsid", "address", "permaddr", "master_address", "inet6_addr",
        "valid_life_time", "preferred_life_time", "expires", "cache", "pref", "bridge_id",
        "root_id", "gc_timer", "hello_timer", "label", "label-ipv6", "labels", "vpn-label",
        // The number of a next-hop object, which a route has beside the next hops themselves.
        "nhid",
    ]

    /// Numbers that the kernel draws, labels that a PE chose freely, times and counters are left
    /// out, and so is the order of rows; addresses stand in `ip addr` as `local`.
    private static func plain(_ json: JSON) -> JSON {
        switch json {
        case .object(let members):
            .object(
                members.filter { !untold.contains($0.name) && !isLabel($0) }
                    .map { .init($0.name, plain($0.value)) })
        case .array(let elements):
            JSON(elements.filter { !isLinkLocal($0) }.map(plain).sorted { $0.text < $1.text })
        default: json
        }
    }

    /// Destinations in MPLS are numbers.
    private static func isLabel(_ member: JSON.Member) -> Bool {
        member.name == "dst" && member.value.string.flatMap { UInt32($0) } != nil
    }

    private static func isLinkLocal(_ row: JSON) -> Bool {
        ["local", "dst"].contains { row[$0]?.string?.hasPrefix("fe80") == true }
    }

    @Test func `a node comes, a policy and an address change, the node goes; others go on`() throws
    {
        let lab = try Edited("change")
        defer { try? lab.weft.down() }
        try eventually("all sessions are up") {
            try lab.established("a") == ["b"] && lab.established("b").count == 2
        }
        try eventually("probes find their way") {
            try lab.reaches("a", "10.0.0.2") && lab.reaches("b", "10.0.0.1")
        }
        let spaces = lab.weft.namespaces().count
        let kept = try lab.connections("a")
        #expect(kept.count == 1)
        let outage = try lab.connection.start(
            .outageStart,
            [
                .init("node", "a"), .init("source", "10.0.0.1"), .init("to", "10.0.0.2"),
                .init("interval-us", 5000),
            ])
        let first = try lab.connection.next(until: lab.connection.now + .seconds(20))
        #expect(first?.content == .progress(["started": true]))

        try lab.edit(
            ("{a: peer, c: peer}", "{a: peer, c: peer, d: peer}"),
            (
                "# more nodes",
                "d: {role: ce, loopback: 10.0.0.4, bgp: {as: 65004, neighbors: {b: peer}}}"
            ), ("# more links", "- {endpoints: [b, d], subnet: 192.0.2.8/30}"))
        #expect(
            try lab.apply() == [
                "~ node b", "    interface eth3 added", "    address 192.0.2.9/30 on eth3 added",
                "    neighbor d added", "+ node d (ce)", "+ link b-d",
            ])
        try eventually("the new node has all routes") { try lab.reaches("d", "10.0.0.1") }
        let whole = try lab.connections("b")

        try lab.edit(("{a: peer, c: peer, d", "{a: peer, c: {group: peer, import: not-c}, d"))
        _ = try lab.apply()
        try eventually("a has lost the route") {
            try lab.show("a", "route").text.contains("10.0.0.3/32") == false
        }
        #expect(try lab.connections("b") == whole)

        try lab.edit(("192.0.2.4/30", "192.0.2.12/30"), ("import: not-c", "import: accept"))
        #expect(try lab.apply().contains("~ link b-c"))
        try eventually("the session is up over the new subnet") { try lab.reaches("c", "10.0.0.1") }
        #expect(try lab.tool("b", "ip -br addr show eth2").contains("192.0.2.13/30"))
        #expect(try !lab.tool("b", "ip -br addr").contains("192.0.2.5"))
        #expect(try lab.connections("b").intersection(whole).count == 2)

        try lab.edit(
            ("a: peer, c: {group: peer, import: accept}, d: peer", "a: peer, c: peer"),
            ("d: {role: ce, loopback: 10.0.0.4, bgp: {as: 65004, neighbors: {b: peer}}}", "#"),
            ("- {endpoints: [b, d], subnet: 192.0.2.8/30}", "#"))
        #expect(try lab.apply().suffix(2) == ["- node d", "- link b-d"])
        #expect(try lab.tool("b", "ip -br link show eth3") == "")
        #expect(lab.weft.namespaces().count == spaces)

        let result = try lab.connection.call(.outageStop, [.init("outage", JSON(outage))])
        #expect(result["sent"]?.int ?? 0 > 0)
        #expect(result["lost"] == 0, "\(result.text)")
        #expect(try lab.connections("a") == kept)
        try expectFresh(lab, "change-fresh", ["a", "b", "c", "h"])
    }

    @Test func `a step that fails is told, and the next one goes on from there`() throws {
        let lab = try Edited("change-half")
        defer { try? lab.weft.down() }
        try eventually("all sessions are up") { try lab.established("b").count == 2 }
        let kept = try lab.connections("b")
        _ = try lab.tool("b", "ip link add eth3 type bridge")
        try lab.edit(
            ("{a: peer, c: peer}", "{a: peer, c: peer, d: peer}"),
            (
                "# more nodes",
                "d: {role: ce, loopback: 10.0.0.4, bgp: {as: 65004, neighbors: {b: peer}}}"
            ), ("# more links", "- {endpoints: [b, d], subnet: 192.0.2.8/30}"))
        let half = try lab.weft.run("up", lab.weft.file)
        #expect(half.status == 3)
        #expect(half.complaint.contains("eth3"), "\(half.complaint)")
        #expect(half.complaint.contains("links and addresses are in between"))
        #expect(try lab.connections("b") == kept)
        #expect(try lab.connection.call(.hello)["unfinished"] != nil)
        _ = try lab.tool("b", "ip link del eth3")
        let whole = try lab.weft.run("up", lab.weft.file)
        #expect(whole.status == 0, "\(whole.complaint)")
        try eventually("the new node has all routes") { try lab.reaches("d", "10.0.0.1") }
        #expect(try lab.connections("b").isSuperset(of: kept))
        #expect(try lab.connection.call(.hello)["unfinished"] == nil)
        let same = try lab.weft.run("up", lab.weft.file)
        #expect(same.output.hasPrefix("nothing to change"))
    }

    /// A lab that was changed is the same as one that was built from its file.
    private func expectFresh(
        _ lab: Edited, _ name: String, _ nodes: [String], substrate: String = "host"
    ) throws {
        let text = lab.text.replacing(lab.weft.lab, with: "NAME")
        let fresh = try Edited(name, text, substrate: substrate)
        defer { try? fresh.weft.down() }
        try expectSame(lab, nodes) { try Self.listing(fresh, nodes) }
    }

    /// Waits until a lab shows what is wanted of it.
    private func expectSame(
        _ lab: Edited, _ nodes: [String], _ wanted: () throws -> [String: [String]]
    ) throws {
        var difference: [String] = []
        for _ in 0..<20 {
            let (seen, wanted) = (try Self.listing(lab, nodes), try wanted())
            difference = nodes.flatMap { node in
                zip(seen[node] ?? [], wanted[node] ?? []).filter { $0 != $1 }
                    .map { "\(node): \($0)\nwanted: \($1)" }
            }
            if difference.isEmpty { return }
            Thread.sleep(forTimeInterval: 0.1)
        }
        Issue.record("\(difference.joined(separator: "\n"))")
    }

    /// Two provider edges with a customer VPN.
    static let provider = """
        name: NAME
        bgp-groups: {core: {families: [vpnv4]}, ce: {import: accept, export: accept}}
        # transport
        nodes:
          pe1:
            role: pe
            loopback: 10.255.0.1
            bgp: {as: 1, neighbors: {pe2: core}}
            vrfs:
              red: {rd: "1:1", target: "1:1", bgp: {neighbors: {ce1: ce}}}
              # more of pe1
          pe2:
            role: pe
            loopback: 10.255.0.2
            bgp: {as: 1, neighbors: {pe1: core}}
            vrfs:
              red: {rd: "1:1", target: "1:1", bgp: {neighbors: {ce2: ce}}}
              # more of pe2
          ce1: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {pe1: ce}}}
          ce2: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {pe2: ce}}}
          # more nodes
        links:
          - {endpoints: [pe1, pe2], subnet: 172.16.0.0/30}
          - {endpoints: [pe1, ce1], subnet: 10.1.0.0/30, vrf: red}
          - {endpoints: [pe2, ce2], subnet: 10.2.0.0/30, vrf: red}
          # more links
        """

    @Test func `a VRF and a protected transport come and go, and the other VPN goes on`() throws {
        let lab = try Edited("change-vpn", Self.provider, substrate: "microvm")
        defer { try? lab.weft.down() }
        try eventually("the VPN is there") { try lab.reaches("ce1", "10.0.0.2") }
        let start = lab.text
        let first = try Self.listing(lab, ["pe1", "pe2"])
        let kept = try lab.connections("pe1")
        #expect(kept.count == 2)
        let outage = try lab.connection.start(
            .outageStart,
            [
                .init("node", "ce1"), .init("source", "10.0.0.1"), .init("to", "10.0.0.2"),
                .init("interval-us", 20_000),
            ])
        let began = try lab.connection.next(until: lab.connection.now + .seconds(20))
        #expect(began?.content == .progress(["started": true]))

        try lab.edit(
            ("# more of pe1", "blue: {rd: \"1:2\", target: \"1:2\", loopback: 10.0.9.1}"),
            ("# more of pe2", "blue: {rd: \"1:2\", target: \"1:2\", bgp: {neighbors: {ce3: ce}}}"),
            (
                "# more nodes",
                "ce3: {role: ce, loopback: 10.0.0.3, bgp: {as: 65003, neighbors: {pe2: ce}}}"
            ), ("# more links", "- {endpoints: [pe2, ce3], subnet: 10.3.0.0/30, vrf: blue}"))
        #expect(try lab.apply().contains("    VRF blue added"))
        try eventually("the new VPN is there") { try lab.reaches("ce3", "10.0.9.1") }
        #expect(try lab.connections("pe1") == kept)
        let result = try lab.connection.call(.outageStop, [.init("outage", JSON(outage))])
        #expect(result["lost"] == 0, "\(result.text)")

        try lab.edit(
            (
                "# transport",
                "transports: {t: {encapsulation: mgre, key: 7, ipsec: esp}}\n"
                    + "ipsec: {esp: {keying: manual}}\ncore: {transport: t}"
            ))
        #expect(try lab.apply().contains("    tunnel t added"))
        try eventually("both VPNs are there") {
            try lab.reaches("ce3", "10.0.9.1") && lab.reaches("ce1", "10.0.0.2")
        }
        #expect(try lab.connections("pe1") == kept)
        try expectFresh(lab, "change-vpn-fresh", ["pe1", "pe2"], substrate: "microvm")

        try lab.edit((lab.text, start))
        #expect(try lab.apply().contains("- node ce3"))
        try eventually("the VPN is there") { try lab.reaches("ce1", "10.0.0.2") }
        #expect(try lab.connections("pe1") == kept)
        try expectSame(lab, ["pe1", "pe2"]) { first }
    }

    @Test func `a LAN is joined and left, cables stay pulled, and mistakes change nothing`() throws
    {
        let lab = try Edited("change-lan")
        defer { try? lab.weft.down() }
        try eventually("all sessions are up") { try lab.established("b").count == 2 }
        try lab.weft.run("set", "link-down", "a-b", "--lab", lab.weft.lab)
        let (before, processes) = (try lab.connections("c"), lab.weft.processes)

        try lab.edit(
            ("h: {role", "g: {role: host}\n  h: {role"), (", h: 192", ", g: 192.168.0.3/24, h: 192")
        )
        #expect(try lab.apply() == ["+ node g (host)", "~ LAN site", "    g joins"])
        #expect(try lab.reaches("h", "192.168.0.3"))
        #expect(try lab.connections("c") == before)
        let deviations = try lab.connection.call(.deviations)
        #expect(deviations["links"]?.array.count == 2)
        #expect(try lab.tool("a", "ip -br link show eth1").contains("DOWN"))

        try lab.edit(("g: {role: host}\n  ", ""), (", g: 192.168.0.3/24", ""))
        #expect(try lab.apply() == ["- node g", "~ LAN site", "    g leaves"])
        #expect(try lab.reaches("h", "192.168.0.1"))
        #expect(lab.weft.processes.count == processes.count)

        let same = try lab.weft.run("up", lab.weft.file)
        #expect(same.status == 0 && same.output.hasPrefix("nothing to change"))
        try lab.edit(("# more nodes", "# a comment"))
        #expect(try lab.weft.run("up", lab.weft.file).output.contains("comments differ"))
        #expect(try lab.connection.call(.hello)["topology"]?.string == lab.text)

        let sound = lab.text
        try lab.edit(("neighbors: {b: peer}", "neighbors: {b: pear}"))
        let wrong = try lab.weft.run("up", lab.weft.file)
        #expect(wrong.status == 2 && wrong.complaint.contains("pear"))
        #expect(try lab.connection.call(.hello)["topology"]?.string == sound)
        #expect(try lab.connections("c") == before)
        let other = try lab.weft.run("up", lab.weft.file, "--substrate", "microvm")
        #expect(other.status == 2)
    }
}
