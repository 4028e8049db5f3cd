// SPDX-License-Identifier: Apache-2.0

import Primitives

/// BGP neighbors and the routes that cross their sessions.
enum NeighborText {
    /// - Parameter answer: that of `Query.neighbors`.
    static func neighbors(_ answer: JSON, _ style: Style = .plain) -> String {
        let neighbors = answer["neighbors"]?.array ?? []
        guard !neighbors.isEmpty else { return "no BGP neighbors\n" }
        let rows = neighbors.map { neighbor in
            [
                neighbor["name"]?.string ?? "", neighbor["address"]?.string ?? "",
                neighbor["vrf"]?.string ?? "-", number(neighbor["remote-as"]),
                state(of: neighbor), AgeText.text(neighbor["uptime"]) ?? "-",
                [
                    number(neighbor["received"]), number(neighbor["accepted"]),
                    number(neighbor["advertised"]),
                ].joined(separator: "/"),
                number(neighbor["messages-received"]) + "/" + number(neighbor["messages-sent"]),
            ]
        }
        let errors = neighbors.enumerated().compactMap { row, neighbor in
            lastError(of: neighbor).map { (row, "last error: \($0)") }
        }
        let table = Table(
            columns: [
                .init("Neighbor"), .init("Address", isKept: true), .init("VRF"),
                .init("AS", alignsRight: true, isKept: true), .init("State", isKept: true),
                .init("Up/Down", alignsRight: true, isKept: true),
                .init("Rcv/Acc/Adv", isKept: true), .init("In/Out", isKept: true),
            ], rows: rows, notes: Dictionary(uniqueKeysWithValues: errors),
            paint: { row, column, text in
                row == nil ? style.bold(text) : column == 4 ? style.state(text) : text
            })
        return table.text() + "\n"
    }

    /// What ended the last session or try; of no interest while one is established.
    private static func lastError(of neighbor: JSON) -> String? {
        neighbor["state"]?.string == "established" ? nil : neighbor["last-error"]?.string
    }

    private static func state(of neighbor: JSON) -> String {
        let isDeactivated = neighbor["deactivated"]?.bool == true
        return isDeactivated ? "deactivated" : neighbor["state"]?.string ?? ""
    }

    static func number(_ value: JSON?) -> String {
        value?.int.map { String($0) } ?? value?.string ?? "-"
    }

    /// - Parameter answer: that of `Query.received` or `Query.advertised`.
    static func routes(_ answer: JSON, _ style: Style = .plain) -> String {
        let routes = answer["routes"]?.array ?? []
        guard !routes.isEmpty else { return "no routes\n" }
        let hasLabels = routes.contains { $0["labels"] != nil }
        let rows = routes.map { route in
            let distinguisher = route["route-distinguisher"]?.string.map { $0 + ":" } ?? ""
            let asPath = route["as-path"]?.string ?? ""
            return [
                route["active"]?.bool == true ? "*" : "",
                distinguisher + (route["prefix"]?.string ?? ""),
                route["next-hop"]?.string ?? "-",
            ] + (hasLabels ? [optional(route["labels"]?[0])] : []) + [
                optional(route["med"]),
                optional(route["local-preference"]),
                RouteText.asPathText(asPath, origin: route["origin"]?.string),
            ]
        }
        let table = Table(
            columns: [
                .init("", isKept: true), .init("Prefix", isKept: true),
                .init("Nexthop", isKept: true),
            ] + (hasLabels ? [.init("Label", alignsRight: true, isKept: true)] : []) + [
                .init("MED", alignsRight: true, isKept: true),
                .init("Lclpref", alignsRight: true, isKept: true), .init("AS path"),
            ], rows: rows, paint: { row, _, text in row == nil ? style.bold(text) : text })
        return table.text() + "\n"
    }

    private static func optional(_ value: JSON?) -> String { value?.int.map { String($0) } ?? "" }
}
