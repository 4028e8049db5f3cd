// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Where a chain of policies is applied.
enum PolicyUse {
    case received(CarriedRoutes)
    case sent(CarriedRoutes, isExternal: Bool)
    /// From the VPN.
    case intoVRF
    /// To the VPN.
    case outOfVRF
    /// Told by OSPF or RIP.
    case intoIGP
}

/// What kinds of routes a session carries.
struct CarriedRoutes: OptionSet {
    let rawValue: Int

    static let unicast = CarriedRoutes(rawValue: 1)
    static let vpn = CarriedRoutes(rawValue: 2)
    /// Unicast routes with labels.
    static let labelled = CarriedRoutes(rawValue: 4)

    init(rawValue: Int) { self.rawValue = rawValue }

    init(_ neighbor: Neighbor) {
        self = []
        for family in neighbor.families {
            insert(family.isVPN ? .vpn : family.isLabelledUnicast ? .labelled : .unicast)
        }
    }
}

/// Those actions of a policy that do nothing in some places. A user would believe that they do, so
/// such a policy is refused there.
struct PolicyActions: OptionSet {
    let rawValue: Int

    static let transport = PolicyActions(rawValue: 1)
    static let nextHopSelf = PolicyActions(rawValue: 2)
    static let nextHop = PolicyActions(rawValue: 4)
    static let localPreference = PolicyActions(rawValue: 8)

    init(rawValue: Int) { self.rawValue = rawValue }

    init(_ policy: Policy) {
        self = []
        for action in policy.terms.flatMap(\.actions) {
            switch action {
            case .transport: insert(.transport)
            case .nextHopSelf: insert(.nextHopSelf)
            case .nextHop: insert(.nextHop)
            case .localPreference: insert(.localPreference)
            default: break
            }
        }
    }

    /// An action that does nothing: its key, and to which routes.
    struct Idle {
        var key: String
        var routes: String
    }

    func idle(in use: PolicyUse) -> [Idle] {
        let known: [(PolicyActions, String)] = [
            (.transport, "transport"), (.nextHopSelf, "next-hop: self"), (.nextHop, "next-hop"),
            (.localPreference, "local-preference"),
        ]
        return known.compactMap { action, key in
            contains(action)
                ? action.routesLeftAlone(in: use).map { Idle(key: key, routes: $0) } : nil
        }
    }

    /// The routes that this action does nothing to; nil where it does something.
    private func routesLeftAlone(in use: PolicyUse) -> String? {
        if case .intoIGP = use { return "routes that OSPF or RIP tells of" }
        let vpn = "VPN routes, whose labels belong to their next hop"
        let labelled = "labelled routes, whose labels belong to their next hop"
        switch (self, use) {
        case (.transport, .received(let carried)):
            return carried.isDisjoint(with: [.vpn, .labelled]) ? "unicast routes" : nil
        case (.transport, .sent): return "routes that are sent"
        case (.transport, .outOfVRF): return "routes into the VPN"
        case (.nextHopSelf, .intoVRF):
            return "routes from the VPN, whose labels belong to their next hop"
        case (.nextHopSelf, .received(let carried)), (.nextHopSelf, .sent(let carried, _)):
            return carried.isDisjoint(with: [.unicast, .labelled]) ? vpn : nil
        case (.nextHop, .received(let carried)):
            return carried.contains(.labelled) ? labelled : nil
        case (.nextHopSelf, .outOfVRF), (.nextHop, .outOfVRF):
            return "routes into the VPN, whose next hop is this node"
        case (.nextHop, .sent(let carried, _)):
            if carried.contains(.unicast) { return nil }
            return carried.contains(.labelled) ? labelled : vpn
        case (.localPreference, .sent(_, isExternal: true)):
            return "routes that are sent to an external neighbor"
        default: return nil
        }
    }
}
