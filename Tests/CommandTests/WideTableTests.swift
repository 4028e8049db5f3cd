// SPDX-License-Identifier: Apache-2.0

import Plan
import Primitives
import Testing
import Topology

@testable import weft

/// Answers in which everything is as long as it can be; names are `name`.
private struct LongAnswers {
    let name: String
    static let address = "2001:db8:1234:5678:9abc:def0:1234:5678"
    private let address = LongAnswers.address
    private let prefix = LongAnswers.address + "/128"
    private let much: Int64 = 4_294_967_295

    /// An answer with every member that any text looks at.
    func row(_ more: [(String, JSON)] = []) -> JSON {
        let names = [
            "name", "interface", "vrf", "transport", "file", "object", "overlay", "reason",
            "last-error", "keying", "encapsulation",
        ]
        let addresses = [
            "address", "next-hop", "destination", "source", "from", "master-address",
            "primary-address",
        ]
        let figures = [
            "remote-as", "uptime", "received", "accepted", "advertised", "messages-received",
            "messages-sent", "med", "local-preference", "metric", "label", "table", "routes", "age",
            "key", "spi", "packets", "bytes", "integrity-failures", "replayed", "rekey-in", "pid",
            "priority", "effective-priority", "preference", "vpn-label", "started", "group",
        ]
        let lists: [(String, JSON)] = [
            ("labels", .array([.int(1_048_575), .int(1_048_574)])),
            ("communities", JSON([name, name, name])), ("cluster-list", JSON([address, address])),
            ("import-targets", JSON([name, name])), ("export-targets", JSON([name])),
            ("interfaces", JSON([name, name, name])), ("addresses", JSON([address, address])),
            ("virtual-addresses", JSON([address, address])), ("problems", JSON([name, name])),
        ]
        let words: [(String, JSON)] = [
            ("state", "established"), ("as-path", .string(String(repeating: "65500 ", count: 60))),
            ("origin", "igp"), ("route-distinguisher", "4294967295:65535"),
            ("prefix", .string(prefix)), ("protocol", "bgp"), ("active", true), ("mode", "tunnel"),
            ("cipher", "aes-cbc-128-hmac-sha-256"), ("direction", "out"), ("action", "swap"),
            ("role", "host"), ("substrate", "rootless"), ("originator", "255.255.255.255"),
        ]
        let all =
            names.map { ($0, JSON.string(name)) } + addresses.map { ($0, .string(address)) }
            + figures.map { ($0, JSON.int(much)) } + lists + words
        let given = Set(more.map(\.0))
        return .object((all.filter { !given.contains($0.0) } + more).map { .init($0.0, $0.1) })
    }

    var plain: JSON { row([("state", "active")]) }

    var texts: [(String, (Style) -> String)] {
        [
            ("bgp", { NeighborText.neighbors(["neighbors": .array([plain, row()])], $0) }),
            ("received", { NeighborText.routes(["routes": .array([plain])], $0) }),
            (
                "vrrp",
                { style in
                    let tracks = row([
                        ("effective-priority", 150), ("tracks", .array([row([("up", false)])])),
                    ])
                    return StateText.vrrp(["groups": .array([tracks])], style)
                }
            ),
            ("vrf", { StateText.vrfs(["vrfs": .array([plain])], $0) }),
            (
                "mpls",
                { StateText.mpls(["labels": .array([plain]), "tunnels": .array([plain])], $0) }
            ),
            ("interfaces", { StateText.interfaces(["interfaces": .array([plain])], $0) }),
            (
                "transports",
                { style in
                    let transport = row([("endpoints", .array([plain]))])
                    return TransportText.transports(["transports": .array([transport])], style)
                }
            ),
            (
                "ipsec",
                { style in
                    let peer = row([("associations", .array([plain])), ("state", "failing")])
                    return TransportText.ipsec(["peers": .array([peer])], style)
                }
            ),
            (
                "route",
                { style in
                    let paths: JSON = .array([plain, row([("active", false)])])
                    let table = row([
                        ("name", .string(name + ".inet6.0")), ("destinations", .int(much)),
                        ("entries", .array([row([("paths", paths)])])),
                    ])
                    return RouteText.text(["tables": .array([table])], style)
                }
            ),
            (
                "set",
                { style in
                    let row = row([
                        ("link", .string(name)), ("node", .string(name)),
                        ("neighbor", .string(name)),
                    ])
                    return DeviationText.text(
                        [
                            "links": .array([row]), "nodes": .array([row]),
                            "sessions": .array([row]),
                        ], style)
                }
            ),
            ("labs", { ListText.labs([row([("nodes", .array([plain]))])], $0) }),
            ("nodes", { ListText.nodes(["nodes": .array([plain])], $0) }),
        ]
    }
}

/// The longest names and addresses that there can be, in every table at once.
@Suite("Tables of long names")
struct WideTableTests {
    /// 63 characters, of which the first and the last are found nowhere else.
    private static let name = "Quick-edge-router-of-the-north-western-site-in-building-1234-aQ"

    private func expectToFit(_ text: String, _ name: String) {
        for line in text.split(separator: "\n") {
            #expect(line.count <= 100, "\(name): \(line)")
            #expect(line.last != " ", "\(name): \(line)")
        }
    }

    @Test func everyTableFits100ColumnsAndLosesNothing() throws {
        #expect(Self.name.count == 63)
        let short = LongAnswers(name: "QaQ").texts
        for ((name, body), (_, shortBody)) in zip(LongAnswers(name: Self.name).texts, short) {
            let text = body(.plain)
            expectToFit(text, name)
            try expectGolden("wide-\(name)", text)
            // Both ends of every name are still there, as often as those of a short one.
            func ends(_ text: String) -> Int { text.count { $0 == "Q" } }
            #expect(ends(text) == ends(shortBody(.plain)), "\(name)")
            // Colour changes no width.
            #expect(Self.uncoloured(body(Style(isColoured: true))) == text, "\(name)")
            #expect(!text.contains("\u{1b}"))
        }
    }

    private static func uncoloured(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var out = ""
            var isCode = false
            for character in line {
                if character == "\u{1b}" { isCode = true }
                if !isCode { out.append(character) }
                if isCode, character == "m" { isCode = false }
            }
            while out.last == " " { out.removeLast() }
            lines.append(out)
        }
        return lines.joined(separator: "\n")
    }

    @Test func aLongCellGoesOnBelowItself() {
        let table = Table(
            columns: [.init("Name"), .init("Address", isKept: true), .init("Note")],
            rows: [[Self.name, LongAnswers.address, "one two three"], ["b", "c", "d"]],
            notes: [0: "last error: none"])
        let lines = table.text().split(separator: "\n").map { String($0) }
        #expect(lines.count > 4)
        #expect(lines[1].contains(LongAnswers.address))
        let cells = lines.dropFirst().prefix { !$0.contains("last error") }
        let first = cells.map { $0.prefix { $0 != " " } }.joined()
        #expect(first == Self.name)
        #expect(lines[lines.count - 2] == "  last error: none")
        #expect(table.text().split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func aPlanOfLongNamesFits() throws {
        let text = """
            name: \(Self.name)
            policies: {\(Self.name): [{match: {protocol: bgp}, then: accept}]}
            nodes:
              \(Self.name):
                role: ce
                bgp:
                  as: 1
                  neighbors:
                    b: {as: 2, import: [\(Self.name), accept], export: [\(Self.name), \(Self.name)]}
              b: {role: ce, loopback: 10.0.0.2}
            links: [{endpoints: [\(Self.name), b], subnet: 2001:db8:1234:5678::/126}]
            """
        let plan = LabPlan(try Topology.parse(Array(text.utf8)))
        expectToFit(plan.text(), "plan")
    }

    @Test func aDoctorsFindingsFit() {
        let finding: JSON = [
            "name": .string(Self.name), "present": false, "ready": false,
            "for": .string(Self.name), "reason": .string(Self.name + " " + Self.name),
            "says": .string(Self.name + " " + Self.name), "command": .string(Self.name),
        ]
        let findings: JSON = [
            "kernel": .string(Self.name), "features": .array([finding]),
            "substrates": .array([finding]), "advice": .array([finding]), "lab": finding,
        ]
        expectToFit(DoctorText.text(findings), "doctor")
    }
}
