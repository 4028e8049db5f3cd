// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// From databases to routes (RFC 2328 §16).
extension OSPFInstance {
    mutating func runShortestPaths(_ step: inout ProtocolStep) {
        schedule.ran(at: step.now)
        runs += 1
        let before = seen
        seen = [:]
        result = computed(at: step.now)
        isDerivedDirty = true
        let isKept = before.allSatisfy { area, old in seen[area].map(old.isKept) ?? false }
        routes.begin(isKept ? news : nil)
        install(result, &step)
        routes.end(&step)
    }

    /// Offers routes that have waited for their turn, and arms the timer of the others.
    mutating func settleTurns(_ step: inout ProtocolStep) {
        if routes.advance(&step) { generation += 1 }
        guard routes.due != nextTurn else { return }
        nextTurn = routes.due
        let timer = RoutingTimer("turn")
        step.emit(nextTurn.map { .arm(timer, at: $0) } ?? .cancel(timer))
    }

    /// Tells the table what became another, in the order of prefixes.
    private mutating func install(_ found: OSPFRoutes, _ step: inout ProtocolStep) {
        let wanted = found.prefixes.filter { !$0.value.isAttached && !$0.value.isSham }
        let count = step.outputs.count
        for prefix in routes.offered.keys.filter({ wanted[$0] == nil }).sorted() {
            routes.remove(prefix, &step)
        }
        for route in wanted.values.sorted(by: { $0.prefix < $1.prefix }) {
            routes.set(protocolRoute(route), hops: route.hops, &step)
        }
        if step.outputs.count > count { generation += 1 }
    }

    /// What Junos prefers external routes by: behind those of the AS, before BGP's.
    private static let externalPreference: UInt32 = 150

    private func protocolRoute(_ route: OSPFRoute) -> ProtocolRoute {
        let nextHops = route.nextHops.compactMap { hop in
            hop.gateway.map { ForwardingNextHop(gateway: $0, interface: hop.interface) }
        }
        return ProtocolRoute(
            prefix: route.prefix, source: .ospf, nextHops: nextHops, metric: route.metric,
            preference: route.kind.isExternal ? Self.externalPreference : nil,
            attributes: vpnAttributes(route))
    }

    // MARK: The computation

    private mutating func computed(at now: Instant) -> OSPFRoutes {
        var routes = OSPFRoutes()
        let areas = activeAreas
        for area in areas { addIntraArea(area, to: &routes, at: now) }
        // An area border router believes what others heard in the backbone only (§16.2).
        let summarised = areas.count > 1 ? areas.filter { $0 == Self.backbone } : areas
        for area in summarised { addInterArea(area, to: &routes, at: now) }
        addExternals(to: &routes, at: now)
        return routes
    }

    /// The LSAs of a type that count; ours as we want them now, said or not.
    private func advertisements(
        _ type: OSPFLSAType, _ scope: OSPFScope, at now: Instant
    ) -> [(key: OSPFLSAKey, contents: OSPFLSAContents, options: OSPFOptions)] {
        let others = (databases[scope]?.entries(of: type) ?? []).filter {
            $0.lsa.key.advertisingRouter != routerID && !$0.isMaxAge(at: now)
        }.map { ($0.lsa.key, $0.contents, $0.lsa.header.options) }
        let ours = topology.filter { $0.key.scope == scope && $0.key.key.type == type }
            .sorted { $0.key < $1.key }.map { ($0.key.key, $0.value.contents, $0.value.options) }
        return others + ours
    }

    private func content(of area: IPv4Address, at now: Instant) -> OSPFGraph.Content {
        var content = OSPFGraph.Content()
        for (key, contents, _) in advertisements(.router, .area(area), at: now) {
            if case .router(let router) = contents {
                content.add(router, of: key.advertisingRouter)
            }
        }
        for (key, contents, _) in advertisements(.network, .area(area), at: now) {
            if case .network(let network) = contents {
                content.networks[dialect.network(of: key)] = network
            }
        }
        return content
    }

    /// §16.1.
    private mutating func addIntraArea(
        _ area: IPv4Address, to routes: inout OSPFRoutes, at now: Instant
    ) {
        let content = content(of: area, at: now)
        let own = interfaces.indices.filter { interfaces[$0].area == area }.flatMap { position in
            links(of: position).map { OSPFGraph.OwnLink(position: position, link: $0) }
        }
        let graph = OSPFGraph(content, dialect, root: routerID, own: own)
        seen[area] = graph.seen
        for id in content.routers.keys.sorted() where id != routerID {
            guard let reach = graph.reach(router: id), let router = content.routers[id] else {
                continue
            }
            let nextHops = nextHops(reach.starts)
            guard !nextHops.isEmpty else { continue }
            routes.add(
                OSPFRouterPath(
                    router: id, area: area, isIntraArea: true, flags: router.flags,
                    cost: reach.cost, nextHops: nextHops, hops: reach.hops))
        }
        func add(_ prefix: OSPFPrefix, _ reach: OSPFGraph.Reach, isOwn: Bool) {
            let nextHops = nextHops(reach.starts)
            guard isOwn || !nextHops.isEmpty else { return }
            routes.add(
                OSPFRoute(
                    prefix: prefix.prefix, kind: .intraArea, area: area,
                    cost: reach.cost + UInt32(prefix.metric), nextHops: nextHops,
                    hops: reach.hops))
        }
        for prefixes in attached(area, content, at: now) {
            switch prefixes.to {
            case .router(let id):
                guard let reach = graph.reach(router: id) else { continue }
                for prefix in prefixes.list { add(prefix, reach, isOwn: id == routerID) }
            case .network(let id):
                for reach in graph.reaches(network: id) {
                    for prefix in prefixes.list { add(prefix, reach, isOwn: false) }
                }
            }
        }
    }

    /// What prefixes stand at.
    private enum Vertex {
        case router(IPv4Address)
        case network(OSPFNetworkID)
    }

    /// Version 2 has the prefixes in the router and network LSAs, version 3 beside them.
    private func attached(
        _ area: IPv4Address, _ content: OSPFGraph.Content, at now: Instant
    ) -> [(to: Vertex, list: [OSPFPrefix])] {
        if version == .v3 {
            return advertisements(.intraAreaPrefix, .area(area), at: now)
                .compactMap { _, contents, _ in
                    guard case .intraAreaPrefix(let lsa) = contents else { return nil }
                    let list = lsa.prefixes.filter { !$0.options.contains(.noUnicast) }
                    return lsa.reference.type == .router
                        ? (.router(lsa.reference.advertisingRouter), list)
                        : (.network(dialect.network(of: lsa.reference)), list)
                }
        }
        let routers = content.routers.sorted { $0.key < $1.key }.map { id, router in
            (Vertex.router(id), router.links.compactMap(\.stub))
        }
        let networks = content.networks
            .sorted { $0.key.id < $1.key.id }.compactMap { id, network in
                network.prefix.map { (Vertex.network(id), [OSPFPrefix($0)]) }
            }
        return routers + networks
    }

    /// The next hops that first steps come to; without those whose neighbor is not heard.
    private func nextHops(_ starts: [OSPFGraph.Start]) -> [OSPFNextHop] {
        var hops: Set<OSPFNextHop> = []
        for start in starts {
            let interface = interfaces[start.position]
            var hop = OSPFNextHop(
                interface: interface.name, gateway: nil, isSham: interface.sham != nil)
            if let router = start.neighbor {
                guard let neighbor = interface.neighbors[router], neighbor.state >= .twoWay else {
                    continue
                }
                hop.gateway = neighbor.address
            }
            hops.insert(hop)
        }
        return Array(hops.sorted().prefix(OSPFRoutes.nextHopsMax))
    }

    // MARK: Beyond the area

    /// §16.2.
    private func addInterArea(
        _ area: IPv4Address, to routes: inout OSPFRoutes, at now: Instant
    ) {
        for (key, contents, options) in advertisements(.interAreaPrefix, .area(area), at: now) {
            guard case .interAreaPrefix(let lsa) = contents, lsa.metric < OSPFRoutes.infinity,
                let path = routes.border(key.advertisingRouter, in: area),
                !isFromVPN(options, lsa.options), !lsa.options.contains(.noUnicast)
            else { continue }
            routes.add(
                OSPFRoute(
                    prefix: lsa.prefix, kind: .interArea, area: area,
                    cost: path.cost + lsa.metric, nextHops: path.nextHops, hops: path.hops))
        }
        for (key, contents, _) in advertisements(.interAreaRouter, .area(area), at: now) {
            guard case .interAreaRouter(let lsa) = contents, lsa.metric < OSPFRoutes.infinity,
                lsa.router != routerID,
                let path = routes.border(key.advertisingRouter, in: area)
            else { continue }
            routes.add(
                OSPFRouterPath(
                    router: lsa.router, area: area, isIntraArea: false, flags: .boundary,
                    cost: path.cost + lsa.metric, nextHops: path.nextHops, hops: path.hops))
        }
    }

    /// §16.4.
    private func addExternals(to routes: inout OSPFRoutes, at now: Instant) {
        for (key, contents, options) in advertisements(.external, .autonomousSystem, at: now) {
            guard case .external(let lsa) = contents, lsa.metric < OSPFRoutes.infinity,
                let boundary = routes.boundary(key.advertisingRouter),
                !isFromVPN(options, lsa.options), !isFromVPN(tag: lsa.tag),
                !lsa.options.contains(.noUnicast)
            else { continue }
            var (cost, nextHops, area) = (boundary.cost, boundary.nextHops, boundary.area)
            var hops = boundary.hops
            if let address = lsa.forwardingAddress {
                guard let route = routes.route(to: address) else { continue }
                (cost, area, hops) = (route.cost, route.area, route.hops)
                nextHops = route.nextHops.map { hop in
                    // On a subnet of our own it is the next hop itself.
                    OSPFNextHop(
                        interface: hop.interface, gateway: hop.gateway ?? address,
                        isSham: hop.isSham)
                }
            }
            guard !nextHops.isEmpty else { continue }
            routes.add(
                OSPFRoute(
                    prefix: lsa.prefix, kind: lsa.isType2 ? .external2 : .external1, area: area,
                    cost: lsa.isType2 ? cost : cost + lsa.metric,
                    externalMetric: lsa.isType2 ? lsa.metric : 0, nextHops: nextHops,
                    hops: hops, tag: lsa.tag))
        }
    }
}

extension OSPFRouterLSA.Link {
    /// The prefix of a stub link whose mask is one.
    fileprivate var stub: OSPFPrefix? {
        guard type == .stub else { return nil }
        let length = (~data).leadingZeroBitCount
        let prefix = IPPrefix(IPAddress(linkID), length: UInt8(length))
        return prefix.networkMask == data ? OSPFPrefix(prefix, metric: metric) : nil
    }
}
