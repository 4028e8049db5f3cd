// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What a VPN route itself asks of the way to its next hop. Where it asks nothing, the
/// configuration's `TransportChoice` decides.
package struct TransportRequest: Hashable, Sendable {
    /// The transport that a policy chose.
    package var policy: String?
    /// The tunnels that the egress PE offers, where no policy chose.
    package var offers: TunnelEncapsulation?

    package init(policy: String? = nil, offers: TunnelEncapsulation? = nil) {
        self.policy = policy
        self.offers = policy == nil ? offers : nil
    }
}

/// What carries packets of a VPN route.
package struct Carrier: Hashable, Sendable {
    /// The transport's name.
    package var transport: String
    /// The end of the tunnel; nil for label switched paths.
    package var endpoint: TunnelEndpoint?
    /// The tunnel is multipoint, so that the kernel has to be told of the endpoint.
    package var isMultipoint: Bool

    package init(transport: String, endpoint: TunnelEndpoint? = nil, isMultipoint: Bool = false) {
        self.transport = transport
        self.endpoint = endpoint
        self.isMultipoint = isMultipoint
    }
}

extension TransportChoice {
    /// The transport to a next hop for which no route asks anything.
    func transport(to nextHop: IPAddress) -> String {
        pairs.first { $0.endpoint == nextHop }?.transport ?? provider
    }
}

extension RouterConfiguration {
    /// What exported VPN routes tell of this PE's transports (RFC 9012); nil where none is
    /// advertised.
    var offeredTunnels: TunnelEncapsulation? {
        let offered = transports.filter(\.isAdvertised).map {
            TunnelEncapsulation.Tunnel(mplsInGRETo: $0.source, key: $0.key)
        }
        return offered.isEmpty ? nil : TunnelEncapsulation(offered)
    }
}
