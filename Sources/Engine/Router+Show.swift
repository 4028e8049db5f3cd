// SPDX-License-Identifier: Apache-2.0

import Primitives

extension Router {
    package var forwarding: [ForwardingChange] { tables.forwarding.all }

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
                "sessions": JSON(sessions.compactMap(\.countersJSON)),
            ]
        case .routes, .received, .advertised, .vrfs, .mpls, .transports, .interfaces:
            return tables.show(query, at: now)
        }
    }
}
