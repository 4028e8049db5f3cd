// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// Where a packet came to its end, and over which nodes.
package struct VirtualPath: Hashable, Sendable {
    package var outcome: Outcome
    /// Every node passed, the first and the last included.
    package var nodes: [String]
    /// The time it took.
    package var delay: Duration

    package enum Outcome: Hashable, Sendable {
        /// At the destination, in this VRF.
        case arrived(vrf: String?)
        /// The last node has no route, or discards.
        case noRoute
        /// The last node's next hop is not there.
        case noNeighbor
        /// The last node has no such label.
        case noLabel
        /// More than 64 hops.
        case loop
    }
}

extension VirtualNetwork {
    /// The way of a packet that a node sends itself, by what stands in the forwarding tables now.
    package func path(from name: String, vrf: String? = nil, to: IPAddress) -> VirtualPath {
        var packet = Packet(node: position(name), vrf: vrf, destination: to)
        let outcome = walk(&packet)
        return VirtualPath(
            outcome: outcome, nodes: packet.passed.map { nodes[$0].configuration.name },
            delay: packet.delay)
    }

    struct Packet {
        var node: Int
        var vrf: String?
        let destination: IPAddress
        /// Top first.
        var labels: [Label] = []
        var passed: [Int]
        /// Where it was looked up as an IP packet after its start, which costs it a hop limit.
        /// Labelled packets keep theirs: the core is one hop.
        var hops: [(node: Int, vrf: String?)] = []
        var delay = Duration.zero

        init(node: Int, vrf: String?, destination: IPAddress) {
            self.node = node
            self.vrf = vrf
            self.destination = destination
            passed = [node]
        }
    }

    private enum Way {
        case here
        case to(ForwardingNextHop)
        /// Popped, and looked up again in a VRF of the same node.
        case again(vrf: String?)
        case stuck(VirtualPath.Outcome)
    }

    /// Moves a packet until it can go no further.
    func walk(_ packet: inout Packet) -> VirtualPath.Outcome {
        for _ in 0..<64 {
            if packet.labels.isEmpty, packet.passed.count > 1 {
                packet.hops.append((packet.node, packet.vrf))
            }
            switch way(of: packet) {
            case .here: return .arrived(vrf: packet.vrf)
            case .stuck(let outcome): return outcome
            case .again(let vrf):
                packet.labels.removeFirst()
                packet.vrf = vrf
            case .to(let hop):
                if !packet.labels.isEmpty { packet.labels.removeFirst() }
                packet.labels = hop.labels + packet.labels
                guard move(&packet, to: hop) else { return .noNeighbor }
            }
        }
        return .loop
    }

    private func way(of packet: Packet) -> Way {
        let node = nodes[packet.node]
        guard node.router != nil else { return .stuck(.noRoute) }
        if let label = packet.labels.first {
            // Explicit null, which kernels pop of themselves (RFC 3032 §2.1).
            if label < .firstUnreserved { return .again(vrf: nil) }
            switch node.labels[label] {
            case .forward(let hops)?: return hops.first.map { .to($0) } ?? .stuck(.noLabel)
            case .lookUp(let vrf, _)?: return .again(vrf: vrf)
            case nil: return .stuck(.noLabel)
            }
        }
        if node.holds(packet.destination, vrf: packet.vrf) { return .here }
        let connected = connectedWay(node, packet.vrf, packet.destination)
        let route = node.tables[packet.vrf ?? ""]?
            .match(packet.destination, longerThan: connected?.length).map(node.resolved)
        if let route { return route.nextHops.first.map { .to($0) } ?? .stuck(.noRoute) }
        guard let connected else { return .stuck(.noRoute) }
        return .to(
            ForwardingNextHop(gateway: packet.destination, interface: connected.interface))
    }

    /// How a node would send to an address: by which interface and gateway, and with which source
    /// if the route prefers one.
    func firstHop(
        _ position: Int, _ vrf: String?, to destination: IPAddress
    ) -> (interface: String, gateway: IPAddress, preferred: IPAddress?)? {
        let node = nodes[position]
        let connected = connectedWay(node, vrf, destination)
        let route = node.tables[vrf ?? ""]?
            .match(destination, longerThan: connected?.length).map(node.resolved)
        if let route {
            return route.nextHops.first.map { ($0.interface, $0.gateway, route.source) }
        }
        return connected.map { ($0.interface, destination, nil) }
    }

    /// The longest subnet of an interface with carrier that the destination lies in.
    private func connectedWay(
        _ node: VirtualNode, _ vrf: String?, _ destination: IPAddress
    ) -> (length: UInt8, interface: String)? {
        var best: (length: UInt8, interface: String)?
        for interface in node.configuration.interfaces
        where interface.vrf == vrf && node.ports[interface.name]?.isUp == true {
            for subnet in interface.addresses
            where subnet.prefix.contains(destination) && best?.length ?? 0 <= subnet.length {
                best = (subnet.length, interface.name)
            }
        }
        return best
    }

    /// Takes a packet across a segment to whoever answers for the gateway's address.
    private func move(_ packet: inout Packet, to hop: ForwardingNextHop) -> Bool {
        guard let port = nodes[packet.node].ports[hop.interface] else {
            return moveThroughTunnel(&packet, to: hop)
        }
        guard port.isUp else { return false }
        let segment = segments[port.segment]
        guard let way = segment.way(from: packet.node) else { return false }
        for end in segment.ends where end.node != packet.node {
            let node = nodes[end.node]
            guard node.ports[end.interface]?.isUp == true,
                let interface = node.interface(end.interface),
                node.answers(for: hop.gateway, on: interface),
                packet.labels.isEmpty || interface.carriesMPLS
            else { continue }
            packet.node = end.node
            packet.vrf = interface.vrf
            packet.passed.append(end.node)
            packet.delay += way
            return true
        }
        return false
    }
}
