// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What lines mean, below the picture.
struct SVGLegend {
    private struct Entry {
        /// Classes of the group in which the sample is drawn.
        var classes: String
        var dash = ""
        var isArrow = false
        var text: String

        var width: Double { 44 + Double(text.count) * 6.6 + 20 }
    }

    private var rows: [[Entry]] = []
    /// No wider than the picture, unless one entry is.
    private(set) var width = 0.0
    var height: Double { rows.isEmpty ? 0 : Double(rows.count) * 20 + 14 }

    init(_ drawing: Drawing, showsSessions: Bool, width limit: Double) {
        let entries = Self.entries(drawing, showsSessions: showsSessions)
        var used = Double.infinity
        for entry in entries {
            if used + entry.width > max(limit, 480) {
                rows.append([])
                used = 24
            }
            rows[rows.count - 1].append(entry)
            used += entry.width
            width = max(width, used)
        }
    }

    private static func entries(_ drawing: Drawing, showsSessions: Bool) -> [Entry] {
        var entries: [Entry] = []
        if drawing.links.contains(where: \.isCore) {
            entries.append(Entry(classes: "link core", text: "core link"))
        }
        let used = Set(drawing.links.compactMap(\.vrf) + drawing.lans.compactMap(\.vrf))
        for vrf in drawing.vrfs.filter(used.contains).prefix(16) {
            let style = SVGStyle.vrf(vrf, drawing)
            entries.append(
                Entry(
                    classes: "link" + style.classes, dash: style.dash,
                    text: "VRF " + vrf.shortened(to: 24)))
        }
        if used.count > 16 { entries.append(Entry(classes: "link", text: "and more VRFs")) }
        if drawing.links.contains(where: \.isDown) {
            entries.append(Entry(classes: "link down", text: "down"))
        }
        guard showsSessions else { return entries }
        let kinds = Set(drawing.sessions.map(\.kind))
        let texts: [(Drawing.Session.Kind, String)] = [
            (.internal, "iBGP session"), (.reflector, "iBGP, reflector to client"),
            (.external, "eBGP session"),
        ]
        for (kind, text) in texts where kinds.contains(kind) {
            entries.append(
                Entry(
                    classes: "session \(kind.rawValue)", isArrow: kind == .reflector, text: text))
        }
        return entries
    }

    func text(top: Double) -> String {
        var out = "<g class=\"legend\">\n"
        for (index, row) in rows.enumerated() {
            let y = top + Double(index) * 20 + 4
            var x = 24.0
            for entry in row {
                let arrow =
                    entry.isArrow
                    ? "<path class=\"arrow\" d=\"M\((x + 34).svg) \(y.svg)l-9 -4.5v9z\"/>" : ""
                out += """
                    <g class="\(entry.classes)"><path\(entry.dash) \
                    d="M\(x.svg) \(y.svg)h34"/>\(arrow)\
                    <text x="\((x + 42).svg)" y="\((y + 4).svg)">\(entry.text.markup)</text></g>

                    """
                x += entry.width
            }
        }
        return out + "</g>\n"
    }
}
