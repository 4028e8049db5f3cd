// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A route that the configuration gives: direct, static or core. Its position in the list of all
/// of them identifies it.
package struct LocalRoute: Hashable, Sendable {
    /// nil is the default VRF.
    package let vrf: String?
    package let prefix: IPPrefix
    package let source: RouteSource
    package let way: Way
    package let metric: UInt32
    /// Not used while BFD has lost the gateway.
    package let isWatched: Bool

    package enum Way: Hashable, Sendable {
        /// On this interface.
        case direct(String)
        case gateway(IPAddress)
        case discard
    }

    /// Every direct route of the interfaces, then the configured ones.
    static func all(of configuration: RouterConfiguration) -> [LocalRoute] {
        configuration.interfaces.flatMap(direct) + configuration.staticRoutes.map(configured)
    }

    private static func direct(_ interface: InterfaceConfiguration) -> [LocalRoute] {
        var prefixes: [IPPrefix] = []
        // Link-local addresses mean nothing on another link (RFC 4291 §2.5.6).
        for address in interface.addresses
        where !address.address.isLinkLocal && !prefixes.contains(address.prefix) {
            prefixes.append(address.prefix)
        }
        return prefixes.map {
            LocalRoute(
                vrf: interface.vrf, prefix: $0, source: .direct, way: .direct(interface.name),
                metric: 0, isWatched: false)
        }
    }

    private static func configured(_ route: StaticRouteConfiguration) -> LocalRoute {
        LocalRoute(
            vrf: route.vrf, prefix: route.prefix, source: route.source,
            way: route.gateway.map { .gateway($0) } ?? .discard, metric: route.metric,
            isWatched: route.bfd != nil)
    }

    /// nil where the route is not there at all: a direct one whose interface is down. A gateway
    /// that cannot be reached leaves the route in the table, unresolved.
    func resolution(_ interfaces: InterfaceStates) -> Resolution? {
        switch way {
        case .direct(let interface):
            return interfaces.isUp(interface) == true ? .resolved(nextHops: [], metric: 0) : nil
        case .discard: return .resolved(nextHops: [], metric: metric)
        case .gateway(let gateway):
            if interfaces.isOwn(gateway, vrf: vrf) { return .unresolved(.ownAddress(gateway)) }
            guard let interface = interfaces.connected(to: gateway, vrf: vrf) else {
                return .unresolved(.notConnected(gateway))
            }
            if isWatched, interfaces.dead.contains(NeighborKey(vrf: vrf, address: gateway)) {
                return .unresolved(.dead(gateway))
            }
            let nextHop = ForwardingNextHop(gateway: gateway, interface: interface)
            return .resolved(nextHops: [nextHop], metric: metric)
        }
    }
}

/// The usable direct, static and core routes of one VRF, for longest-match lookups: where BGP next
/// hops are resolved. BGP routes play no part in it, so that resolution cannot depend on itself.
package struct LocalRouteIndex: Sendable {
    package struct Entry: Hashable, Sendable {
        package var source: RouteSource
        package var way: LocalRoute.Way
        package var resolution: Resolution
        /// Position among the local routes.
        fileprivate var position: Int

        fileprivate func precedes(_ other: Entry) -> Bool {
            (source, resolution.metric, position)
                < (other.source, other.resolution.metric, other.position)
        }
    }

    private var entries: [IPPrefix: Entry] = [:]
    /// The lengths in use, longest first.
    private var lengths: [UInt8] = []

    init() {}

    init(_ routes: [LocalRoute], vrf: String?, _ interfaces: InterfaceStates) {
        for (position, route) in routes.enumerated() where route.vrf == vrf {
            guard let resolution = route.resolution(interfaces), resolution.isResolved else {
                continue
            }
            let entry = Entry(
                source: route.source, way: route.way, resolution: resolution, position: position)
            if let present = entries[route.prefix], present.precedes(entry) { continue }
            entries[route.prefix] = entry
        }
        lengths = Set(entries.keys.map(\.length)).sorted(by: >)
    }

    package struct Match {
        package var prefix: IPPrefix
        package var entry: Entry
    }

    /// The entry of the longest prefix that holds the address.
    func lookUp(_ address: IPAddress) -> Match? {
        for length in lengths where Int(length) <= address.family.bitWidth {
            let prefix = IPPrefix(address, length: length)
            if let entry = entries[prefix] { return Match(prefix: prefix, entry: entry) }
        }
        return nil
    }
}
