// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives

/// What a forwarding entry is told from others by.
enum ForwardingKey: Hashable, Comparable {
    case route(Route.Key)
    case label(Label)
    case endpoint(interface: String, overlay: IPAddress)

    static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.route(let x), .route(let y)): x < y
        case (.label(let x), .label(let y)): x < y
        case (.endpoint(let x, let y), .endpoint(let v, let w)): (x, y) < (v, w)
        default: a.rank < b.rank
        }
    }

    var isEndpoint: Bool { if case .endpoint = self { true } else { false } }

    /// Endpoints first: a route may need them.
    private var rank: Int {
        switch self {
        case .endpoint: 0
        case .label: 1
        case .route: 2
        }
    }
}

/// A forwarding entry as the kernel knows it.
enum ForwardingEntry: Hashable {
    case route(Route)
    case label(LabelRoute)
    case endpoint(Neighbour)

    var key: ForwardingKey {
        switch self {
        case .endpoint(let neighbour):
            .endpoint(interface: neighbour.link, overlay: neighbour.address)
        case .route(let route): .route(route.key)
        case .label(let route): .label(route.label)
        }
    }
}

/// Entries to put into the kernel and entries to take out, in these orders; no key is in both.
struct ForwardingChanges: Hashable {
    /// Put in, or put in the place of what is there under the same key.
    var set: [ForwardingEntry] = []
    var remove: [ForwardingKey] = []

    var isEmpty: Bool { self.set.isEmpty && remove.isEmpty }
}

/// Turns the engine's forwarding changes into kernel objects.
struct ForwardingTranslation {
    private let vrfs: [String: VRFConfiguration]
    /// The links on which labelled packets arrive.
    let labelLinks: [String]

    init(_ configuration: RouterConfiguration) {
        vrfs = Dictionary(configuration.vrfs.map { ($0.name, $0) }) { first, _ in first }
        let core = configuration.interfaces.filter(\.carriesMPLS).map(\.name)
        let tunnels = configuration.tunnels.map(\.nextHop.interface)
        let multipoint = configuration.transports.compactMap {
            if case .mgre(let interface) = $0.encapsulation { interface } else { nil }
        }
        labelLinks = Set(core + tunnels + multipoint).sorted()
    }

    /// The table of a VRF; nil for a VRF that is not configured.
    func table(_ vrf: String?) -> UInt32? {
        guard let vrf else { return RoutingTable.main }
        return vrfs[vrf]?.table
    }

    /// The key and, unless the change removes it, the entry.
    /// - Returns: nil for a VRF that is not configured.
    func translate(_ change: ForwardingChange) -> (key: ForwardingKey, entry: ForwardingEntry?)? {
        switch change {
        case .setRoute(let route):
            guard let table = table(route.vrf) else { return nil }
            let entry = ForwardingEntry.route(Self.route(route, table: table))
            return (entry.key, entry)
        case .removeRoute(let vrf, let prefix):
            guard let table = table(vrf) else { return nil }
            return (.route(Self.key(table, prefix)), nil)
        case .setLabel(let label, let action):
            guard let action = self.action(action) else { return nil }
            return (.label(label), .label(LabelRoute(label: label, action: action)))
        case .removeLabel(let label):
            return (.label(label), nil)
        case .setEndpoint(let endpoint):
            let neighbour = Neighbour(
                link: endpoint.interface, address: endpoint.overlay,
                linkLayerAddress: IPAddress(endpoint.transport).bytes)
            let entry = ForwardingEntry.endpoint(neighbour)
            return (entry.key, entry)
        case .removeEndpoint(let interface, let overlay):
            return (.endpoint(interface: interface, overlay: overlay), nil)
        }
    }

    /// An IPv6 route that leads out of its VRF has no preferred source: the kernel would look for
    /// the address in the VRF of the way out, and refuse the route (ip6_route_info_create). The VRF
    /// device's own address serves.
    private static func route(_ route: ForwardingRoute, table: UInt32) -> Route {
        let hops = route.nextHops.map(hop)
        return Route(
            key: key(table, route.prefix), action: hops.isEmpty ? .blackhole : .forward(hops),
            preferredSource: route.prefix.family == .ipv4 ? route.source : nil)
    }

    /// Routes have a metric that is worse than that of the kernel's own routes to connected subnets
    /// (0, and 256 in IPv6): a write replaces a route of the same metric, and a connected subnet
    /// that is reached another way while its link is down would lose its own route for good.
    private static func key(_ table: UInt32, _ prefix: IPPrefix) -> Route.Key {
        Route.Key(table: table, prefix: prefix, metric: prefix.family == .ipv6 ? 1024 : 20)
    }

    private static func hop(_ hop: ForwardingNextHop) -> RouteNextHop {
        // On link: the engine has resolved the gateway, and a VRF's table would be asked otherwise.
        RouteNextHop(
            via: hop.gateway, link: hop.interface, labels: hop.labels, isOnLink: true)
    }

    private func action(_ action: LabelAction) -> LabelRoute.Action? {
        switch action {
        case .forward(let hops):
            // An MPLS route has no onlink flag: its gateway is always taken as a neighbour.
            return .forward(
                hops.map { RouteNextHop(via: $0.gateway, link: $0.interface, labels: $0.labels) })
        case .lookUp(let vrf, let family):
            guard let vrf = vrfs[vrf] else { return nil }
            return .decapsulate(
                vrf: vrf.device, popDevice: vrf.popDevice, links: labelLinks, family: family)
        }
    }
}
