// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc

/// Tells of links that come, change and go, and of their addresses, in the namespace in which it
/// was opened.
package final class LinkMonitor {
    package enum Event: Sendable {
        case changed(ObservedLink)
        case removed(index: UInt32)
        /// A link has an address that it had not, or that changed.
        case addressAdded(index: UInt32)
        /// A link has lost an address, and with it the routes that named it as their source.
        case addressRemoved(index: UInt32)
        /// The kernel dropped notifications: list the links again.
        case overrun
    }

    private let socket: NetlinkSocket

    /// To be polled for reading.
    package var descriptor: Int32 { socket.descriptor }

    package init() throws(SystemError) {
        socket = try NetlinkSocket()
        for group in [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR] {
            try socket.join(Int(group.rawValue))
        }
        try socket.setNonBlocking()
    }

    /// The links as they are now. Changes from here on are told by `events`; some of them may be in
    /// the list already.
    package func list() throws(SystemError) -> [ObservedLink] { try NetlinkSocket().links() }

    /// All that waits; empty when nothing does.
    package func events() throws(SystemError) -> [Event] {
        var events: [Event] = []
        while true {
            let replies: [NetlinkReply]
            do throws(SystemError) { replies = try socket.receive() } catch {
                if error.isWouldBlock { return events }
                guard error.code == ENOBUFS else { throw error }
                return events + [.overrun]
            }
            events += replies.compactMap(Self.event)
        }
    }

    /// A bridge tells of its ports in messages of its own family, of a port that leaves it with
    /// RTM_DELLINK: the link itself is still there.
    package static func event(_ reply: NetlinkReply) -> Event? {
        switch Int(reply.type) {
        case Int(RTM_NEWLINK), Int(RTM_DELLINK):
            guard let link = ObservedLink(reply) else { return nil }
            return reply.type == RTM_NEWLINK ? .changed(link) : .removed(index: link.index)
        case Int(RTM_NEWADDR):
            return reply.parsed(ifaddrmsg.self).map { .addressAdded(index: $0.0.ifa_index) }
        case Int(RTM_DELADDR):
            return reply.parsed(ifaddrmsg.self).map { .addressRemoved(index: $0.0.ifa_index) }
        default: return nil
        }
    }
}
