// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One change to a namespace's forwarding tables.
package enum RouteChange: Hashable, Sendable {
    /// Adds the route, or changes the one of the same key.
    case set(Route)
    case remove(Route.Key)
    case setLabel(LabelRoute)
    /// Removes the label's route and every decapsulating filter of it.
    case removeLabel(Label)
    /// Adds a permanent neighbour, or changes the one of the same link and address.
    case setNeighbour(Neighbour)
    case removeNeighbour(link: String, address: IPAddress)
    /// Adds the next hop, or changes the one of the same number in every group that has it.
    case setNextHop(NextHopObject)
    /// Adds the group, or moves all routes of the one of the same number.
    case setGroup(NextHopGroup)
    /// Removes a next hop or a group. The kernel removes all routes of a group with it.
    case removeNextHop(UInt32)
}
