// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Running labs and their nodes, from answers of `hello`.
enum ListText {
    static func labs(_ labs: [JSON], _ style: Style = .plain) -> String {
        guard !labs.isEmpty else { return "no lab is running\n" }
        let rows = labs.map { lab in
            let nodes = lab["nodes"]?.array ?? []
            let running = nodes.count { $0["state"]?.string == "running" }
            return [
                StateText.string(lab["name"]), StateText.string(lab["state"]),
                StateText.string(lab["substrate"]), "\(running)/\(nodes.count)",
                AgeText.text(lab["started"]) ?? "-", StateText.string(lab["file"]),
            ]
        }
        return StateText.table(
            ["Lab", "State", "Substrate", "Nodes", "Up for", "File"], rows, style, stateColumn: 1)
    }

    static func nodes(_ lab: JSON, _ style: Style = .plain) -> String {
        let rows = (lab["nodes"]?.array ?? []).map { node in
            [
                StateText.string(node["name"]), StateText.string(node["role"]),
                StateText.string(node["state"]), StateText.number(node["pid"]),
                node["last-error"]?.string ?? "",
            ]
        }
        return StateText.table(
            ["Node", "Role", "State", "Process", "Last error"], rows, style, stateColumn: 2)
    }
}
