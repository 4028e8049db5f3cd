// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a router knows of label distribution.
enum LDPText {
    /// - Parameter answer: that of `Query.routing(.ldp)`.
    static func text(_ answer: JSON, _ style: Style = .plain) -> String {
        guard let ldp = answer["instances"]?[0] else { return "no LDP\n" }
        let parts = [
            interfaces(ldp, style), neighbors(ldp, style), sessions(ldp, style),
            labels(ldp, style),
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func table(
        _ titles: [String], _ rows: [[String]], _ style: Style, stateColumn: Int? = nil
    ) -> String {
        rows.isEmpty ? "" : StateText.table(titles, rows, style, stateColumn: stateColumn)
    }

    private static func interfaces(_ ldp: JSON, _ style: Style) -> String {
        let rows = (ldp["interfaces"]?.array ?? []).map { interface in
            [
                StateText.string(interface["interface"]), StateText.string(interface["address"]),
                interface["up"]?.bool == true ? "up" : "down",
                StateText.number(interface["neighbors"]),
                interface["synchronised"]?.bool == true ? "yes" : "no",
            ]
        }
        return table(
            ["Interface", "Address", "State", "Neighbors", "In sync with IGP"], rows, style,
            stateColumn: 2)
    }

    private static func neighbors(_ ldp: JSON, _ style: Style) -> String {
        let rows = (ldp["neighbors"]?.array ?? []).map { neighbor in
            [
                StateText.string(neighbor["address"]),
                neighbor["interface"]?.string ?? "targeted", StateText.string(neighbor["ldp-id"]),
                StateText.number(neighbor["hold-time"]), StateText.number(neighbor["expires-in"]),
            ]
        }
        return table(
            ["Neighbor", "Interface", "Label space ID", "Hold time", "Expires in"], rows, style)
    }

    private static func sessions(_ ldp: JSON, _ style: Style) -> String {
        let rows = (ldp["sessions"]?.array ?? []).map { session in
            [
                StateText.string(session["transport-address"]), StateText.string(session["state"]),
                StateText.string(session["role"]), StateText.number(session["keepalive-time"]),
                AgeText.text(session["uptime"]) ?? "-",
                StateText.number(session["labels-received"]),
                session["last-error"]?.string ?? "-",
            ]
        }
        return table(
            ["Session with", "State", "Role", "Keepalive", "Up for", "Labels", "Last error"], rows,
            style, stateColumn: 1)
    }

    /// A row for each prefix and peer: what it gave, and what it was given.
    private static func labels(_ ldp: JSON, _ style: Style) -> String {
        let rows = (ldp["databases"]?.array ?? []).flatMap(bindingRows)
        return table(["Prefix", "With", "Input label", "Output label"], rows, style)
    }

    private static func bindingRows(_ database: JSON) -> [[String]] {
        let peer = StateText.string(database["session"]).split(separator: "--").last ?? "-"
        let input = bindings(database["input"])
        let output = bindings(database["output"])
        let prefixes = Set(input.keys).union(output.keys).sorted()
        return prefixes.map { prefix in
            [prefix.description, String(peer), input[prefix] ?? "-", output[prefix] ?? "-"]
        }
    }

    private static func bindings(_ list: JSON?) -> [IPPrefix: String] {
        var labels: [IPPrefix: String] = [:]
        for entry in list?.array ?? [] {
            guard let prefix = entry["prefix"]?.string.flatMap({ IPPrefix($0) }) else { continue }
            labels[prefix] = StateText.number(entry["label"])
        }
        return labels
    }
}
