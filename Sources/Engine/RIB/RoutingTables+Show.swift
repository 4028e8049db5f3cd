// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The answers to the queries that concern tables; Query says their shapes.
extension RoutingTables {
    /// - Returns: null for a query that others answer, an empty answer for unknown names.
    package func show(_ query: Query, at now: Instant) -> JSON {
        switch query {
        case .routes(let vrf, let prefix, let source):
            showRoutes(vrf: vrf, prefix: prefix, source: source, at: now)
        case .received(let key): showReceived(key)
        case .advertised(let key): showAdvertised(key)
        case .vrfs: ["vrfs": JSON(vrfs.indices.map(showVRF))]
        case .mpls: showMPLS()
        case .interfaces: showInterfaces()
        case .transports: showTransports(at: now)
        case .lookUp(let lookUp): show(lookUp)
        case .neighbors, .vrrp, .counters, .routing: .null
        }
    }

    // MARK: Routes

    /// A table as it is shown: one family of a RouteTable.
    private struct View {
        var position: Int
        var family: AddressFamily
        var name: String
        /// Shown also when empty.
        var isAlways: Bool
    }

    /// inet.0 first, then the VRFs', then the VPN table's. Tables of IPv6 routes, and the VPN table
    /// of a router without VRFs, appear once they have routes.
    private var views: [View] {
        var views: [View] = []
        for position in 0..<vpnTable {
            let prefix = vrfName(ofTable: position).map { $0 + "." } ?? ""
            views.append(
                View(position: position, family: .ipv4, name: prefix + "inet.0", isAlways: true))
            views.append(
                View(position: position, family: .ipv6, name: prefix + "inet6.0", isAlways: false))
        }
        views.append(
            View(position: vpnTable, family: .ipv4, name: "bgp.l3vpn.0", isAlways: !vrfs.isEmpty))
        views.append(
            View(position: vpnTable, family: .ipv6, name: "bgp.l3vpn-inet6.0", isAlways: false))
        return views
    }

    private func showRoutes(
        vrf: String?, prefix: IPPrefix?, source: RouteSource?, at now: Instant
    ) -> JSON {
        let wanted = vrf.map { name in tablePosition(vrf: name).map { [$0] } ?? [] }
        let shown = views.filter { wanted?.contains($0.position) ?? true }
        let tables = shown.compactMap { view in
            showTable(view, prefix: prefix, source: source, at: now)
        }
        return ["tables": JSON(tables)]
    }

    private func showTable(
        _ view: View, prefix: IPPrefix?, source: RouteSource?, at now: Instant
    ) -> JSON? {
        let entries = tables[view.position].entries.filter { $0.key.prefix.family == view.family }
        guard view.isAlways || !entries.isEmpty else { return nil }
        let shown = entries.filter { prefix == nil || $0.key.prefix == prefix }
            .sorted { $0.key < $1.key }
        let rows = shown.compactMap { destination, paths -> JSON? in
            let rows = paths.enumerated().filter { source == nil || $1.source == source }
                .map { showPath($1, isActive: $0 == 0 && $1.isUsable, view, at: now) }
            guard !rows.isEmpty else { return nil }
            let entry: JSON = [
                "prefix": JSON(destination.prefix), "route-distinguisher": JSON(destination.rd),
                "paths": JSON(rows),
            ]
            return entry.compact
        }
        let isVRF = view.position > 0 && view.position < vpnTable
        let table: JSON = [
            "name": .string(view.name),
            "vrf": JSON(isVRF ? vrfName(ofTable: view.position) : nil),
            "destinations": JSON(entries.count),
            "routes": JSON(entries.values.reduce(0) { $0 + $1.count }),
            "entries": JSON(rows),
        ]
        return table.compact
    }

    private func showPath(
        _ path: Path, isActive: Bool, _ view: View, at now: Instant
    ) -> JSON {
        let own: [JSON.Member] = [
            JSON.Member("active", JSON(isActive)), JSON.Member("protocol", JSON(path.source)),
            JSON.Member("preference", JSON(path.effectivePreference)),
            JSON.Member("reason", .string(path.reason)),
        ]
        let age = JSON.Member("age", JSON((now - path.since).nanoseconds / 1_000_000_000))
        let bgp = path.source == .bgp || view.position == vpnTable ? showBGP(path) : []
        let metric = JSON.Member("metric", path.showsMetric ? JSON(path.resolution.metric) : .null)
        return JSON.object(own + showWay(path, view) + bgp + [metric, age]).compact
    }

    private func showWay(_ path: Path, _ view: View) -> [JSON.Member] {
        let hop = path.forwardingNextHops.first
        var interface = hop?.interface
        if case .local(let position) = path.id,
            case .direct(let name) = localRoutes[position].way
        {
            interface = name
        }
        var label = path.label
        if case .exported(let vrf) = path.id {
            label = vrfs[vrf].labels[view.family]
            interface = vrfs[vrf].configuration.device
        }
        var transport: String?
        if case .imported = path.id { transport = path.resolution.transport }
        // Of an unresolved path, at least where it would go.
        let gateway = path.isUsable ? hop?.gateway : path.attributes.value.nextHop
        return [
            JSON.Member("next-hop", JSON(gateway)), JSON.Member("interface", JSON(interface)),
            JSON.Member("labels", Self.numbers(hop?.labels ?? [])),
            JSON.Member(view.position == 0 ? "label" : "vpn-label", JSON(label?.value)),
            JSON.Member("transport", JSON(transport)),
        ]
    }

    private func showBGP(_ path: Path) -> [JSON.Member] {
        let neighbor = path.speaker.map { neighbors[$0.neighbor].configuration }
        let own: [JSON.Member] = [
            JSON.Member("protocol-next-hop", JSON(path.attributes.value.nextHop)),
            JSON.Member("from", JSON(neighbor?.address)),
            JSON.Member("neighbor", JSON(neighbor?.name)),
        ]
        return own + path.attributes.value.members(localPreference: path.localPreference)
    }

    // MARK: Neighbors

    private func showReceived(_ key: NeighborKey) -> JSON {
        guard let position = neighborPosition(key) else { return ["routes": []] }
        let neighbor = neighbors[position]
        let routes = neighbor.received.sorted { $0.key < $1.key }.map { key, route in
            let destination = key.destination
            let table = tables[table(of: destination, position)]
            let id = Path.ID.neighbor(position, path: key.pathID)
            let path = table.path(id, to: destination)
            let isActive = table.active(destination)?.id == id
            let reason = route.rejection?.description ?? path?.reason
            return showRoute(
                key, route.attributes, route.label,
                [
                    JSON.Member("active", JSON(isActive)),
                    JSON.Member("accepted", JSON(route.rejection == nil)),
                    JSON.Member("reason", JSON(reason)),
                ])
        }
        return ["neighbor": JSON(neighbor.configuration.name), "routes": JSON(routes)]
    }

    private func showAdvertised(_ key: NeighborKey) -> JSON {
        guard let position = neighborPosition(key) else { return ["routes": []] }
        let neighbor = neighbors[position]
        let configuration = neighbor.configuration
        let routes = neighbor.sent.sorted { $0.key < $1.key }.map { key, route in
            showRoute(key, route.attributes, route.label, [JSON.Member("active", JSON(true))])
        }
        let isSilent = !configuration.isInternal && configuration.exportPolicy.isEmpty
        let reason = "no export policy on an external session (RFC 8212)"
        let answer: JSON = [
            "neighbor": JSON(configuration.name), "routes": JSON(routes),
            "reason": isSilent ? .string(reason) : .null,
        ]
        return answer.compact
    }

    private func showRoute(
        _ key: RouteKey, _ attributes: SharedAttributes, _ label: Label?,
        _ state: [JSON.Member]
    ) -> JSON {
        let value = attributes.value
        let own: [JSON.Member] = [
            JSON.Member("prefix", JSON(key.destination.prefix)),
            JSON.Member("route-distinguisher", JSON(key.destination.rd)),
            JSON.Member("path-id", key.pathID == 0 ? .null : JSON(key.pathID)),
            JSON.Member("next-hop", JSON(value.nextHop)),
        ]
        let labels = JSON.Member("labels", label.map { Self.numbers([$0]) } ?? .null)
        let members = value.members(localPreference: value.localPreference)
        return JSON.object(own + members + [labels] + state).compact
    }

    // MARK: The rest

    private func showVRF(_ position: Int) -> JSON {
        let configuration = vrfs[position].configuration
        let interfaces = self.configuration.interfaces.filter { $0.vrf == configuration.name }
        let answer: JSON = [
            "name": .string(configuration.name),
            "route-distinguisher": JSON(configuration.routeDistinguisher),
            "import-targets": JSON(configuration.importTargets),
            "export-targets": JSON(configuration.exportTargets),
            "label": JSON(vrfs[position].labels[.ipv4]?.value),
            "label-ipv6": JSON(vrfs[position].labels[.ipv6]?.value),
            "table": JSON(configuration.table),
            "device": .string(configuration.device), "interfaces": JSON(interfaces.map(\.name)),
            "routes": JSON(tables[position + 1].entries.count),
        ]
        return answer.compact
    }

    private func showMPLS() -> JSON {
        let destinations = Dictionary(
            configuration.labelSwitches.map { ($0.label, $0.destination) },
            uniquingKeysWith: { first, _ in first })
        let labels = forwarding.labels.sorted { $0.key < $1.key }.flatMap { label, action in
            showLabel(label, action, destinations[label])
        }
        let tunnels = configuration.tunnels.filter {
            resolver.interfaces.isUp($0.nextHop.interface) == true
        }
        let planned = tunnels.map { tunnel in
            let hop = tunnel.nextHop
            return showTunnel(
                tunnel.transport, tunnel.destination,
                ForwardingNextHop(
                    gateway: hop.gateway, interface: hop.interface, labels: hop.labels),
                metric: tunnel.metric)
        }
        let signalled =
            showTunnels("ldp", resolver.paths) + showTunnels("bgp", resolver.labelledRoutes)
        return ["labels": JSON(labels), "tunnels": JSON(planned + signalled)]
    }

    private func showTunnels(
        _ transport: String, _ paths: PrefixIndex<LabelSwitchedPath>
    ) -> [JSON] {
        paths.entries.sorted { $0.key < $1.key }.flatMap { prefix, path in
            path.nextHops.map { showTunnel(transport, prefix, $0, metric: path.metric) }
        }
    }

    private func showTunnel(
        _ transport: String, _ destination: IPPrefix, _ hop: ForwardingNextHop, metric: UInt32
    ) -> JSON {
        [
            "transport": .string(transport), "destination": JSON(destination),
            "next-hop": JSON(hop.gateway), "interface": .string(hop.interface),
            "labels": Self.numbers(hop.labels), "metric": JSON(metric),
        ]
    }

    /// One row a next hop.
    private func showLabel(
        _ label: Label, _ action: LabelAction, _ destination: IPPrefix?
    ) -> [JSON] {
        var hops: [ForwardingNextHop?] = [nil]
        var vrf: String?
        switch action {
        case .lookUp(let name, _): vrf = name
        case .forward(let list): hops = list
        }
        return hops.map { hop in
            let name = hop.map { $0.labels.isEmpty ? "pop" : "swap" } ?? "look-up"
            let answer: JSON = [
                "label": JSON(label.value), "action": .string(name), "vrf": JSON(vrf),
                "destination": JSON(destination), "next-hop": JSON(hop?.gateway),
                "interface": JSON(hop?.interface), "labels": Self.numbers(hop?.labels ?? []),
            ]
            return answer.compact
        }
    }

    private static func numbers(_ labels: [Label]) -> JSON { JSON(labels.map { JSON($0.value) }) }

    private func showInterfaces() -> JSON {
        let states = resolver.interfaces
        let rows = zip(states.interfaces, states.isUp).map { interface, isUp -> JSON in
            let row: JSON = [
                "name": .string(interface.name), "vrf": JSON(interface.vrf), "up": JSON(isUp),
                "addresses": JSON(interface.addresses),
            ]
            return row.compact
        }
        return ["interfaces": JSON(rows)]
    }
}

extension Path {
    /// Why it is active, or why not.
    fileprivate var reason: String {
        if case .unresolved(let problem) = resolution { return problem.description }
        return verdict.text
    }

    /// Interior cost says something about core routes, and about BGP routes that cross the core.
    fileprivate var showsMetric: Bool {
        [.core, .isis, .ospf, .rip].contains(source)
            || (source == .bgp && resolution.metric > 0)
    }
}

extension PathAttributes {
    /// As show commands name them, next hop apart.
    fileprivate func members(localPreference: UInt32?) -> [JSON.Member] {
        let communities =
            communities.map(\.description) + extendedCommunities.map(\.description)
            + largeCommunities.map(\.description)
        return [
            JSON.Member("med", JSON(med)), JSON.Member("local-preference", JSON(localPreference)),
            JSON.Member("as-path", JSON(asPath)), JSON.Member("origin", JSON(origin)),
            JSON.Member("communities", JSON(communities)),
            JSON.Member("originator", JSON(originatorID)),
            JSON.Member("cluster-list", clusterList.isEmpty ? .null : JSON(clusterList)),
        ]
    }
}
