// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// Whoever answers for a lab's nodes: a running lab, or a simulated one.
package protocol TraceSource {
    /// What a node does with a packet, by its engine and, where there is one, by its kernel; nil
    /// where the node is not running.
    mutating func lookUp(
        _ node: String, _ lookUp: TraceLookUp
    ) throws -> (engine: TraceView, kernel: TraceView?)?

    /// Whether a node is the master of the VRRP group that has a virtual address.
    mutating func isMaster(_ node: String, of address: IPAddress) throws -> Bool
}

/// Follows a packet hop by hop through the tables of a lab: engine and kernel side by side, every
/// next hop of equal cost.
package struct TraceWalk<Source: TraceSource> {
    private let topology: Topology
    private var source: Source
    private let destination: Destination
    private var ways: [TraceWay] = []

    /// A packet goes no further than this, and no more ways are followed.
    private static var hopsMax: Int { 64 }
    private static var waysMax: Int { 64 }

    /// Where a packet is to go: to an address, or to any of a subnet.
    package struct Destination: Hashable, Sendable {
        /// What nodes look up.
        let address: IPAddress
        let prefix: IPPrefix

        package init(_ prefix: IPPrefix) {
            self.prefix = prefix
            // Of a subnet its first host stands for all.
            address = prefix.isHost ? prefix.address : prefix.address(at: 1) ?? prefix.address
        }
    }

    /// A packet at a node.
    private struct Packet {
        var node: String
        var vrf: String?
        /// Top first.
        var labels: [Label] = []
        var way = TraceWay()
    }

    package init(_ topology: Topology, _ source: Source, to destination: Destination) {
        self.topology = topology
        self.source = source
        self.destination = destination
    }

    /// Every way from a node, in the order of next hops.
    package mutating func ways(from node: String, vrf: String?) throws -> [TraceWay] {
        ways = []
        try follow(Packet(node: node, vrf: vrf))
        return ways
    }

    private mutating func end(_ packet: Packet, _ fault: String?) {
        var way = packet.way
        way.fault = fault
        ways.append(way)
    }

    private mutating func follow(_ packet: Packet) throws {
        guard ways.count < Self.waysMax else { return }
        guard packet.way.steps.count < Self.hopsMax else {
            return end(packet, "it has not arrived after \(Self.hopsMax) steps: a loop")
        }
        if let label = packet.labels.first, label < .firstUnreserved {
            return try pop(packet, vrf: nil, as: .pop)
        }
        let lookUp =
            packet.labels.first.map { TraceLookUp.label($0) }
            ?? .address(destination.address, vrf: packet.vrf)
        guard let (engine, kernel) = try source.lookUp(packet.node, lookUp) else {
            return end(packet, "\(packet.node) is not running")
        }
        let what = what(packet)
        if let kernel, !engine.agrees(with: kernel) {
            return end(
                packet,
                "\(packet.node): engine and kernel disagree about \(what): the engine \(engine), "
                    + "the kernel \(kernel)")
        }
        try take(packet, engine, what)
    }

    /// `label 100003`, or `10.0.0.3 in VRF red`.
    private func what(_ packet: Packet) -> String {
        packet.labels.first.map { "label \($0)" }
            ?? "\(destination.address)" + (packet.vrf.map { " in VRF \($0)" } ?? "")
    }

    private mutating func take(
        _ packet: Packet, _ view: TraceView, _ what: String
    ) throws {
        switch view.result {
        case .local:
            var packet = packet
            packet.way.steps.append(step(packet, .deliver))
            end(packet, nil)
        case .nothing:
            let kind = packet.labels.isEmpty ? "route to" : "entry for"
            end(packet, "\(packet.node) has no \(kind) \(what)")
        case .discard: end(packet, "\(packet.node) discards what is for \(what)")
        case .lookUp: try pop(packet, vrf: view.vrf, as: .lookUp)
        case .forward:
            for hop in view.hops { try send(packet, view, hop) }
        }
    }

    private func step(_ packet: Packet, _ action: TraceWay.Action) -> TraceWay.Step {
        TraceWay.Step(
            node: packet.node, vrf: packet.vrf, labels: packet.labels, action: action)
    }

    /// The same node goes on with what was below the top label.
    private mutating func pop(
        _ packet: Packet, vrf: String?, as action: TraceWay.Action
    ) throws {
        var step = step(packet, action)
        step.out = Array(packet.labels.dropFirst())
        step.vrf = vrf
        var packet = packet
        packet.way.steps.append(step)
        packet.labels = step.out
        packet.vrf = vrf
        try follow(packet)
    }

    private mutating func send(
        _ packet: Packet, _ view: TraceView, _ hop: TraceView.Hop
    ) throws {
        var step = step(packet, action(packet, hop))
        step.prefix = view.prefix
        step.out = hop.labels + packet.labels.dropFirst()
        step.interface = hop.interface
        step.gateway = hop.gateway
        var packet = packet
        // A subnet is reached where it lies.
        if hop.gateway == nil, packet.labels.isEmpty, !destination.prefix.isHost {
            step.action = .deliver
            packet.way.steps.append(step)
            return end(packet, nil)
        }
        let arrival = try arrival(from: packet.node, hop)
        step.next = arrival?.node
        packet.way.steps.append(step)
        guard hop.isUp else { return end(packet, "\(packet.node): \(hop.interface) is down") }
        guard let arrival else {
            let whom = hop.gateway ?? destination.address
            return end(packet, "nobody at \(packet.node)'s \(hop.interface) has \(whom)")
        }
        packet.labels = step.out
        packet.node = arrival.node
        packet.vrf = arrival.vrf
        try follow(packet)
    }

    private func action(_ packet: Packet, _ hop: TraceView.Hop) -> TraceWay.Action {
        if packet.labels.isEmpty { return hop.labels.isEmpty ? .forward : .push }
        return hop.labels.isEmpty ? .pop : .swap
    }

    // MARK: Links

    /// Who takes what a node sends by an interface, and in which VRF.
    private mutating func arrival(
        from name: String, _ hop: TraceView.Hop
    ) throws -> (node: String, vrf: String?)? {
        let gateway = hop.gateway ?? destination.address
        guard let node = topology.node(name), node.interface(hop.interface) != nil else {
            return tunnelEnd(gateway, besides: name)
        }
        let others = segment(Endpoint(node: name, interface: hop.interface))
        for end in others {
            guard let interface = topology.node(end.node)?.interface(end.interface) else {
                continue
            }
            let isOnly = gateway.isLinkLocal && others.count == 1
            if isOnly || interface.addresses.contains(where: { $0.address == gateway }) {
                return (end.node, interface.vrf)
            }
        }
        for end in others where isVirtual(gateway, at: end) {
            guard try source.isMaster(end.node, of: gateway) else { continue }
            return (end.node, topology.node(end.node)?.interface(end.interface)?.vrf)
        }
        return nil
    }

    private func segment(_ own: Endpoint) -> [Endpoint] {
        let ends = topology.links.map { [$0.a, $0.b] } + topology.lans.map(\.endpoints)
        return (ends.first { $0.contains(own) } ?? []).filter { $0 != own }
    }

    private func isVirtual(_ address: IPAddress, at end: Endpoint) -> Bool {
        topology.node(end.node)?.vrrpGroups.contains {
            $0.interface == end.interface && $0.virtualAddresses.contains(address)
        } ?? false
    }

    /// A device that is on no link is a tunnel, and its gateway the PE at the other end. What
    /// happens to the packets that carry it is not followed.
    private func tunnelEnd(
        _ gateway: IPAddress, besides name: String
    ) -> (node: String, vrf: String?)? {
        topology.nodes.first { $0.name != name && $0.loopbacks.contains(gateway) }.map {
            ($0.name, nil)
        }
    }
}
