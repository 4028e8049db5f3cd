// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// A drawing in the language of Graphviz.
package enum DOTText {
    /// - Parameter showsSessions: also draws BGP sessions.
    package static func text(_ drawing: Drawing, showsSessions: Bool) -> String {
        var lines = ["graph \(quoted(drawing.name)) {"]
        let title = [drawing.name, drawing.description].filter { !$0.isEmpty }
        lines += [
            "  graph [label=\(label(title)), labelloc=t, rankdir=LR, fontname=\"sans-serif\"];",
            "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontcolor=white];",
            "  edge [fontname=\"sans-serif\", fontsize=9];",
        ]
        let isProvider = drawing.nodes.map(\.role.isProvider)
        if isProvider.contains(true) {
            let system = drawing.providerAS.map { "AS \($0)" } ?? "provider"
            lines.append("  subgraph cluster_provider {")
            lines.append("    label=\(quoted(system)); style=\"rounded,dashed\";")
            lines += drawing.nodes.filter(\.role.isProvider).map { "  " + node($0) }
            lines.append("  }")
        }
        lines += drawing.nodes.filter { !$0.role.isProvider }.map(node)
        lines += drawing.lans.map { lan($0, drawing) }
        lines += drawing.links.map { link($0, drawing) }
        lines += drawing.lans.flatMap { taps($0, drawing) }
        if showsSessions { lines += drawing.sessions.map { session($0, drawing) } }
        return (lines + ["}", ""]).joined(separator: "\n")
    }

    private static func node(_ node: Drawing.Node) -> String {
        var words = [node.name, node.role.label + (node.isReflector ? ", reflector" : "")]
        if !node.role.isProvider, let system = node.autonomousSystem {
            words.append("AS \(system)")
        }
        words += node.loopbacks.map(\.description)
        if !node.vrfs.isEmpty { words.append("VRF " + node.vrfs.joined(separator: " ")) }
        if node.isStopped { words.append("stopped") }
        let style = node.isStopped ? ", style=\"rounded,filled,dashed\"" : ""
        return "  \(quoted(node.name)) [label=\(label(words)), "
            + "fillcolor=\(quoted(Palette.role(node.role)))\(style)];"
    }

    private static func lan(_ lan: Drawing.LAN, _ drawing: Drawing) -> String {
        var words = [lan.name] + drawing.subnets(lan.ends).map(\.description)
        words += drawing.tags(vlan: lan.vlan, vrf: lan.vrf)
        words += lan.virtualAddresses.map { "VRRP \($0)" }
        return "  \(quoted("LAN \(lan.name)")) [label=\(label(words)), shape=ellipse, "
            + "style=solid, fontcolor=black];"
    }

    private static func link(_ link: Drawing.Link, _ drawing: Drawing) -> String {
        let words =
            drawing.subnets([link.a, link.b]).map(\.description)
            + drawing.tags(vlan: link.vlan, vrf: link.vrf) + (link.isDown ? ["down"] : [])
        return "  \(name(link.a, drawing)) -- \(name(link.b, drawing)) [label=\(label(words)), "
            + "taillabel=\(quoted(drawing.hostText(link.a))), "
            + "headlabel=\(quoted(drawing.hostText(link.b))), "
            + "color=\(quoted(color(link.vrf, drawing))), penwidth=\(link.isCore ? 3 : 2)"
            + (link.isDown ? ", style=dashed" : "") + "];"
    }

    private static func taps(_ lan: Drawing.LAN, _ drawing: Drawing) -> [String] {
        lan.ends.map { end in
            "  \(quoted("LAN \(lan.name)")) -- \(name(end, drawing)) "
                + "[headlabel=\(quoted(drawing.hostText(end))), "
                + "color=\(quoted(color(lan.vrf, drawing)))"
                + (end.isDown ? ", style=dashed, label=\"down\"" : "") + "];"
        }
    }

    private static func session(_ session: Drawing.Session, _ drawing: Drawing) -> String {
        let word = session.kind.label + (session.isDown ? " \(session.state ?? "deactivated")" : "")
        let arrow = session.kind == .reflector ? ", dir=forward" : ""
        return "  \(quoted(drawing.nodes[session.a].name)) -- "
            + "\(quoted(drawing.nodes[session.b].name)) [label=\(quoted(word)), "
            + "style=\(session.kind == .external ? "dotted" : "dashed"), constraint=false, "
            + "color=\(quoted(session.vrf == nil ? Palette.session : color(session.vrf, drawing)))"
            + "\(arrow)];"
    }

    private static func color(_ vrf: String?, _ drawing: Drawing) -> String {
        vrf.flatMap { drawing.vrfs.firstIndex(of: $0) }.map { Palette.vrf($0) } ?? Palette.line
    }

    private static func name(_ end: Drawing.End, _ drawing: Drawing) -> String {
        quoted(drawing.nodes[end.node].name)
    }

    /// Lines one below the other.
    private static func label(_ lines: [String]) -> String {
        "\"" + lines.map(escaped).joined(separator: "\\n") + "\""
    }

    private static func quoted(_ text: String) -> String { label([text]) }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            if character == "\"" || character == "\\" { out += "\\" }
            out.append(character)
        }
        return out
    }
}
