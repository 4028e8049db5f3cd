// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// A whole lab in virtual time: routers, the links between them, and the packets under way, with
/// no kernel and no clock. The same calls give the same life, effect for effect.
///
/// Modelled: interfaces with carrier, LANs, longest-match forwarding with MPLS, GRE tunnels, point
/// to point and multipoint, that are up while their node lives; TCP connections
/// that are opened, refused, carried in order, retransmitted while there is no way, and reset when
/// the other end has lost its state; VRRP adverts and the packets of routing protocols; death and
/// restart of nodes. Not modelled:
/// bandwidth, loss of less than all, MTU, ARP, router advertisements, encryption.
package struct VirtualNetwork {
    package internal(set) var now = Instant.zero
    var nodes: [VirtualNode] = []
    var positions: [String: Int] = [:]
    var segments: [Segment] = []
    var transports: [Transport] = []
    var agenda = Agenda<Occurrence>()
    private var lastArming: UInt64 = 0
    /// When a route, a session or a VRRP state last changed.
    package internal(set) var lastChange = Instant.zero { didSet { changeCount += 1 } }
    private var changeCount: UInt64 = 0
    /// Every event and what came of it, a line of JSON each, if `isRecording`.
    package private(set) var journal: [String] = []
    package var isRecording = false
    /// What routers reported, in order.
    package private(set) var reports: [(at: Instant, node: String, report: Report)] = []

    /// A link or a LAN.
    struct Segment {
        let name: String
        /// A LAN's bridge keeps carrier whoever is there; a link's ends need each other.
        let isLAN: Bool
        /// How long a packet takes across.
        let delay: Duration
        var ends: [End]

        /// How long a packet of a node takes across; nil where it is lost.
        func way(from node: Int) -> Duration? {
            guard let end = ends.first(where: { $0.node == node }), !end.losesAll else {
                return nil
            }
            return delay + end.delay
        }

        struct End {
            let node: Int
            let interface: String
            /// false while the cable is pulled here.
            var isPlugged = true
            /// Added to the way of what is sent from here.
            var delay = Duration.zero
            /// All that is sent from here is lost.
            var losesAll = false
        }
    }

    /// Something that is due.
    enum Occurrence {
        case event(node: Int, life: Int, Event)
        case timer(node: Int, life: Int, TimerID, arming: UInt64)
        case connect(transport: Int, attempt: Int)
        case deliver(transport: Int, from: Int)
        case retransmit(transport: Int, from: Int, attempt: Int)
        case death(node: Int, life: Int)
    }

    package init() {}

    // MARK: Building

    /// Adds a node, dead until it is started.
    /// - Precondition: no node has the name.
    package mutating func add(_ configuration: RouterConfiguration) {
        precondition(positions[configuration.name] == nil, "every node has a name of its own")
        positions[configuration.name] = nodes.count
        nodes.append(VirtualNode(configuration))
    }

    /// Joins interfaces by a link, or by a LAN.
    /// - Precondition: the nodes are there, and the interfaces are free.
    package mutating func join(
        _ name: String, _ ends: [(node: String, interface: String)], isLAN: Bool = false,
        delay: Duration = .microseconds(100)
    ) {
        precondition(isLAN || ends.count == 2, "a link has two ends")
        let segment = segments.count
        segments.append(
            Segment(
                name: name, isLAN: isLAN, delay: delay,
                ends: ends.map { .init(node: position($0.node), interface: $0.interface) }))
        for end in segments[segment].ends {
            precondition(nodes[end.node].ports[end.interface] == nil, "one plug a port")
            nodes[end.node].ports[end.interface] = .init(segment: segment)
        }
    }

    /// - Precondition: there is such a node.
    func position(_ name: String) -> Int {
        guard let position = positions[name] else { preconditionFailure("no node \(name)") }
        return position
    }

    package var names: [String] {
        // A node that was taken out may have come back at another position.
        nodes.indices.filter { positions[nodes[$0].configuration.name] == $0 }
            .map { nodes[$0].configuration.name }
    }

    // MARK: What is done to the lab

    package mutating func startAll() {
        for name in names { start(name) }
    }

    /// Brings a dead node to life.
    package mutating func start(_ name: String) {
        let node = position(name)
        guard nodes[node].router == nil else { return }
        nodes[node].router = Router(nodes[node].configuration)
        put(.start, to: node)
        for interface in nodes[node].configuration.tunnelInterfaces {
            put(.link(interface: interface, isUp: true), to: node)
        }
        settleCarrier()
    }

    /// The router's process dies without a goodbye. Its kernel resets its connections, and its
    /// links lose carrier; `silently`, as by a power cut, nothing but carrier tells of it.
    package mutating func kill(_ name: String, silently: Bool = false) {
        let node = position(name)
        if !silently { resetConnections(of: node) }
        die(node)
    }

    /// The node says goodbye, and dies when that has had time to go out.
    package mutating func stop(_ name: String) {
        let node = position(name)
        put(.command(.shutDown), to: node)
        agenda.put(.death(node: node, life: nodes[node].life), at: now + .milliseconds(10))
    }

    package mutating func command(_ name: String, _ command: Command) {
        put(.command(command), to: position(name))
    }

    /// Pulls or plugs a cable: all ends, or one node's.
    /// - Precondition: there is such a link or LAN.
    package mutating func setLink(_ name: String, node: String? = nil, isUp: Bool) {
        guard let segment = segments.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no link \(name)")
        }
        let only = node.map(position)
        for end in segments[segment].ends.indices
        where only == nil || segments[segment].ends[end].node == only {
            segments[segment].ends[end].isPlugged = isUp
        }
        settleCarrier()
    }

    /// Impairs what is sent by a link: from all ends, or one node's; nil repairs it.
    /// - Returns: false where that is more than is modelled: jitter, a rate, loss by chance.
    /// - Precondition: there is such a link or LAN.
    package mutating func impair(
        _ name: String, node: String? = nil, _ impairment: Impairment?
    ) -> Bool {
        guard let segment = segments.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no link \(name)")
        }
        let impairment = impairment ?? Impairment()
        guard impairment.jitter == .zero, impairment.rate == nil,
            [.none, .all].contains(impairment.loss)
        else { return false }
        let only = node.map(position)
        for end in segments[segment].ends.indices
        where only == nil || segments[segment].ends[end].node == only {
            segments[segment].ends[end].delay = impairment.delay
            segments[segment].ends[end].losesAll = impairment.loss == .all
        }
        return true
    }

    mutating func die(_ node: Int) {
        nodes[node].die()
        settleCarrier()
        lastChange = now
    }

    /// Tells routers which of their interfaces gained or lost carrier.
    mutating func settleCarrier() {
        for segment in segments {
            for end in segment.ends where nodes[end.node].router != nil {
                let isUp = hasCarrier(segment, end)
                guard nodes[end.node].ports[end.interface]?.isUp != isUp else { continue }
                nodes[end.node].ports[end.interface]?.isUp = isUp
                put(.link(interface: end.interface, isUp: isUp), to: end.node)
            }
        }
    }

    private func hasCarrier(_ segment: Segment, _ end: Segment.End) -> Bool {
        guard end.isPlugged else { return false }
        return segment.isLAN
            || segment.ends.allSatisfy { $0.isPlugged && nodes[$0.node].router != nil }
    }

    // MARK: Time

    /// Lets everything happen that is due until a moment, which is then now.
    package mutating func run(until moment: Instant) {
        while let next = agenda.next, next <= moment { takeNext() }
        now = max(now, moment)
    }

    package mutating func run(for duration: Duration) { run(until: now + duration) }

    /// Runs to the next change of a route, a session or a VRRP state.
    /// - Returns: false where none comes until a moment, which is then now.
    package mutating func runToChange(until moment: Instant) -> Bool {
        let before = changeCount
        while let next = agenda.next, next <= moment {
            takeNext()
            if changeCount != before { return true }
        }
        now = max(now, moment)
        return false
    }

    /// Runs until no route, session or VRRP state has changed for `quiet`.
    /// - Returns: how long it took to the last change; nil if changes went on beyond `limit`.
    package mutating func settle(
        quiet: Duration = .seconds(5), limit: Duration = .seconds(120)
    ) -> Duration? {
        let start = now
        lastChange = now
        while now - lastChange < quiet {
            guard let next = agenda.next, next - lastChange < quiet else {
                now = lastChange + quiet
                break
            }
            takeNext()
            if now - start > limit { return nil }
        }
        return lastChange - start
    }

    private mutating func takeNext() {
        guard let (moment, occurrence) = agenda.take() else { return }
        precondition(moment >= now, "time does not run back")
        now = moment
        switch occurrence {
        case .event(let node, let life, let event):
            if nodes[node].life == life { step(node, event) }
        case .timer(let node, let life, let id, let arming):
            guard nodes[node].life == life, nodes[node].timers[id] == arming else { return }
            nodes[node].timers[id] = nil
            step(node, .timer(id))
        case .connect(let transport, let attempt): connectArrives(transport, attempt)
        case .deliver(let transport, let side): deliver(transport, from: side)
        case .retransmit(let transport, let side, let attempt):
            retransmit(transport, from: side, attempt)
        case .death(let node, let life): if nodes[node].life == life { die(node) }
        }
    }

    /// Puts an event on the agenda of a node's present life.
    mutating func put(_ event: Event, to node: Int, after delay: Duration = .zero) {
        agenda.put(.event(node: node, life: nodes[node].life, event), at: now + delay)
    }

    // MARK: Events and effects

    private mutating func step(_ node: Int, _ event: Event) {
        guard let effects = nodes[node].router?.step(event, at: now) else { return }
        if isRecording { record(node, event, effects) }
        for effect in effects { perform(effect, node) }
    }

    private mutating func record(_ node: Int, _ event: Event, _ effects: [Effect]) {
        let line: JSON = [
            "at": JSON(now.nanoseconds), "node": .string(nodes[node].configuration.name),
            "event": event.json, "effects": JSON(effects.map(\.json)),
        ]
        journal.append(line.text)
    }

    private mutating func perform(_ effect: Effect, _ node: Int) {
        switch effect {
        case .connect(let id, let peer): connect(node, id, peer)
        case .send(let id, let octets): send(node, id, octets)
        case .close(let id): close(node, id)
        case .arm(let id, let moment):
            lastArming += 1
            nodes[node].timers[id] = lastArming
            agenda.put(
                .timer(node: node, life: nodes[node].life, id, arming: lastArming),
                at: max(now, moment))
        case .cancel(let id): nodes[node].timers[id] = nil
        case .forwarding(let change):
            nodes[node].apply(change)
            lastChange = now
        case .vrrp(let effect): perform(effect, node)
        case .routerAdvertisement: break
        case .packet(let packet): send(packet, from: node)
        case .report(let report):
            reports.append((now, nodes[node].configuration.name, report))
            if report.isChange { lastChange = now }
        }
    }

    private mutating func perform(_ effect: VRRPEffect, _ node: Int) {
        switch effect {
        case .takeOver(let device, let addresses):
            nodes[node].virtualAddresses[device] = addresses
        case .release(let device, _): nodes[node].virtualAddresses[device] = nil
        case .send(let interface, _, let source, let payload):
            guard let port = nodes[node].ports[interface], port.isUp else { return }
            let segment = segments[port.segment]
            guard let way = segment.way(from: node) else { return }
            for end in segment.ends
            where end.node != node && nodes[end.node].ports[end.interface]?.isUp == true {
                put(
                    .vrrp(
                        interface: end.interface, source: source, hopLimit: 255,
                        payload: payload),
                    to: end.node, after: way)
            }
        }
    }

    // MARK: Answers

    /// What a show command prints on a node; null while it is dead.
    package func show(_ name: String, _ query: Query) -> JSON {
        nodes[position(name)].router?.show(query, at: now) ?? .null
    }

    /// The state of a session, e.g. `established`; nil while the node is dead.
    package func sessionState(_ name: String, _ key: NeighborKey) -> String? {
        show(name, .neighbors)["neighbors"]?.array.first {
            $0["address"]?.string == key.address.description && $0["vrf"]?.string == key.vrf
        }?["state"]?.string
    }

    /// The state of a VRRP group, e.g. `master`; nil while the node is dead.
    package func vrrpState(_ name: String, group: UInt8) -> String? {
        show(name, .vrrp)["groups"]?.array.first { $0["group"]?.int == Int64(group) }?["state"]?
            .string
    }

    /// A route of a node's forwarding table, as its kernel would have it.
    package func forwardingRoute(
        _ name: String, vrf: String? = nil, prefix: IPPrefix
    ) -> ForwardingRoute? {
        let node = nodes[position(name)]
        return node.tables[vrf ?? ""]?.route(to: prefix).map(node.resolved)
    }
}

extension Report {
    /// Whether it tells of something that ends up in routes; attempts to connect do not.
    fileprivate var isChange: Bool {
        switch self {
        case .session(_, let state, _): state == "established"
        case .route, .vrrp: true
        case .link, .adjacency, .malformed: false
        }
    }
}
