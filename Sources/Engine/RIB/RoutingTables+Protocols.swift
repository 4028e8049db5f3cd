// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Between routing protocols and the tables.
extension RoutingTables {
    /// The active route to a prefix of a VRF's table is another one, or there is none.
    package struct Offer: Hashable, Sendable {
        package var vrf: String?
        package var prefix: IPPrefix
    }

    // MARK: From protocols

    /// Takes a route in. The event is not complete before `settle`.
    package mutating func set(
        _ route: ProtocolRoute, of id: RoutingProtocolID, at now: Instant
    ) {
        resolver.set(route, of: id)
        place(route, of: id, at: now)
    }

    private mutating func place(
        _ route: ProtocolRoute, of id: RoutingProtocolID, at now: Instant
    ) {
        guard let table = tablePosition(vrf: id.vrf) else { return }
        let path = Path(
            id: .routing(id.kind), source: route.source,
            attributes: SharedAttributes(route.attributes), preference: route.preference,
            resolution: resolver.resolution(of: route), since: now)
        set(path, to: Destination(prefix: route.prefix), in: table)
    }

    /// An interface went up or down: the kernel has dropped the routes that led by it alone, before
    /// the protocol has had its say.
    mutating func refreshProtocolRoutes(by interface: String, at now: Instant) {
        for (id, route) in resolver.routes(by: interface) { place(route, of: id, at: now) }
    }

    /// Takes a route out.
    package mutating func remove(
        _ prefix: IPPrefix, of id: RoutingProtocolID, at now: Instant
    ) {
        guard let table = tablePosition(vrf: id.vrf) else { return }
        resolver.remove(prefix, of: id)
        remove(.routing(id.kind), from: Destination(prefix: prefix), in: table, at: now)
    }

    /// Takes in a signalled way to a destination, or takes it out.
    package mutating func set(_ path: LabelSwitchedPath?, to destination: IPPrefix) {
        resolver.set(path, to: destination)
    }

    /// What packets of a protocol's label become; nil is nothing any more.
    package mutating func set(_ label: Label, _ action: LabelAction?) {
        if let action {
            pending.install += forwarding.set(label, action)
        } else {
            pending.remove += forwarding.remove(label)
        }
    }

    /// Whether there is a way to a neighbor.
    package func hasRoute(to neighbor: NeighborConfiguration) -> Bool {
        resolver.recursive(neighbor.address, neighbor.vrf).isResolved
            || (neighbor.vrf == nil && resolver.labelledRoutes.lookUp(neighbor.address) != nil)
    }

    // MARK: To protocols

    /// What the present event has made another route of, in order; each once.
    package mutating func takeOffers(at now: Instant) -> [Offer] {
        resolveWhatMoved(at: now)
        guard !configuration.protocols.isEmpty else { return [] }
        var offers: [Offer] = []
        for table in 0..<vpnTable where !offered[table].isEmpty {
            let vrf = vrfName(ofTable: table)
            offers += offered[table].sorted().map { Offer(vrf: vrf, prefix: $0.prefix) }
            offered[table].removeAll()
        }
        return offers
    }

    /// Everything that there is to tell a protocol that has just begun.
    package func allOffers(vrf: String?) -> [Offer] {
        guard let table = tablePosition(vrf: vrf) else { return [] }
        return tables[table].destinationsInOrder.map { Offer(vrf: vrf, prefix: $0.prefix) }
    }

    /// The active route as a protocol is to hear of it; nil where it is its own, or its export
    /// policy rejects it.
    package func route(_ offer: Offer, for protocolID: RoutingProtocolID) -> OfferedRoute? {
        guard let table = tablePosition(vrf: offer.vrf), let chain = exportChains[protocolID],
            let path = tables[table].active(Destination(prefix: offer.prefix)),
            path.id != .routing(protocolID.kind)
        else { return nil }
        var route = PolicyRoute(
            source: path.source, prefix: offer.prefix, attributes: path.attributes.value)
        guard chain.evaluate(&route) == .accepted else { return nil }
        var isFromVPN = false
        if case .imported = path.id { isFromVPN = true }
        return OfferedRoute(
            source: path.source, nextHops: path.resolution.nextHops,
            metric: path.resolution.metric, attributes: route.attributes, isFromVPN: isFromVPN)
    }

    /// Ends an event in which protocols may have changed something.
    package mutating func settle(at now: Instant) -> [RoutingOutput] {
        resolveWhatMoved(at: now)
        let isQuiet =
            touched.allSatisfy(\.isEmpty) && noticed.allSatisfy(\.isEmpty) && pending.isEmpty
        return isQuiet ? [] : finish(at: now)
    }

    /// Ends an event that changed an interface.
    /// - Parameter interface: one that has just come up and whose routes the kernel may have lost.
    package mutating func complete(
        at now: Instant, restoring interface: String?
    ) -> [RoutingOutput] {
        resolveWhatMoved(at: now)
        return finish(at: now, restoring: interface)
    }

    /// Who exports what to protocols.
    static func exportChains(
        _ configuration: RouterConfiguration, _ policies: [String: Policy]
    ) -> [RoutingProtocolID: PolicyChain] {
        var chains: [RoutingProtocolID: PolicyChain] = [:]
        for instance in configuration.protocols where !instance.exportPolicy.isEmpty {
            chains[instance.id] = PolicyChain(
                instance.exportPolicy, from: policies, undecided: .rejectWithoutPolicy)
        }
        return chains
    }
}
