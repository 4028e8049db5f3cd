// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Writes the octets of an UPDATE. Splits nothing: `UpdatePacker` does.
struct UpdateEncoder {
    let context: BGPCodecContext

    /// Writes what follows the header.
    /// - Throws: when the update does not fit one message: two families in MP_REACH_NLRI or in
    ///   MP_UNREACH_NLRI, or a field that is too long.
    func encode(_ update: BGPUpdate, to writer: inout WireWriter) throws(WireError) {
        if let family = update.endOfRIB {
            let empty = BGPUpdate.Withdrawal(family: family, nlri: [])
            try encode(
                BGPUpdate(withdrawn: family == .ipv4Unicast ? [] : [empty]), to: &writer)
            return
        }
        let classic = update.announced.first(where: Self.isClassic)
        try writer.writeLengthPrefixed(as: UInt16.self, "Withdrawn Routes Length") {
            writer throws(WireError) in
            for withdrawal in update.withdrawn where withdrawal.family == .ipv4Unicast {
                try encodeAll(withdrawal.nlri, .ipv4Unicast, isWithdrawal: true, to: &writer)
            }
        }
        try writer.writeLengthPrefixed(as: UInt16.self, "Total Path Attribute Length") {
            writer throws(WireError) in
            try encodeMultiprotocol(update, to: &writer)
            if var attributes = update.attributes {
                attributes.nextHop = classic?.nextHop
                try encode(attributes, to: &writer)
            }
        }
        for announcement in update.announced where Self.isClassic(announcement) {
            guard announcement.nextHop == classic?.nextHop else {
                throw Self.second("NEXT_HOP", writer)
            }
            try encodeAll(announcement.nlri, .ipv4Unicast, isWithdrawal: false, to: &writer)
        }
    }

    /// Whether routes go into the NLRI field, with NEXT_HOP.
    private static func isClassic(_ announcement: BGPUpdate.Announcement) -> Bool {
        announcement.family == .ipv4Unicast
    }

    /// MP attributes come first, so that a receiver finds the routes even when what follows is
    /// malformed (RFC 7606 §5.1).
    private func encodeMultiprotocol(
        _ update: BGPUpdate, to writer: inout WireWriter
    ) throws(WireError) {
        let unreach = update.withdrawn.filter { $0.family != .ipv4Unicast }
        let reach = update.announced.filter { !Self.isClassic($0) }
        guard unreach.count <= 1 else { throw Self.second("MP_UNREACH_NLRI", writer) }
        guard reach.count <= 1 else { throw Self.second("MP_REACH_NLRI", writer) }
        if let unreach = unreach.first {
            var nlri = WireWriter()
            try encodeAll(unreach.nlri, unreach.family, isWithdrawal: true, to: &nlri)
            try encodeUnreach(unreach.family, nlri.octets, to: &writer)
        }
        if let reach = reach.first {
            var nlri = WireWriter()
            try encodeAll(reach.nlri, reach.family, isWithdrawal: false, to: &nlri)
            try encodeReach(reach, nlri.octets, to: &writer)
        }
    }

    private static func second(_ field: String, _ writer: WireWriter) -> WireError {
        WireError(.invalidValue(2), field: field, offset: writer.count)
    }

    private func encodeAll(
        _ nlri: [NLRI], _ family: BGPFamily, isWithdrawal: Bool, to writer: inout WireWriter
    ) throws(WireError) {
        for nlri in nlri {
            try NLRICodec.encode(
                nlri, family, isWithdrawal: isWithdrawal, context, to: &writer)
        }
    }

    /// Writes MP_REACH_NLRI; the routes are in octets already, those of `reach` are not looked at.
    func encodeReach(
        _ reach: BGPUpdate.Announcement, _ nlri: [UInt8], to writer: inout WireWriter
    ) throws(WireError) {
        var value = WireWriter(capacity: nlri.count + 64)
        value.write(reach.family.afi)
        value.write(reach.family.safi)
        try reach.family.encodeNextHop(
            reach.nextHop, linkLocal: reach.linkLocalNextHop, to: &value)
        value.write(UInt8.zero)
        value.write(nlri)
        try encodeAttribute(
            PathAttributeTable.Flag.optional, 14, value.octets, to: &writer)
    }

    /// Writes MP_UNREACH_NLRI; the routes are in octets already.
    func encodeUnreach(
        _ family: BGPFamily, _ nlri: [UInt8], to writer: inout WireWriter
    ) throws(WireError) {
        var value = WireWriter(capacity: nlri.count + 3)
        value.write(family.afi)
        value.write(family.safi)
        value.write(nlri)
        try encodeAttribute(
            PathAttributeTable.Flag.optional, 15, value.octets, to: &writer)
    }

    /// Writes every attribute that does not carry routes, in the order of codes, then unknown ones.
    func encode(_ attributes: PathAttributes, to writer: inout WireWriter) throws(WireError) {
        for row in PathAttributeTable.rows {
            guard let encode = row.encode, context.isInternal || !row.isInternalOnly else {
                continue
            }
            var value = WireWriter()
            guard encode(attributes, context, &value) else { continue }
            let isPartial = !attributes.partial.isDisjoint(with: row.partial)
            let flags = row.flags | (isPartial ? PathAttributeTable.Flag.partial : 0)
            try encodeAttribute(flags, row.code, value.octets, to: &writer)
        }
        for attribute in attributes.unknown {
            let flags = attribute.flags | PathAttributeTable.Flag.partial
            try encodeAttribute(flags, attribute.code, attribute.value, to: &writer)
        }
    }

    /// Writes flags, code, length and value; the length has two octets only when it needs them.
    private func encodeAttribute(
        _ flags: UInt8, _ code: UInt8, _ value: [UInt8], to writer: inout WireWriter
    ) throws(WireError) {
        let extended = PathAttributeTable.Flag.extendedLength
        let isLong = value.count > Int(UInt8.max)
        writer.write(isLong ? flags | extended : flags & ~extended)
        writer.write(code)
        if isLong {
            try writer.writeLengthPrefixed(as: UInt16.self, "Attribute Length") {
                writer throws(WireError) in writer.write(value)
            }
        } else {
            writer.write(UInt8(value.count))
            writer.write(value)
        }
    }
}
