// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What a table is keyed by: a prefix, made distinct by a route distinguisher in the VPN table.
package struct Destination: Hashable, Sendable, Comparable {
    package let rd: RouteDistinguisher?
    package let prefix: IPPrefix

    package init(rd: RouteDistinguisher? = nil, prefix: IPPrefix) {
        self.rd = rd
        self.prefix = prefix
    }

    init(_ nlri: NLRI) { self.init(rd: nlri.rd, prefix: nlri.prefix) }

    /// The BGP family that carries it between neighbors that exchange these.
    package func family(among families: [BGPFamily]) -> BGPFamily {
        switch (prefix.family, rd) {
        case (.ipv4, nil):
            families.contains(.ipv4LabelledUnicast) ? .ipv4LabelledUnicast : .ipv4Unicast
        case (.ipv6, nil):
            families.contains(.ipv6LabelledUnicast) ? .ipv6LabelledUnicast : .ipv6Unicast
        case (.ipv4, _): .vpnv4
        case (.ipv6, _): .vpnv6
        }
    }

    /// By distinguisher, then prefix.
    package static func < (a: Self, b: Self) -> Bool {
        (a.rd?.bits ?? 0, a.prefix) < (b.rd?.bits ?? 0, b.prefix)
    }
}

/// One of the paths to a destination between two neighbors.
package struct RouteKey: Hashable, Sendable, Comparable {
    package let destination: Destination
    /// RFC 7911 §3; 0 where the session has no path identifiers, or the neighbor gave that one.
    package let pathID: UInt32

    package init(_ destination: Destination, pathID: UInt32 = 0) {
        self.destination = destination
        self.pathID = pathID
    }

    init(_ nlri: NLRI) { self.init(Destination(nlri), pathID: nlri.pathID ?? 0) }

    /// By destination, then identifier.
    package static func < (a: Self, b: Self) -> Bool {
        (a.destination, a.pathID) < (b.destination, b.pathID)
    }
}
