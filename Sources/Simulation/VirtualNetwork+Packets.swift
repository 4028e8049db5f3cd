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
        // No protocol sends frames to one router.
        case .mac(let address): address.bytes[0] & 1 == 1
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
}
