// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Figures for people and for programs.
enum FigureText {
    /// Name, ours, what it shall stay below, then every baseline and how many times ours it is.
    static func lines(_ figures: [Figure]) -> [String] {
        let rows = figures.map { figure in
            [figure.name, value(figure.ours, figure.unit), aim(figure)]
                + figure.baselines.map { baseline in
                    let ratio = figure.ratio(to: baseline.samples).map { " (\(number($0))x)" } ?? ""
                    return "\(baseline.name) \(value(baseline.samples, figure.unit))\(ratio)"
                }
        }
        let header = ["", "ours", "aim", rows.contains { $0.count > 3 } ? "others" : ""]
        return aligned([header] + rows)
    }

    /// {name, unit, ours, aim?, times-aim?, holds?, baselines: [{name, median, values}]}
    static func json(_ figure: Figure) -> JSON {
        let baselines: [JSON] = figure.baselines.map { baseline in
            .object([.init("name", .string(baseline.name))] + baseline.samples.json.members)
        }
        let value: JSON = [
            "name": .string(figure.name), "unit": .string(figure.unit),
            "ours": figure.ours.json, "aim": figure.aim.map { JSON($0) } ?? .null,
            "times-aim": figure.timesAim.map { JSON($0) } ?? .null,
            "holds": figure.holds.map { .bool($0) } ?? .null, "baselines": .array(baselines),
        ]
        return value.compact
    }

    private static func value(_ samples: Samples, _ unit: String) -> String {
        samples.median.map { "\(number($0)) \(unit)" } ?? "-"
    }

    private static func aim(_ figure: Figure) -> String {
        guard let holds = figure.holds else { return "" }
        let verdict = holds ? "holds" : "MISSED"
        if let timesAim = figure.timesAim, let times = figure.times {
            return "\(number(times))x of <= \(number(timesAim))x \(verdict)"
        }
        return "< \(number(figure.aim ?? 0)) \(verdict)"
    }

    /// To three digits or so: 0.85, 9.5, 123.
    static func number(_ value: Double) -> String {
        let digits = value < 10 ? 2 : value < 100 ? 1 : 0
        let scale = [1.0, 10, 100][digits]
        let scaled = Int64(value * scale + 0.5)
        guard digits > 0 else { return String(scaled) }
        let fraction = String(Int64(scale) + scaled % Int64(scale)).dropFirst()
        return "\(scaled / Int64(scale)).\(fraction)"
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += "  " + cell + String(repeating: " ", count: width - cell.count)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
