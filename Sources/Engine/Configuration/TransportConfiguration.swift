// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A way other than label switched paths to carry labelled packets between PEs: MPLS in GRE
/// (RFC 4023), point to point or multipoint, perhaps within ESP.
package struct TransportConfiguration: Hashable, Sendable {
    /// The transport that is always defined: label switched paths.
    package static let mpls = "mpls"

    package var name: String
    package var encapsulation: Encapsulation
    /// The source of encapsulating packets: this PE's loopback.
    package var source: IPv4Address
    /// The GRE key.
    package var key: UInt32?
    /// Whether ESP protects the packets: told by shows, and nothing else here.
    package var isProtected: Bool
    /// Whether exported VPN routes tell that this PE takes packets this way (RFC 9012).
    package var isAdvertised: Bool

    package enum Encapsulation: Hashable, Sendable {
        /// One tunnel a remote PE; `RouterConfiguration.tunnels` has them.
        case gre
        /// One device for all remote PEs; endpoints are discovered from VPN next hops.
        case mgre(interface: String)
    }

    package init(
        name: String, encapsulation: Encapsulation, source: IPv4Address, key: UInt32? = nil,
        isProtected: Bool = false, isAdvertised: Bool = false
    ) {
        self.name = name
        self.encapsulation = encapsulation
        self.source = source
        self.key = key
        self.isProtected = isProtected
        self.isAdvertised = isAdvertised
    }
}

/// The topology's choice of transports, as one PE sees it.
///
/// The ingress PE decides, in this order: a policy's `transport`; the transport that the route's
/// Tunnel Encapsulation attribute names (RFC 9012), if this PE has one that fits; that of the pair
/// of PEs; that of the provider.
package struct TransportChoice: Hashable, Sendable {
    /// The provider's.
    package var provider: String
    /// Of pairs with another PE, by that PE's loopback, in ascending order.
    package var pairs: [Pair]

    package struct Pair: Hashable, Sendable {
        package var endpoint: IPAddress
        package var transport: String

        package init(endpoint: IPAddress, transport: String) {
            self.endpoint = endpoint
            self.transport = transport
        }
    }

    package init(provider: String = TransportConfiguration.mpls, pairs: [Pair] = []) {
        self.provider = provider
        self.pairs = pairs
    }
}
