// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import Primitives

/// One direction of an ESP security association as the kernel has it (RFC 4301 §4.4.2).
package struct ObservedAssociation: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    package var spi: UInt32
    package var mode: IPsecMode
    /// Of packets that were protected, or that arrived and authenticated.
    package var bytes: UInt64
    package var packets: UInt64
    /// Packets that arrived and did not authenticate.
    package var integrityFailures: UInt32
    /// Packets that arrived a second time, or too late to tell.
    package var replayed: UInt32
    /// Since it was made, in whole seconds.
    package var age: Int64
    /// Seconds from its making until it should be replaced; nil means never.
    package var rekeyTime: Int64?

    package init(
        source: IPAddress, destination: IPAddress, spi: UInt32, mode: IPsecMode = .transport,
        bytes: UInt64 = 0, packets: UInt64 = 0, integrityFailures: UInt32 = 0,
        replayed: UInt32 = 0, age: Int64 = 0, rekeyTime: Int64? = nil
    ) {
        self.source = source
        self.destination = destination
        self.spi = spi
        self.mode = mode
        self.bytes = bytes
        self.packets = packets
        self.integrityFailures = integrityFailures
        self.replayed = replayed
        self.age = age
        self.rekeyTime = rekeyTime
    }

    /// - Parameter now: seconds since 1970, as the kernel dates associations.
    /// - Returns: nil for other protocols than ESP, and for one that has no key yet because
    ///   somebody has still to negotiate it.
    package init?(_ reply: NetlinkReply, now: UInt64) {
        guard let (info, attributes) = reply.parsed(filling: xfrm_usersa_info()),
            info.id.proto == UInt8(IPPROTO_ESP),
            let source = IPAddress(info.saddr, family: info.family),
            let destination = IPAddress(info.id.daddr, family: info.family)
        else { return nil }
        let hasKey = [XFRMA_ALG_AEAD, XFRMA_ALG_CRYPT].contains {
            attributes[Int($0.rawValue)] != nil
        }
        guard hasKey else { return nil }
        let rekeyTime = Int64(clamping: info.lft.soft_add_expires_seconds)
        self.init(
            source: source, destination: destination, spi: UInt32(bigEndian: info.id.spi),
            mode: Int32(info.mode) == XFRM_MODE_TUNNEL ? .tunnel : .transport,
            bytes: info.curlft.bytes, packets: info.curlft.packets,
            integrityFailures: info.stats.integrity_failed,
            replayed: info.stats.replay &+ info.stats.replay_window,
            age: Int64(now - min(now, info.curlft.add_time)),
            rekeyTime: rekeyTime > 0 ? rekeyTime : nil)
    }
}

extension NetlinkSocket {
    /// A socket for IPsec in the calling thread's namespace.
    package static func forSecurity() throws(SystemError) -> NetlinkSocket {
        try NetlinkSocket(protocol: NETLINK_XFRM)
    }

    /// `ip xfrm state`: the ESP associations of the namespace. Only on a socket `forSecurity`.
    package func securityAssociations() throws(SystemError) -> [ObservedAssociation] {
        let request = NetlinkMessage(
            "list security associations", type: Int(XFRM_MSG_GETSA), flags: NLM_F_DUMP)
        let replies = try dump(request)
        let now = UInt64(max(0, time(nil)))
        return replies.compactMap { ObservedAssociation($0, now: now) }
    }

    /// Removes associations; one that is not there is no error. Only on a socket `forSecurity`.
    package func remove(_ associations: [ObservedAssociation]) throws(SystemError) {
        try send(associations.map(Self.removal), tolerating: [ESRCH])
    }

    private static func removal(of association: ObservedAssociation) -> NetlinkMessage {
        var message = NetlinkMessage(
            "remove the association to \(association.destination)", type: Int(XFRM_MSG_DELSA))
        var id = xfrm_usersa_id()
        id.spi = association.spi.bigEndian
        id.family = UInt16(association.destination.family.socketFamily)
        id.proto = UInt8(IPPROTO_ESP)
        var octets = withUnsafeBytes(of: id) { Array($0) }
        octets.replaceSubrange(
            0..<association.destination.bytes.count, with: association.destination.bytes)
        message.append(octets: octets)
        return message
    }
}
