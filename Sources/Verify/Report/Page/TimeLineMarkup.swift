// SPDX-License-Identifier: Apache-2.0

import Graph
import Primitives

/// A time line as a picture and, for those who want the figures, as a list.
struct TimeLineMarkup {
    let line: TimeLine
    static let (width, left, right) = (1080.0, 118.0, 18.0)
    static let (chartHeight, laneHeight) = (96.0, 24.0)
    private static let rowsMax = 400

    init(_ line: TimeLine) { self.line = line }

    var html: String {
        """
        \(frame)
        \(line.closeUp.map { "<h4>the beginning</h4>" + TimeLineMarkup($0).frame } ?? "")
        \(legend)
        \(list)
        """
    }

    private var frame: String {
        """
        <div class="scroll"><div class="timeline">\(picture)<div class="cursor" hidden=""></div></div>\
        </div>
        """
    }

    // MARK: The scale

    var span: Double { (line.range.upperBound - line.range.lowerBound).milliseconds }

    func x(_ at: Duration) -> Double {
        let share = (at - line.range.lowerBound).milliseconds / span
        return Self.left + min(max(share, 0), 1) * (Self.width - Self.left - Self.right)
    }

    func text(_ at: Duration) -> String {
        let sign = at < .zero ? "−" : "+"
        let size = at < .zero ? .zero - at : at
        return span < 2000
            ? "\(sign)\(size.milliseconds.svg) ms" : "\(sign)\(size.secondsText) s"
    }

    /// Steps of 1, 2 or 5 times a power of ten, about eight of them.
    static func step(_ span: Double, _ count: Double) -> Double {
        var step = 0.001
        while true {
            for factor in [1.0, 2, 5] where span / (step * factor) <= count { return step * factor }
            step *= 10
        }
    }

    // MARK: The picture

    private var markHeight: Double {
        Double(markRows.map(\.row).max().map { $0 + 1 } ?? 0) * 17 + 8
    }

    /// The events, those that are near each other one below the other.
    private var markRows: [(mark: EventMark, row: Int)] {
        var ends: [Double] = []
        return line.marks.map { mark in
            let start = x(mark.at - line.zero)
            let width = Double(mark.title.count) * 6.6 + 14
            let begin = start + width > Self.width ? start - width : start
            let row = ends.firstIndex { $0 < begin } ?? ends.count
            if row == ends.count { ends.append(0) }
            ends[row] = begin + width
            return (mark, row)
        }
    }

    private var picture: String {
        var y = markHeight
        var parts: [String] = []
        for outage in line.outages {
            parts.append(chart(outage.title, outage.measurement, top: y))
            y += Self.chartHeight + 30
        }
        let first = y
        for lane in line.lanes {
            parts.append(self.lane(lane, top: y))
            y += Self.laneHeight
        }
        if line.lanes.isEmpty { y = first }
        let height = y + 26
        return """
            <svg viewBox="0 0 \(Self.width.svg) \(height.svg)" width="\(Self.width.svg)" \
            height="\(height.svg)" role="img" aria-label="time line" \
            data-from="\(line.range.lowerBound.milliseconds.svg)" data-span="\(span.svg)" \
            data-left="\(Self.left.svg)" data-right="\(Self.right.svg)">
            \(axis(bottom: y))
            \(parts.joined(separator: "\n"))
            \(marks(bottom: y))
            </svg>
            """
    }

    private func axis(bottom: Double) -> String {
        let step = Self.step(span, 9)
        let from = line.range.lowerBound.milliseconds
        let first = Int((from / step).rounded(.up))
        var out = ""
        for index in first...max(first, Int(((from + span) / step).rounded(.down))) {
            let tick = Double(index) * step
            let place = x(.nanoseconds(Int64(tick * 1e6))).svg
            let label = span < 2000 ? "\(tick.svg) ms" : "\((tick / 1000).svg) s"
            out += """
                <path class="grid" d="M\(place) \(markHeight.svg)V\(bottom.svg)"/>\
                <text class="tick" x="\(place)" y="\((bottom + 16).svg)">\(label)</text>
                """
        }
        return out
    }

    private func marks(bottom: Double) -> String {
        markRows.map { mark, row in
            let at = mark.at - line.zero
            let place = x(at)
            let y = Double(row) * 17 + 13
            let width = Double(mark.title.count) * 6.6 + 14
            let isLate = place + width > Self.width
            return """
                <g class="event"><title>\(mark.title.markup), \(text(at))</title>\
                <path d="M\(place.svg) \((y - 9).svg)V\(bottom.svg)"/>\
                <text x="\((place + (isLate ? -6 : 6)).svg)" y="\(y.svg)"\
                \(isLate ? " text-anchor=\"end\"" : "")>\(mark.title.markup)</text></g>
                """
        }.joined()
    }

    // MARK: Beside the picture

    private var legend: String {
        let kinds = Set(line.lanes.flatMap { $0.moments.map(\.kind) })
        let all: [(TimeLine.Moment.Kind, String)] = [
            (.sessionUp, "session established"), (.sessionDown, "session lost"),
            (.linkDown, "link down"), (.linkUp, "link up"), (.vrrp, "VRRP state"),
            (.routes, "route changes"), (.malformed, "malformed message"),
        ]
        var items = all.filter { kinds.contains($0.0) }.map { kind, text in
            let (name, shape) =
                kind == .routes ? ("routes", "M7 3h3v9h-3z") : Self.shape(kind, 8, 8)
            return """
                <li><svg class="sample" width="16" height="16" aria-hidden="true">\
                <g class="\(name)"><path d="\(shape)"/></g></svg>\(text)</li>
                """
        }
        if !line.outages.isEmpty {
            items.append(
                "<li><span class=\"swatch rtt\"></span>round trip: mean, least to most</li>")
        }
        if line.outages.contains(where: { !$0.measurement.gaps.isEmpty }) {
            items.append("<li><span class=\"swatch gap\"></span>no answer</li>")
        }
        return "<ul class=\"legend\">\(items.joined())</ul>"
    }

    private var list: String {
        let all = line.lanes.flatMap { lane in lane.moments.map { (lane.node, $0) } }
            .sorted { ($0.1.at, $0.1.kind.rawValue) < ($1.1.at, $1.1.kind.rawValue) }
        guard !all.isEmpty else { return "" }
        let rows = all.prefix(Self.rowsMax).map { node, moment in
            let words = moment.kind == .routes ? "route " + moment.words : moment.words
            return
                "<tr><td>\(text(moment.at))</td><td>\(node.markup)</td><td>\(words.markup)</td></tr>"
        }
        let more =
            all.count > Self.rowsMax
            ? "<p>and \(all.count - Self.rowsMax) more, in report.json</p>" : ""
        return """
            <details class="news"><summary>\(all.count) changes in order</summary>\
            <div class="scroll"><table><thead><tr><th>when</th><th>router</th><th>what</th></tr>\
            </thead><tbody>\(rows.joined())</tbody></table></div>\(more)</details>
            """
    }
}
