// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// How large things are drawn, in pixels. Widths of texts are estimates on the safe side: nobody
/// knows which fonts the reader has.
struct Metrics: Hashable, Sendable {
    /// Of large labs: one line a node, small labels.
    let isCompact: Bool

    var nameSize: Double { isCompact ? 10 : 13 }
    var detailSize: Double { isCompact ? 8 : 10 }
    var labelSize: Double { isCompact ? 7 : 9.5 }
    /// The coloured end of a node, which names its role.
    var roleWidth: Double { isCompact ? 24 : 30 }
    var nodeGap: Double { isCompact ? 7 : 36 }
    var margin: Double { 24 }
    var lineHeight: Double { labelSize * 1.25 }
    /// Columns hold no more than this before they are drawn small.
    private static let longColumn = 22

    init(longestColumn: Int) { isCompact = longestColumn > Self.longColumn }

    func nameWidth(_ text: String) -> Double { Double(text.count) * nameSize * 0.64 }
    func detailWidth(_ text: String) -> Double { Double(text.count) * detailSize * 0.61 }
    func labelWidth(_ text: String) -> Double { Double(text.count) * labelSize * 0.61 }

    // MARK: Nodes

    func title(_ node: Drawing.Node) -> String { node.name.shortened(to: isCompact ? 22 : 18) }

    /// The line below the name; empty where there is nothing to say, or no room.
    func detail(_ node: Drawing.Node) -> String {
        if node.isStopped { return "stopped" }
        guard !isCompact else { return "" }
        return node.loopbacks.first?.description ?? ""
    }

    /// The line below that: the AS of customers.
    func system(_ node: Drawing.Node) -> String {
        guard !isCompact, !node.role.isProvider, let system = node.autonomousSystem else {
            return ""
        }
        return "AS \(system)"
    }

    /// The VRFs of which there is room for a chip, and how many more there are.
    func chips(_ node: Drawing.Node) -> (names: [String], more: Int) {
        guard !isCompact else { return ([], 0) }
        let shown = node.vrfs.count <= 3 ? 3 : 2
        return (
            node.vrfs.prefix(shown).map { $0.shortened(to: 10) },
            node.vrfs.count - min(shown, node.vrfs.count)
        )
    }

    func chipWidth(_ text: String) -> Double { Double(text.count) * 5.6 + 10 }
    var chipHeight: Double { 15 }

    private func chipsWidth(_ node: Drawing.Node) -> Double {
        let (names, more) = chips(node)
        let texts = names + (more > 0 ? ["+\(more)"] : [])
        return texts.reduce(0) { $0 + chipWidth($1) + 4 }
    }

    func size(_ node: Drawing.Node) -> (width: Double, height: Double) {
        guard !isCompact else { return (roleWidth + nameWidth(title(node)) + 12, 20) }
        let texts = max(
            nameWidth(title(node)), detailWidth(detail(node)), detailWidth(system(node)),
            chipsWidth(node))
        let reflector = node.isReflector && node.role != .rr ? chipWidth("RR") : 0
        let lines = [detail(node), system(node)].filter { !$0.isEmpty }.count
        let chips = node.vrfs.isEmpty ? 0 : chipHeight + 4
        return (
            max(roleWidth + texts + 18, roleWidth + nameWidth(title(node)) + reflector + 18, 84),
            28 + Double(lines) * 13 + chips
        )
    }

    // MARK: LANs

    var busWidth: Double { isCompact ? 6 : 9 }

    /// What stands below a LAN's bus.
    func lines(_ lan: Drawing.LAN, _ drawing: Drawing) -> [String] {
        var lines = [lan.name.shortened(to: 18)]
        guard !isCompact else { return lines }
        lines += drawing.subnets(lan.ends).prefix(2).map(\.description)
        let tags = drawing.tags(vlan: lan.vlan, vrf: lan.vrf)
        if !tags.isEmpty { lines.append(tags.joined(separator: " ")) }
        lines += lan.virtualAddresses.prefix(2).map { "VRRP \($0)" }
        return lines
    }

    func size(_ lan: Drawing.LAN, _ drawing: Drawing) -> (width: Double, height: Double) {
        let lines = lines(lan, drawing)
        let width = lines.map(labelWidth).max() ?? 0
        return (max(width, busWidth), (isCompact ? 24 : 44) + textHeight(lines.count) + 4)
    }

    func textHeight(_ lines: Int) -> Double { Double(lines) * lineHeight }

    // MARK: Links

    /// What stands in the middle of a link, most important first.
    func lines(_ link: Drawing.Link, _ drawing: Drawing) -> [String] {
        let down = link.isDown ? ["down"] : []
        // In a large lab, the VRF is what tells one customer's line from the next.
        if isCompact, let vrf = link.vrf { return down + [vrf.shortened(to: 12)] }
        let tags = drawing.tags(vlan: link.vlan, vrf: link.vrf.map { $0.shortened(to: 12) })
        return down + drawing.subnets([link.a, link.b]).prefix(2).map(\.description)
            + (tags.isEmpty ? [] : [tags.joined(separator: " ")])
    }
}

extension String {
    /// The same text, its middle left out where it is too long: what tells one site from another
    /// often stands last.
    package func shortened(to limit: Int) -> String {
        guard count > limit, limit > 2 else { return self }
        let tail = (limit - 1) / 2
        return prefix(limit - 1 - tail) + "…" + suffix(tail)
    }
}
