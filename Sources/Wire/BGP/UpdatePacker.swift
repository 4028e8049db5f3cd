// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Packs many routes that share their attributes into as few UPDATE messages as they need, each of
/// one family and at most 4096 octets, routes or withdrawals but not both (RFC 7606 §5.1).
package struct UpdatePacker {
    package let context: BGPCodecContext

    package init(context: BGPCodecContext) { self.context = context }

    private var encoder: UpdateEncoder { UpdateEncoder(context: context) }

    /// Whole messages that announce `nlri` with `attributes`, whose next hop must be set.
    /// - Throws: when the attributes leave no room for a route, in which case RFC 4271 §9.2 has the
    ///   routes not sent at all; or when next hop or routes are not of `family`.
    package func announce(
        _ nlri: [NLRI], _ family: BGPFamily, _ attributes: PathAttributes
    ) throws(WireError) -> [[UInt8]] {
        guard let nextHop = attributes.nextHop, family != .ipv4Unicast || nextHop.family == .ipv4
        else { throw WireError(.invalidValue(0), field: "NEXT_HOP", offset: 0) }
        let reach = BGPUpdate.Announcement(
            family: family, nextHop: nextHop, linkLocalNextHop: attributes.linkLocalNextHop,
            nlri: [])
        var shared = attributes
        if family != .ipv4Unicast { shared.nextHop = nil }
        var common = WireWriter()
        try encoder.encode(shared, to: &common)
        let overhead = Self.emptyOctets + common.count + Self.reachOctets(reach)
        return try pack(nlri, family, isWithdrawal: false, overhead: overhead) {
            part throws(WireError) in
            try message(reach, common.octets, part)
        }
    }

    /// Whole messages that withdraw `nlri`.
    package func withdraw(
        _ nlri: [NLRI], _ family: BGPFamily
    ) throws(WireError) -> [[UInt8]] {
        let overhead = Self.emptyOctets + (family == .ipv4Unicast ? 0 : 4 + 3)
        return try pack(nlri, family, isWithdrawal: true, overhead: overhead) {
            part throws(WireError) in
            try BGPMessage.framed(.update, capacity: BGPMessage.octetsMax) {
                writer throws(WireError) in
                let isClassic = family == .ipv4Unicast
                try writer.writeLengthPrefixed(as: UInt16.self, "Withdrawn Routes Length") {
                    writer throws(WireError) in if isClassic { writer.write(part) }
                }
                try writer.writeLengthPrefixed(as: UInt16.self, "Total Path Attribute Length") {
                    writer throws(WireError) in
                    if !isClassic { try encoder.encodeUnreach(family, part, to: &writer) }
                }
            }
        }
    }

    /// The End-of-RIB of a family (RFC 4724 §2).
    package func endOfRIB(_ family: BGPFamily) throws(WireError) -> [UInt8] {
        try BGPMessage.update(BGPUpdate(endOfRIB: family)).encoded(in: context)
    }

    /// Header and the two length fields.
    private static let emptyOctets = BGPMessage.headerOctets + 4

    /// What MP_REACH_NLRI has before its routes, its length in two octets; nothing for IPv4
    /// unicast, whose next hop is among the attributes.
    private static func reachOctets(_ reach: BGPUpdate.Announcement) -> Int {
        guard reach.family != .ipv4Unicast, let shortest = reach.family.nextHopLengths.first else {
            return 0
        }
        return 4 + 3 + 1 + (reach.linkLocalNextHop == nil ? shortest : 2 * shortest) + 1
    }

    private func message(
        _ reach: BGPUpdate.Announcement, _ common: [UInt8], _ nlri: [UInt8]
    ) throws(WireError) -> [UInt8] {
        try BGPMessage.framed(.update, capacity: BGPMessage.octetsMax) {
            writer throws(WireError) in
            let isClassic = reach.family == .ipv4Unicast
            writer.write(UInt16.zero)
            try writer.writeLengthPrefixed(as: UInt16.self, "Total Path Attribute Length") {
                writer throws(WireError) in
                if !isClassic { try encoder.encodeReach(reach, nlri, to: &writer) }
                writer.write(common)
            }
            if isClassic { writer.write(nlri) }
        }
    }

    /// Fills messages with routes, in order.
    private func pack(
        _ nlri: [NLRI], _ family: BGPFamily, isWithdrawal: Bool, overhead: Int,
        _ message: ([UInt8]) throws(WireError) -> [UInt8]
    ) throws(WireError) -> [[UInt8]] {
        let room = BGPMessage.octetsMax - overhead
        var messages: [[UInt8]] = []
        var part = WireWriter(capacity: max(0, room))
        for nlri in nlri {
            let octets = NLRICodec.octetCount(nlri, family, context)
            guard octets <= room else {
                throw WireError(
                    .tooLong(octets: overhead + octets, limit: BGPMessage.octetsMax),
                    field: "UPDATE", offset: 0)
            }
            if part.count + octets > room {
                messages.append(try message(part.octets))
                part = WireWriter(capacity: room)
            }
            try NLRICodec.encode(
                nlri, family, isWithdrawal: isWithdrawal, context, to: &part)
        }
        if part.count > 0 { messages.append(try message(part.octets)) }
        return messages
    }
}
