// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// From the databases to routes.
extension ISISInstance {
    /// How many next hops a route may have.
    static let nextHopsMax = 32
    /// Junos: 15 for routes of level 1, 18 for those of level 2.
    private static func preference(_ level: ISISLevel) -> UInt32 { level == .one ? 15 : 18 }

    /// Computes the paths of a level anew if something that they depend on has changed and it is
    /// time.
    mutating func computeIfDue(_ level: ISISLevel, _ step: inout ProtocolStep) {
        guard levels[level].needsPaths else { return }
        let due = min(levels[level].schedule.trigger(at: step.now), urgentRun(level))
        guard due <= step.now else { return arm(ISISTimer(.spf, level), noLaterThan: due, &step) }
        levels[level].needsPaths = false
        levels[level].hasLostNeighbor = false
        levels[level].schedule.ran(at: step.now)
        levels[level].runs += 1
        levels[level].lastRun = step.now
        cancel(ISISTimer(.spf, level), &step)
        let before = levels[level].paths
        levels[level].paths = paths(level)
        let after = levels[level].paths
        // The other level tells what this one reaches, or that it reaches other areas.
        if configuration.levels == .both {
            if level == .one, before.routes != after.routes { levels[.two].isStale = true }
            if level == .two, before.reachedAreas != after.reachedAreas {
                levels[.one].isStale = true
            }
        }
        if before.routes != after.routes { install(&step) }
    }

    /// A neighbor that is lost is not waited out: packets to it go nowhere. Only the shortest of
    /// intervals is kept.
    private func urgentRun(_ level: ISISLevel) -> Instant {
        guard levels[level].hasLostNeighbor, let last = levels[level].lastRun else {
            return Instant(nanoseconds: .max)
        }
        return last + configuration.throttle.minimumInterval
    }

    /// The ways by which this router's paths begin: an adjacency each.
    private struct FirstHop {
        var circuit: Int
        var gateways: [IPAddress]
    }

    /// The shortest paths of a level.
    ///
    /// The router's own edges lead to its neighbors, those on LANs as well, so that each stands for
    /// a way out. A neighbor on a LAN is as far as the LAN costs if the LAN's packet tells of both.
    private func paths(_ level: ISISLevel) -> ISISPaths {
        var graph = ISISGraph(levels[level].database)
        guard let root = graph.position(ISISNodeID(system)) else { return ISISPaths() }
        var hops: [FirstHop] = []
        var edges: [ShortestPaths.Edge] = []
        for position in circuits.indices {
            let circuit = circuits[position]
            for adjacency in circuit.adjacencies where adjacency.isUp(level) {
                guard let to = graph.position(ISISNodeID(adjacency.system)),
                    isTwoWay(graph, root, to, circuit.lanIDs[level])
                else { continue }
                edges.append(ShortestPaths.Edge(to: to, cost: circuit.metric))
                hops.append(FirstHop(circuit: position, gateways: adjacency.gateways))
            }
        }
        graph.setEdges(edges, of: root)
        let tree = ShortestPaths(from: root, graph.edges) { graph.isTransit($0) }
        return result(level, graph, root, tree, hops)
    }

    private func isTwoWay(
        _ graph: ISISGraph, _ root: Int, _ neighbor: Int, _ lanID: ISISNodeID?
    ) -> Bool {
        guard let lanID else { return graph.hasEdge(from: neighbor, to: root) }
        guard let lan = graph.position(lanID) else { return false }
        return graph.hasEdge(from: lan, to: root) && graph.hasEdge(from: lan, to: neighbor)
    }

    private func result(
        _ level: ISISLevel, _ graph: ISISGraph, _ root: Int, _ tree: ShortestPaths,
        _ hops: [FirstHop]
    ) -> ISISPaths {
        var paths = ISISPaths()
        let own = ownPrefixes(level)
        var nearest: UInt32 = .max
        for node in graph.nodes.indices {
            guard let distance = tree.distances[node] else { continue }
            paths.reached += 1
            paths.reachedAreas.formUnion(graph.areas(node))
            guard node != root else { continue }
            let ways = tree.firstHops[node].map { hops[$0] }
            for told in graph.prefixes(node) where own[told.prefix] == nil {
                add(told, distance, ways, to: &paths)
            }
            let isWayOut = level == .one && configuration.levels == .level1
            guard isWayOut, graph.isAttached(node), distance <= nearest else { continue }
            nearest = distance
            for family in configuration.families {
                addDefault(family, distance, ways, to: &paths)
            }
        }
        return paths
    }

    /// Takes a prefix in: better is what did not come down from level 2, then what costs less; of
    /// equal ones all ways (RFC 5302 §3.2).
    private func add(
        _ told: ISISPrefix, _ distance: UInt32, _ ways: [FirstHop], to paths: inout ISISPaths
    ) {
        guard told.metric <= ISISLinkState.pathMetricMax,
            configuration.families.contains(told.prefix.family)
        else { return }
        let (metric, isTooFar) = distance.addingReportingOverflow(told.metric)
        guard !isTooFar, metric <= ISISLinkState.pathMetricMax else { return }
        let route = ISISPaths.Route(
            metric: metric, nextHops: nextHops(ways, told.prefix.family), isDown: told.isDown)
        add(route, told.prefix, to: &paths)
    }

    private func addDefault(
        _ family: AddressFamily, _ distance: UInt32, _ ways: [FirstHop], to paths: inout ISISPaths
    ) {
        let route = ISISPaths.Route(
            metric: distance, nextHops: nextHops(ways, family), isDown: false, isDefault: true)
        add(route, .zero(family), to: &paths)
    }

    private func add(
        _ route: ISISPaths.Route, _ prefix: IPPrefix, to paths: inout ISISPaths
    ) {
        guard !route.nextHops.isEmpty else { return }
        guard let known = paths.routes[prefix] else {
            paths.routes[prefix] = route
            return
        }
        let (new, old) = (Self.rank(route), Self.rank(known))
        if new < old {
            paths.routes[prefix] = route
        } else if new == old {
            let union = Set(known.nextHops).union(route.nextHops)
            paths.routes[prefix]?.nextHops = Self.sorted(Array(union))
        }
    }

    /// A told default route before one that is only concluded.
    private static func rank(_ route: ISISPaths.Route) -> (Int, Int, UInt32) {
        (route.isDown ? 1 : 0, route.isDefault ? 1 : 0, route.metric)
    }

    private func nextHops(_ ways: [FirstHop], _ family: AddressFamily) -> [ForwardingNextHop] {
        let hops = ways.compactMap { way in
            way.gateways.first { $0.family == family }.map {
                ForwardingNextHop(gateway: $0, interface: circuits[way.circuit].name)
            }
        }
        return Self.sorted(Array(Set(hops)))
    }

    private static func sorted(_ hops: [ForwardingNextHop]) -> [ForwardingNextHop] {
        Array(
            hops.sorted { ($0.gateway, $0.interface) < ($1.gateway, $1.interface) }
                .prefix(nextHopsMax))
    }

    // MARK: Installing

    /// Offers the routes of both levels, those of level 1 before those of level 2.
    private mutating func install(_ step: inout ProtocolStep) {
        var wanted: [IPPrefix: ProtocolRoute] = [:]
        // Of the other level the paths may be older than an interface that came up.
        let own = Set(activeLevels.flatMap { ownPrefixes($0).keys })
        for level in activeLevels.reversed() {
            let isLeaf = level == .one && configuration.levels == .both
            for (prefix, route) in levels[level].paths.routes where !own.contains(prefix) {
                // What came down to level 1 is better known at level 2 itself.
                if isLeaf, route.isDown, wanted[prefix] != nil { continue }
                wanted[prefix] = ProtocolRoute(
                    prefix: prefix, source: .isis, nextHops: route.nextHops, metric: route.metric,
                    preference: Self.preference(level))
            }
        }
        for prefix in installed.keys.sorted() where wanted[prefix] == nil {
            step.emit(.removeRoute(prefix))
        }
        for prefix in wanted.keys.sorted() where installed[prefix] != wanted[prefix] {
            if let route = wanted[prefix] { step.emit(.setRoute(route)) }
        }
        installed = wanted
        generation += 1
    }
}
