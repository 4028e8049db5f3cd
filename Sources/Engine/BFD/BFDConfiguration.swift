// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What tells one BFD session of a router from another (RFC 5881 §3, RFC 5883 §3).
package struct BFDKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// nil is the default VRF.
    package let vrf: String?
    /// Of a single hop; nil for multihop.
    package let interface: String?
    package let local: IPAddress
    package let remote: IPAddress

    package init(vrf: String? = nil, interface: String?, local: IPAddress, remote: IPAddress) {
        self.vrf = vrf
        self.interface = interface
        self.local = local
        self.remote = remote
    }

    package var description: String {
        "\(remote)" + (interface.map { "%\($0)" } ?? "") + (vrf.map { "@\($0)" } ?? "")
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.vrf ?? "", a.remote, a.interface ?? "", a.local)
            < (b.vrf ?? "", b.remote, b.interface ?? "", b.local)
    }
}

/// How a session is to run. Of what several clients ask for, the fastest counts.
package struct BFDParameters: Hashable, Sendable {
    /// DesiredMinTxInterval, once the session is up.
    package var transmitInterval: Duration
    /// RequiredMinRxInterval.
    package var receiveInterval: Duration
    /// How many missing packets make a loss; 1 to 255.
    package var multiplier: UInt8
    package var authentication: Authentication?
    /// RFC 5880 §6.6.
    package var isDemand: Bool

    package init(
        transmitInterval: Duration, receiveInterval: Duration? = nil, multiplier: UInt8 = 3,
        authentication: Authentication? = nil, isDemand: Bool = false
    ) {
        self.transmitInterval = transmitInterval
        self.receiveInterval = receiveInterval ?? transmitInterval
        self.multiplier = multiplier
        self.authentication = authentication
        self.isDemand = isDemand
    }
}

/// Who watches by a session.
package enum BFDClient: Hashable, Sendable, Comparable {
    case routing(RoutingProtocolID)
    case bgp(NeighborKey)
    case staticRoute(vrf: String?, prefix: IPPrefix)

    /// By what they are, then by which; in the order in which they hear of a session.
    private var sortKey: (Int, String, String) {
        switch self {
        case .routing(let id): (0, id.description, "")
        case .bgp(let key): (1, key.vrf ?? "", key.address.description)
        case .staticRoute(let vrf, let prefix): (2, vrf ?? "", prefix.description)
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.sortKey < b.sortKey }
}
