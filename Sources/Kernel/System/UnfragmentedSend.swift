// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import Primitives

extension Socket {
    /// Has packets leave whole or not at all (DF), whatever the kernel has learned of path MTUs, so
    /// that a router on the way is asked anew (RFC 4821).
    package borrowing func neverFragment() throws(SystemError) {
        let probe = IP_PMTUDISC_PROBE
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_MTU_DISCOVER, probe, "IP_MTU_DISCOVER")
        case .ipv6: try set(Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, probe, "IPV6_MTU_DISCOVER")
        }
    }

    /// Sends a packet of a socket that never fragments.
    /// - Returns: the MTU of the link by which it would leave, where that is less than the packet.
    package borrowing func sendWhole(
        _ octets: [UInt8], to address: SocketAddress
    ) throws(SystemError) -> UInt32? {
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_RECVERR, 1, "IP_RECVERR")
        case .ipv6: try set(Int32(IPPROTO_IPV6), IPV6_RECVERR, 1, "IPV6_RECVERR")
        }
        do throws(SystemError) {
            try send(octets, to: address)
            return nil
        } catch {
            guard error.code == EMSGSIZE, let mtu = try refusedMTU() else { throw error }
            return mtu
        }
    }

    /// What the error queue says about the packet that was too long for its link. Control data:
    /// struct sock_extended_err, of which word 0 is the error, octet 4 the origin and word 8 the
    /// MTU.
    private borrowing func refusedMTU() throws(SystemError) -> UInt32? {
        while let message = try ReceivedMessage.receive(raw, 1, flags: Self.errorQueue) {
            for entry in message.control
            where entry.type == (family == .ipv4 ? IP_RECVERR : IPV6_RECVERR) {
                guard entry.data.count >= 16, entry.data[4] == Self.localOrigin,
                    entry.word(at: 0) == UInt32(EMSGSIZE)
                else { continue }
                return entry.word(at: 8)
            }
        }
        return nil
    }

    /// MSG_ERRQUEUE, which modules import in different shapes.
    private static var errorQueue: Int32 { 0x2000 }
    /// SO_EE_ORIGIN_LOCAL.
    private static var localOrigin: UInt8 { 1 }
}
