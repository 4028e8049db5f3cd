// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What was done to a lab by hand.
enum DeviationText {
    /// - Parameter answer: that of `event`.
    static func event(_ answer: JSON) -> String {
        let nodes = (answer["nodes"]?.array ?? []).compactMap(\.string)
        let text = answer["text"]?.string ?? "done"
        return text + (nodes.isEmpty ? "" : "; taken in by " + list(nodes)) + "\n"
    }

    /// `a, b and c`.
    static func list(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }

    /// - Parameter answer: that of `deviations`.
    static func text(_ answer: JSON, _ style: Style = .plain) -> String {
        let rows =
            links(answer) + impairments(answer) + nodes(answer) + sessions(answer)
        guard !rows.isEmpty else { return "all is as the file says\n" }
        return StateText.table(["What", "Where", "State"], rows, style, stateColumn: 2)
    }

    private static func links(_ answer: JSON) -> [[String]] {
        (answer["links"]?.array ?? []).map { link in
            [
                "link", "\(StateText.string(link["link"])) at \(StateText.string(link["node"]))",
                "down",
            ]
        }
    }

    private static func impairments(_ answer: JSON) -> [[String]] {
        (answer["impairments"]?.array ?? []).map { end in
            let what = (try? Impairment(end))?.text ?? "-"
            return [
                "link", "\(StateText.string(end["link"])) from \(StateText.string(end["node"]))",
                what,
            ]
        }
    }

    private static func nodes(_ answer: JSON) -> [[String]] {
        (answer["nodes"]?.array ?? []).map { node in
            let reason = node["reason"]?.string.map { ": " + $0 } ?? ""
            return [
                "node", StateText.string(node["node"]), StateText.string(node["state"]) + reason,
            ]
        }
    }

    private static func sessions(_ answer: JSON) -> [[String]] {
        (answer["sessions"]?.array ?? []).map { session in
            let vrf = session["vrf"]?.string.map { " in VRF \($0)" } ?? ""
            let state = session["deactivated"] == true ? "deactivated" : "activated"
            return [
                "neighbor",
                "\(StateText.string(session["neighbor"])) of \(StateText.string(session["node"]))"
                    + vrf, state,
            ]
        }
    }
}
