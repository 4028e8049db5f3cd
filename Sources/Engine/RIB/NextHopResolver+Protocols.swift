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

        /// Those with a next hop by an interface, in order.
        func routes(by interface: String) -> [(kind: RoutingProtocolID.Kind, route: ProtocolRoute)]
        {
            index.entries.flatMap { _, routes in
                routes.filter { $0.value.nextHops.contains { $0.interface == interface } }
                    .map { (kind: $0.key, route: $0.value) }
            }.sorted { ($0.route.prefix, $0.kind) < ($1.route.prefix, $1.kind) }
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
        let resolution = resolution(of: route)
        return resolution.isResolved ? resolution : nil
    }

    /// A route of a protocol by those of its next hops whose interface is not down.
    func resolution(of route: ProtocolRoute) -> Resolution {
        let live = route.nextHops.filter { interfaces.isUp($0.interface) != false }
        if live.isEmpty, let lost = route.nextHops.first {
            return .unresolved(.notConnected(lost.gateway))
        }
        return .resolved(nextHops: live, metric: route.metric)
    }

    /// The routes of protocols that have a next hop by an interface, in order.
    func routes(by interface: String) -> [(id: RoutingProtocolID, route: ProtocolRoute)] {
        guard let known = interfaces.interfaces.first(where: { $0.name == interface }) else {
            return []
        }
        return (interior[known.vrf]?.routes(by: interface) ?? []).map {
            (RoutingProtocolID($0.kind, vrf: known.vrf), $0.route)
        }
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
