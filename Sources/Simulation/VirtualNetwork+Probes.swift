// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// What became of an echo request.
package enum VirtualEcho: Hashable, Sendable {
    case answered(roundTrip: Duration)
    case lostForward
    case lostBack
}

/// What a traceroute shows.
package struct VirtualTrace: Hashable, Sendable {
    /// Who answered at each hop; nil where the answer found no way back.
    package var hops: [IPAddress?]
    /// Whether the last one is the destination.
    package var reached: Bool
}

// Probes see the forwarding tables as they are now; nothing is under way while they do.
extension VirtualNetwork {
    package func echo(
        from name: String, vrf: String? = nil, source: IPAddress? = nil, to: IPAddress
    ) -> VirtualEcho {
        let node = position(name)
        var request = Packet(node: node, vrf: vrf, destination: to)
        guard let source = source ?? self.source(node, vrf, to: to),
            case .arrived(let there) = walk(&request)
        else { return .lostForward }
        var reply = Packet(node: request.node, vrf: there, destination: source)
        guard case .arrived(vrf) = walk(&reply), reply.node == node else { return .lostBack }
        return .answered(roundTrip: request.delay + reply.delay)
    }

    package func traceroute(
        from name: String, vrf: String? = nil, source: IPAddress? = nil, to: IPAddress
    ) -> VirtualTrace {
        let node = position(name)
        var probe = Packet(node: node, vrf: vrf, destination: to)
        let outcome = walk(&probe)
        guard let source = source ?? self.source(node, vrf, to: to) else {
            return VirtualTrace(hops: [], reached: false)
        }
        var reached = false
        if case .arrived = outcome { reached = true }
        let hops = probe.hops.enumerated().map { number, hop -> IPAddress? in
            let isLast = number == probe.hops.count - 1
            var reply = Packet(node: hop.node, vrf: hop.vrf, destination: source)
            guard case .arrived(vrf) = walk(&reply), reply.node == node else { return nil }
            return isLast && reached ? to : self.source(hop.node, hop.vrf, to: source)
        }
        return VirtualTrace(hops: hops, reached: reached && hops.last.map { $0 == to } ?? false)
    }

    /// The address that a node sends from towards another: the route's preferred source, or that
    /// of the interface by which the packet leaves.
    private func source(_ position: Int, _ vrf: String?, to: IPAddress) -> IPAddress? {
        let node = nodes[position]
        if node.holds(to, vrf: vrf) { return to }
        guard let hop = firstHop(position, vrf, to: to) else { return nil }
        if let preferred = hop.preferred { return preferred }
        let addresses = node.interface(hop.interface)?.addresses ?? []
        return (addresses.first { $0.prefix.contains(hop.gateway) } ?? addresses.first)?.address
    }
}
