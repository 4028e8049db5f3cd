// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A next hop that stands in the kernel under a number (RTM_NEWNEXTHOP), for groups to lead to.
///
/// The kernel deletes it without a word when its link goes down or loses its carrier.
package struct NextHopObject: Hashable, Sendable {
    /// Unique among next hops and groups of a namespace; never 0.
    package var id: UInt32
    /// Of the routes that it serves: an IPv6 route takes no IPv4 next hop, only a mapped one.
    package var family: AddressFamily
    package var hop: RouteNextHop

    package init(id: UInt32, family: AddressFamily, hop: RouteNextHop) {
        self.id = id
        self.family = family
        self.hop = hop
    }
}

/// Next hops that many routes share: to replace the group is to move all of them at once.
///
/// The kernel knows no backup member, but a resilient group (NEXTHOP_GRP_TYPE_RES) hands its few
/// buckets out by weight and rounds, so that a leg of far lower weight gets none. When the last leg
/// above it goes, with its link, the kernel itself gives it all buckets in the same moment: nobody
/// has to be asked, and the group and its routes live on. The weights here keep that true for up to
/// four primary legs, one backup leg and one parked leg, in this order, whichever of them are gone.
package struct NextHopGroup: Hashable, Sendable {
    package var id: UInt32
    /// In the order of their weights; never empty.
    package var legs: [Leg]

    package struct Leg: Hashable, Sendable {
        /// The number of its next hop.
        package var nextHop: UInt32
        package var role: Role

        package init(nextHop: UInt32, role: Role) {
            self.nextHop = nextHop
            self.role = role
        }
    }

    /// What a leg is for; the numbers are weights.
    package enum Role: UInt16, Hashable, Sendable, CaseIterable {
        /// Carries the packets; several share them.
        case primary = 255
        /// Carries them from the moment on that no primary leg is left.
        case backup = 15
        /// Discards. It keeps the routes in the kernel while no way is left, since the kernel would
        /// delete them, one by one and without a word, together with an empty group.
        case parked = 1
    }

    /// How many buckets every group has. It can not be changed later.
    package static let bucketCount: UInt16 = 4
    /// The most primary legs.
    package static let primaryCountMax = 4

    package init(id: UInt32, legs: [Leg]) {
        self.id = id
        self.legs = legs
    }
}
