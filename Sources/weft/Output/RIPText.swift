// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The RIP and RIPng instances of a router.
enum RIPText {
    /// - Parameter answer: that of `Query.routing(.rip)` or `.routing(.ripng)`.
    static func instances(_ answer: JSON, _ style: Style = .plain) -> String {
        let instances = answer["instances"]?.array ?? []
        guard !instances.isEmpty else { return "no RIP\n" }
        return instances.map { text($0, style) }.joined(separator: "\n")
    }

    private static func text(_ instance: JSON, _ style: Style) -> String {
        let vrf = instance["vrf"]?.string.map { "VRF \($0): " } ?? ""
        let title =
            vrf + "update every \(StateText.string(instance["update-interval"])), "
            + "timeout \(StateText.string(instance["timeout"])), "
            + "garbage \(StateText.string(instance["garbage-time"]))\n"
        return title + neighbors(instance, style) + routes(instance, style)
    }

    private static func neighbors(_ instance: JSON, _ style: Style) -> String {
        let neighbors = instance["neighbors"]?.array ?? []
        guard !neighbors.isEmpty else { return "no neighbors\n" }
        let table = Table(
            columns: [
                .init("Neighbor", isKept: true), .init("Interface", isKept: true),
                .init("Last heard", alignsRight: true), .init("Bad packets", alignsRight: true),
                .init("Bad routes", alignsRight: true),
            ],
            rows: neighbors.map { neighbor in
                [
                    StateText.string(neighbor["address"]), StateText.string(neighbor["interface"]),
                    StateText.number(neighbor["last-heard"]) + "s",
                    StateText.number(neighbor["bad-packets"]),
                    StateText.number(neighbor["bad-routes"]),
                ]
            }, paint: { row, _, text in row == nil ? style.bold(text) : text })
        return table.text() + "\n"
    }

    private static func routes(_ instance: JSON, _ style: Style) -> String {
        let routes = instance["routes"]?.array ?? []
        guard !routes.isEmpty else { return "no routes\n" }
        let table = Table(
            columns: [
                .init("Prefix", isKept: true), .init("State", isKept: true),
                .init("Metric", alignsRight: true, isKept: true), .init("Tag", alignsRight: true),
                .init("Next hop"), .init("Interface"), .init("Expires", alignsRight: true),
            ],
            rows: routes.map { route in
                [
                    StateText.string(route["prefix"]), StateText.string(route["state"]),
                    StateText.number(route["metric"]), StateText.number(route["tag"]),
                    StateText.string(route["next-hop"]), StateText.string(route["interface"]),
                    route["expires"] == nil ? "-" : StateText.number(route["expires"]) + "s",
                ]
            }, paint: { row, _, text in row == nil ? style.bold(text) : text })
        return table.text() + "\n"
    }
}
