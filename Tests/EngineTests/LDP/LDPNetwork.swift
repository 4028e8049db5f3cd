// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

/// Routers that run LDP and nothing else, in virtual time. Their routes are what an interior
/// protocol would find, offered when the test says so; packets and octets take a millisecond a hop.
struct LDPNetwork {
    struct Node {
        let name: String
        var ldp: LDPInstance
        var isUp = true
        var numbers = ConnectionNumbers()
        var acceptedCount: UInt64 = 0
        var timers: [RoutingTimer: Instant] = [:]
        var labels: [Label: LabelAction] = [:]
        var paths: [IPPrefix: LabelSwitchedPath] = [:]
        var synchronised: [String: Bool] = [:]
        var routes: [IPPrefix: OfferedRoute] = [:]
        var reports: [Report] = []

        var loopback: IPPrefix { IPPrefix(host: IPAddress(ldp.configuration.routerID)) }
    }

    struct Link {
        /// Positions of nodes, in the order of their addresses.
        let ends: [Int]
        let metric: UInt32
        var isUp = true
    }

    /// One TCP connection: the end that connected first.
    struct Connection {
        var ends: [(node: Int, id: ConnectionID)]
        var isOpen = true
    }

    enum Happening {
        case packet(Int, RoutingPacket)
        case event(Int, ConnectionID, ConnectionEvent)
        case accept(connection: Int, Int)
    }

    static let delay = Duration.milliseconds(1)

    var now = Instant.zero
    var nodes: [Node]
    var links: [Link]
    private var connections: [Connection] = []
    private var agenda: [(at: Instant, what: Happening)] = []

    /// - Parameter links: pairs of names, with the metric both ways.
    init(
        _ names: [String], _ links: [(String, String, UInt32)],
        configure: (inout LDPConfiguration) -> Void = { _ in }
    ) {
        func position(_ name: String) -> Int { names.firstIndex(of: name) ?? 0 }
        self.links = links.map { Link(ends: [position($0.0), position($0.1)], metric: $0.2) }
        nodes = []
        for (number, name) in names.enumerated() {
            var configuration = LDPConfiguration(
                routerID: Self.loopback(number), interfaces: [],
                labelRange: Label(100_000)...Label(100_999), addresses: [Self.loopback(number)])
            for (index, link) in self.links.enumerated() {
                guard let side = link.ends.firstIndex(of: number) else { continue }
                let address = Self.address(link: index, side: side)
                configuration.interfaces.append(
                    LDPInterfaceConfiguration(interface: "eth\(index)", address: address))
                configuration.addresses.append(address)
            }
            configure(&configuration)
            nodes.append(Node(name: name, ldp: LDPInstance(configuration)))
        }
    }

    static func loopback(_ node: Int) -> IPv4Address {
        IPv4Address(bits: 0x0a00_0001 + UInt32(node))
    }

    static func address(link: Int, side: Int) -> IPv4Address {
        IPv4Address(bits: 0xac10_0000 + UInt32(link) * 4 + 1 + UInt32(side))
    }

    func position(_ name: String) -> Int { nodes.firstIndex { $0.name == name } ?? 0 }

    subscript(name: String) -> Node { nodes[position(name)] }

    func session(_ name: String, with other: String) -> LDPSession? {
        let peer = LDPIdentifier(Self.loopback(position(other)))
        return self[name].ldp.peers[peer]?.session
    }

    // MARK: What happens

    mutating func start() {
        for node in nodes.indices { run(node) { $0.start(&$1) } }
        for node in nodes.indices { bringUp(node) }
        converge()
    }

    private mutating func bringUp(_ node: Int) {
        for (index, link) in links.enumerated() where link.isUp && link.ends.contains(node) {
            run(node) { $0.interface("eth\(index)", isUp: true, &$1) }
        }
    }

    /// Takes a link down or up, without any new route.
    mutating func set(_ a: String, _ b: String, isUp: Bool) {
        let ends = Set([position(a), position(b)])
        guard let index = links.firstIndex(where: { Set($0.ends) == ends }) else { return }
        links[index].isUp = isUp
        for node in links[index].ends {
            run(node) { $0.interface("eth\(index)", isUp: isUp, &$1) }
        }
    }

    /// The process ends without a goodbye; its connections are reset.
    mutating func kill(_ name: String) {
        let node = position(name)
        nodes[node].isUp = false
        nodes[node].timers = [:]
        for number in connections.indices
        where connections[number].isOpen
            && connections[number].ends.contains(where: {
                $0.node == node
            })
        {
            connections[number].isOpen = false
            for end in connections[number].ends where end.node != node {
                agenda.append(
                    (now + Self.delay, .event(end.node, end.id, .closed(reason: "reset"))))
            }
        }
    }

    mutating func restart(_ name: String) {
        let node = position(name)
        nodes[node] = Node(name: name, ldp: LDPInstance(nodes[node].ldp.configuration))
        run(node) { $0.start(&$1) }
        bringUp(node)
        converge()
    }

    mutating func shutDown(_ name: String) { run(position(name)) { $0.shutDown(&$1) } }

    /// Octets that a peer might send on its connection to a node.
    mutating func inject(_ octets: [UInt8], to name: String, from other: String) {
        guard let connection = session(name, with: other)?.connection else { return }
        run(position(name)) { $0.connection(connection, .received(octets), &$1) }
    }

    /// A route of the test's own making.
    mutating func offer(_ prefix: IPPrefix, _ route: OfferedRoute, to name: String) {
        run(position(name)) { $0.offered(prefix, route, &$1) }
    }

    mutating func deliver(_ packet: RoutingPacket, to name: String) {
        run(position(name)) { $0.received(packet, &$1) }
    }

    /// Lets a time pass.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let next = nextMoment(), next <= end {
            now = next
            if let index = agenda.firstIndex(where: { $0.at <= now }) {
                let entry = agenda.remove(at: index)
                perform(entry.what)
            } else {
                fireTimer()
            }
        }
        now = end
    }

    private func nextMoment() -> Instant? {
        (agenda.map(\.at) + nodes.flatMap(\.timers.values)).min()
    }

    private mutating func fireTimer() {
        for node in nodes.indices {
            let due = nodes[node].timers.filter { $0.value <= now }.keys.sorted()
            guard let timer = due.first else { continue }
            nodes[node].timers[timer] = nil
            return run(node) { $0.timer(timer, &$1) }
        }
    }

    private mutating func perform(_ happening: Happening) {
        switch happening {
        case .packet(let node, let packet): run(node) { $0.received(packet, &$1) }
        case .event(let node, let id, let event):
            run(node) { $0.connection(id, event, &$1) }
        case .accept(let number, let node): accept(number, at: node)
        }
    }

    private mutating func run(
        _ node: Int, _ body: (inout LDPInstance, inout ProtocolStep) -> Void
    ) {
        guard nodes[node].isUp else { return }
        var step = ProtocolStep(at: now, numbers: nodes[node].numbers)
        body(&nodes[node].ldp, &step)
        nodes[node].numbers = step.numbers
        for output in step.outputs { take(output, of: node) }
    }

    private mutating func take(_ output: ProtocolOutput, of node: Int) {
        switch output {
        case .send(let packet): send(packet, from: node)
        case .arm(let timer, let moment): nodes[node].timers[timer] = moment
        case .cancel(let timer): nodes[node].timers[timer] = nil
        case .connect(let id, let peer): connect(node, id, peer)
        case .sendOctets(let id, let octets): transmit(node, id, .received(octets))
        case .close(let id):
            transmit(node, id, .closed(reason: "closed by the other side"))
            if let number = connection(node, id) { connections[number].isOpen = false }
        case .setPath(let path): nodes[node].paths[path.destination] = path
        case .removePath(let prefix): nodes[node].paths[prefix] = nil
        case .setLabel(let label, let action): nodes[node].labels[label] = action
        case .removeLabel(let label): nodes[node].labels[label] = nil
        case .synchronised(let interface, let isSynchronised):
            nodes[node].synchronised[interface] = isSynchronised
        case .report(let report): nodes[node].reports.append(report)
        case .setRoute, .removeRoute, .watch, .unwatch: Issue.record("LDP has no \(output)")
        }
    }

    // MARK: Transport

    private mutating func send(_ packet: RoutingPacket, from node: Int) {
        if let name = packet.interface, let index = Int(name.dropFirst(3)) {
            guard links[index].isUp else { return }
            for end in links[index].ends where end != node {
                agenda.append((now + Self.delay, .packet(end, packet)))
            }
        } else if let other = nodes.indices.first(where: {
            packet.destination.ip == IPAddress(Self.loopback($0))
        }), distances(from: node)[other] != nil {
            var packet = packet
            packet.interface = nil
            agenda.append((now + Self.delay, .packet(other, packet)))
        }
    }

    private mutating func connect(_ node: Int, _ id: ConnectionID, _ peer: ConnectionPeer) {
        guard case .ldp(let address) = peer,
            let other = nodes.indices.first(where: { Self.loopback($0) == address }),
            nodes[other].isUp, distances(from: node)[other] != nil
        else {
            let failure = ConnectionEvent.failed(reason: "no route to host")
            return agenda.append((now + Self.delay, .event(node, id, failure)))
        }
        connections.append(Connection(ends: [(node, id)]))
        agenda.append(
            (now + Self.delay, .accept(connection: connections.count - 1, other)))
    }

    private mutating func accept(_ number: Int, at node: Int) {
        guard connections[number].isOpen else { return }
        let client = connections[number].ends[0]
        nodes[node].acceptedCount += 1
        let id = ConnectionID(isOutgoing: false, number: nodes[node].acceptedCount)
        connections[number].ends.append((node, id))
        agenda.append((now + Self.delay, .event(client.node, client.id, .connected)))
        run(node) { $0.connection(id, .accepted(.ldp(Self.loopback(client.node))), &$1) }
    }

    private func connection(_ node: Int, _ id: ConnectionID) -> Int? {
        connections.indices.last { number in
            connections[number].isOpen
                && connections[number].ends.contains { $0.node == node && $0.id == id }
        }
    }

    private mutating func transmit(_ node: Int, _ id: ConnectionID, _ event: ConnectionEvent) {
        guard let number = connection(node, id) else { return }
        for end in connections[number].ends where end.node != node || end.id != id {
            agenda.append((now + Self.delay, .event(end.node, end.id, event)))
        }
    }

    // MARK: Routes

    private func distances(from root: Int) -> [UInt32?] { paths(from: root).distances }

    private func paths(from root: Int) -> ShortestPaths { ShortestPaths(from: root, edges) }

    private var edges: [[ShortestPaths.Edge]] {
        nodes.indices.map { node in
            linksUp(of: node).map { index, other in
                ShortestPaths.Edge(to: other, cost: links[index].metric)
            }
        }
    }

    private func linksUp(of node: Int) -> [(index: Int, other: Int)] {
        links.indices.compactMap { index in
            guard links[index].isUp, let side = links[index].ends.firstIndex(of: node) else {
                return nil
            }
            return (index, links[index].ends[1 - side])
        }
    }

    /// Offers what has changed of the routes to all loopbacks.
    mutating func converge() {
        for node in nodes.indices { converge(node) }
    }

    mutating func converge(_ node: Int) {
        let shortest = paths(from: node)
        for other in nodes.indices {
            let prefix = nodes[other].loopback
            let route = route(node, to: other, shortest)
            guard nodes[node].routes[prefix] != route else { continue }
            nodes[node].routes[prefix] = route
            run(node) { $0.offered(prefix, route, &$1) }
        }
    }

    private func route(_ node: Int, to other: Int, _ shortest: ShortestPaths) -> OfferedRoute? {
        if other == node { return OfferedRoute(source: .direct, nextHops: [], metric: 0) }
        guard let metric = shortest.distances[other] else { return nil }
        let own = linksUp(of: node)
        let hops = shortest.firstHops[other].map { position -> ForwardingNextHop in
            let (index, neighbor) = own[position]
            let side = links[index].ends.firstIndex(of: neighbor) ?? 0
            return ForwardingNextHop(
                gateway: IPAddress(Self.address(link: index, side: side)),
                interface: "eth\(index)")
        }
        return OfferedRoute(source: .isis, nextHops: hops, metric: metric)
    }

    // MARK: Forwarding

    /// Follows labelled packets from a router to another's loopback by every hop of equal cost.
    /// - Returns: each way as `a 100000 b 100001 c`: the labels on each link, `-` for none; or
    ///   where and why it ends.
    func walk(from name: String, to other: String) -> [String] {
        guard let path = self[name].paths[self[other].loopback] else {
            return ["\(name): no path"]
        }
        return path.nextHops.flatMap { follow(position(name), $0, to: position(other), left: 16) }
            .map { "\(name) \($0)" }
    }

    private func follow(
        _ node: Int, _ hop: ForwardingNextHop, to end: Int, left: Int
    ) -> [String] {
        guard let index = Int(hop.interface.dropFirst(3)), links[index].isUp, left > 0,
            let side = links[index].ends.indices.first(where: {
                IPAddress(Self.address(link: index, side: $0)) == hop.gateway
            })
        else { return ["lost on \(hop.interface)"] }
        let next = links[index].ends[side]
        let words = hop.labels.isEmpty ? "-" : hop.labels.map(\.description).joined(separator: "/")
        let head = "\(words) \(nodes[next].name)"
        guard let label = hop.labels.first, label >= .firstUnreserved else {
            return [next == end ? head : "\(head): not where it should be"]
        }
        guard case .forward(let hops)? = nodes[next].labels[label] else {
            return ["\(head): no entry for \(label)"]
        }
        return hops.flatMap { follow(next, $0, to: end, left: left - 1) }.map { "\(head) \($0)" }
    }

    /// Every router reaches every loopback by a chain of labels.
    func expectFullMesh(sourceLocation: SourceLocation = #_sourceLocation) {
        for node in nodes where node.isUp {
            for other in nodes where other.isUp && other.name != node.name {
                let ways = walk(from: node.name, to: other.name)
                #expect(
                    !ways.isEmpty
                        && ways.allSatisfy { $0.hasSuffix(" \(other.name)") && !$0.contains(":") },
                    "\(node.name) to \(other.name): \(ways)", sourceLocation: sourceLocation)
            }
        }
    }
}
