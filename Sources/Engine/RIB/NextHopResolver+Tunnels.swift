// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The way of labelled packets to another PE (RFC 4364 §5, RFC 4023).
extension NextHopResolver {
    /// By the one transport that the route or the configuration chooses. Where that has no way
    /// there is none: traffic that was to be protected never takes another way in silence.
    func tunnel(
        _ nextHop: IPAddress, _ request: TransportRequest, overLabelledRoutes: Bool = true
    ) -> Resolution {
        let fitting = fit(request.offers, nextHop)
        let name = request.policy ?? fitting?.transport ?? choice.transport(to: nextHop)
        if case .mgre(let interface)? = transports.first(where: { $0.name == name })?.encapsulation
        {
            let endpoint = request.policy == nil ? fitting?.endpoint ?? nextHop : nextHop
            return way(by: name, interface, to: nextHop, endingAt: endpoint)
        }
        return tunnel(of: name, to: nextHop, overLabelledRoutes: overLabelledRoutes)
    }

    /// The transport of ours that fits what the egress PE offers, in the order of its offers; where
    /// several do, the one that would carry the route anyhow, or else the first configured.
    private func fit(
        _ offers: TunnelEncapsulation?, _ nextHop: IPAddress
    ) -> (transport: String, endpoint: IPAddress)? {
        let usual = choice.transport(to: nextHop)
        for tunnel in offers?.tunnels ?? []
        where tunnel.type == TunnelEncapsulation.Tunnel.mplsInGRE {
            guard let egress = tunnel.egressEndpoint else { continue }
            let endpoint: IPAddress =
                switch egress {
                case .nextHop: nextHop
                case .address(let address): address
                }
            let fitting = transports.filter { transport in
                guard transport.key == tunnel.greKey else { return false }
                guard case .gre = transport.encapsulation else { return core(endpoint) != nil }
                return endpoint == nextHop
            }
            let chosen = fitting.first { $0.name == usual } ?? fitting.first
            if let chosen { return (chosen.name, endpoint) }
        }
        return nil
    }

    private func way(
        by name: String, _ interface: String, to nextHop: IPAddress, endingAt endpoint: IPAddress
    ) -> Resolution {
        if interfaces.isOwn(endpoint, vrf: nil) { return .unresolved(.ownAddress(endpoint)) }
        guard interfaces.isUp(interface) == true, let address = endpoint.v4,
            let metric = core(endpoint)
        else { return .unresolved(.noTunnel(transport: name, nextHop)) }
        let end = TunnelEndpoint(interface: interface, overlay: nextHop, transport: address)
        return .resolved(
            nextHops: [ForwardingNextHop(gateway: nextHop, interface: interface)], metric: metric,
            carrier: Carrier(transport: name, endpoint: end, isMultipoint: true))
    }

    /// The most specific label switched path or point-to-point tunnel that is up, then the one of
    /// least cost.
    private func tunnel(
        of name: String, to nextHop: IPAddress, overLabelledRoutes: Bool
    ) -> Resolution {
        let usable = tunnels.filter {
            $0.transport == name && $0.destination.contains(nextHop) && isUsable($0)
        }
        let best = usable.min {
            ($1.destination.length, $0.metric) < ($0.destination.length, $1.metric)
        }
        if name == TransportConfiguration.mpls,
            let path = signalledPath(to: nextHop, overLabelledRoutes: overLabelledRoutes),
            path.destination.length > best?.destination.length ?? 0 || best == nil
        {
            return .resolved(
                nextHops: path.nextHops, metric: path.metric, carrier: Carrier(transport: name))
        }
        guard let best else { return .unresolved(.noTunnel(transport: name, nextHop)) }
        let hop = ForwardingNextHop(
            gateway: best.nextHop.gateway, interface: best.nextHop.interface,
            labels: best.nextHop.labels)
        let endpoint = best.destination.address.v4.flatMap {
            name == TransportConfiguration.mpls
                ? nil
                : TunnelEndpoint(interface: hop.interface, overlay: nextHop, transport: $0)
        }
        return .resolved(
            nextHops: [hop], metric: best.metric,
            carrier: Carrier(transport: name, endpoint: endpoint))
    }

    /// A tunnel in IP is of use only while the core has a way to its other end.
    private func isUsable(_ tunnel: TunnelConfiguration) -> Bool {
        interfaces.isUp(tunnel.nextHop.interface) == true
            && (tunnel.transport == TransportConfiguration.mpls
                || core(tunnel.destination.address) != nil)
    }

    /// The interior cost of getting to another router of the core; nil where there is no way.
    private func core(_ address: IPAddress) -> UInt32? {
        guard case .resolved(let hops, let metric, _) = recursive(address, nil), !hops.isEmpty
        else { return nil }
        return metric
    }
}
