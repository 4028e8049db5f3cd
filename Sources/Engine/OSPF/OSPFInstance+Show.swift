// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension OSPFInstance {
    /// What `Query.routing(.ospf)` says of this instance.
    package func show(at now: Instant) -> JSON {
        let members: JSON = [
            "vrf": JSON(configuration.vrf), "version": JSON(version.rawValue),
            "router-id": JSON(routerID), "area-border-router": JSON(isAreaBorder),
            "as-boundary-router": JSON(isBoundary), "spf-runs": JSON(runs),
            "areas": JSON(activeAreas.map { area($0, at: now) }),
            "interfaces": JSON(interfaces.map { $0.json(routerID) }),
            "neighbors": JSON(
                interfaces.flatMap { interface in
                    interface.neighborsInOrder.map { $0.json(interface, at: now) }
                }),
            "database": JSON(databaseJSON(at: now)),
            "routes": JSON(result.inOrder.map(\.json)),
        ]
        return members.compact
    }

    private func area(_ id: IPv4Address, at now: Instant) -> JSON {
        let kind =
            switch area(id).kind {
            case .normal: "normal"
            case .stub: "stub"
            case .totallyStub: "totally-stub"
            }
        let members = interfaces.filter { $0.area == id && $0.state != .down }
        return [
            "area": JSON(id), "type": .string(kind), "interfaces": JSON(members.count),
            "full-neighbors": JSON(members.reduce(0) { $0 + $1.fullNeighbors.count }),
            "advertisements": JSON(databases[.area(id)]?.count ?? 0),
        ]
    }

    private func databaseJSON(at now: Instant) -> [JSON] {
        databases.keys.sorted().flatMap { scope in
            (databases[scope]?.inOrder ?? []).map { entry in
                let header = entry.header(at: now)
                var area: IPv4Address?
                var interface: String?
                switch scope {
                case .autonomousSystem: break
                case .area(let id): area = id
                case .link(let position): interface = interfaces[position].name
                }
                let members: JSON = [
                    "type": .string(header.key.type.name), "area": JSON(area),
                    "interface": JSON(interface), "link-state-id": JSON(header.key.linkStateID),
                    "advertising-router": JSON(header.key.advertisingRouter),
                    "age": JSON(header.age),
                    "sequence": JSON(UInt32(bitPattern: header.sequence)),
                    "checksum": JSON(header.checksum), "length": JSON(header.length),
                ]
                return members.compact
            }
        }
    }
}

extension OSPFLSAType {
    /// As the family of routers calls it.
    package var name: String {
        switch self {
        case .router: "router"
        case .network: "network"
        case .interAreaPrefix: "inter-area-prefix"
        case .interAreaRouter: "inter-area-router"
        case .external: "external"
        case .link: "link"
        case .intraAreaPrefix: "intra-area-prefix"
        default: "0x" + String(rawValue, radix: 16)
        }
    }
}

extension OSPFInterface {
    fileprivate func json(_ routerID: IPv4Address) -> JSON {
        let kind = sham != nil ? "sham-link" : isPointToPoint ? "point-to-point" : "broadcast"
        let isBroadcast = isActive && !isPointToPoint
        let members: JSON = [
            "interface": .string(name), "area": JSON(area), "address": JSON(address),
            "type": .string(kind), "state": .string(state.name), "cost": JSON(cost),
            "priority": JSON(configuration.priority),
            "designated-router": JSON(isBroadcast ? designatedRouter : nil),
            "backup-designated-router": JSON(isBroadcast ? backup : nil),
            "neighbors": JSON(neighbors.count),
            "hello-interval": .string(configuration.helloInterval.text),
            "dead-interval": .string(configuration.deadInterval.text),
            "authentication": JSON(configuration.authentication?.method.rawValue),
            "rejected": JSON(rejected), "last-error": JSON(lastError),
        ]
        return members.compact
    }
}

extension OSPFNeighbor {
    fileprivate func json(_ interface: OSPFInterface, at now: Instant) -> JSON {
        let role =
            interface.isPointToPoint
            ? nil
            : designation == interface.designatedRouter
                ? "dr" : designation == interface.backup ? "backup" : "dr-other"
        let members: JSON = [
            "router-id": JSON(routerID), "address": JSON(address),
            "interface": .string(interface.name), "area": JSON(interface.area),
            "state": .string(state.name), "role": JSON(role), "priority": JSON(priority),
            "uptime": JSON((now - stateSince).nanoseconds / 1_000_000_000),
            "requests": JSON(requests.count), "retransmissions": JSON(retransmissions.count),
            "bfd": JSON(watch != nil),
        ]
        return members.compact
    }
}

extension OSPFRoute {
    fileprivate var json: JSON {
        let members: JSON = [
            "prefix": JSON(prefix), "type": .string(kind.name),
            "area": JSON(kind.isExternal ? nil : area), "cost": JSON(cost),
            "external-metric": JSON(kind == .external2 ? externalMetric : nil),
            "tag": JSON(tag == 0 ? nil : tag),
            "next-hops": JSON(
                nextHops.map { hop -> JSON in
                    let members: JSON = [
                        "interface": .string(hop.interface), "gateway": JSON(hop.gateway),
                    ]
                    return members.compact
                }),
        ]
        return members.compact
    }
}
