// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// One way to a destination, as one source offers it.
package struct Path: Sendable {
    /// Who offers it: at most one path of a destination has the same.
    package let id: ID
    package let source: RouteSource
    /// For routes of other sources than BGP, what BGP would start from: origin IGP, empty AS path.
    package var attributes: SharedAttributes
    /// Who sent it to this router; nil for routes that were not received.
    package var speaker: Speaker?
    /// What came with a VPN route or a labelled unicast route.
    package var label: Label?
    /// The transport that a policy chose for a labelled route.
    package var transport: String?
    /// Import policy asked that others be told this router as the next hop.
    package var isNextHopSelf = false
    /// Against paths of other sources; the source's own where nil.
    package var preference: UInt32?
    package var resolution: Resolution
    /// When it last changed, its resolution apart.
    package var since: Instant
    /// How it fared in the last decision.
    package var verdict = Decision.Verdict.onlyPath

    /// The numbers are positions in the router's configuration: neighbors in the order of their
    /// keys, VRFs as configured.
    package enum ID: Hashable, Sendable, Comparable {
        /// A direct, static or core route.
        case local(Int)
        /// The path identifier is what the neighbor gave (RFC 7911), 0 where it gives none.
        case neighbor(Int, path: UInt32 = 0)
        /// Taken from the VPN table into a VRF; there it came from a neighbor.
        case imported(RouteDistinguisher, neighbor: Int, path: UInt32 = 0)
        /// Put into the VPN table by a VRF.
        case exported(vrf: Int)
        /// Found by a routing protocol of the table's VRF.
        case routing(RoutingProtocolID.Kind)
    }

    /// The position of the neighbor that the path was received from, in this table.
    var neighbor: Int? {
        switch id {
        case .neighbor(let index, _), .imported(_, let index, _): index
        case .local, .exported, .routing: nil
        }
    }

    var effectivePreference: UInt32 { preference ?? source.defaultPreference }

    var transportRequest: TransportRequest {
        TransportRequest(policy: transport, offers: attributes.value.tunnelEncapsulation)
    }

    var isUsable: Bool { resolution.isResolved }

    /// Whether nothing that forwarding or other routers depend on differs.
    func isSame(as other: Path) -> Bool {
        id == other.id && source == other.source && label == other.label
            && transport == other.transport && isNextHopSelf == other.isNextHopSelf
            && speaker == other.speaker && resolution == other.resolution
            && preference == other.preference && attributes == other.attributes
    }
}

/// The BGP speaker at the other end of a session, for as long as the session lasts.
package final class Speaker: Hashable, Sendable {
    /// Position of the neighbor in the order of keys.
    package let neighbor: Int
    package let address: IPAddress
    package let isInternal: Bool
    /// External, and on a connected subnet.
    package let isAcrossBorder: Bool
    /// The BGP identifier of its OPEN message.
    package let routerID: IPv4Address

    package init(
        neighbor: Int, address: IPAddress, isInternal: Bool, isAcrossBorder: Bool = false,
        routerID: IPv4Address
    ) {
        self.isAcrossBorder = isAcrossBorder
        self.neighbor = neighbor
        self.address = address
        self.isInternal = isInternal
        self.routerID = routerID
    }

    package static func == (a: Speaker, b: Speaker) -> Bool {
        a === b || (a.neighbor == b.neighbor && a.routerID == b.routerID)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(neighbor) }
}
