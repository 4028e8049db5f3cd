// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// What is different in the configuration of one router, in words. Passwords are never among them.
struct RouterChange {
    let words: [String]

    init(from old: RouterConfiguration, to new: RouterConfiguration) {
        words =
            Self.identity(old, new) + Self.vrfs(old, new) + Self.neighbors(old, new)
            + Self.routes(old, new) + Self.core(old, new) + Self.protocols(old, new)
            + Self.hosts(old, new)
            + KeyedDifference(from: old.policies, to: new.policies, by: \.name)
            .words({ "policy \($0.name)" }, change: { _, _ in "terms" })
    }

    private static func identity(
        _ old: RouterConfiguration, _ new: RouterConfiguration
    ) -> [String] {
        var words: [String] = []
        if old.routerID != new.routerID {
            words.append("router ID \(new.routerID), was \(old.routerID): every session restarts")
        }
        if old.autonomousSystem != new.autonomousSystem {
            let text = new.autonomousSystem.map { "AS \($0)" } ?? "no AS"
            let was = old.autonomousSystem.map { "AS \($0)" } ?? "none"
            words.append("\(text), was \(was): every session restarts")
        }
        if old.clusterID != new.clusterID {
            words.append("cluster ID \(new.clusterID ?? new.routerID)")
        }
        return words
    }

    private static func vrfs(_ old: RouterConfiguration, _ new: RouterConfiguration) -> [String] {
        let members: [(String, (VRFConfiguration) -> AnyHashable)] = [
            ("route distinguisher", { $0.routeDistinguisher }),
            ("import targets", { $0.importTargets }), ("export targets", { $0.exportTargets }),
            ("import policies", { $0.importPolicy }), ("export policies", { $0.exportPolicy }),
            ("source address", { $0.sourceAddresses }), ("kernel table", { $0.table }),
            ("device", { [$0.device, $0.popDevice] }),
        ]
        return KeyedDifference(from: old.vrfs, to: new.vrfs, by: \.name).words(
            { "VRF \($0.name)" },
            change: { before, after in
                let isReplaced = before.table != after.table || before.device != after.device
                return differences(before, after, members)
                    + (isReplaced ? ": its sessions restart" : "")
            })
    }

    private static func neighbors(
        _ old: RouterConfiguration, _ new: RouterConfiguration
    ) -> [String] {
        KeyedDifference(from: old.neighbors, to: new.neighbors, by: \.key).words(
            { "neighbor \($0.name)" + ($0.vrf.map { " in VRF \($0)" } ?? "") },
            change: { before, after in
                differences(before, after, neighborMembers)
                    + (after.keepsSession(of: before) ? "" : ": the session restarts")
            })
    }

    private static var neighborMembers: [(String, (NeighborConfiguration) -> AnyHashable)] {
        [
            ("name", { $0.name }), ("local address", { $0.localAddress }), ("AS", { $0.remoteAS }),
            ("local AS", { $0.localAS }), ("families", { $0.families }),
            ("passive", { $0.isPassive }),
            ("password", { $0.password }), ("hold time", { $0.holdTime }),
            ("route reflector client", { $0.isRouteReflectorClient }),
            ("next hop self", { $0.isNextHopSelf }), ("AS override", { $0.isASOverride }),
            ("allow AS in", { $0.allowASIn }), ("MED out", { $0.medOut }),
            ("add path", { $0.addPath }), ("best external", { $0.isBestExternal }),
            ("import policies", { $0.importPolicy }), ("export policies", { $0.exportPolicy }),
            ("multihop", { $0.multihop }), ("deactivated", { $0.isDeactivated }), ("BFD", { $0.bfd }),
        ]
    }

    private static func routes(_ old: RouterConfiguration, _ new: RouterConfiguration) -> [String] {
        func configured(_ router: RouterConfiguration) -> [StaticRouteConfiguration] {
            router.staticRoutes.filter { $0.source == .static }
        }
        return KeyedDifference(
            from: configured(old), to: configured(new),
            by: { [AnyHashable($0.vrf), AnyHashable($0.prefix)] }
        ).words(
            { "static route \($0.prefix)" + ($0.vrf.map { " in VRF \($0)" } ?? "") },
            change: { old, new in
                guard old.gateway == new.gateway else {
                    return new.gateway.map { "to \($0)" } ?? "discards"
                }
                return new.bfd == nil ? "without BFD" : "BFD"
            })
    }

    private static func protocols(
        _ old: RouterConfiguration, _ new: RouterConfiguration
    ) -> [String] {
        KeyedDifference(from: old.protocols, to: new.protocols, by: \.id).words(
            { $0.id.title + ($0.id.vrf.map { " in VRF \($0)" } ?? "") }, change: { _, _ in "configuration" })
    }

    /// What the plan computed over the core, told as a whole: a single link may change all of it.
    private static func core(_ old: RouterConfiguration, _ new: RouterConfiguration) -> [String] {
        func computed(_ router: RouterConfiguration) -> Set<StaticRouteConfiguration> {
            Set(router.staticRoutes.filter { $0.source != .static })
        }
        var words = KeyedDifference(from: old.transports, to: new.transports, by: \.name).words(
            { "transport \($0.name)" }, change: { _, _ in "configuration" })
        if computed(old) != computed(new) { words.append("routes through the core") }
        if Set(old.tunnels) != Set(new.tunnels) || old.labelSwitches != new.labelSwitches {
            words.append("label switched paths and tunnels")
        }
        if old.labelRange != new.labelRange { words.append("labels of VRFs") }
        if old.transportChoice != new.transportChoice { words.append("choice of transports") }
        return words
    }

    private static func hosts(_ old: RouterConfiguration, _ new: RouterConfiguration) -> [String] {
        let members: [(String, (VRRPConfiguration) -> AnyHashable)] = [
            ("version", { $0.version }), ("virtual addresses", { $0.virtualAddresses }),
            ("primary address", { $0.primaryAddress }), ("priority", { $0.priority }),
            ("preempt", { $0.preempt }), ("preempt delay", { $0.preemptDelay }),
            ("advertisement interval", { $0.advertisementInterval }), ("tracks", { $0.tracks }),
        ]
        return KeyedDifference(from: old.vrrpGroups, to: new.vrrpGroups, by: \.key).words(
            { "VRRP group \($0.group) on \($0.interface)" },
            change: { differences($0, $1, members) + ": starts anew" })
            + KeyedDifference(
                from: old.routerAdvertisements, to: new.routerAdvertisements, by: \.device
            ).words(
                { "router advertisements by \($0.device)" }, change: { _, _ in "configuration" })
    }
}

extension RoutingProtocolID {
    /// What people call it.
    fileprivate var title: String {
        switch kind {
        case .bfd: "BFD"
        case .isis: "IS-IS"
        case .ospf: "OSPF"
        case .ospf3: "OSPF version 3"
        case .rip: "RIP"
        case .ripng: "RIPng"
        case .ldp: "LDP"
        }
    }
}
