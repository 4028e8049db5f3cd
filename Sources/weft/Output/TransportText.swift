// SPDX-License-Identifier: Apache-2.0

import Primitives

/// How a provider edge carries VPN routes to others, and how that is protected.
enum TransportText {
    /// - Parameter answer: that of `Query.transports`.
    static func transports(_ answer: JSON, _ style: Style = .plain) -> String {
        let transports = answer["transports"]?.array ?? []
        guard !transports.isEmpty else { return "no transports\n" }
        let profiles = transports.map { transport in
            [
                StateText.string(transport["name"])
                    + (transport["default"]?.bool == true ? "*" : ""),
                StateText.string(transport["encapsulation"]), StateText.string(transport["source"]),
                StateText.number(transport["key"]), StateText.string(transport["interface"]),
                transport["protected"]?.bool == true ? "ESP" : "-",
                transport["healthy"]?.bool == true ? "up" : "down", problems(of: transport),
            ]
        }
        var text = table(
            [
                "Transport", "Type", "Source", "Key", "Interface", "Protection", "State", "Problem",
            ], profiles, style, stateColumn: 6)
        let endpoints = transports.flatMap { transport in
            (transport["endpoints"]?.array ?? []).map { endpoint in
                [
                    StateText.string(endpoint["overlay"]), StateText.string(transport["name"]),
                    StateText.string(endpoint["transport"]),
                    StateText.string(endpoint["interface"]), StateText.number(endpoint["routes"]),
                    AgeText.text(endpoint["age"]) ?? "-",
                ]
            }
        }
        if !endpoints.isEmpty {
            let titles = ["Endpoint", "Transport", "Address", "Interface", "Routes", "Age"]
            text += "\n" + table(titles, endpoints, style)
        }
        let isAnyChosen = transports.contains { $0["default"]?.bool == true }
        return text + (isAnyChosen ? "* = the provider's choice\n" : "")
    }

    private static func problems(of transport: JSON) -> String {
        let problems = (transport["problems"]?.array ?? []).compactMap(\.string)
        return problems.isEmpty ? "-" : problems.joined(separator: "; ")
    }

    /// - Parameter answer: that of the operation `ipsec`.
    static func ipsec(_ answer: JSON, _ style: Style = .plain) -> String {
        let peers = answer["peers"]?.array ?? []
        guard !peers.isEmpty else { return "no IPsec peers\n" }
        let heads = peers.map { peer in
            [
                StateText.string(peer["name"]), StateText.string(peer["transport"]),
                StateText.string(peer["keying"]), StateText.string(peer["mode"]),
                StateText.string(peer["cipher"]), StateText.string(peer["state"]),
                StateText.string(peer["reason"]),
            ]
        }
        var text = table(
            ["Peer", "Transport", "Keying", "Mode", "Cipher", "State", "Reason"], heads, style,
            stateColumn: 5)
        let associations = peers.flatMap { peer in
            (peer["associations"]?.array ?? []).map { association(of: peer, $0) }
        }
        if !associations.isEmpty {
            let titles = [
                "Peer", "Transport", "Dir", "SPI", "Packets", "Bytes", "Failed", "Replayed",
                "Age", "Rekey in",
            ]
            text += "\n" + table(titles, associations, style)
        }
        return text
    }

    private static func association(of peer: JSON, _ association: JSON) -> [String] {
        [
            StateText.string(peer["name"]), StateText.string(peer["transport"]),
            StateText.string(association["direction"]),
            association["spi"]?.int.map { "0x" + String($0, radix: 16) } ?? "-",
            StateText.number(association["packets"]), StateText.number(association["bytes"]),
            StateText.number(association["integrity-failures"]),
            StateText.number(association["replayed"]), AgeText.text(association["age"]) ?? "-",
            AgeText.text(association["rekey-in"]) ?? "-",
        ]
    }

    private static func table(
        _ titles: [String], _ rows: [[String]], _ style: Style, stateColumn: Int? = nil
    ) -> String {
        StateText.table(titles, rows, style, stateColumn: stateColumn)
    }
}
