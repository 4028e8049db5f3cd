// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The routing tables of one router: what it configured, what it heard, what it chose, what it told
/// its neighbors and what it forwards by.
///
/// A change enters a table, and from there runs on at once: from a VRF into the VPN table, from
/// the VPN table into VRFs. What touched an active path is noted, and when the change is complete
/// `finish` compares, for those destinations alone, what stands in the forwarding table and at each
/// neighbor with what should stand there. Hence nothing is said twice, and what changes back
/// within one event is never said at all.
package struct RoutingTables: Sendable {
    package let configuration: RouterConfiguration
    /// Grows with every event taken in.
    package internal(set) var generation: UInt64 = 0

    /// Direct, static and core routes, by position.
    let localRoutes: [LocalRoute]
    var resolver: NextHopResolver
    /// The default VRF's, then those of the VRFs in the configuration's order, then the VPN table.
    var tables: [RouteTable]
    /// By position in the configuration; the table of `vrfs[n]` is `tables[n + 1]`.
    var vrfs: [VRFState]
    /// In the order of their keys.
    var neighbors: [NeighborTables]
    var forwarding: ForwardingTable
    var groups = NextHopGroups()
    /// Next hops that lead elsewhere than paths have noted.
    var moved: Set<NextHopResolver.Key> = []
    var labels: LabelAllocator
    var transit = TransitLabels()
    let isBorderRouter: Bool
    /// The neighbors that exchange unicast routes with labels (RFC 8277), by position.
    let labelledNeighbors: [Int]
    /// The destinations in the default VRF's table that a neighbor gave a label for.
    var labelled: Set<Destination> = []
    /// When the timer `labelQuarantine` is to run out, if it is armed.
    var quarantineTimer: Instant?
    /// Which VRFs import a route target, by position.
    let importers: [ExtendedCommunity: [Int]]
    /// By table: the destinations whose active path the current event has touched.
    var touched: [Set<Destination>]
    /// By table: the destinations of which an onlooker might see something new.
    var noticed: [Set<Destination>]
    /// By table: the destinations whose active path protocols have not yet been told of.
    var offered: [Set<Destination>]
    /// What protocols have changed outside of the tables.
    var pending = StepOutputs()
    /// By protocol: what may be told to it.
    let exportChains: [RoutingProtocolID: PolicyChain]

    /// Some neighbor hears of other paths than the active one.
    private let tellsOfOthers: Bool
    /// VRFs export their best own path though an imported one be better.
    let exportsBestExternal: Bool

    private let neighborPositions: [NeighborKey: Int]
    private let vrfPositions: [String: Int]

    package init(_ configuration: RouterConfiguration) {
        self.configuration = configuration
        localRoutes = LocalRoute.all(of: configuration)
        resolver = NextHopResolver(configuration, localRoutes)
        let count = configuration.vrfs.count
        tables = Array(repeating: RouteTable(), count: count + 2)
        touched = Array(repeating: [], count: count + 2)
        noticed = touched
        offered = touched
        let policies = Dictionary(
            configuration.policies.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        exportChains = Self.exportChains(configuration, policies)
        let offers = configuration.offeredTunnels
        vrfs = configuration.vrfs.map { VRFState($0, policies, offers: offers) }
        neighbors = configuration.neighbors.sorted { $0.key < $1.key }
            .map { [resolver] in NeighborTables($0, policies, resolver.interfaces) }
        neighborPositions = Dictionary(
            uniqueKeysWithValues: neighbors.enumerated().map { ($1.configuration.key, $0) })
        vrfPositions = Dictionary(
            uniqueKeysWithValues: configuration.vrfs.enumerated().map { ($1.name, $0) })
        forwarding = ForwardingTable(vrfCount: count)
        labels = LabelAllocator(configuration.labelRange)
        importers = Self.importers(configuration.vrfs)
        isBorderRouter = Self.isBorderRouter(configuration)
        labelledNeighbors = neighbors.indices.filter { [neighbors] position in
            let neighbor = neighbors[position].configuration
            return neighbor.vrf == nil && neighbor.families.contains(where: \.isLabelledUnicast)
        }
        tellsOfOthers = configuration.neighbors.contains {
            $0.isBestExternal || $0.addPath?.sendCount ?? 0 > 0
        }
        exportsBestExternal = configuration.neighbors.contains {
            $0.isBestExternal && $0.isInternal && $0.families.contains(where: \.isVPN)
        }
    }

    private static func importers(_ vrfs: [VRFConfiguration]) -> [ExtendedCommunity: [Int]] {
        var importers: [ExtendedCommunity: [Int]] = [:]
        for (position, vrf) in vrfs.enumerated() {
            for target in Set(vrf.importTargets) { importers[target, default: []].append(position) }
        }
        return importers
    }

    /// Position of the VPN table.
    var vpnTable: Int { tables.count - 1 }

    /// The table of a VRF, or of the default one.
    /// - Returns: nil for a VRF that is not configured.
    func tablePosition(vrf: String?) -> Int? {
        guard let vrf else { return 0 }
        return vrfPositions[vrf].map { $0 + 1 }
    }

    /// The name of the VRF of a unicast table; nil for the default VRF.
    func vrfName(ofTable table: Int) -> String? {
        table == 0 ? nil : configuration.vrfs[table - 1].name
    }

    func neighborPosition(_ key: NeighborKey) -> Int? { neighborPositions[key] }

    // MARK: Changes to tables

    /// Adds or replaces a path, and carries the change on to other tables.
    mutating func set(_ path: Path, to destination: Destination, in table: Int) {
        let before = table == vpnTable ? tables[table].path(path.id, to: destination) : nil
        let changed = tables[table].set(path, to: destination)
        noticed[table].insert(destination)
        if table == 0, path.label != nil { labelled.insert(destination) }
        if table == vpnTable { carry(destination, before, path, at: path.since) }
        note(destination, table, isActiveChanged: changed, path.since)
    }

    mutating func remove(
        _ id: Path.ID, from destination: Destination, in table: Int, at now: Instant
    ) {
        let before = table == vpnTable ? tables[table].path(id, to: destination) : nil
        let changed = tables[table].remove(id, from: destination)
        noticed[table].insert(destination)
        if table == vpnTable { carry(destination, before, nil, at: now) }
        note(destination, table, isActiveChanged: changed, now)
    }

    /// Notes that the paths of a destination have changed. In a VRF those behind the active one
    /// matter too: the second is the way when the first is lost.
    private mutating func note(
        _ destination: Destination, _ table: Int, isActiveChanged: Bool, _ now: Instant
    ) {
        if isActiveChanged { return touch(destination, table, now) }
        let isVRF = table > 0 && table < vpnTable
        if isVRF || tellsOfOthers { touched[table].insert(destination) }
        if isVRF, exportsBestExternal { export(destination.prefix, from: table - 1, at: now) }
    }

    /// Notes that the active path of a destination is another now.
    private mutating func touch(_ destination: Destination, _ table: Int, _ now: Instant) {
        touched[table].insert(destination)
        if table == 0 { carryLabelled(destination) }
        if !exportChains.isEmpty { offered[table].insert(destination) }
        if table > 0 && table < vpnTable { export(destination.prefix, from: table - 1, at: now) }
    }

    // MARK: Events

    /// Takes in the configuration: loopbacks, discard routes, labels.
    package mutating func start(at now: Instant) -> [RoutingOutput] {
        for position in localRoutes.indices { refreshLocalRoute(position, at: now) }
        return finish(at: now)
    }

    /// An interface went up or down. Up without a change means that it went down for so short a
    /// time that nobody told; the kernel has dropped its routes all the same, so they are set
    /// again.
    package mutating func interface(
        _ name: String, isUp: Bool, at now: Instant
    ) -> [RoutingOutput] {
        guard resolver.interfaces.isUp(name) != nil else { return [] }
        change(name, isUp: isUp, at: now)
        return complete(at: now, restoring: isUp ? name : nil)
    }

    /// The beginning of `interface`: protocols may have their say before its end.
    mutating func change(_ interface: String, isUp: Bool, at now: Instant) {
        let wasUp = resolver.interfaces.isUp(interface)
        resolver.set(interface, isUp: isUp)
        for position in localRoutes.indices { refreshLocalRoute(position, at: now) }
        if wasUp != isUp { refreshProtocolRoutes(by: interface, at: now) }
    }

    /// BFD lost a gateway of static routes, or found it again. The event is not complete before
    /// `settle`.
    mutating func setDead(_ gateway: NeighborKey, _ isDead: Bool, at now: Instant) {
        var dead = resolver.interfaces.dead
        if isDead { dead.insert(gateway) } else { dead.remove(gateway) }
        guard resolver.set(dead: dead) else { return }
        for position in localRoutes.indices { refreshLocalRoute(position, at: now) }
    }

    /// Looks anew for the way to next hops if any may have another one now. Groups of routes move
    /// at once; routes themselves do where they are few.
    mutating func resolveWhatMoved(at now: Instant) {
        var changed = resolver.takeChangedAnswers()
        guard !changed.isEmpty else { return }
        // Labelled routes carry others: they come first, and may move more.
        resolveLabelled(changed, at: now)
        changed.formUnion(resolver.takeChangedAnswers())
        pending.install = moveGroups() + moveTransit() + pending.install
        if forwarding.groupedRouteCount <= Self.promptRouteCountMax {
            moved.formUnion(changed)
            return resolveAgain(at: now)
        }
        if moved.isEmpty { pending.timers.append(.arm(.resolution, at: now)) }
        moved.formUnion(changed)
    }

    mutating func refreshLocalRoute(_ position: Int, at now: Instant) {
        let route = localRoutes[position]
        guard let table = tablePosition(vrf: route.vrf) else { return }
        let (destination, id) = (Destination(prefix: route.prefix), Path.ID.local(position))
        let present = tables[table].path(id, to: destination)
        guard let resolution = route.resolution(resolver.interfaces) else {
            if present != nil { remove(id, from: destination, in: table, at: now) }
            return
        }
        guard present?.resolution != resolution else { return }
        let path = Path(
            id: id, source: route.source, attributes: route.attributes, resolution: resolution,
            since: now)
        set(path, to: destination, in: table)
    }

    /// Asks again for the way to the next hop of every BGP path whose next hop has moved.
    mutating func resolveAgain(at now: Instant) {
        for table in tables.indices {
            let concerned = tables[table].entries.filter { _, paths in
                paths.contains { has($0, in: table, movedBy: moved) }
            }
            for (destination, paths) in concerned {
                resolveAgain(destination, paths, table, at: now)
            }
        }
        moved.removeAll()
    }

    func has(
        _ path: Path, in table: Int, movedBy moved: Set<NextHopResolver.Key>
    ) -> Bool {
        guard let scope = scope(of: path, in: table), let nextHop = path.attributes.value.nextHop
        else { return false }
        return moved.contains(NextHopResolver.Key(scope: scope, nextHop: nextHop))
    }

    mutating func resolveAgain(
        _ destination: Destination, _ paths: [Path], _ table: Int, at now: Instant
    ) {
        var resolved = paths
        for index in resolved.indices { resolve(&resolved[index], to: destination, in: table) }
        guard zip(paths, resolved).contains(where: { $0.resolution != $1.resolution }) else {
            return
        }
        noticed[table].insert(destination)
        let changed = tables[table].change(destination) { $0 = resolved }
        note(destination, table, isActiveChanged: changed, now)
    }

    /// Looks for the way to the next hop of a path that has one. That of a unicast route must be of
    /// its family (RFC 2545 §3); packets of VPN routes are labelled, so that any will do.
    mutating func resolve(_ path: inout Path, to destination: Destination, in table: Int) {
        guard let scope = scope(of: path, in: table) else { return }
        let nextHop = path.attributes.value.nextHop
        if let nextHop, path.label == nil, nextHop.family != destination.prefix.family {
            path.resolution = .unresolved(.otherFamily(nextHop))
        } else {
            path.resolution = resolver.resolve(nextHop, in: scope)
            if table == 0, let label = path.label {
                path.resolution = path.resolution.pushing(label)
            }
        }
    }

    /// Where the next hop of a path is looked for; nil for paths that have none.
    func scope(of path: Path, in table: Int) -> NextHopResolver.Scope? {
        switch path.id {
        case .local, .exported, .routing: nil
        case .imported: path.transitScope ?? .tunnel(path.transportRequest)
        case .neighbor(let position, _):
            if table == vpnTable {
                path.transitScope ?? .vpnTable(path.transportRequest)
            } else if table == 0, path.label != nil {
                .labelled(path.transportRequest)
            } else {
                neighbors[position].scope
            }
        }
    }

    package mutating func timer(_ id: TimerID, at now: Instant) -> [RoutingOutput] {
        switch id {
        case .labelQuarantine:
            quarantineTimer = nil
            return finish(at: now, removing: labels.expire(at: now))
        case .resolution where !moved.isEmpty:
            resolveAgain(at: now)
            return finish(at: now)
        default: return []
        }
    }

    // MARK: Answers

    /// Whether a VRF has an active route to exactly this prefix.
    package func hasRoute(vrf: String?, prefix: IPPrefix) -> Bool {
        guard let table = tablePosition(vrf: vrf) else { return false }
        return tables[table].active(Destination(prefix: prefix)) != nil
    }

    /// Whether an external neighbor one hop away is on the subnet of an interface that is up. Other
    /// neighbors need no such interface.
    package func isConnected(_ neighbor: NeighborConfiguration) -> Bool {
        guard !neighbor.isInternal && neighbor.multihop == 1 else { return true }
        return resolver.interfaces.connected(to: neighbor.address, vrf: neighbor.vrf) != nil
    }

    /// How many prefixes a neighbor sent, how many of them its import rules let in, and how many
    /// were sent to it.
    package func prefixCounts(
        _ key: NeighborKey
    ) -> (received: Int, accepted: Int, advertised: Int) {
        guard let position = neighborPosition(key) else { return (0, 0, 0) }
        let neighbor = neighbors[position]
        return (neighbor.received.count, neighbor.acceptedCount, neighbor.sent.count)
    }
}

extension LocalRoute {
    /// What BGP starts from when it announces the route.
    fileprivate var attributes: SharedAttributes {
        guard case .gateway(let gateway) = way else { return Self.withoutNextHop }
        return SharedAttributes(PathAttributes(nextHop: gateway))
    }

    private static let withoutNextHop = SharedAttributes(PathAttributes())
}
