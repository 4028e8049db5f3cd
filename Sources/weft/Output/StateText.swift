// SPDX-License-Identifier: Apache-2.0

import Primitives

/// VRRP groups, VRFs, labels and interfaces of a router.
enum StateText {
    /// - Parameter answer: that of `Query.vrrp`.
    static func vrrp(_ answer: JSON, _ style: Style = .plain) -> String {
        let groups = answer["groups"]?.array ?? []
        guard !groups.isEmpty else { return "no VRRP groups\n" }
        let rows = groups.flatMap { group in
            let priority = priorityText(group)
            let master = group["master-address"]?.string ?? "-"
            let head = [
                string(group["interface"]), number(group["group"]), "v" + number(group["version"]),
                string(group["state"]), priority, master, "lcl",
                string(group["primary-address"]),
            ]
            let virtual = (group["virtual-addresses"]?.array ?? []).compactMap(\.string)
            let tracks = (group["tracks"]?.array ?? []).map { track in
                let isUp = track["up"]?.bool == true
                let cost = isUp ? "" : ", costs \(number(track["priority-cost"]))"
                return rowTail("trk", "\(string(track["object"])) \(isUp ? "up" : "down")\(cost)")
            }
            return [head] + virtual.map { rowTail("vip", $0) } + tracks
        }
        let table = Table(
            columns: [
                .init("Interface"), .init("Group", alignsRight: true, isKept: true),
                .init("Version", isKept: true), .init("State", isKept: true), .init("Priority"),
                .init("Master", isKept: true), .init("Type", isKept: true), .init("Address"),
            ], rows: rows,
            paint: { row, column, text in
                row == nil ? style.bold(text) : column == 3 ? style.state(text) : text
            })
        return table.text() + "\n"
    }

    private static func rowTail(_ type: String, _ text: String) -> [String] {
        ["", "", "", "", "", "", type, text]
    }

    /// `250`, or `150 (250 less tracks)` where a track is down.
    private static func priorityText(_ group: JSON) -> String {
        let own = group["priority"]?.int ?? 0
        let effective = group["effective-priority"]?.int ?? own
        return effective == own ? "\(own)" : "\(effective) (of \(own))"
    }

    /// - Parameter answer: that of `Query.vrfs`.
    static func vrfs(_ answer: JSON, _ style: Style = .plain) -> String {
        let vrfs = answer["vrfs"]?.array ?? []
        guard !vrfs.isEmpty else { return "no VRFs\n" }
        let rows = vrfs.map { vrf in
            [
                string(vrf["name"]), string(vrf["route-distinguisher"]),
                list(vrf["import-targets"]), list(vrf["export-targets"]), number(vrf["label"]),
                number(vrf["table"]), number(vrf["routes"]), list(vrf["interfaces"]),
            ]
        }
        return table(
            ["VRF", "RD", "Import", "Export", "Label", "Table", "Routes", "Interfaces"], rows, style
        )
    }

    /// - Parameter answer: that of `Query.mpls`.
    static func mpls(_ answer: JSON, _ style: Style = .plain) -> String {
        let labels = (answer["labels"]?.array ?? []).map { label in
            let action = string(label["action"])
            let out = list(label["labels"])
            let target = label["vrf"]?.string.map { "VRF " + $0 } ?? string(label["destination"])
            return [
                number(label["label"]), action + (out == "-" ? "" : " to " + out), target,
                string(label["next-hop"]), string(label["interface"]),
            ]
        }
        let tunnels = (answer["tunnels"]?.array ?? []).map { tunnel in
            [
                string(tunnel["destination"]), string(tunnel["transport"]),
                list(tunnel["labels"]), string(tunnel["next-hop"]), string(tunnel["interface"]),
                number(tunnel["metric"]),
            ]
        }
        guard !labels.isEmpty || !tunnels.isEmpty else { return "no MPLS\n" }
        var parts: [String] = []
        if !labels.isEmpty {
            parts.append(
                table(["Label", "Action", "For", "Next hop", "Interface"], labels, style))
        }
        if !tunnels.isEmpty {
            parts.append(
                table(
                    ["Tunnel to", "Transport", "Push", "Next hop", "Interface", "Metric"], tunnels,
                    style))
        }
        return parts.joined(separator: "\n")
    }

    /// - Parameter answer: that of `Query.interfaces`.
    static func interfaces(_ answer: JSON, _ style: Style = .plain) -> String {
        let rows = (answer["interfaces"]?.array ?? []).map { interface in
            [
                string(interface["name"]), interface["up"]?.bool == true ? "up" : "down",
                string(interface["vrf"]), list(interface["addresses"]),
            ]
        }
        return table(["Interface", "State", "VRF", "Addresses"], rows, style, stateColumn: 1)
    }

    /// Columns of addresses and of states keep their width where names can give way.
    private static let keptTitles: Set<String> = [
        "State", "Address", "Next hop", "Tunnel to", "Endpoint", "Source", "SPI", "Dir", "Nodes",
        "Up for", "Process", "Label", "Table", "Routes", "Metric", "Age", "Rekey in", "Packets",
        "Bytes", "Failed", "Replayed", "Key", "Type", "Role", "Substrate", "Protection", "Keying",
        "Mode", "RD",
    ]

    static func table(
        _ titles: [String], _ rows: [[String]], _ style: Style, stateColumn: Int? = nil
    ) -> String {
        Table(
            columns: titles.map { Table.Column($0, isKept: keptTitles.contains($0)) }, rows: rows,
            paint: { row, column, text in
                row == nil ? style.bold(text) : column == stateColumn ? style.state(text) : text
            }
        ).text() + "\n"
    }

    static func string(_ value: JSON?) -> String { value?.string ?? "-" }
    static func number(_ value: JSON?) -> String { NeighborText.number(value) }

    /// `a b c`, or a dash for none.
    static func list(_ value: JSON?) -> String {
        let words = (value?.array ?? []).map { NeighborText.number($0) }
        return words.isEmpty ? "-" : words.joined(separator: " ")
    }
}
