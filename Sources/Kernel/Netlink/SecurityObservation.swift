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
    fileprivate init?(_ reply: NetlinkReply, now: UInt64) {
        let octets = reply.body[...]
        guard reply.type == UInt16(XFRM_MSG_NEWSA),
            let family: UInt16 = octets.field(\xfrm_usersa_info.family),
            octets.field(\xfrm_usersa_info.id.proto) == UInt8(IPPROTO_ESP),
            let spi: UInt32 = octets.field(\xfrm_usersa_info.id.spi),
            let source = octets.address(\xfrm_usersa_info.saddr, family),
            let destination = octets.address(\xfrm_usersa_info.id, family),
            let lifetime: xfrm_lifetime_cfg = octets.field(\xfrm_usersa_info.lft),
            let used: xfrm_lifetime_cur = octets.field(\xfrm_usersa_info.curlft),
            let stats: xfrm_stats = octets.field(\xfrm_usersa_info.stats),
            let mode: UInt8 = octets.field(\xfrm_usersa_info.mode)
        else { return nil }
        let attributes = NetlinkAttributes(octets.dropFirst(Self.fixedSize))
        let hasKey = [XFRMA_ALG_AEAD, XFRMA_ALG_CRYPT].contains {
            attributes[Int($0.rawValue)] != nil
        }
        guard hasKey else { return nil }
        self.init(
            source: source, destination: destination, spi: UInt32(bigEndian: spi),
            mode: Int32(mode) == XFRM_MODE_TUNNEL ? .tunnel : .transport, bytes: used.bytes,
            packets: used.packets, integrityFailures: stats.integrity_failed,
            replayed: stats.replay + stats.replay_window,
            age: Int64(now - min(now, used.add_time)),
            rekeyTime: Int64(exactly: lifetime.soft_add_expires_seconds).flatMap {
                $0 > 0 ? $0 : nil
            })
    }

    private static let fixedSize = (MemoryLayout<xfrm_usersa_info>.size + 3) & ~3
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

extension ArraySlice<UInt8> {
    /// A field of a structure at the beginning.
    fileprivate func field<Root, Value: BitwiseCopyable>(
        _ path: KeyPath<Root, Value>
    ) -> Value? {
        MemoryLayout<Root>.offset(of: path).flatMap { dropFirst($0).load() }
    }

    /// An address that a field of a structure at the beginning starts with.
    fileprivate func address<Root, Value>(
        _ path: KeyPath<Root, Value>, _ family: UInt16
    ) -> IPAddress? {
        let length = Int32(family) == AF_INET ? 4 : 16
        return MemoryLayout<Root>.offset(of: path).flatMap {
            IPAddress(bytes: dropFirst($0).prefix(length))
        }
    }
}
