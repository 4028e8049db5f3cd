// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Routing tables, in the shape that Junos prints them.
enum RouteText {
    private static let prefixWidth = 19

    /// - Parameter answer: that of `Query.routes`.
    static func text(_ answer: JSON, _ style: Style = .plain) -> String {
        let tables = answer["tables"]?.array ?? []
        let shown = tables.filter { !($0["entries"]?.array.isEmpty ?? true) }
        guard !shown.isEmpty else { return "no such route\n" }
        return shown.map { table($0, style) }.joined(separator: "\n")
    }

    private static func table(_ table: JSON, _ style: Style) -> String {
        let name = table["name"]?.string ?? ""
        let destinations = table["destinations"]?.int ?? 0
        let routes = table["routes"]?.int ?? 0
        let head = "\(name): \(destinations) destinations, \(routes) routes"
        var text = head.wrapped(to: Table.widthMax).map { style.bold($0) + "\n" }.joined()
        text += "* = active route\n\n"
        for entry in table["entries"]?.array ?? [] { text += self.entry(entry, style) }
        return text
    }

    private static func entry(_ entry: JSON, _ style: Style) -> String {
        var prefix = entry["prefix"]?.string ?? ""
        if let distinguisher = entry["route-distinguisher"]?.string {
            prefix = distinguisher + ":" + prefix
        }
        var text = ""
        let paths = entry["paths"]?.array ?? []
        for (index, path) in paths.enumerated() {
            let isLong = prefix.count >= prefixWidth
            if index == 0, isLong { text += prefix + "\n" }
            let head = index == 0 && !isLong ? prefix : ""
            text += head + String(repeating: " ", count: prefixWidth - head.count)
            // With nothing to compare to, there is no reason worth a line.
            text += lines(of: path, showsReason: paths.count > 1, style)
        }
        return text
    }

    private static func lines(
        of path: JSON, showsReason: Bool, _ style: Style
    ) -> String {
        let isActive = path["active"]?.bool == true
        let indent = String(repeating: " ", count: prefixWidth)
        let room = Table.widthMax - prefixWidth
        let title = title(of: path).wrapped(to: room - 1)
        let first = (isActive ? "*" : " ") + (title.first ?? "")
        var text = (isActive ? style.good(first) : first) + "\n"
        func add(_ blanks: Int, _ line: String, _ paint: (String) -> String = { $0 }) {
            for (index, piece) in line.wrapped(to: room - blanks).enumerated() {
                text += indent + String(repeating: " ", count: index == 0 ? blanks : 3)
                text += paint(piece) + "\n"
            }
        }
        for line in title.dropFirst() { add(3, line) }
        for line in [attributes(of: path), detail(of: path)].compactMap(\.self) { add(3, line) }
        let nextHop = nextHop(of: path)
        let start = nextHop.prefix { $0 == " " }
        add(1 + start.count, String(nextHop.dropFirst(start.count)))
        if showsReason, let reason = path["reason"]?.string, !reason.isEmpty {
            add(3, (isActive ? "active: " : "inactive: ") + reason, style.dim)
        }
        return text
    }

    /// `[BGP/170] 00:03:33, MED 150, localpref 100, from 10.0.0.2`
    private static func title(of path: JSON) -> String {
        let source = path["protocol"]?.string ?? ""
        let name = source == "bgp" ? "BGP" : source.prefix(1).uppercased() + source.dropFirst()
        let head = "[\(name)/\(path["preference"]?.int ?? 0)]"
        var facts: [String] = []
        if let age = AgeText.text(path["age"]) { facts.append(age) }
        if let med = path["med"]?.int { facts.append("MED \(med)") }
        if let preference = path["local-preference"]?.int {
            facts.append("localpref \(preference)")
        }
        if let metric = path["metric"]?.int, metric > 0 { facts.append("metric \(metric)") }
        if let from = path["from"]?.string, from != path["next-hop"]?.string {
            facts.append("from \(from)")
        }
        return facts.isEmpty ? head : head + " " + facts.joined(separator: ", ")
    }

    /// `AS path: 65500 I`
    private static func attributes(of path: JSON) -> String? {
        guard let asPath = path["as-path"]?.string else { return nil }
        return "AS path: " + asPathText(asPath, origin: path["origin"]?.string)
    }

    static func asPathText(_ asPath: String, origin: String?) -> String {
        let codes = ["igp": "I", "egp": "E", "incomplete": "?"]
        let code = origin.flatMap { codes[$0] } ?? ""
        return [asPath, code].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func detail(of path: JSON) -> String? {
        var facts: [String] = []
        let communities = (path["communities"]?.array ?? []).compactMap(\.string)
        if !communities.isEmpty {
            facts.append("communities " + communities.joined(separator: " "))
        }
        if let originator = path["originator"]?.string { facts.append("originator \(originator)") }
        let clusters = (path["cluster-list"]?.array ?? []).compactMap(\.string)
        if !clusters.isEmpty { facts.append("cluster list " + clusters.joined(separator: " ")) }
        if let label = path["vpn-label"]?.int { facts.append("VPN label \(label)") }
        if let label = path["label"]?.int { facts.append("label \(label)") }
        if let transport = path["transport"]?.string { facts.append("transport \(transport)") }
        return facts.isEmpty ? nil : facts.joined(separator: ", ")
    }

    /// `> to 4.0.0.18 via eth2, Push 16, Push 1004(top)`, `> to 10.0.0.7 via gre-pe3, Push 16`
    static func nextHop(of path: JSON) -> String {
        let to = path["next-hop"]?.string
        let via = path["interface"]?.string
        let labels = (path["labels"]?.array ?? []).compactMap(\.int)
        var text =
            switch (to, via) {
            case (let to?, let via?): "> to \(to) via \(via)"
            case (nil, let via?): "> via \(via)"
            case (let to?, nil): "  to \(to), unresolved"
            case (nil, nil): "  discard"
            }
        for (depth, label) in labels.reversed().enumerated() {
            let isTop = labels.count > 1 && depth == labels.count - 1
            text += ", Push \(label)" + (isTop ? "(top)" : "")
        }
        return text
    }
}

extension JSON {
    /// An answer of `Query.routes` with only the entries of each table that match an address
    /// most specifically.
    func longestMatches(for address: IPAddress) -> JSON {
        let tables = (self["tables"]?.array ?? []).map { table in
            let matches = (table["entries"]?.array ?? []).compactMap { entry in
                entry["prefix"]?.string.flatMap { IPPrefix($0) }.map { ($0, entry) }
            }.filter { $0.0.contains(address) }
            let longest = matches.map(\.0.length).max()
            let entries = matches.filter { $0.0.length == longest }.map(\.1)
            return table.replacing("entries", with: .array(entries))
        }
        return replacing("tables", with: .array(tables))
    }

    /// The same object with one member's value changed.
    func replacing(_ name: String, with value: JSON) -> JSON {
        .object(members.map { $0.name == name ? Member(name, value) : $0 })
    }
}
