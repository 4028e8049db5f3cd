// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives

/// What a forwarding entry is told from others by.
enum ForwardingKey: Hashable, Comparable {
    case route(Route.Key)
    case label(Label)
    case endpoint(interface: String, overlay: IPAddress)
    case nextHop(UInt32)
    case group(UInt32)

    static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.route(let x), .route(let y)): x < y
        case (.label(let x), .label(let y)): x < y
        case (.endpoint(let x, let y), .endpoint(let v, let w)): (x, y) < (v, w)
        case (.nextHop(let x), .nextHop(let y)), (.group(let x), .group(let y)): x < y
        default: a.rank < b.rank
        }
    }

    /// In which order entries are set, each after what it may need; they are removed in the
    /// opposite one.
    var phase: Int {
        switch self {
        case .endpoint: 0
        case .nextHop: 1
        case .group: 2
        case .label, .route: 3
        }
    }

    static let phases = 0...3

    private var rank: Int { if case .route = self { 4 } else { phase } }
}

/// A forwarding entry as the kernel knows it.
enum ForwardingEntry: Hashable {
    case route(Route)
    case label(LabelRoute)
    case endpoint(Neighbour)
    case nextHop(NextHopObject)
    case group(NextHopGroup)

    /// Whether it is a route that points to a group.
    var isGrouped: Bool {
        if case .route(let route) = self, case .group = route.action { true } else { false }
    }

    var key: ForwardingKey {
        switch self {
        case .endpoint(let neighbour):
            .endpoint(interface: neighbour.link, overlay: neighbour.address)
        case .route(let route): .route(route.key)
        case .label(let route): .label(route.label)
        case .nextHop(let object): .nextHop(object.id)
        case .group(let group): .group(group.id)
        }
    }
}

/// A key and what is wanted under it; nil for nothing.
typealias ForwardingPair = (key: ForwardingKey, entry: ForwardingEntry?)

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
    /// A link that discards.
    private let parking: String?
    private var nextHops: SharedNextHops?
    private var inline = InlineGroups()

    /// - Parameter hasGroups: whether the kernel knows next hops and groups of them.
    init(_ configuration: RouterConfiguration, hasGroups: Bool = true) {
        nextHops = hasGroups ? SharedNextHops() : nil
        vrfs = Dictionary(configuration.vrfs.map { ($0.name, $0) }) { first, _ in first }
        labelLinks = configuration.labelLinks
        // Where no labels arrive, there are no links to pop them by.
        parking = labelLinks.isEmpty ? nil : configuration.vrfs.first?.popDevice
    }

    /// The table of a VRF; nil for a VRF that is not configured.
    func table(_ vrf: String?) -> UInt32? {
        guard let vrf else { return RoutingTable.main }
        return vrfs[vrf]?.table
    }

    /// The VRF whose device, or whose device to pop on, this is.
    func vrf(ofDevice name: String) -> String? {
        vrfs.values.first { $0.device == name || $0.popDevice == name }?.name
    }

    /// The same for another configuration, before any of its changes. Next hops that were there
    /// keep their numbers.
    func reconfigured(_ configuration: RouterConfiguration) -> ForwardingTranslation {
        var new = ForwardingTranslation(configuration)
        new.nextHops = nextHops
        new.nextHops?.forgetGroups()
        return new
    }

    /// The keys and, unless the change removes them, the entries; none for a VRF that is not
    /// configured.
    mutating func translate(_ change: ForwardingChange) -> [ForwardingPair] {
        switch change {
        case .setRoute(let route): return pairs(route)
        case .removeRoute(let vrf, let prefix):
            guard let table = table(vrf) else { return [] }
            let key = ForwardingKey.route(Self.key(table, prefix))
            if nextHops == nil { _ = inline.note(nil, key) }
            return [(key, nil)]
        case .setLabel(let label, let action):
            guard let action = self.action(action) else { return [] }
            return [(.label(label), .label(LabelRoute(label: label, action: action)))]
        case .removeLabel(let label): return [(.label(label), nil)]
        case .setEndpoint(let endpoint):
            let neighbour = Neighbour(
                link: endpoint.interface, address: endpoint.overlay,
                linkLayerAddress: IPAddress(endpoint.transport).bytes)
            let entry = ForwardingEntry.endpoint(neighbour)
            return [(entry.key, entry)]
        case .removeEndpoint(let interface, let overlay):
            return [(.endpoint(interface: interface, overlay: overlay), nil)]
        case .setGroup(let group): return pairs(group)
        case .removeGroup(let id):
            inline.remove(id)
            return nextHops?.remove(id) ?? []
        }
    }

    /// The kernel has dropped all next hops of a link: it does so when the link goes down.
    mutating func lose(link: String) { nextHops?.lose(link: link) }

    /// The kernel refused what stands under a key.
    mutating func lose(_ key: ForwardingKey) {
        if case .nextHop(let number) = key { nextHops?.lose(number) }
    }

    private mutating func pairs(_ group: ForwardingGroup) -> [ForwardingPair] {
        if let pairs = nextHops?.set(group, parking: parking) { return pairs }
        return inline.set(group).compactMap { route in
            table(route.vrf).map { table in
                (
                    .route(Self.key(table, route.prefix)),
                    .route(Self.route(route, table: table))
                )
            }
        }
    }

    private mutating func pairs(_ route: ForwardingRoute) -> [ForwardingPair] {
        guard let table = table(route.vrf) else { return [] }
        let key = ForwardingKey.route(Self.key(table, route.prefix))
        let own = nextHops == nil ? inline.note(route, key) ?? route : route
        return [(key, .route(Self.route(own, table: table)))]
    }

    /// An IPv6 route that leads out of its VRF has no preferred source: the kernel would look for
    /// the address in the VRF of the way out, and refuse the route (ip6_route_info_create). The VRF
    /// device's own address serves.
    private static func route(_ route: ForwardingRoute, table: UInt32) -> Route {
        let hops = route.nextHops.map(hop)
        let group = route.group.map { Route.Action.group(SharedNextHops.number($0)) }
        return Route(
            key: key(table, route.prefix),
            action: group ?? (hops.isEmpty ? .blackhole : .forward(hops)),
            preferredSource: route.prefix.family == .ipv4 ? route.source : nil)
    }

    /// Routes have a metric that is worse than that of the kernel's own routes to connected subnets
    /// (0, and 256 in IPv6): a write replaces a route of the same metric, and a connected subnet
    /// that is reached another way while its link is down would lose its own route for good.
    private static func key(_ table: UInt32, _ prefix: IPPrefix) -> Route.Key {
        Route.Key(table: table, prefix: prefix, metric: prefix.family == .ipv6 ? 1024 : 20)
    }

    static func hop(_ hop: ForwardingNextHop) -> RouteNextHop {
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
