// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// A drawing as a Mermaid flowchart, which many wikis and forges show in place.
package enum MermaidText {
    /// - Parameter showsSessions: also draws BGP sessions.
    package static func text(_ drawing: Drawing, showsSessions: Bool) -> String {
        var lines = ["---", "title: \(JSON(drawing.name).text)", "---", "flowchart LR"]
        let numbered = Array(drawing.nodes.enumerated())
        if drawing.nodes.contains(where: \.role.isProvider) {
            let system = drawing.providerAS.map { "AS \($0)" } ?? "provider"
            lines.append("  subgraph provider [\(label([system]))]")
            lines += numbered.filter { $1.role.isProvider }.map { "  " + node($0, $1) }
            lines.append("  end")
        }
        lines += numbered.filter { !$1.role.isProvider }.map(node)
        for (index, lan) in drawing.lans.enumerated() {
            var words = [lan.name] + drawing.subnets(lan.ends).map(\.description)
            words += drawing.tags(vlan: lan.vlan, vrf: lan.vrf)
            words += lan.virtualAddresses.map { "VRRP \($0)" }
            lines.append("  l\(index)([\(label(words))]):::lan")
        }
        var styles: [String] = []
        let edges = edges(drawing) + (showsSessions ? drawing.sessions.map(session) : [])
        for (index, edge) in edges.enumerated() {
            lines.append("  " + edge.text)
            if let vrf = edge.vrf.flatMap({ drawing.vrfs.firstIndex(of: $0) }) {
                styles.append("  linkStyle \(index) stroke:\(Palette.vrf(vrf))")
            }
        }
        lines += NodeRole.allCases.map {
            "  classDef \($0.rawValue) fill:\(Palette.role($0)),color:#fff,stroke:none"
        }
        lines += [
            "  classDef lan stroke-width:2px",
            "  classDef stopped stroke-dasharray:4 3,opacity:0.5",
        ]
        return (lines + styles + [""]).joined(separator: "\n")
    }

    private struct Edge {
        var text: String
        var vrf: String?
    }

    private static func node(_ index: Int, _ node: Drawing.Node) -> String {
        var words = [node.name, node.role.label + (node.isReflector ? ", reflector" : "")]
        if !node.role.isProvider, let system = node.autonomousSystem {
            words.append("AS \(system)")
        }
        words += node.loopbacks.map(\.description)
        if !node.vrfs.isEmpty { words.append("VRF " + node.vrfs.joined(separator: " ")) }
        if node.isStopped { words.append("stopped") }
        return "  n\(index)[\(label(words))]:::\(node.role.rawValue)"
            + (node.isStopped ? "\n  class n\(index) stopped" : "")
    }

    private static func edges(_ drawing: Drawing) -> [Edge] {
        let links = drawing.links.map { link in
            let words =
                drawing.subnets([link.a, link.b]).map(\.description)
                + drawing.tags(vlan: link.vlan, vrf: link.vrf) + (link.isDown ? ["down"] : [])
            let line = link.isDown ? "-.-" : "---"
            return Edge(
                text: "n\(link.a.node) \(line)\(onLine(words)) n\(link.b.node)", vrf: link.vrf)
        }
        let taps = drawing.lans.enumerated().flatMap { index, lan in
            lan.ends.map { end in
                let words = [drawing.hostText(end)] + (end.isDown ? ["down"] : [])
                let line = end.isDown ? "-.-" : "---"
                return Edge(text: "l\(index) \(line)\(onLine(words)) n\(end.node)", vrf: lan.vrf)
            }
        }
        return links + taps
    }

    private static func session(_ session: Drawing.Session) -> Edge {
        let word = session.kind.label + (session.isDown ? " \(session.state ?? "deactivated")" : "")
        let line = session.kind == .reflector ? "-.->" : "-.-"
        return Edge(
            text: "n\(session.a) \(line)\(onLine([word])) n\(session.b)", vrf: session.vrf)
    }

    private static func onLine(_ words: [String]) -> String {
        let words = words.filter { !$0.isEmpty }
        return words.isEmpty ? "" : "|\(label(words))|"
    }

    private static func label(_ lines: [String]) -> String {
        "\"" + lines.map(escaped).joined(separator: "<br/>") + "\""
    }

    /// Mermaid's own entities: a number sign, the code, a semicolon.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "#", "\"", "<", ">", "&", "`", "\\", ";": out += "#\(scalar.value);"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
