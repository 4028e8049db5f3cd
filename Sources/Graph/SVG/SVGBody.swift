// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// The picture proper: what stands where `Layout` says.
struct SVGBody {
    private let drawing: Drawing
    private let layout: Layout
    private let showsSessions: Bool
    private var metrics: Metrics { layout.metrics }

    init(_ drawing: Drawing, _ layout: Layout, showsSessions: Bool) {
        self.drawing = drawing
        self.layout = layout
        self.showsSessions = showsSessions
    }

    var text: String {
        let ends = drawing.lans.enumerated().flatMap { index, lan in lan.ends.map { (lan, $0) } }
        var parts = [area]
        parts += drawing.links.indices.map(link)
        parts += ends.enumerated().map { tap($0 + drawing.links.count, $1.0, $1.1) }
        parts += drawing.lans.indices.map(bus)
        // Behind the texts, which matter more.
        if showsSessions {
            parts.append("<g class=\"sessions\">\n" + sessions.joined() + "</g>\n")
        }
        parts += layout.labels.map(label) + drawing.nodes.indices.map(node)
        return parts.joined()
    }

    // MARK: Links

    private var area: String {
        guard let box = layout.provider else { return "" }
        let name = drawing.providerAS.map { "AS \($0)" } ?? "provider"
        return """
            <rect class="area" rx="14" \(box.attributes)/>
            <text class="areaname" x="\((box.x + 14).svg)" y="\((box.y + 19).svg)">\(name)</text>

            """
    }

    private func link(_ index: Int) -> String {
        let link = drawing.links[index]
        let style = SVGStyle.vrf(link.vrf, drawing)
        let classes =
            "link" + style.classes + (link.isCore ? " core" : "") + (link.isDown ? " down" : "")
        return line(layout.paths[index], classes, style.dash, drawing.words(link))
    }

    private func tap(_ path: Int, _ lan: Drawing.LAN, _ end: Drawing.End) -> String {
        let style = SVGStyle.vrf(lan.vrf, drawing)
        let classes = "link" + style.classes + (end.isDown ? " down" : "")
        let words = "LAN \(lan.name): \(drawing.words(end))"
        return line(layout.paths[path], classes, style.dash, words)
    }

    private func line(
        _ path: Path, _ classes: String, _ dash: String, _ words: String
    ) -> String {
        let data = path.data
        return """
            <g class="\(classes)"><title>\(words.markup)</title><path\(dash) d="\(data)"/>\
            <path class="hit" d="\(data)"/></g>

            """
    }

    private func label(_ label: Layout.Label) -> String {
        let isInside = layout.provider.map { $0.contains(label.box.middle) } ?? false
        let link = label.path < drawing.links.count ? drawing.links[label.path] : nil
        let style = SVGStyle.vrf(link?.vrf, drawing)
        let size = metrics.labelSize.svg
        let first = label.box.y + metrics.labelSize * 0.95
        let tags = link.map { metrics.tagLine($0, drawing) } ?? ""
        let lines = label.lines.enumerated().map { index, line in
            let kind = line == "down" ? " class=\"bad\"" : line == tags ? " class=\"tag\"" : ""
            let y = first + Double(index) * metrics.lineHeight
            return """
                <text\(kind) font-size="\(size)" x="\(label.box.middle.x.svg)" \
                y="\(y.svg)">\(line.markup)</text>
                """
        }
        let classes = (label.isEnd ? "end" : "label" + style.classes) + (isInside ? " inside" : "")
        let back =
            "<rect class=\"back\" rx=\"2\" \(label.box.grown(by: label.isEnd ? 0 : 1).attributes)/>"
        return "<g class=\"\(classes)\">\(back)\(lines.joined())</g>\n"
    }

    private func bus(_ index: Int) -> String {
        let lan = drawing.lans[index]
        let style = SVGStyle.vrf(lan.vrf, drawing)
        let box = layout.busLabels[index]
        let lines = metrics.lines(lan, drawing).enumerated().map { index, line in
            let y = box.y + metrics.labelSize + Double(index) * metrics.lineHeight
            let weight = index == 0 ? " font-weight=\"700\"" : ""
            return """
                <text\(weight) font-size="\(metrics.labelSize.svg)" x="\(box.middle.x.svg)" \
                y="\(y.svg)">\(line.markup)</text>
                """
        }
        return """
            <g class="lan\(style.classes)"><title>\(drawing.words(lan).markup)</title>\
            <rect class="bus" rx="\((metrics.busWidth / 2).svg)" \
            \(layout.buses[index].attributes)/><g class="label">\(lines.joined())</g></g>

            """
    }

    // MARK: Nodes

    private func node(_ index: Int) -> String {
        let node = drawing.nodes[index]
        let box = layout.nodes[index]
        let classes = "node \(node.role.rawValue)" + (node.isStopped ? " stopped" : "")
        let radius = metrics.isCompact ? 4.0 : 7
        let (band, bottom) = (metrics.roleWidth, box.bottom)
        let left = """
            M\((box.x + band).svg) \(box.y.svg)H\((box.x + radius).svg)\
            q-\(radius.svg) 0 -\(radius.svg) \(radius.svg)V\((bottom - radius).svg)\
            q0 \(radius.svg) \(radius.svg) \(radius.svg)H\((box.x + band).svg)z
            """
        let roleSize = metrics.isCompact ? 7.5 : 10
        return """
            <g class="\(classes)"><title>\(drawing.words(node).markup)</title>\
            <rect class="body" rx="\(radius.svg)" \(box.attributes)/><path class="band" d="\(left)"/>\
            <text class="role" font-size="\(roleSize.svg)" x="\((box.x + band / 2).svg)" \
            y="\((box.middle.y + roleSize * 0.36).svg)">\(node.role.label)</text>\
            \(words(node, box))</g>

            """
    }

    /// Name, addresses, AS and VRFs, from the top.
    private func words(_ node: Drawing.Node, _ box: Box) -> String {
        let x = box.x + metrics.roleWidth + (metrics.isCompact ? 5 : 8)
        var y = metrics.isCompact ? box.middle.y + 3.5 : box.y + 18
        var out = """
            <text class="name" font-size="\(metrics.nameSize.svg)" x="\(x.svg)" \
            y="\(y.svg)">\(metrics.title(node).markup)</text>
            """
        for detail in [metrics.detail(node), metrics.system(node)] where !detail.isEmpty {
            y += 13
            let kind = node.isStopped && detail == "stopped" ? "bad" : "detail"
            out += """
                <text class="\(kind)" font-size="\(metrics.detailSize.svg)" x="\(x.svg)" \
                y="\(y.svg)">\(detail.markup)</text>
                """
        }
        if node.isReflector, node.role != .rr, !metrics.isCompact {
            let width = metrics.chipWidth("RR")
            out += chip("RR", "", x: box.right - width - 5, y: box.y + 6)
        }
        let (names, more) = metrics.chips(node)
        var left = x
        for (index, name) in (names + (more > 0 ? ["+\(more)"] : [])).enumerated() {
            let vrf = index < names.count ? node.vrfs[index] : nil
            out += chip(name, SVGStyle.vrf(vrf, drawing).classes, x: left, y: y + 6)
            left += metrics.chipWidth(name) + 4
        }
        return out
    }

    private func chip(_ text: String, _ classes: String, x: Double, y: Double) -> String {
        let box = Box(x: x, y: y, width: metrics.chipWidth(text), height: metrics.chipHeight)
        return """
            <g class="chip\(classes)"><rect rx="7.5" \(box.attributes)/>\
            <text x="\(box.middle.x.svg)" y="\((box.middle.y + 3.2).svg)">\(text.markup)</text></g>
            """
    }

    // MARK: Sessions

    private var sessions: [String] {
        var used: [[Int]: Int] = [:]
        return drawing.sessions.map { session in
            let ends = [session.a, session.b].sorted()
            let index = used[ends, default: 0]
            used[ends] = index + 1
            return self.session(session, index)
        }
    }

    /// A bow beside the straight line from one to the other, always on the same side of it.
    private func session(_ session: Drawing.Session, _ index: Int) -> String {
        let (a, b) = (layout.nodes[session.a], layout.nodes[session.b])
        let step = b.middle - a.middle
        let side = session.a < session.b ? step.unit.turned : step.unit.turned * -1
        let bulge = min(110, 26 + step.length * 0.13) + Double(index) * 12
        let control = a.middle + step * 0.5 + side * bulge
        let start = a.border(from: a.middle, towards: control)
        let end = b.border(from: b.middle, towards: control)
        let data = "M\(start.svg)Q\(control.svg) \(end.svg)"
        let middle = start * 0.25 + control * 0.5 + end * 0.25
        let style = SVGStyle.vrf(session.vrf, drawing)
        let classes =
            "session \(session.kind.rawValue)\(style.classes)" + (session.isDown ? " off" : "")
        let cross =
            session.isDown
            ? "<text class=\"cross\" x=\"\(middle.x.svg)\" y=\"\((middle.y + 4).svg)\">✕</text>"
            : ""
        let arrow = session.kind == .reflector ? arrow(at: end, from: control) : ""
        return """
            <g class="\(classes)"><title>\(drawing.words(session).markup)</title>\
            <path d="\(data)"/><path class="hit" d="\(data)"/>\(arrow)\(cross)</g>

            """
    }

    private func arrow(at tip: Point, from: Point) -> String {
        let direction = (tip - from).unit
        let foot = tip - direction * 9
        let (left, right) = (foot + direction.turned * 4.5, foot - direction.turned * 4.5)
        return "<path class=\"arrow\" d=\"M\(tip.svg)L\(left.svg)L\(right.svg)z\"/>"
    }
}

extension Metrics {
    /// The line of a link's label that says VLAN and VRF.
    func tagLine(_ link: Drawing.Link, _ drawing: Drawing) -> String {
        drawing.tags(vlan: link.vlan, vrf: link.vrf.map { $0.shortened(to: 12) })
            .joined(separator: " ")
    }
}

extension Point {
    var svg: String { "\(x.svg) \(y.svg)" }
}

extension Box {
    var attributes: String {
        "x=\"\(x.svg)\" y=\"\(y.svg)\" width=\"\(width.svg)\" height=\"\(height.svg)\""
    }
}

extension Path {
    /// SVG path data, with round corners.
    var data: String {
        guard let first = points.first, let last = points.last else { return "" }
        var out = "M\(first.svg)"
        for index in points.indices.dropFirst().dropLast() {
            let (corner, before, after) = (points[index], points[index - 1], points[index + 1])
            let radius = min(22, (corner - before).length / 2, (after - corner).length / 2)
            let enter = corner - (corner - before).unit * radius
            let leave = corner + (after - corner).unit * radius
            out += "L\(enter.svg)Q\(corner.svg) \(leave.svg)"
        }
        return out + "L\(last.svg)"
    }
}
