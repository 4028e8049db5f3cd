// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc

/// Tells of links that come, change and go in the namespace in which it was opened.
package final class LinkMonitor {
    package enum Event: Sendable {
        case changed(ObservedLink)
        case removed(index: UInt32)
        /// The kernel dropped notifications: list the links again.
        case overrun
    }

    private let socket: NetlinkSocket

    /// To be polled for reading.
    package var descriptor: Int32 { socket.descriptor }

    package init() throws(SystemError) {
        socket = try NetlinkSocket()
        try socket.join(Int(RTNLGRP_LINK.rawValue))
        try socket.setNonBlocking()
    }

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

    private static func event(_ reply: NetlinkReply) -> Event? {
        guard let link = ObservedLink(reply) else { return nil }
        switch Int(reply.type) {
        case Int(RTM_NEWLINK): return .changed(link)
        case Int(RTM_DELLINK): return .removed(index: link.index)
        default: return nil
        }
    }
}
