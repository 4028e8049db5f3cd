// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A BGP message (RFC 4271 §4, RFC 2918).
package enum BGPMessage: Hashable, Sendable {
    case open(BGPOpen)
    case update(BGPUpdate)
    case notification(BGPNotification)
    case keepalive
    case routeRefresh(BGPRouteRefresh)

    /// The largest message, header included: 4096 octets.
    package static let octetsMax = 4096
    /// Marker, Length and Type: 19 octets, and the smallest message.
    package static let headerOctets = 19

    /// The Type field.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case open = 1
        case update = 2
        case notification = 3
        case keepalive = 4
        case routeRefresh = 5
    }

    package var kind: Kind {
        switch self {
        case .open: .open
        case .update: .update
        case .notification: .notification
        case .keepalive: .keepalive
        case .routeRefresh: .routeRefresh
        }
    }
}

/// What a codec must know of the session to read and write its messages.
package struct BGPCodecContext: Hashable, Sendable {
    /// Both ends sent the 4-octet AS capability: AS_PATH and AGGREGATOR have 4-octet numbers.
    package var fourOctetAS: Bool
    /// iBGP. LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST belong to such sessions alone.
    package var isInternal: Bool
    /// The families in which the neighbor's NLRI have path identifiers (RFC 7911 §3).
    package var receivesPathIDs: Set<BGPFamily>
    /// The families in which ours have.
    package var sendsPathIDs: Set<BGPFamily>

    package init(
        fourOctetAS: Bool, isInternal: Bool, receivesPathIDs: Set<BGPFamily> = [],
        sendsPathIDs: Set<BGPFamily> = []
    ) {
        self.fourOctetAS = fourOctetAS
        self.isInternal = isInternal
        self.receivesPathIDs = receivesPathIDs
        self.sendsPathIDs = sendsPathIDs
    }
}

/// A ROUTE-REFRESH: please send the routes of a family again (RFC 2918).
package struct BGPRouteRefresh: Hashable, Sendable {
    package var afi: UInt16
    package var safi: UInt8
    /// Message Subtype: 0 request, 1 beginning and 2 end of a refresh (RFC 7313).
    package var subtype: UInt8

    package init(afi: UInt16, safi: UInt8, subtype: UInt8 = 0) {
        self.afi = afi
        self.safi = safi
        self.subtype = subtype
    }

    package init(_ family: BGPFamily) { self.init(afi: family.afi, safi: family.safi) }

    /// nil for families that have no codec here; such a request is ignored.
    package var family: BGPFamily? { BGPFamily(afi: afi, safi: safi) }
}
