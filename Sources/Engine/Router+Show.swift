// SPDX-License-Identifier: Apache-2.0

import Primitives

extension Router {
    package var forwarding: [ForwardingChange] { tables.forwarding.all }

    private func showInstances(_ kind: RoutingProtocolID.Kind, at now: Instant) -> JSON {
        let instances = protocols.filter { $0.id.kind == kind }.map { instance -> JSON in
            let vrf = JSON.Member("vrf", JSON(instance.id.vrf))
            return JSON.object([vrf] + instance.show(at: now).members).compact
        }
        return ["instances": JSON(instances)]
    }

    package func show(_ query: Query, at now: Instant) -> JSON {
        switch query {
        case .neighbors:
            let neighbors = sessions.map {
                $0.json(prefixes: tables.prefixCounts($0.key), at: now)
            }
            return ["neighbors": JSON(neighbors)]
        case .vrrp: return ["groups": JSON(virtualRouters.map(\.json))]
        case .counters:
            return [
                "generation": JSON(generation),
                "at-rest": .bool(protocols.allSatisfy(\.isAtRest)),
                "sessions": JSON(sessions.compactMap(\.countersJSON)),
            ]
        case .routing(.bfd): return bfd.show(at: now)
        case .routing(let kind): return showInstances(kind, at: now)
        case .routes, .received, .advertised, .vrfs, .mpls, .transports, .interfaces,
            .lookUp:
            return tables.show(query, at: now)
        }
    }
}
