// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What a protocol says of its neighbors, compared with what a check wants; see `Query.routing`.
extension AdjacencyCheck {
    func observe(_ answer: JSON) -> Observation {
        let states = neighbors.map { ($0.name, state(of: $0, in: answer)) }
        let wrong = states.filter { isUpState($0.1) != isUp }
        let seen = (wrong.isEmpty ? states : wrong).map { "\($0.0) \($0.1 ?? "absent")" }
        let text = seen.joined(separator: ", ")
        return wrong.isEmpty ? .holds(text) : .differs(wanted: isUp ? "up" : "down", seen: text)
    }

    private func isUpState(_ state: String?) -> Bool {
        guard let state else { return false }
        return switch kind {
        case .isis, .bfd: state == "up"
        // Two routers of a LAN of which neither is designated stay in the state 2-way.
        case .ospf, .ospf3: state == "full" || state == "2-way"
        case .ldp: state == "operational"
        }
    }

    /// nil where the protocol knows no such neighbor.
    private func state(of neighbor: Neighbor, in answer: JSON) -> String? {
        let instances = (answer["instances"]?.array ?? []).filter { $0["vrf"]?.string == vrf }
        // BFD serves all VRFs.
        let entries = (kind == .bfd ? [answer] : instances).flatMap { $0[list]?.array ?? [] }
        return entries.first { entry in
            entry[identifier]?.string == neighbor.identifier
                && (neighbor.interface == nil || entry["interface"]?.string == neighbor.interface)
                && (kind != .bfd || entry["vrf"]?.string == vrf)
        }?["state"]?.string
    }

    private var list: String {
        switch kind {
        case .isis: "adjacencies"
        case .ospf, .ospf3: "neighbors"
        case .ldp, .bfd: "sessions"
        }
    }

    /// The member that tells one neighbor from another.
    private var identifier: String {
        switch kind {
        case .isis: "system-id"
        case .ospf, .ospf3: "router-id"
        case .ldp: "transport-address"
        case .bfd: "address"
        }
    }
}

extension OSPFRouteCheck {
    var wanted: String { kind?.rawValue ?? "a route" }

    func observe(_ answer: JSON) -> Observation {
        let route = (answer["instances"]?.array ?? []).filter { $0["vrf"]?.string == vrf }
            .flatMap { $0["routes"]?.array ?? [] }
            .first { $0["prefix"]?.string == prefix.description }
        let seen = route?["type"]?.string
        return seen != nil && (kind == nil || seen == kind?.rawValue)
            ? .holds(seen ?? "") : .differs(wanted: wanted, seen: seen ?? "no route")
    }
}
