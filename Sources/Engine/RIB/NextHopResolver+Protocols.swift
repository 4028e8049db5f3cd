// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The routes and label switched paths of protocols, over which next hops are resolved.
extension NextHopResolver {
    /// The routes of one VRF; of several protocols to one prefix the most preferred counts.
    struct InteriorRoutes: Sendable {
        private var index = PrefixIndex<[RoutingProtocolID.Kind: ProtocolRoute]>()

        mutating func set(_ route: ProtocolRoute, of kind: RoutingProtocolID.Kind) {
            index[route.prefix, default: [:]][kind] = route
        }

        mutating func remove(_ prefix: IPPrefix, of kind: RoutingProtocolID.Kind) {
            guard var routes = index[prefix] else { return }
            routes[kind] = nil
            index[prefix] = routes.isEmpty ? nil : routes
        }

        func lookUp(_ address: IPAddress) -> ProtocolRoute? {
            index.lookUp(address)?.value.min {
                ($0.value.effectivePreference, $0.key) < ($1.value.effectivePreference, $1.key)
            }?.value
        }
    }

    mutating func set(_ route: ProtocolRoute, of id: RoutingProtocolID) {
        interior[id.vrf, default: InteriorRoutes()].set(route, of: id.kind)
        isStale = true
    }

    mutating func remove(_ prefix: IPPrefix, of id: RoutingProtocolID) {
        interior[id.vrf]?.remove(prefix, of: id.kind)
        isStale = true
    }

    mutating func set(_ path: LabelSwitchedPath?, to destination: IPPrefix) {
        paths[destination] = path
        isStale = true
    }

    /// Takes in the way of an active labelled route, or takes it out.
    mutating func setLabelledRoute(_ path: LabelSwitchedPath?, to destination: IPPrefix) {
        guard labelledRoutes[destination] != path else { return }
        labelledRoutes[destination] = path
        isStale = true
    }

    /// The way over a protocol's route, if that is more specific than a local one, or as specific
    /// and preferred.
    func interior(
        _ nextHop: IPAddress, _ vrf: String?, besides local: LocalRouteIndex.Match?
    ) -> Resolution? {
        guard let route = interior[vrf]?.lookUp(nextHop) else { return nil }
        if let local {
            let isWorse = route.effectivePreference > local.entry.source.defaultPreference
            guard
                route.prefix.length > local.prefix.length
                    || (route.prefix.length == local.prefix.length && !isWorse)
            else { return nil }
        }
        return .resolved(nextHops: route.nextHops, metric: route.metric)
    }

    /// The most specific signalled path that is up, by the interfaces that are; of two, the one
    /// within the AS.
    func signalledPath(
        to nextHop: IPAddress, overLabelledRoutes: Bool
    ) -> LabelSwitchedPath? {
        let interior = path(to: nextHop, in: paths)
        let labelled = overLabelledRoutes ? path(to: nextHop, in: labelledRoutes) : nil
        guard let interior, let labelled else { return interior ?? labelled }
        return labelled.destination.length > interior.destination.length ? labelled : interior
    }

    private func path(
        to nextHop: IPAddress, in index: PrefixIndex<LabelSwitchedPath>
    ) -> LabelSwitchedPath? {
        guard var path = index.lookUp(nextHop)?.value else { return nil }
        path.nextHops.removeAll { interfaces.isUp($0.interface) != true }
        return path.nextHops.isEmpty ? nil : path
    }
}

extension PrefixIndex {
    subscript(prefix: IPPrefix, default fallback: Value) -> Value {
        get { self[prefix] ?? fallback }
        set { self[prefix] = newValue }
    }
}

extension ProtocolRoute {
    var effectivePreference: UInt32 { preference ?? source.defaultPreference }
}
