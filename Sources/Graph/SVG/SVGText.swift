// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A drawing as a picture that needs nothing but itself: fonts are the reader's, colours follow
/// the reader's preference for light or dark.
package struct SVGText {
    /// Also draws BGP sessions.
    package var showsSessions: Bool
    /// Begins with the lab's name and description; a page around it may say that itself.
    package var hasHead: Bool

    package init(showsSessions: Bool, hasHead: Bool = true) {
        self.showsSessions = showsSessions
        self.hasHead = hasHead
    }

    package func text(_ drawing: Drawing) -> String { picture(drawing).text }

    /// The same with its natural width in pixels.
    package func picture(_ drawing: Drawing) -> (text: String, width: Double) {
        let layout = Layout(drawing)
        let legend = SVGLegend(drawing, showsSessions: showsSessions, width: layout.size.width)
        let head = hasHead ? (drawing.description.isEmpty ? 40.0 : 58) : 0
        let headWidth =
            hasHead ? Double(max(drawing.name.count, drawing.description.count)) * 8 + 48 : 0
        let width = max(layout.size.width, legend.width, headWidth)
        let height = head + layout.size.height + legend.height
        let shift = (width - layout.size.width) / 2
        var out = """
            <svg xmlns="http://www.w3.org/2000/svg" class="weft" role="img" \
            aria-labelledby="weft-title weft-desc" width="\(width.svg)" height="\(height.svg)" \
            viewBox="0 0 \(width.svg) \(height.svg)">
            <title id="weft-title">\(drawing.name.markup)</title>
            <desc id="weft-desc">\(description(drawing).markup)</desc>
            <style>
            \(SVGStyle.text)
            </style>
            <rect class="paper" width="\(width.svg)" height="\(height.svg)"/>

            """
        if hasHead { out += self.head(drawing) }
        out += "<g transform=\"translate(\(shift.svg) \(head.svg))\">\n"
        out += SVGBody(drawing, layout, showsSessions: showsSessions).text
        out += "</g>\n"
        out += legend.text(top: head + layout.size.height)
        return (out + "</svg>\n", width)
    }

    private func head(_ drawing: Drawing) -> String {
        let name = "<text class=\"head\" x=\"24\" y=\"32\">\(drawing.name.markup)</text>\n"
        guard !drawing.description.isEmpty else { return name }
        return name
            + "<text class=\"note\" x=\"24\" y=\"51\">\(drawing.description.markup)</text>\n"
    }

    /// What those hear who do not see it.
    private func description(_ drawing: Drawing) -> String {
        func count(_ number: Int, _ word: String) -> String {
            "\(number) \(word)\(number == 1 ? "" : "s")"
        }
        let lead = drawing.description.isEmpty ? "" : drawing.description + ". "
        return lead + "A network of "
            + [
                count(drawing.nodes.count, "node"), count(drawing.links.count, "link"),
                count(drawing.lans.count, "LAN"), count(drawing.sessions.count, "BGP session"),
            ].joined(separator: ", ") + "."
    }
}

extension Double {
    /// Rounded to a tenth, without a needless zero.
    package var svg: String {
        let tenths = Int((self * 10).rounded())
        let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
        return (tenths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : ".\(rest)")
    }
}
