// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The BFD sessions of a router.
enum BFDText {
    /// - Parameter answer: that of `Query.routing(.bfd)`.
    static func sessions(_ answer: JSON, _ style: Style = .plain) -> String {
        let sessions = answer["sessions"]?.array ?? []
        guard !sessions.isEmpty else { return "no BFD sessions\n" }
        let table = Table(
            columns: [
                .init("Address", isKept: true), .init("VRF"), .init("State", isKept: true),
                .init("Interface"), .init("Detect time", alignsRight: true),
                .init("Transmit", alignsRight: true), .init("Multiplier", alignsRight: true),
                .init("Clients"),
            ], rows: sessions.map(row),
            paint: { row, column, text in
                row == nil ? style.bold(text) : column == 2 ? style.state(text) : text
            })
        return table.text() + "\n"
    }

    private static func row(_ session: JSON) -> [String] {
        let isMultihop = session["multihop"]?.bool == true
        return [
            StateText.string(session["address"]), StateText.string(session["vrf"]),
            StateText.string(session["state"]),
            isMultihop ? "multihop" : StateText.string(session["interface"]),
            StateText.string(session["detection-time"]),
            StateText.string(session["transmit-interval"]),
            StateText.number(session["multiplier"]),
            (session["clients"]?.array ?? []).compactMap(\.string).joined(separator: ", "),
        ]
    }
}
