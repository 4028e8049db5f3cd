// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension ISISInstance {
    /// The name that a router tells of itself, or its system ID (RFC 5301).
    func name(of system: SystemID) -> String {
        for level in activeLevels.reversed() {
            for entry in levels[level].database.fragments(of: ISISNodeID(system)) {
                for case .hostname(let name) in entry.packet.tlvs { return name }
            }
        }
        return system.description
    }

    /// {system-id, areas: [], levels: 1|2|1-2, overloaded, adjacencies: [{interface, neighbor (its
    /// name, or system ID), system-id, state: initializing|up, levels: [], hold-time, uptime (whole
    /// seconds), address (of the link), next-hops: [], areas: [], priority? (of a LAN)}],
    /// interfaces: [{name, type: p2p|lan|passive, up, levels: [], metric, ldp-synchronised?, lans?:
    /// [{level, designated}], last-error?}], database: [{level, lsps: [{id, name, sequence,
    /// checksum, lifetime, attached, overloaded, own}], spf-runs, reached, last-spf? (milliseconds
    /// ago)}], routes}
    package func show(at now: Instant) -> JSON {
        [
            "system-id": JSON(system), "areas": JSON(configuration.areas.sorted()),
            "levels": .string(configuration.levels.rawValue), "overloaded": JSON(isOverloaded),
            "adjacencies": JSON(circuits.flatMap { adjacencies($0, at: now) }),
            "interfaces": JSON(circuits.map(json)),
            "database": JSON(activeLevels.map { database($0, at: now) }),
            "routes": JSON(routes.offered.count),
        ]
    }

    private func adjacencies(_ circuit: ISISCircuit, at now: Instant) -> [JSON] {
        circuit.adjacencies.map { adjacency in
            let members: JSON = [
                "interface": .string(circuit.name), "neighbor": .string(name(of: adjacency.system)),
                "system-id": JSON(adjacency.system), "state": .string(adjacency.state.rawValue),
                "levels": JSON(adjacency.levels.levels.map { JSON($0.rawValue) }),
                "hold-time": JSON(max(0, (adjacency.holdUntil - now).nanoseconds / 1_000_000_000)),
                "uptime": JSON((now - adjacency.since).nanoseconds / 1_000_000_000),
                "address": JSON(adjacency.address), "next-hops": JSON(adjacency.gateways),
                "areas": JSON(adjacency.areas),
                "priority": circuit.configuration.isPointToPoint ? .null : JSON(adjacency.priority),
            ]
            return members.compact
        }
    }

    private func json(_ circuit: ISISCircuit) -> JSON {
        let configuration = circuit.configuration
        let type =
            configuration.isPassive ? "passive" : configuration.isPointToPoint ? "p2p" : "lan"
        let lans = circuit.levels.levels.compactMap { level -> JSON? in
            guard let lanID = circuit.lanIDs[level] else { return nil }
            let router = "\(name(of: lanID.system)).\(Hexadecimal.text([lanID.pseudonode]))"
            return ["level": JSON(level.rawValue), "designated": .string(router)]
        }
        let members: JSON = [
            "name": .string(circuit.name), "type": .string(type), "up": JSON(circuit.isUp),
            "levels": JSON(circuit.levels.levels.map { JSON($0.rawValue) }),
            "metric": JSON(circuit.metric),
            "ldp-synchronised": configuration.isLDPSynchronised
                ? JSON(circuit.isSynchronised) : .null,
            "lans": type == "lan" ? JSON(lans) : .null, "last-error": JSON(circuit.lastError),
        ]
        return members.compact
    }

    private func database(_ level: ISISLevel, at now: Instant) -> JSON {
        let state = levels[level]
        let packets = state.database.all.map { entry -> JSON in
            let packet = entry.packet
            let node = packet.id.node
            let suffix =
                Hexadecimal.text([node.pseudonode]) + "-"
                + Hexadecimal.text([packet.id.fragment])
            return [
                "id": JSON(packet.id), "name": .string("\(name(of: node.system)).\(suffix)"),
                "sequence": JSON(packet.sequence), "checksum": JSON(entry.checksum),
                "lifetime": JSON(entry.lifetime(at: now)),
                "attached": JSON(packet.flags.contains(.attached)),
                "overloaded": JSON(packet.flags.contains(.overload)),
                "own": JSON(node.system == system),
            ]
        }
        let members: JSON = [
            "level": JSON(level.rawValue), "lsps": JSON(packets),
            "spf-runs": JSON(state.runs), "reached": JSON(state.paths.reached),
            "last-spf": state.lastRun.map { JSON((now - $0).nanoseconds / 1_000_000) } ?? .null,
        ]
        return members.compact
    }
}
