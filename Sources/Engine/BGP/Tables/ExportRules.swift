// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What a neighbor may be told of a route, and in which form (RFC 4271 §5.1 and §9.2, RFC 4456 §10,
/// RFC 4364 §4.3.2, RFC 8277 §3). Made anew for each round of telling, in which it remembers its
/// answers: most routes differ in their prefix alone.
struct ExportRules {
    private let neighbor: NeighborConfiguration
    /// What stands for this router as a next hop, by the next hop's family.
    private let own: [AddressFamily: IPAddress]
    private let chain: PolicyChain
    private let position: Int
    private let clusterID: IPv4Address
    private let clients: [Bool]
    private let vrfLabels: [[AddressFamily: Label]]
    private let transit: [TransitWay: Label]
    private var known: [Key: SharedAttributes?] = [:]
    /// So that equal results of different routes are one object.
    private var results: Set<SharedAttributes> = []

    /// All that the answer depends on, but for the prefix. Attributes are named by identity, which
    /// is sound because no table changes while the rules live.
    private struct Key: Hashable {
        var attributes: ObjectIdentifier
        var family: BGPFamily
        var source: RouteSource
        var isExported: Bool
        var isNextHopSelf: Bool
        var speaker: Int?
    }

    init(_ tables: RoutingTables, to position: Int) {
        neighbor = tables.neighbors[position].configuration
        chain = tables.neighbors[position].exportChain
        self.position = position
        own = tables.neighbors[position].ownAddresses
        clusterID = tables.clusterID
        clients = tables.neighbors.map(\.configuration.isRouteReflectorClient)
        vrfLabels = tables.vrfs.map(\.labels)
        transit = tables.transit.labels
    }

    /// What the neighbor is to have for a destination whose paths are these, best first.
    ///
    /// Where a path from inside is best, which other internal neighbors are not told, they are told
    /// the best of the others if that is wanted (draft-ietf-idr-best-external).
    mutating func best(of paths: [Path]?, _ destination: Destination) -> SentRoute? {
        guard let paths, let best = paths.first, best.isUsable else { return nil }
        if let route = route(best, destination) { return route }
        guard neighbor.isBestExternal, neighbor.isInternal, best.isInternal, !best.isExported
        else { return nil }
        let external = paths.first { $0.isUsable && (!$0.isInternal || $0.isExported) }
        return external.flatMap { route($0, destination) }
    }

    /// The first so many paths that the neighbor may have.
    mutating func best(
        _ count: Int, of paths: [Path]?, _ destination: Destination
    ) -> [(id: Path.ID, route: SentRoute)] {
        var found: [(Path.ID, SentRoute)] = []
        for path in paths ?? [] where path.isUsable && found.count < count {
            if let route = route(path, destination) { found.append((path.id, route)) }
        }
        return found
    }

    /// The route as the neighbor is to have it; nil if it is to have none.
    mutating func route(_ path: Path, _ destination: Destination) -> SentRoute? {
        let family = destination.family(among: neighbor.families)
        var label: Label?
        if family.isVPN {
            label = self.label(of: path, family.family)
            guard label != nil else { return nil }
        }
        guard let attributes = attributes(of: path, destination.prefix, family) else { return nil }
        if family.isLabelledUnicast {
            label = self.label(of: path, destination.prefix, below: attributes.value.nextHop)
            guard label != nil else { return nil }
        }
        return SentRoute(attributes: attributes, label: label)
    }

    /// Whether the neighbor is to have a route with a label that this router swaps or pops.
    mutating func needsLabel(_ path: Path, _ destination: Destination) -> Bool {
        let family = destination.family(among: neighbor.families)
        guard family.isLabelledUnicast,
            let attributes = attributes(of: path, destination.prefix, family)
        else { return false }
        return changesNextHop(of: path, to: attributes.value.nextHop)
    }

    /// The label of a VPN route that the neighbor has to use: what it was given by a route that
    /// this router reflects, this router's own where it swaps that, or that of the VRF that
    /// exported it.
    private func label(of path: Path, _ family: AddressFamily) -> Label? {
        if case .exported(let vrf) = path.id { return vrfLabels[vrf][family] }
        if isRelayed(path) { return path.transitWay.flatMap { transit[$0] } }
        return path.label
    }

    /// The label of a unicast route: what came with the route where its next hop stays, else one of
    /// this router. None where labelled packets have no way on, or the next hop is a third
    /// router's; such a route is not told.
    private func label(
        of path: Path, _ prefix: IPPrefix, below nextHop: IPAddress?
    ) -> Label? {
        guard changesNextHop(of: path, to: nextHop) else { return path.label }
        guard let nextHop, own.values.contains(nextHop) else { return nil }
        // Routers of an IPv4 core are not to uncover an IPv6 packet (RFC 4798 §2).
        if path.source == .direct {
            return prefix.family == .ipv4 ? .implicitNull : .ipv6ExplicitNull
        }
        return path.labelledWay(to: prefix).flatMap { transit[$0] }
    }

    private func changesNextHop(of path: Path, to nextHop: IPAddress?) -> Bool {
        path.source != .bgp || nextHop != path.attributes.value.nextHop
    }

    /// Whether a labelled route of others is passed on under this router's name: across the border
    /// of the AS (RFC 4364 §10 b), and from there to neighbors that are to have it so. A session
    /// over several hops keeps next hop and label (§10 c).
    private func isRelayed(_ path: Path) -> Bool {
        guard !path.isExported else { return false }
        if !neighbor.isInternal { return neighbor.isAcrossBorder || neighbor.isNextHopSelf }
        return neighbor.isNextHopSelf && !path.isInternal
    }

    private mutating func attributes(
        of path: Path, _ prefix: IPPrefix, _ family: BGPFamily
    ) -> SharedAttributes? {
        guard mayHear(path) else { return nil }
        let key = Key(
            attributes: ObjectIdentifier(path.attributes), family: family,
            source: path.source, isExported: path.isExported, isNextHopSelf: path.isNextHopSelf,
            speaker: path.speaker?.neighbor)
        if !chain.dependsOnPrefix, let known = known[key] { return known }
        var result: SharedAttributes?
        // What stands in the VPN table is a BGP route by then, whatever the VRF had it from.
        var route = PolicyRoute(
            source: family.isVPN ? .bgp : path.source, prefix: prefix,
            attributes: path.attributes.value)
        if chain.evaluate(&route) == .accepted, let changed = form(route, path, family) {
            result = results.insert(SharedAttributes(changed)).memberAfterInsert
        }
        known[key] = .some(result)
        return result
    }

    /// Split horizon, reflection, and the well-known communities (RFC 1997).
    private func mayHear(_ path: Path) -> Bool {
        if path.neighbor == position { return false }
        let communities = path.attributes.value.communities
        if communities.contains(.noAdvertise) { return false }
        if !neighbor.isInternal {
            return !communities.contains(.noExport) && !communities.contains(.noExportSubconfed)
        }
        guard path.isInternal, let source = path.neighbor else { return true }
        return clients[source] || neighbor.isRouteReflectorClient
    }

    /// The attributes after what the session's kind asks for.
    private func form(
        _ route: PolicyRoute, _ path: Path, _ family: BGPFamily
    ) -> PathAttributes? {
        var attributes = route.attributes
        attributes.nextHop = nextHop(route, path, family)
        attributes.linkLocalNextHop = nil
        // RFC 4271 §5.1.3: no neighbor is told to send to itself.
        guard let nextHop = attributes.nextHop, nextHop != neighbor.address else { return nil }
        if neighbor.vrf != nil {
            // Targets are the provider's own business; a site of origin is the customer's too.
            attributes.extendedCommunities.removeAll(where: \.isRouteTarget)
        }
        // Tunnels lead to the router that was the next hop, and are the provider's business too.
        let isNextHopKept = path.isExported || nextHop == path.attributes.value.nextHop
        if neighbor.vrf != nil || !isNextHopKept { attributes.tunnelEncapsulation = nil }
        if neighbor.isInternal {
            formInternal(&attributes, route, path)
        } else {
            formExternal(&attributes, route)
        }
        return attributes
    }

    private func formInternal(
        _ attributes: inout PathAttributes, _ route: PolicyRoute, _ path: Path
    ) {
        attributes.localPreference = attributes.localPreference ?? 100
        if !route.isMEDSet, let medOut = neighbor.medOut { attributes.med = medOut }
        if path.isInternal, !path.isExported, let speaker = path.speaker {
            attributes.originatorID = attributes.originatorID ?? speaker.routerID
            attributes.clusterList.insert(clusterID, at: 0)
        } else {
            attributes.originatorID = nil
            attributes.clusterList = []
        }
    }

    /// RFC 4271 §5.1.2, §5.1.4 (a MED goes no further than one AS), §5.1.5; RFC 4360 §6.
    private func formExternal(_ attributes: inout PathAttributes, _ route: PolicyRoute) {
        if neighbor.isASOverride {
            attributes.asPath = attributes.asPath.replacing(
                neighbor.remoteAS, with: neighbor.localAS)
        }
        attributes.asPath = attributes.asPath.prepending(neighbor.localAS)
        attributes.localPreference = nil
        attributes.originatorID = nil
        attributes.clusterList = []
        if !route.isMEDSet { attributes.med = neighbor.medOut }
        attributes.extendedCommunities.removeAll { !$0.isTransitive }
        // RFC 9012 §11: no further than one provider.
        attributes.tunnelEncapsulation = nil
    }

    /// RFC 4271 §5.1.3. External neighbors always get our own address: never wrong, and a third
    /// party's on a shared subnet would save one hop at most. Internal ones get what the route came
    /// with, unless this router brought it into BGP.
    ///
    /// The next hop of a unicast route is of its own family, whatever carries the session (RFC
    /// 2545 §2, §4); a route for which there is none is not told. That of a VPN route is the IPv4
    /// address by which the core knows this router (RFC 4659 §3.2.1.2), if it has one; so is that
    /// of a labelled route (RFC 4798 §2).
    private func nextHop(
        _ route: PolicyRoute, _ path: Path, _ family: BGPFamily
    ) -> IPAddress? {
        let own = own[.ipv4] ?? (route.prefix.family == .ipv6 ? own[.ipv6] : nil)
        // Whoever changes the next hop of a label has to swap the label.
        if family.isVPN {
            return path.isExported || isRelayed(path) ? own : path.attributes.value.nextHop
        }
        if family.isLabelledUnicast {
            let isOwn = path.source != .bgp || path.isNextHopSelf || isRelayed(path)
            if isOwn || route.nextHopChoice == .itself { return own }
            return path.attributes.value.nextHop
        }
        let nextHop = unicastNextHop(route, path)
        return nextHop?.family == route.prefix.family ? nextHop : nil
    }

    private func unicastNextHop(_ route: PolicyRoute, _ path: Path) -> IPAddress? {
        let own = own[route.prefix.family]
        switch route.nextHopChoice {
        case .itself?: return own
        case .address(let address)?: return address
        case nil: break
        }
        if !neighbor.isInternal || path.source != .bgp || path.isNextHopSelf { return own }
        return neighbor.isNextHopSelf && !path.isInternal ? own : path.attributes.value.nextHop
    }
}

extension Path {
    fileprivate var isExported: Bool {
        if case .exported = id { true } else { false }
    }

    fileprivate var isInternal: Bool { speaker?.isInternal == true }
}
