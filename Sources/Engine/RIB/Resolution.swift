// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What became of the search for the way to a path's next hop (RFC 4271 §5.1.3, §9.1.2.1).
package enum Resolution: Hashable, Sendable {
    /// Packets go to one of these; none means that they are discarded. `metric` is the interior
    /// cost of getting there, `carrier` what carries VPN routes.
    case resolved(nextHops: [ForwardingNextHop], metric: UInt32, carrier: Carrier? = nil)
    case unresolved(Problem)

    /// Why a next hop leads nowhere. A path that has such a problem stays in the table, inactive.
    package enum Problem: Hashable, Sendable {
        /// No interface that is up has the next hop on its subnet.
        case notConnected(IPAddress)
        /// BFD lost it.
        case dead(IPAddress)
        /// No direct, static or core route covers it.
        case noRoute(IPAddress)
        /// No label switched path or tunnel of the chosen transport leads to it.
        case noTunnel(transport: String, IPAddress)
        /// It is of the other address family than a unicast route's prefix.
        case otherFamily(IPAddress)
        /// It is an address of this router.
        case ownAddress(IPAddress)
        /// There is none.
        case missing
    }

    var isResolved: Bool {
        if case .resolved = self { true } else { false }
    }

    /// 0 where unresolved.
    var metric: UInt32 {
        if case .resolved(_, let metric, _) = self { metric } else { 0 }
    }

    var nextHops: [ForwardingNextHop] {
        if case .resolved(let nextHops, _, _) = self { nextHops } else { [] }
    }

    var carrier: Carrier? {
        if case .resolved(_, _, let carrier) = self { carrier } else { nil }
    }

    /// The transport that carries packets there, or that ought to and cannot.
    var transport: String? {
        if case .unresolved(.noTunnel(let transport, _)) = self {
            transport
        } else {
            carrier?.transport
        }
    }
}

extension Resolution.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notConnected(let address): "next hop \(address) is not on a connected subnet"
        case .dead(let address): "BFD session to next hop \(address) is down"
        case .noRoute(let address): "no route to next hop \(address)"
        case .noTunnel(TransportConfiguration.mpls, let address):
            "no label switched path to next hop \(address)"
        case .noTunnel(let transport, let address):
            "no tunnel of transport '\(transport)' to next hop \(address)"
        case .otherFamily(let address): "next hop \(address) is of the other address family"
        case .ownAddress(let address): "next hop \(address) is this router"
        case .missing: "no next hop"
        }
    }
}
