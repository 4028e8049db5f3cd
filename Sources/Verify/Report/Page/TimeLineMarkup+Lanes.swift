// SPDX-License-Identifier: Apache-2.0

import Graph
import Primitives

/// What one router reported, from left to right.
extension TimeLineMarkup {
    func lane(_ lane: TimeLine.Lane, top: Double) -> String {
        let middle = top + Self.laneHeight / 2
        var out = """
            <text class="node" x="\((Self.left - 10).svg)" y="\((middle + 4).svg)">\
            \(lane.node.shortened(to: 15).markup)</text>\
            <path class="lane" d="M\(Self.left.svg) \(middle.svg)H\((Self.width - Self.right).svg)"/>
            """
        out += routes(lane, middle)
        let signs = lane.moments.filter { $0.kind != .routes }.sorted { $0.at < $1.at }
        for (index, var moment) in signs.enumerated() {
            let words = "\(lane.node), \(text(moment.at)): \(moment.words)"
            // A word that would run into the next sign is left to its tool tip.
            let room = index + 1 < signs.count ? x(signs[index + 1].at) - x(moment.at) : .infinity
            if Double(moment.label.count) * 6.4 + 16 > room { moment.label = "" }
            out += sign(moment, words, x(moment.at), middle)
        }
        return "<g>\(out)</g>"
    }

    /// Route changes as bars, those of a few pixels together: the more, the higher.
    private func routes(_ lane: TimeLine.Lane, _ middle: Double) -> String {
        var buckets: [Int: [TimeLine.Moment]] = [:]
        for moment in lane.moments where moment.kind == .routes {
            buckets[Int(x(moment.at) / 4), default: []].append(moment)
        }
        return buckets.sorted { $0.key < $1.key }.map { key, moments in
            let height = min(Double(moments.count) * 1.5 + 4, Self.laneHeight - 4)
            let shown = moments.prefix(8).map(\.words).joined(separator: ", ")
            let more = moments.count > 8 ? " and \(moments.count - 8) more" : ""
            let at = moments.first.map { text($0.at) } ?? ""
            let words =
                "\(lane.node), \(at): \(moments.count) route "
                + "change\(moments.count == 1 ? "" : "s"): \(shown)\(more)"
            return """
                <g class="routes"><title>\(words.markup)</title><rect x="\(key * 4)" \
                y="\((middle - height / 2).svg)" width="3" height="\(height.svg)"/></g>
                """
        }.joined()
    }

    /// Each kind has a shape of its own besides its colour.
    private func sign(
        _ moment: TimeLine.Moment, _ words: String, _ x: Double, _ y: Double
    ) -> String {
        let (kind, shape) = Self.shape(moment.kind, x, y)
        let label =
            moment.label.isEmpty
            ? "" : "<text x=\"\((x + 9).svg)\" y=\"\((y + 3.5).svg)\">\(moment.label.markup)</text>"
        return """
            <g class="\(kind)"><title>\(words.markup)</title><path d="\(shape)"/>\(label)</g>
            """
    }

    static func shape(
        _ kind: TimeLine.Moment.Kind, _ x: Double, _ y: Double
    ) -> (String, String) {
        switch kind {
        case .linkUp: ("linkup", "M\((x - 5).svg) \((y - 5).svg)h10v10h-10z")
        case .linkDown:
            (
                "linkdown",
                "M\((x - 5).svg) \((y - 5).svg)l10 10M\((x + 5).svg) \((y - 5).svg)l-10 10"
            )
        case .sessionUp: ("up", "M\(x.svg) \((y - 7).svg)l6 12h-12z")
        case .sessionDown: ("lost", "M\(x.svg) \((y + 7).svg)l-6 -12h12z")
        case .vrrp: ("vrrp", "M\(x.svg) \((y - 7).svg)l7 7l-7 7l-7 -7z")
        case .malformed: ("malformed", "M\((x - 2).svg) \((y - 7).svg)h4v9h-4zm0 11h4v3h-4z")
        case .routes: ("routes", "M\(x.svg) \((y - 4).svg)v8")
        }
    }
}
