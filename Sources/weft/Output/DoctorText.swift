// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What this machine can carry, for people.
enum DoctorText {
    /// - Parameter findings: {kernel, features: [{name, present, reason?, for}],
    ///   substrates: [{name, ready, says}], engines?: as features, advice: [{command, for}],
    ///   lab?: {name, substrate?, says}}.
    static func text(_ findings: JSON, _ style: Style = .plain) -> String {
        var parts = [style.bold("This kernel: \(findings["kernel"]?.string ?? "unknown")")]
        parts[0] += "\n" + features(findings["features"]?.array ?? [], style)
        parts.append(
            style.bold("Substrates") + "\n" + substrates(findings["substrates"]?.array ?? [], style)
        )
        let engines = findings["engines"]?.array ?? []
        if !engines.isEmpty {
            parts.append(style.bold("Other engines") + "\n" + features(engines, style))
        }
        let advice = findings["advice"]?.array ?? []
        if !advice.isEmpty {
            parts.append(style.bold("To have more") + "\n" + pairs(advice, "command", "for"))
        }
        if let lab = findings["lab"] {
            let verdict = lab["substrate"]?.string.map { "runs on \($0)" } ?? "cannot run here"
            let name = lab["name"]?.string ?? ""
            let text = "\(name) \(verdict): \(lab["says"]?.string ?? "")"
                .wrapped(to: Table.widthMax).joined(separator: "\n")
            let isWhole = text.hasPrefix(name)
            parts.append(
                (isWhole ? style.bold(name) + text.dropFirst(name.count) : text) + "\n")
        }
        return parts.joined(separator: "\n")
    }

    private static func features(_ features: [JSON], _ style: Style) -> String {
        let rows = features.map { feature in
            [
                "  " + (feature["name"]?.string ?? ""),
                feature["present"]?.bool == true ? "yes" : "no", feature["for"]?.string ?? "",
                feature["reason"]?.string ?? "",
            ]
        }
        return table(rows, style)
    }

    private static func substrates(_ substrates: [JSON], _ style: Style) -> String {
        let rows = substrates.map { substrate in
            [
                "  " + (substrate["name"]?.string ?? ""),
                substrate["ready"]?.bool == true ? "yes" : "no", substrate["says"]?.string ?? "",
            ]
        }
        return table(rows, style)
    }

    private static func pairs(_ rows: [JSON], _ first: String, _ second: String) -> String {
        let rows = rows.map { ["  " + ($0[first]?.string ?? ""), $0[second]?.string ?? ""] }
        return Table(columns: [.init(""), .init("")], rows: rows).text(showsHeader: false) + "\n"
    }

    private static func table(_ rows: [[String]], _ style: Style) -> String {
        let width = rows.map(\.count).max() ?? 0
        return Table(
            columns: Array(repeating: .init(""), count: width), rows: rows,
            paint: { _, column, text in column == 1 ? style.state(text) : text }
        ).text(showsHeader: false) + "\n"
    }
}
