// SPDX-License-Identifier: Apache-2.0

import Primitives

/// OSPF: neighbors, interfaces, what the databases hold, and routes.
enum OSPFText {
    /// - Parameter answer: that of `Query.routing(.ospf)`.
    static func text(_ answer: JSON, _ style: Style = .plain) -> String {
        let instances = answer["instances"]?.array ?? []
        guard !instances.isEmpty else { return "no OSPF\n" }
        return instances.map { instance(_: $0, style) }.joined(separator: "\n")
    }

    private static func instance(_ instance: JSON, _ style: Style) -> String {
        let roles = [
            ("area-border-router", "area border router"),
            ("as-boundary-router", "AS boundary router"),
        ].filter { instance[$0.0]?.bool == true }.map(\.1).joined(separator: ", ")
        let vrf = instance["vrf"]?.string.map { " in VRF " + $0 } ?? ""
        let head =
            "OSPF version \(StateText.number(instance["version"]))\(vrf), router ID "
            + "\(StateText.string(instance["router-id"])), "
            + "\(StateText.number(instance["spf-runs"])) runs of SPF\n"
            + (roles.isEmpty ? "" : roles + "\n")
        let parts = [
            neighbors(instance, style), interfaces(instance, style), databases(instance, style),
            routes(instance, style),
        ]
        return ([head] + parts).joined(separator: "\n")
    }

    private static func neighbors(_ instance: JSON, _ style: Style) -> String {
        let rows = (instance["neighbors"]?.array ?? []).map { neighbor in
            [
                StateText.string(neighbor["router-id"]), StateText.string(neighbor["address"]),
                StateText.string(neighbor["interface"]), StateText.string(neighbor["area"]),
                StateText.string(neighbor["state"]), StateText.string(neighbor["role"]),
                StateText.number(neighbor["priority"]),
                neighbor["uptime"]?.int.map { "\($0)s" } ?? "-",
            ]
        }
        guard !rows.isEmpty else { return "no neighbors\n" }
        return StateText.table(
            ["Neighbor", "Address", "Interface", "Area", "State", "Role", "Pri", "Up for"], rows,
            style, stateColumn: 4)
    }

    private static func interfaces(_ instance: JSON, _ style: Style) -> String {
        let rows = (instance["interfaces"]?.array ?? []).map { interface in
            [
                StateText.string(interface["interface"]), StateText.string(interface["area"]),
                StateText.string(interface["type"]), StateText.string(interface["state"]),
                StateText.number(interface["cost"]),
                StateText.string(interface["designated-router"]),
                StateText.string(interface["last-error"]),
            ]
        }
        return StateText.table(
            ["Interface", "Area", "Type", "State", "Cost", "DR", "Last error"], rows, style,
            stateColumn: 3)
    }

    /// How many LSAs of each type there are.
    private static func databases(_ instance: JSON, _ style: Style) -> String {
        var scopes: [String] = []
        var counts: [[String]: Int] = [:]
        for lsa in instance["database"]?.array ?? [] {
            let scope =
                lsa["area"]?.string.map { "area " + $0 } ?? lsa["interface"]?.string ?? "AS"
            if !scopes.contains(scope) { scopes.append(scope) }
            counts[[scope, StateText.string(lsa["type"])], default: 0] += 1
        }
        let rows = scopes.flatMap { scope in
            counts.keys.filter { $0[0] == scope }.map { $0[1] }.sorted().map {
                [scope, $0, "\(counts[[scope, $0]] ?? 0)"]
            }
        }
        return StateText.table(["Database", "Type", "LSAs"], rows, style)
    }

    private static func routes(_ instance: JSON, _ style: Style) -> String {
        let rows = (instance["routes"]?.array ?? []).flatMap { route -> [[String]] in
            let hops = route["next-hops"]?.array ?? []
            let metric =
                route["external-metric"]?.int.map { "\($0) (\(StateText.number(route["cost"])))" }
                ?? StateText.number(route["cost"])
            let head = [
                StateText.string(route["prefix"]), StateText.string(route["type"]),
                StateText.string(route["area"]), metric,
            ]
            let first = head + hop(hops.first)
            return [first] + hops.dropFirst().map { ["", "", "", ""] + hop($0) }
        }
        return StateText.table(
            ["Prefix", "Type", "Area", "Metric", "Next hop", "Interface"], rows, style)
    }

    private static func hop(_ hop: JSON?) -> [String] {
        [StateText.string(hop?["gateway"]), StateText.string(hop?["interface"])]
    }
}
