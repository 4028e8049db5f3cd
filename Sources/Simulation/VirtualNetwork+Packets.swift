// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// The packets of routing protocols.
extension VirtualNetwork {
    /// By an interface a packet gets to the segment's other ends; without one it is routed.
    mutating func send(_ packet: RoutingPacket, from node: Int) {
        guard let name = packet.interface else { return route(packet, from: node) }
        guard let port = nodes[node].ports[name], port.isUp else { return }
        let segment = segments[port.segment]
        guard let way = segment.way(from: node) else { return }
        var sent = packet
        if case .mac = packet.destination { sent.source = .mac(Self.mac(node, name)) }
        for end in segment.ends where end.node != node {
            guard nodes[end.node].ports[end.interface]?.isUp == true,
                let interface = nodes[end.node].interface(end.interface),
                isHeard(sent.destination, at: end.node, interface)
            else { continue }
            sent.interface = end.interface
            sent.vrf = interface.vrf
            put(.packet(sent), to: end.node, after: way)
        }
    }

    private func isHeard(
        _ destination: PacketAddress, at node: Int, _ interface: InterfaceConfiguration
    ) -> Bool {
        switch destination {
        case .ip(let address):
            address.isMulticast || nodes[node].answers(for: address, on: interface)
        case .mac(let address):
            address.bytes[0] & 1 == 1 || address == Self.mac(node, interface.name)
        }
    }

    private mutating func route(_ packet: RoutingPacket, from node: Int) {
        guard let destination = packet.destination.ip else { return }
        var probe = Packet(node: node, vrf: packet.vrf, destination: destination)
        guard case .arrived(let vrf) = walk(&probe), probe.node != node,
            probe.hops.count <= Int(packet.hopLimit)
        else { return }
        var sent = packet
        sent.vrf = vrf
        // The last router does not take one off, and labelled packets keep theirs.
        sent.hopLimit -= UInt8(clamping: max(0, probe.hops.count - 1))
        put(.packet(sent), to: probe.node, after: probe.delay)
    }

    /// What an interface of a virtual node has for a link-layer address.
    static func mac(_ node: Int, _ interface: String) -> MACAddress {
        let number = interface.utf8.reduce(UInt64(0)) { ($0 &* 31 &+ UInt64($1)) & 0xffff }
        return MACAddress(bits: 0x0200_0000_0000 | UInt64(node) << 16 | number)
    }
}
