// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

extension RouterConfiguration {
    /// What `weft plan` prints of a router. Keys are those of the topology file where it has them;
    /// passwords are never shown.
    var json: JSON {
        let instances = JSON(protocols.map { .object([$0.member]) })
        return JSON.present([
            ("router-id", .string(routerID.description)),
            ("as", JSON(autonomousSystem.map(\.value))), ("cluster-id", JSON(clusterID)),
            ("interfaces", JSON(interfaces.map(\.json))), ("vrfs", JSON(vrfs.map(\.json))),
            ("static", JSON(staticRoutes.map(\.json))), ("tunnels", JSON(tunnels.map(\.json))),
            ("transports", JSON(transports.map(\.json))),
            ("transport", transportChoice.json),
            ("labels", JSON(labelSwitches.map(\.json))),
            ("label-range", .string("\(labelRange.lowerBound)-\(labelRange.upperBound)")),
            ("neighbors", JSON(neighbors.map(\.json))), ("protocols", instances), ("vrrp", JSON(vrrpGroups.map(\.json))),
            ("router-advertisements", JSON(routerAdvertisements.map(\.json))),
            ("policies", JSON(policies.map(\.json))),
        ])
    }
}

/// A switch that is on; off ones are not printed.
private func on(_ value: Bool) -> JSON { value ? true : nil }

extension InterfaceConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("name", JSON(name)), ("vrf", JSON(vrf)), ("addresses", JSON(addresses)),
            ("loopback", on(isLoopback)), ("mpls", on(carriesMPLS)),
        ])
    }
}

extension VRFConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("name", JSON(name)), ("rd", .string(routeDistinguisher.description)),
            ("import-targets", JSON(importTargets)), ("export-targets", JSON(exportTargets)),
            ("import", JSON(importPolicy)), ("export", JSON(exportPolicy)),
            ("table", JSON(table)), ("device", JSON(device)), ("pop-device", JSON(popDevice)),
            ("source-addresses", JSON(sourceAddresses)),
        ])
    }
}

extension StaticRouteConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("prefix", .string(prefix.description)), ("vrf", JSON(vrf)),
            ("next-hop", gateway.map { .string($0.description) } ?? "discard"),
            ("protocol", .string(source.rawValue)), ("metric", metric == 0 ? nil : JSON(metric)),
            ("bfd", bfd?.json ?? .null),
        ])
    }
}

extension LabelledNextHop {
    fileprivate var members: [(String, JSON)] {
        [
            ("next-hop", .string(gateway.description)), ("interface", JSON(interface)),
            ("push", JSON(labels.map { JSON($0.value) })),
        ]
    }
}

extension TunnelConfiguration {
    fileprivate var json: JSON {
        JSON.present(
            [("destination", .string(destination.description)), ("transport", JSON(transport))]
                + nextHop.members + [("metric", JSON(metric))])
    }
}

extension TransportConfiguration {
    fileprivate var json: JSON {
        let own: [(String, JSON)] =
            switch encapsulation {
            case .gre: [("encapsulation", "gre")]
            case .mgre(let interface):
                [("encapsulation", "mgre"), ("interface", JSON(interface))]
            }
        return JSON.present(
            [("name", JSON(name))] + own + [
                ("source", JSON(source)), ("key", JSON(key)), ("ipsec", on(isProtected)),
                ("advertise", on(isAdvertised)),
            ])
    }
}

extension TransportChoice {
    /// What the ingress PE chooses where nothing else says.
    fileprivate var json: JSON {
        guard self != TransportChoice() else { return nil }
        return JSON.present([
            ("provider", JSON(provider)),
            (
                "pairs",
                JSON(
                    pairs.map {
                        JSON.present([
                            ("endpoint", JSON($0.endpoint)), ("transport", JSON($0.transport)),
                        ])
                    })
            ),
        ])
    }
}

extension LabelSwitchConfiguration {
    fileprivate var json: JSON {
        JSON.present(
            [("label", JSON(label.value)), ("for", .string(destination.description))]
                + nextHop.members)
    }
}

extension NeighborConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("name", JSON(name)), ("vrf", JSON(vrf)), ("address", .string(address.description)),
            ("local-address", .string(localAddress.description)), ("as", JSON(remoteAS.value)),
            ("local-as", JSON(localAS.value)), ("families", JSON(families)),
            ("passive", on(isPassive)), ("password", password == nil ? nil : "(set)"),
            ("hold-time", JSON(holdTime)), ("route-reflector-client", on(isRouteReflectorClient)),
            ("next-hop-self", on(isNextHopSelf)), ("as-override", on(isASOverride)),
            ("allow-as-in", allowASIn == 0 ? nil : JSON(allowASIn)),
            ("maximum-prefixes", JSON(maximumPrefixes)), ("med-out", JSON(medOut)),
            ("add-path", JSON(addPath?.sendCount)), ("best-external", on(isBestExternal)),
            ("import", JSON(importPolicy)), ("export", JSON(exportPolicy)),
            ("multihop", multihop == 1 ? nil : JSON(multihop)), ("deactivated", on(isDeactivated)),
            ("bfd", bfd?.json ?? .null),
        ])
    }
}

extension VRRPConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("interface", JSON(interface)), ("group", JSON(group)), ("version", JSON(version)),
            ("device", JSON(device)), ("vrf", JSON(vrf)),
            ("virtual-addresses", JSON(virtualAddresses)),
            ("primary-address", .string(primaryAddress.description)), ("priority", JSON(priority)),
            ("preempt", .bool(preempt)),
            ("preempt-delay", preemptDelay == .zero ? nil : JSON(preemptDelay.text)),
            ("advertisement-interval", JSON(advertisementInterval.text)),
            ("tracks", JSON(tracks.map(\.json))),
        ])
    }
}

extension RouterAdvertisementConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("interface", JSON(interface)), ("device", JSON(device)),
            ("source", .string(source.description)), ("prefixes", JSON(prefixes)),
            ("interval", JSON(interval.text)), ("lifetime", JSON("\(lifetime)s")),
        ])
    }
}

extension VRRPConfiguration.Track {
    fileprivate var json: JSON {
        let members: [(String, JSON)] =
            switch object {
            case .interface(let name): [("interface", JSON(name))]
            case .route(let vrf, let prefix):
                [("route", .string(prefix.description)), ("vrf", JSON(vrf))]
            case .session(let key):
                [("session", .string(key.address.description)), ("vrf", JSON(key.vrf))]
            }
        return JSON.present(members + [("priority-cost", JSON(priorityCost))])
    }
}

extension Policy {
    fileprivate var json: JSON {
        ["name": JSON(name), "terms": JSON(terms.map(\.json))]
    }
}

extension Policy.Term {
    fileprivate var json: JSON {
        JSON.present([
            ("name", JSON(name)),
            ("match", JSON.present(conditions.map(\.member))),
            ("set", JSON.present(actions.map(\.member))),
            ("then", JSON(verdict?.rawValue)),
        ])
    }
}

extension Policy.Condition {
    fileprivate var member: (String, JSON) {
        switch self {
        case .source(let sources): ("protocol", JSON(sources))
        case .prefix(let matches): ("prefix", JSON(matches.map(\.text)))
        case .community(let communities): ("community", JSON(communities))
        case .asPath(let patterns): ("as-path", JSON(patterns))
        case .nextHop(let prefixes): ("next-hop", JSON(prefixes))
        }
    }
}

extension Policy.Action {
    fileprivate var member: (String, JSON) {
        switch self {
        case .localPreference(let value): ("local-preference", JSON(value))
        case .med(let value): ("med", JSON(value))
        case .nextHopSelf: ("next-hop", "self")
        case .nextHop(let address): ("next-hop", .string(address.description))
        case .transport(let name): ("transport", .string(name))
        case .communityAdd(let values): ("community-add", JSON(values))
        case .communityRemove(let values): ("community-remove", JSON(values))
        case .communitySet(let values): ("community-set", JSON(values))
        case .asPathPrepend(let numbers): ("as-path-prepend", JSON(numbers))
        }
    }
}

extension PrefixMatch {
    fileprivate var text: String {
        switch range {
        case .exact: "\(prefix)"
        case .orLonger: "\(prefix) or longer"
        case .longer: "\(prefix) longer"
        case .upTo(let length): "\(prefix) up to /\(length)"
        }
    }
}
