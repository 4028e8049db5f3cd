// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What two BGP speakers agreed on in their OPEN messages.
package struct NegotiatedSession: Hashable, Sendable {
    /// Families that both announced, in our configuration's order.
    package var families: [BGPFamily]
    package var isFourOctetAS: Bool
    package var canRefresh: Bool
    /// The neighbor's BGP identifier.
    package var routerID: IPv4Address
    /// Families in which the neighbor sends several paths to a destination (RFC 7911).
    package var receivesPathIDs: Set<BGPFamily>
    /// Families in which it takes several from us.
    package var sendsPathIDs: Set<BGPFamily>

    package init(
        families: [BGPFamily], isFourOctetAS: Bool, canRefresh: Bool, routerID: IPv4Address,
        receivesPathIDs: Set<BGPFamily> = [], sendsPathIDs: Set<BGPFamily> = []
    ) {
        self.receivesPathIDs = receivesPathIDs
        self.sendsPathIDs = sendsPathIDs
        self.families = families
        self.isFourOctetAS = isFourOctetAS
        self.canRefresh = canRefresh
        self.routerID = routerID
    }
}

extension NegotiatedSession {
    /// How the session's messages are read and written.
    func codec(isInternal: Bool) -> BGPCodecContext {
        BGPCodecContext(
            fourOctetAS: isFourOctetAS, isInternal: isInternal, receivesPathIDs: receivesPathIDs,
            sendsPathIDs: sendsPathIDs)
    }
}

/// What the tables want done after they took in a change.
package enum RoutingOutput: Hashable, Sendable {
    case forwarding(ForwardingChange)
    /// A whole encoded message (UPDATE or End-of-RIB) for an established neighbor.
    case message(NeighborKey, [UInt8])
    case arm(TimerID, at: Instant)
    case cancel(TimerID)
    case report(Report)
}
