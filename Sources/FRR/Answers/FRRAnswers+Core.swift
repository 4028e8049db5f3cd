// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// IS-IS, LDP and BFD.
extension FRRAnswers {
    private var isisConfiguration: ISISConfiguration? {
        for case .isis(let isis) in router.protocols { return isis }
        return nil
    }

    // MARK: IS-IS

    func isis() throws(FRRError) -> JSON {
        guard let isis = isisConfiguration else { return ["instances": []] }
        let seen = try json(.isisd, "show isis neighbor detail json")
        let names = Self.systems(named: try ask(.isisd, "show isis hostname"))
        let circuits = (seen["areas"]?.array ?? []).flatMap { $0["circuits"]?.array ?? [] }
        let instance: JSON = [
            "system-id": JSON(isis.systemID), "areas": JSON(isis.areas.sorted()),
            "levels": .string(isis.levels.rawValue), "overloaded": JSON(isis.isOverloaded),
            "adjacencies": JSON(circuits.compactMap { adjacency($0, names) }),
        ]
        return ["instances": [instance]]
    }

    /// System IDs by the names that routers tell, from lines of level, system ID and name; FRR has
    /// no JSON of them.
    static func systems(named table: String) -> [String: String] {
        var systems: [String: String] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count >= 3, let system = SystemID(String(words[1])) {
                systems[words.dropFirst(2).joined(separator: " ")] = system.description
            }
        }
        return systems
    }

    /// One circuit of each neighbor's; a circuit without one, such as a loopback's, is nil.
    private func adjacency(_ circuit: JSON, _ systems: [String: String]) -> JSON? {
        guard let interface = circuit["interface"], let name = circuit["adj"]?.string else {
            return nil
        }
        let state = (interface["state"]?.string ?? "").lowercased()
        let hold = circuit["expires-in"]?.string.flatMap { Int64($0.prefix { $0.isNumber }) }
        let addresses = (interface["ipv4-address"]?.members ?? []).map(\.value)
        let row: JSON = [
            "interface": interface["name"] ?? .null, "neighbor": .string(name),
            "system-id": .string(systems[name] ?? name), "state": .string(state),
            "levels": JSON([circuit["level"] ?? .null]), "hold-time": JSON(hold),
            "next-hops": JSON(addresses), "address": interface["snpa"] ?? .null,
        ]
        return row.compact
    }

    // MARK: LDP

    func ldp() throws(FRRError) -> JSON {
        guard let ldp = router.ldp else { return ["instances": []] }
        let seen = try json(.ldpd, "show mpls ldp neighbor json")
        let discovered = try json(.ldpd, "show mpls ldp discovery json")
        let sessions = (seen["neighbors"]?.array ?? []).map { neighbor -> JSON in
            let state = neighbor["state"]?.string ?? ""
            return [
                "ldp-id": .string("\(neighbor["neighborId"]?.string ?? ""):0"),
                "transport-address": neighbor["transportAddress"] ?? .null,
                "state": .string(state.lowercased()),
            ]
        }
        let neighbors = (discovered["adjacencies"]?.array ?? []).map { adjacency -> JSON in
            [
                "interface": adjacency["interface"] ?? .null,
                "ldp-id": .string("\(adjacency["neighborId"]?.string ?? ""):0"),
                "hold-time": adjacency["helloHoldtime"] ?? .null,
            ]
        }
        let instance: JSON = [
            "router-id": JSON(ldp.routerID), "neighbors": JSON(neighbors),
            "sessions": JSON(sessions),
        ]
        return ["instances": [instance]]
    }

    // MARK: BFD

    func bfd() throws(FRRError) -> JSON {
        let seen = try json(.bfdd, "show bfd peers json")
        let sessions = seen.array.map { peer -> JSON in
            let vrf = router.vrfs.first { $0.device == peer["vrf"]?.string }
            let interface = peer["interface"]?.string
            let row: JSON = [
                "address": peer["peer"] ?? .null, "vrf": JSON(vrf?.name),
                "interface": JSON(interface),
                "local-address": peer["local"] ?? .null,
                "multihop": peer["multihop"] ?? .null, "demand": false, "clients": [], "losses": 0,
                "state": .string(Self.state(peer["status"]?.string)),
                "uptime": peer["uptime"] ?? .null,
                "multiplier": peer["detect-multiplier"] ?? .null,
                "discriminator": peer["id"] ?? .null,
                "remote-discriminator": peer["remote-id"] ?? .null,
            ]
            return row.compact
        }
        return ["sessions": JSON(sessions)]
    }

    private static func state(_ status: String?) -> String {
        switch status {
        case "up": "up"
        case "init": "init"
        case "shutdown": "admin-down"
        default: "down"
        }
    }
}
