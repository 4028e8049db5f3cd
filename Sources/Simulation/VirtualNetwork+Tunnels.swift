// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// MPLS in GRE (RFC 4023): an interface that is no port is a tunnel, and packets on it are carried
/// as packets of the default VRF to wherever the tunnel ends.
extension VirtualNetwork {
    /// Takes a packet through a tunnel, if there is a way to its other end and a tunnel there that
    /// takes such packets.
    func moveThroughTunnel(_ packet: inout Packet, to hop: ForwardingNextHop) -> Bool {
        let node = nodes[packet.node]
        guard let transport = node.configuration.transport(of: hop.interface),
            let end = node.tunnelEnd(hop)
        else { return false }
        var outer = Packet(node: packet.node, vrf: nil, destination: end)
        guard case .arrived = walk(&outer), outer.node != packet.node,
            let interface = nodes[outer.node].tunnelInterface(
                taking: transport, sentTo: end),
            packet.labels.isEmpty || interface.carriesMPLS
        else { return false }
        packet.node = outer.node
        packet.vrf = interface.vrf
        packet.passed += outer.passed.dropFirst()
        packet.delay += outer.delay
        return true
    }
}

extension VirtualNode {
    /// Where encapsulated packets for a next hop go: to the endpoint that the router set, or to the
    /// other end of a point-to-point tunnel.
    fileprivate func tunnelEnd(_ hop: ForwardingNextHop) -> IPAddress? {
        if let endpoint = endpoints[hop.interface]?[hop.gateway] { return IPAddress(endpoint) }
        let tunnel = configuration.tunnels.first {
            $0.nextHop.interface == hop.interface && $0.transport != TransportConfiguration.mpls
        }
        return tunnel?.destination.address
    }

    /// The tunnel that takes packets from another router's transport: its source is what they are
    /// sent to, its key is theirs, and, point to point, its other end is where they come from.
    fileprivate func tunnelInterface(
        taking sender: TransportConfiguration, sentTo address: IPAddress
    ) -> InterfaceConfiguration? {
        for transport in configuration.transports
        where IPAddress(transport.source) == address && transport.key == sender.key {
            switch transport.encapsulation {
            case .mgre(let name): return interface(name)
            case .gre:
                let tunnel = configuration.tunnels.first {
                    $0.transport == transport.name
                        && $0.destination.address == IPAddress(sender.source)
                }
                if let tunnel { return interface(tunnel.nextHop.interface) }
            }
        }
        return nil
    }
}

extension RouterConfiguration {
    /// The interfaces of GRE tunnels, in the configuration's order.
    var tunnelInterfaces: [String] {
        interfaces.map(\.name).filter { transport(of: $0) != nil }
    }

    /// The transport that an interface belongs to.
    fileprivate func transport(of interface: String) -> TransportConfiguration? {
        transports.first { transport in
            switch transport.encapsulation {
            case .mgre(let name): name == interface
            case .gre:
                tunnels.contains {
                    $0.transport == transport.name && $0.nextHop.interface == interface
                }
            }
        }
    }
}
