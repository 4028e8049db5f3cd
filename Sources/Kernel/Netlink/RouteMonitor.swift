// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Tells of unicast routes of one family that come, change and go, whoever installs them, in the
/// namespace in which it was opened. The kernel itself says nothing of the IPv4 routes that it
/// drops with a link.
package final class RouteMonitor {
    package struct Change: Hashable, Sendable {
        package let key: Route.Key
        /// By which packets go now, also where the route names a group of next hops; nil for a
        /// route that is gone.
        package let nextHops: [RouteNextHop]?
    }

    private let family: AddressFamily
    private let tables: ForwardingTables
    private let socket: NetlinkSocket

    /// To be polled for reading.
    package var descriptor: Int32 { socket.descriptor }

    package init(_ family: AddressFamily) throws(SystemError) {
        self.family = family
        tables = try ForwardingTables()
        socket = try NetlinkSocket()
        let group = family == .ipv4 ? RTNLGRP_IPV4_ROUTE : RTNLGRP_IPV6_ROUTE
        try socket.join(Int(group.rawValue))
        try socket.setNonBlocking()
    }

    /// The routes as they are now.
    package func list() throws(SystemError) -> [Change] {
        try tables.dump(family.socketFamily, .all).compactMap { change($0, $1, isGone: false) }
    }

    /// All changes that wait, in order; empty when none does.
    /// - Throws: also where the kernel dropped notifications (ENOBUFS).
    package func changes() throws(SystemError) -> [Change] {
        var changes: [Change] = []
        while true {
            do throws(SystemError) {
                changes += try socket.receive().compactMap(change)
            } catch {
                guard error.isWouldBlock else { throw error }
                return changes
            }
        }
    }

    private func change(_ reply: NetlinkReply) -> Change? {
        let type = Int(reply.type)
        guard type == Int(RTM_NEWROUTE) || type == Int(RTM_DELROUTE),
            let (header, attributes) = reply.parsed(rtmsg.self)
        else { return nil }
        return change(header, attributes, isGone: type == Int(RTM_DELROUTE))
    }

    private func change(
        _ header: rtmsg, _ attributes: NetlinkAttributes, isGone: Bool
    ) -> Change? {
        guard Int(header.rtm_type) == Int(RTN_UNICAST),
            let key = ForwardingTables.key(family, header, attributes)
        else { return nil }
        return Change(
            key: key, nextHops: isGone ? nil : tables.nextHops(family, header, attributes))
    }
}
