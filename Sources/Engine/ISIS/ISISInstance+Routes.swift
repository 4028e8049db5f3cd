// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// From the databases to routes.
extension ISISInstance {
    /// Junos: 15 for routes of level 1, 18 for those of level 2.
    private static func preference(_ level: ISISLevel) -> UInt32 { level == .one ? 15 : 18 }

    /// Computes the paths of a level anew if something that they depend on has changed and it is
    /// time.
    mutating func computeIfDue(
        _ level: ISISLevel, _ step: inout ProtocolStep, putsOff: Bool
    ) {
        guard levels[level].needsPaths else { return }
        let due = min(levels[level].schedule.trigger(at: step.now), urgentRun(level))
        guard due <= step.now, !putsOff || levels[level].hasLostNeighbor else {
            return arm(ISISTimer(.spf, level), noLaterThan: max(due, step.now), &step)
        }
        levels[level].needsPaths = false
        let hasLostNeighbor = levels[level].hasLostNeighbor
        levels[level].hasLostNeighbor = false
        levels[level].schedule.ran(at: step.now)
        levels[level].runs += 1
        levels[level].lastRun = step.now
        cancel(ISISTimer(.spf, level), &step)
        let before = levels[level].paths
        let graph = ISISGraph(levels[level].database)
        let seen = graph.seen
        let isKept = levels[level].seen.isKept(in: seen)
        levels[level].seen = seen
        levels[level].paths = paths(level, graph)
        let after = levels[level].paths
        let changed =
            before.routes.keys.filter { after.routes[$0] == nil }
            + after.routes.filter { before.routes[$0.key] != $0.value }.keys
        routes.begin(isKept && !hasLostNeighbor ? levels[level].news : nil)
        if !changed.isEmpty { install(changed.sorted(), &step) }
        routes.end(&step)
        guard configuration.levels == .both else { return }
        // The other level tells what this one reaches, or that it reaches other areas.
        if level == .one, !changed.isEmpty { levels[.two].isStale = true }
        if level == .two, before.reachedAreas != after.reachedAreas { levels[.one].isStale = true }
    }

    /// A neighbor that is lost is not waited out: packets to it go nowhere. Only the shortest of
    /// intervals is kept.
    private func urgentRun(_ level: ISISLevel) -> Instant {
        guard levels[level].hasLostNeighbor, let last = levels[level].lastRun else {
            return Instant(nanoseconds: .max)
        }
        return last + configuration.throttle.minimumInterval
    }

    /// The shortest paths of a level.
    ///
    /// The router's own edges lead to its neighbors, those on LANs as well, so that each stands for
    /// a way out. A neighbor on a LAN is as far as the LAN costs if the LAN's packet tells of both.
    private func paths(_ level: ISISLevel, _ graph: ISISGraph) -> ISISPaths {
        var graph = graph
        guard let root = graph.position(ISISNodeID(system)) else { return ISISPaths() }
        var hops: [ISISNextHops.Way] = []
        var edges: [ShortestPaths.Edge] = []
        for position in circuits.indices {
            let circuit = circuits[position]
            for adjacency in circuit.adjacencies where adjacency.isUp(level) {
                guard let to = graph.position(ISISNodeID(adjacency.system)),
                    isTwoWay(graph, root, to, circuit.lanIDs[level])
                else { continue }
                edges.append(ShortestPaths.Edge(to: to, cost: circuit.metric))
                hops.append(
                    ISISNextHops.Way(interface: circuit.name, gateways: adjacency.gateways))
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
        _ hops: [ISISNextHops.Way]
    ) -> ISISPaths {
        var paths = ISISPaths()
        let own = ownPrefixes(level)
        // Most routers are reached by few different sets of ways.
        var gateways: [[Int]: ISISNextHops] = [:]
        var nearest: UInt32 = .max
        for node in graph.nodes.indices {
            guard let distance = tree.distances[node] else { continue }
            paths.reached += 1
            if configuration.levels == .both { paths.reachedAreas.formUnion(graph.areas(node)) }
            guard node != root else { continue }
            let ways = tree.firstHops[node]
            let nextHops = gateways[ways] ?? ISISNextHops(ways.map { hops[$0] })
            gateways[ways] = nextHops
            let reach = Reach(distance: distance, hops: tree.hops[node], nextHops: nextHops)
            graph.forEachPrefix(node) { told in
                if own[told.prefix] == nil { add(told, reach, to: &paths) }
            }
            let isWayOut = level == .one && configuration.levels == .level1
            guard isWayOut, graph.isAttached(node), distance <= nearest else { continue }
            nearest = distance
            for family in configuration.families {
                addDefault(family, reach, to: &paths)
            }
        }
        return paths
    }

    /// How a router is reached.
    private struct Reach {
        var distance: UInt32
        var hops: Int
        var nextHops: ISISNextHops
    }

    /// Takes a prefix in: better is what did not come down from level 2, then what costs less; of
    /// equal ones all ways (RFC 5302 §3.2).
    private func add(
        _ told: ISISPrefix, _ reach: Reach, to paths: inout ISISPaths
    ) {
        guard told.metric <= ISISLinkState.pathMetricMax,
            configuration.families.contains(told.prefix.family)
        else { return }
        let (metric, isTooFar) = reach.distance.addingReportingOverflow(told.metric)
        guard !isTooFar, metric <= ISISLinkState.pathMetricMax else { return }
        let route = ISISPaths.Route(
            metric: metric, nextHops: reach.nextHops[told.prefix.family], hops: reach.hops,
            isDown: told.isDown)
        add(route, told.prefix, to: &paths)
    }

    private func addDefault(
        _ family: AddressFamily, _ reach: Reach, to paths: inout ISISPaths
    ) {
        let route = ISISPaths.Route(
            metric: reach.distance, nextHops: reach.nextHops[family], hops: reach.hops,
            isDown: false, isDefault: true)
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
            paths.routes[prefix]?.nextHops = ISISNextHops.sorted(union)
            paths.routes[prefix]?.hops = max(known.hops, route.hops)
        }
    }

    /// A told default route before one that is only concluded.
    private static func rank(_ route: ISISPaths.Route) -> (Int, Int, UInt32) {
        (route.isDown ? 1 : 0, route.isDefault ? 1 : 0, route.metric)
    }

    // MARK: Installing

    /// Offers, or takes back, the routes to some prefixes.
    private mutating func install(_ prefixes: [IPPrefix], _ step: inout ProtocolStep) {
        for prefix in prefixes where route(prefix) == nil { routes.remove(prefix, &step) }
        for prefix in prefixes {
            guard let (route, hops) = route(prefix) else { continue }
            routes.set(route, hops: hops, &step)
        }
        generation += 1
    }

    /// Offers routes that have waited for their turn, and arms the timer of the others.
    mutating func settleTurns(_ step: inout ProtocolStep) {
        if routes.advance(&step) { generation += 1 }
        if let due = routes.due {
            arm(ISISTimer(.turn), at: due, &step)
        } else {
            cancel(ISISTimer(.turn), &step)
        }
    }

    /// The route of the first level before that of the second, unless it came down from there.
    private func route(_ prefix: IPPrefix) -> (ProtocolRoute, hops: Int)? {
        let found = activeLevels.compactMap { level in
            levels[level].paths.routes[prefix].map { (level, $0) }
        }
        guard let (level, route) = found.first(where: { !$0.1.isDown }) ?? found.last else {
            return nil
        }
        let offer = ProtocolRoute(
            prefix: prefix, source: .isis, nextHops: route.nextHops, metric: route.metric,
            preference: Self.preference(level))
        return (offer, route.hops)
    }
}
