// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// A value from its text, which the test wrote.
func value<Value: TextValue>(_ text: String, as type: Value.Type = Value.self) -> Value {
    guard let value = Value(text) else { preconditionFailure("\(text) is no \(Value.self)") }
    return value
}

/// The routing tables of several routers, joined by sessions that are simply declared up: what one
/// sends is encoded, decoded at the other end and taken in, until nobody has anything to say.
struct TableNetwork {
    /// One end of a session.
    struct End: Hashable {
        var node: String
        var key: NeighborKey
    }

    private(set) var nodes: [String: RoutingTables] = [:]
    private(set) var configurations: [String: RouterConfiguration] = [:]
    /// What each node's tables asked for, in order.
    private(set) var outputs: [String: [RoutingOutput]] = [:]
    private var peers: [End: End] = [:]
    private var queue: [(to: End, octets: [UInt8])] = []
    var now = Instant.zero

    init(_ configurations: [RouterConfiguration]) {
        for configuration in configurations {
            nodes[configuration.name] = RoutingTables(configuration)
            self.configurations[configuration.name] = configuration
        }
    }

    /// Starts every router, with every interface up.
    mutating func start() {
        for name in nodes.keys.sorted() {
            act(name) { tables, now in tables.start(at: now) }
            for interface in configurations[name]?.interfaces ?? [] where !interface.isLoopback {
                setInterface(name, interface.name, isUp: true)
            }
        }
    }

    mutating func setInterface(_ node: String, _ interface: String, isUp: Bool) {
        act(node) { tables, now in tables.interface(interface, isUp: isUp, at: now) }
        run()
    }

    /// Every session that both ends have configured.
    var sessions: [(End, End)] {
        var found: [(End, End)] = []
        for (name, a) in configurations.sorted(by: { $0.key < $1.key }) {
            for (other, b) in configurations.sorted(by: { $0.key < $1.key }) where name < other {
                for x in a.neighbors {
                    for y in b.neighbors
                    where x.address == y.localAddress && y.address == x.localAddress {
                        found.append((End(node: name, key: x.key), End(node: other, key: y.key)))
                    }
                }
            }
        }
        return found
    }

    mutating func connectAll() {
        for (a, b) in sessions { connect(a, b) }
    }

    /// Brings a session up at both ends.
    mutating func connect(_ a: End, _ b: End) {
        peers[a] = b
        peers[b] = a
        for (end, other) in [(a, b), (b, a)] {
            let session = negotiated(end, other)
            act(end.node) { tables, now in tables.sessionUp(end.key, session, at: now) }
        }
        run()
    }

    /// Takes a session down at both ends; what is under way on it is lost.
    mutating func disconnect(_ node: String, _ address: String) {
        guard
            let end = peers.keys.first(where: {
                $0.node == node && $0.key.address == value(address)
            }),
            let other = peers[end]
        else { preconditionFailure("\(node) has no session with \(address)") }
        queue.removeAll { $0.to == end || $0.to == other }
        for end in [end, other] {
            peers[end] = nil
            act(end.node) { tables, now in tables.sessionDown(end.key, at: now) }
        }
        run()
    }

    func neighbor(_ end: End) -> NeighborConfiguration {
        guard
            let neighbor = configurations[end.node]?.neighbors.first(where: { $0.key == end.key })
        else { preconditionFailure("\(end.node) has no neighbor \(end.key)") }
        return neighbor
    }

    private func negotiated(_ end: End, _ other: End) -> NegotiatedSession {
        let common = neighbor(end).families.filter(neighbor(other).families.contains)
        guard let routerID = configurations[other.node]?.routerID else {
            preconditionFailure("no router \(other.node)")
        }
        return NegotiatedSession(
            families: common, isFourOctetAS: true, canRefresh: true, routerID: routerID)
    }

    /// Lets a router's tables do something, and notes and carries what they ask for.
    mutating func act(_ node: String, _ body: (inout RoutingTables, Instant) -> [RoutingOutput]) {
        guard var tables = nodes[node] else { preconditionFailure("no router \(node)") }
        let made = body(&tables, now)
        nodes[node] = tables
        outputs[node, default: []] += made
        for case .message(let key, let octets) in made {
            if let to = peers[End(node: node, key: key)] { queue.append((to, octets)) }
        }
    }

    /// Delivers messages until there are none.
    private mutating func run() {
        var delivered = 0
        while !queue.isEmpty {
            let (to, octets) = queue.removeFirst()
            delivered += 1
            precondition(delivered < 100_000, "the routers never stop talking")
            let codec = BGPCodecContext(fourOctetAS: true, isInternal: neighbor(to).isInternal)
            guard case .update(let update)? = try? BGPMessage(decoding: octets, in: codec) else {
                preconditionFailure("\(to.node) was sent something that is no UPDATE")
            }
            precondition(update.faults.isEmpty, "\(to.node) was sent a faulty UPDATE")
            act(to.node) { tables, now in tables.received(update, from: to.key, at: now) }
        }
    }

    mutating func forgetOutputs() { outputs = [:] }

    // MARK: What is shown

    func show(_ node: String, _ query: Query) -> JSON {
        nodes[node]?.show(query, at: now) ?? .null
    }

    /// The paths to a prefix in a table, best first.
    func paths(_ node: String, _ table: String, _ prefix: String) -> [JSON] {
        let answer = show(node, .routes(vrf: nil, prefix: value(prefix), source: nil))
        let found = answer["tables"]?.array.first { $0["name"]?.string == table }
        return found?["entries"]?[0]?["paths"]?.array ?? []
    }

    func received(_ node: String, vrf: String? = nil, _ address: String) -> [JSON] {
        let key = NeighborKey(vrf: vrf, address: value(address))
        return show(node, .received(key))["routes"]?.array ?? []
    }

    func advertised(_ node: String, vrf: String? = nil, _ address: String) -> [JSON] {
        let key = NeighborKey(vrf: vrf, address: value(address))
        return show(node, .advertised(key))["routes"]?.array ?? []
    }

    /// What a router's kernel has been told to forward by, from its changes alone.
    func forwarding(_ node: String) -> KernelModel {
        var model = KernelModel()
        for case .forwarding(let change) in outputs[node] ?? [] { model.apply(change) }
        return model
    }
}

/// The routes and labels that a sequence of forwarding changes amounts to. Two are equal that
/// forward in the same way, whatever the numbers of groups.
struct KernelModel: Equatable {
    struct Key: Hashable {
        var vrf: String?
        var prefix: IPPrefix
    }

    var routes: [Key: ForwardingRoute] = [:]
    var labels: [Label: LabelAction] = [:]
    var groups: [ForwardingGroup.ID: ForwardingGroup] = [:]
    /// By interface and gateway, where packets are sent.
    var endpoints: [String: [IPAddress: IPv4Address]] = [:]

    mutating func apply(_ change: ForwardingChange) {
        switch change {
        case .setRoute(let route): routes[Key(vrf: route.vrf, prefix: route.prefix)] = route
        case .removeRoute(let vrf, let prefix): routes[Key(vrf: vrf, prefix: prefix)] = nil
        case .setLabel(let label, let action): labels[label] = action
        case .removeLabel(let label): labels[label] = nil
        case .setEndpoint(let endpoint):
            endpoints[endpoint.interface, default: [:]][endpoint.overlay] = endpoint.transport
        case .removeEndpoint(let interface, let overlay):
            endpoints[interface]?[overlay] = nil
            if endpoints[interface]?.isEmpty == true { endpoints[interface] = nil }
        case .setGroup(let group): groups[group.id] = group
        case .removeGroup(let id):
            precondition(!routes.values.contains { $0.group == id }, "no route loses its group")
            groups[id] = nil
        }
    }

    static func == (a: Self, b: Self) -> Bool {
        a.resolvedRoutes == b.resolvedRoutes && a.backups == b.backups && a.labels == b.labels
            && a.endpoints == b.endpoints && a.groups.count == b.groups.count
    }

    private var resolvedRoutes: [Key: ForwardingRoute] { routes.mapValues(resolved) }

    /// What the kernel would take where all next hops of a route are lost.
    var backups: [Key: [ForwardingNextHop]] {
        routes.compactMapValues { route in route.group.flatMap { groups[$0]?.backup } }
    }

    /// The route with the next hops of its group, if it has one.
    func route(_ prefix: String, vrf: String? = nil) -> ForwardingRoute? {
        routes[Key(vrf: vrf, prefix: value(prefix))].map(resolved)
    }

    func resolved(_ route: ForwardingRoute) -> ForwardingRoute {
        guard let id = route.group else { return route }
        guard let group = groups[id] else { preconditionFailure("a route to no group") }
        var route = route
        route.group = nil
        route.nextHops = group.nextHops
        return route
    }
}

extension [JSON] {
    /// The text of one member of each.
    func texts(_ member: String) -> [String] { map { $0[member]?.string ?? "-" } }
    func numbers(_ member: String) -> [Int64] { map { $0[member]?.int ?? -1 } }
}
