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

    package init(
        families: [BGPFamily], isFourOctetAS: Bool, canRefresh: Bool, routerID: IPv4Address
    ) {
        self.families = families
        self.isFourOctetAS = isFourOctetAS
        self.canRefresh = canRefresh
        self.routerID = routerID
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
