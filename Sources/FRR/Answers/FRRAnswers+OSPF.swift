// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// OSPF version 2 in the core.
extension FRRAnswers {
    private var ospfConfiguration: OSPFConfiguration? {
        for case .ospf(let ospf) in router.protocols { return ospf }
        return nil
    }

    func ospf() throws(FRRError) -> JSON {
        guard let ospf = ospfConfiguration else { return ["instances": []] }
        let neighbors = try json(.ospfd, "show ip ospf neighbor detail json")["neighbors"]
        let interfaces = try json(.ospfd, "show ip ospf interface json")["interfaces"]
        let routes = try json(.ospfd, "show ip ospf route json")
        let instance: JSON = [
            "version": 2, "router-id": JSON(ospf.routerID),
            "interfaces": JSON(
                (interfaces?.members ?? []).map { Self.interface($0.name, $0.value) }),
            "neighbors": JSON(
                (neighbors?.members ?? []).flatMap { member in
                    member.value.array.map { Self.neighbor(member.name, $0) }
                }),
            "routes": JSON(routes.members.compactMap { Self.route($0.name, $0.value) }),
        ]
        return ["instances": [instance]]
    }

    private static func interface(_ name: String, _ interface: JSON) -> JSON {
        let isPointToPoint = interface["networkType"]?.string == "POINTOPOINT"
        let row: JSON = [
            "interface": .string(name), "area": interface["area"] ?? .null,
            "address": interface["ipAddress"] ?? .null,
            "type": .string(isPointToPoint ? "point-to-point" : "broadcast"),
            "state": JSON(interface["state"]?.string.map { $0.lowercased() }),
            "cost": interface["cost"] ?? .null, "priority": interface["priority"] ?? .null,
        ]
        return row.compact
    }

    /// As in `Full/Backup`: the neighbor's state, and what it is on the LAN.
    private static func neighbor(_ routerID: String, _ neighbor: JSON) -> JSON {
        let words = (neighbor["nbrState"]?.string ?? "").lowercased().split(separator: "/")
        let state = words.first.map { $0 == "exstart" ? "ex-start" : String($0) }
        let roles = ["dr": "dr", "backup": "backup", "drother": "dr-other"]
        let row: JSON = [
            "router-id": .string(routerID), "address": neighbor["ifaceAddress"] ?? .null,
            "interface": neighbor["ifaceName"] ?? .null, "area": neighbor["areaId"] ?? .null,
            "state": JSON(state), "role": JSON(words.last.flatMap { roles[String($0)] }),
            "priority": neighbor["nbrPriority"] ?? .null,
            "uptime": JSON(neighbor["lastPrgrsvChangeMsec"]?.int.map { $0 / 1000 }),
        ]
        return row.compact
    }

    private static let kinds = [
        "N": "intra-area", "N IA": "inter-area", "N E1": "external-1", "N E2": "external-2",
    ]

    /// nil for the ways to routers, which stand in the same table.
    private static func route(_ prefix: String, _ route: JSON) -> JSON? {
        guard let kind = route["routeType"]?.string.flatMap({ kinds[$0] }) else { return nil }
        let hops = (route["nexthops"]?.array ?? []).map { hop -> JSON in
            let gateway = hop["ip"]?.string.flatMap { IPAddress($0) }
            let members: JSON = [
                "interface": hop["via"] ?? hop["directlyAttachedTo"] ?? .null,
                "gateway": JSON(gateway),
            ]
            return members.compact
        }
        let row: JSON = [
            "prefix": .string(prefix), "type": .string(kind), "area": route["area"] ?? .null,
            "cost": route["cost"] ?? .null, "external-metric": route["type2cost"] ?? .null,
            "tag": route["tag"] ?? .null, "next-hops": JSON(hops),
        ]
        return row.compact
    }
}
