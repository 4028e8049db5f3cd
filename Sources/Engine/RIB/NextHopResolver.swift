// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Finds the way to BGP next hops (RFC 4271 §5.1.3, RFC 4364 §5), and remembers what it found
/// until interfaces change.
package struct NextHopResolver: Sendable {
    /// Where a next hop is looked for.
    package enum Scope: Hashable, Sendable {
        /// On a connected subnet: routes of external neighbors one hop away.
        case connected(vrf: String?)
        /// Over direct, static and core routes: internal and multihop neighbors.
        case recursive(vrf: String?)
        /// Over label switched paths and tunnels: VPN routes in a VRF.
        case tunnel(TransportRequest)
        /// To a neighbor on a connected subnet, or over label switched paths and tunnels, though
        /// not over those of other labelled routes: unicast routes with labels (RFC 8277).
        case labelled(TransportRequest)
        /// VPN routes in the VPN table: as in a VRF or, where there is no way, over the default
        /// VRF, because a reflector need not be on the forwarding path (RFC 4364 §5).
        case vpnTable(TransportRequest)
    }

    /// One question.
    struct Key: Hashable {
        var scope: Scope
        var nextHop: IPAddress
    }

    package private(set) var interfaces: InterfaceStates
    private let routes: [LocalRoute]
    let tunnels: [TunnelConfiguration]
    let transports: [TransportConfiguration]
    let choice: TransportChoice
    private var indexes: [String?: LocalRouteIndex] = [:]
    private var found: [Key: Resolution] = [:]
    /// By VRF: what routing protocols found.
    var interior: [String?: InteriorRoutes] = [:]
    /// Signalled, by destination.
    var paths = PrefixIndex<LabelSwitchedPath>()
    /// Those of active labelled BGP routes.
    var labelledRoutes = PrefixIndex<LabelSwitchedPath>()
    /// Something that answers rest on has changed since they were compared.
    var isStale = false

    init(_ configuration: RouterConfiguration, _ routes: [LocalRoute]) {
        interfaces = InterfaceStates(configuration.interfaces)
        tunnels = configuration.tunnels
        transports = configuration.transports
        choice = configuration.transportChoice
        self.routes = routes
        let vrfs: [String?] = [nil] + configuration.vrfs.map(\.name)
        for vrf in vrfs { indexes[vrf] = LocalRouteIndex(routes, vrf: vrf, interfaces) }
    }

    /// Takes in the state of an interface.
    mutating func set(_ interface: String, isUp: Bool) {
        guard interfaces.set(interface, isUp: isUp) else { return }
        indexAgain()
        isStale = true
    }

    /// Takes in what BFD has lost.
    /// - Returns: whether that changed anything.
    mutating func set(dead: Set<NeighborKey>) -> Bool {
        guard dead != interfaces.dead else { return false }
        interfaces.dead = dead
        indexAgain()
        isStale = true
        return true
    }

    private mutating func indexAgain() {
        for vrf in indexes.keys {
            indexes[vrf] = LocalRouteIndex(routes, vrf: vrf, interfaces)
        }
    }

    /// - Returns: the questions that have been answered otherwise before. They must be asked again.
    mutating func takeChangedAnswers() -> Set<Key> {
        guard isStale else { return [] }
        isStale = false
        // Starting over forgets next hops that no path has any more.
        if found.count > Self.rememberedCountMax {
            defer { found = [:] }
            return Set(found.keys)
        }
        var changed: Set<Key> = []
        for (key, before) in found {
            let now = find(key)
            guard now != before else { continue }
            found[key] = now
            changed.insert(key)
        }
        return changed
    }

    /// Many more distinct next hops than a network has routers.
    private static let rememberedCountMax = 10_000

    /// Takes interfaces for up, before any question.
    mutating func setUp(_ names: [String]) {
        for name in names { _ = interfaces.set(name, isUp: true) }
        indexAgain()
    }

    mutating func resolve(_ nextHop: IPAddress?, in scope: Scope) -> Resolution {
        guard let nextHop else { return .unresolved(.missing) }
        let key = Key(scope: scope, nextHop: nextHop)
        if let known = found[key] { return known }
        let resolution = find(key)
        found[key] = resolution
        return resolution
    }

    private func find(_ key: Key) -> Resolution {
        let nextHop = key.nextHop
        switch key.scope {
        case .connected(let vrf): return connected(nextHop, vrf)
        case .recursive(let vrf): return recursive(nextHop, vrf)
        case .labelled(let request):
            let direct = connected(nextHop, nil)
            if case .unresolved(.notConnected) = direct {
                return tunnel(nextHop, request, overLabelledRoutes: false)
            }
            return direct
        case .tunnel(let request): return tunnel(nextHop, request)
        case .vpnTable(let request):
            let labelled = tunnel(nextHop, request)
            if labelled.isResolved { return labelled }
            let plain = recursive(nextHop, nil)
            return plain.isResolved ? plain : labelled
        }
    }

    private func connected(_ nextHop: IPAddress, _ vrf: String?) -> Resolution {
        if interfaces.isOwn(nextHop, vrf: vrf) { return .unresolved(.ownAddress(nextHop)) }
        guard let interface = interfaces.connected(to: nextHop, vrf: vrf) else {
            return .unresolved(.notConnected(nextHop))
        }
        return .resolved(
            nextHops: [ForwardingNextHop(gateway: nextHop, interface: interface)], metric: 0)
    }

    func recursive(_ nextHop: IPAddress, _ vrf: String?) -> Resolution {
        if interfaces.isOwn(nextHop, vrf: vrf) { return .unresolved(.ownAddress(nextHop)) }
        let local = indexes[vrf]?.lookUp(nextHop)
        if let interior = interior(nextHop, vrf, besides: local) { return interior }
        guard let entry = local?.entry else { return .unresolved(.noRoute(nextHop)) }
        guard case .direct = entry.way else { return entry.resolution }
        guard let interface = interfaces.connected(to: nextHop, vrf: vrf) else {
            return .unresolved(.noRoute(nextHop))
        }
        return .resolved(
            nextHops: [ForwardingNextHop(gateway: nextHop, interface: interface)], metric: 0)
    }
}
