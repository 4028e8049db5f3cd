// SPDX-License-Identifier: Apache-2.0

import Primitives

// MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760 §3, §4; RFC 7606 §7.11, §7.12).

extension PathAttributeTable {
    @Sendable static func decodeReach(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        let afi = try reader.read(UInt16.self, "AFI")
        let safi = try reader.read(UInt8.self, "SAFI")
        let lengthOffset = reader.offset
        var nextHop = try reader.readLengthPrefixed(as: UInt8.self, "Length of Next Hop")
        _ = try reader.read(UInt8.self, "Reserved")
        into.reachHasNLRI = !reader.isEmpty
        guard let family = BGPFamily(afi: afi, safi: safi) else {
            skipUnknownFamily(14, afi, safi, &reader, &into)
            return
        }
        guard family.nextHopLengths.contains(nextHop.count) else {
            throw WireError(
                .invalidValue(UInt64(nextHop.count)), field: "Length of Next Hop",
                offset: lengthOffset)
        }
        var reach = try decodeNextHop(&nextHop, family)
        reach.nlri = try NLRICodec.decodeAll(&reader, family, isWithdrawal: false, context)
        // The routes are known, so that a next hop which cannot be one costs the routes only.
        if !isHost(reach.nextHop) {
            into.fault(
                14, .treatAsWithdraw, .optionalAttributeError, "next hop \(reach.nextHop)")
        }
        into.reach = reach
    }

    /// Reads a next hop of one of the family's lengths: a route distinguisher of no meaning before
    /// each address in the VPN families, and perhaps a link-local address after an IPv6 one.
    private static func decodeNextHop(
        _ reader: inout WireReader, _ family: BGPFamily
    ) throws(WireError) -> BGPUpdate.Announcement {
        if family.isVPN { _ = try reader.read(UInt64.self, "RD of Next Hop") }
        let address = try reader.readAddress(family.family, "Next Hop")
        var linkLocal: IPAddress?
        if !reader.isEmpty {
            if family.isVPN { _ = try reader.read(UInt64.self, "RD of Next Hop") }
            linkLocal = try reader.readAddress(family.family, "link-local Next Hop")
        }
        return BGPUpdate.Announcement(
            family: family, nextHop: address.unmapped, linkLocalNextHop: linkLocal, nlri: [])
    }

    @Sendable static func decodeUnreach(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        let afi = try reader.read(UInt16.self, "AFI")
        let safi = try reader.read(UInt8.self, "SAFI")
        guard let family = BGPFamily(afi: afi, safi: safi) else {
            skipUnknownFamily(15, afi, safi, &reader, &into)
            return
        }
        let nlri = try NLRICodec.decodeAll(&reader, family, isWithdrawal: true, context)
        into.unreach = BGPUpdate.Withdrawal(family: family, nlri: nlri)
    }

    /// A family that was never negotiated is ignored (RFC 4760 §7).
    private static func skipUnknownFamily(
        _ code: UInt8, _ afi: UInt16, _ safi: UInt8, _ reader: inout WireReader,
        _ into: inout ReceivedAttributes
    ) {
        _ = reader.readRest()
        into.fault(
            code, .attributeDiscard, .optionalAttributeError, "unknown family \(afi)/\(safi)")
    }
}

extension BGPFamily {
    /// The lengths that a next hop can have in MP_REACH_NLRI (RFC 4760, RFC 4364 §4.3.4, RFC 2545
    /// §3, RFC 4659 §3.2.1, RFC 8277 §2.1).
    var nextHopLengths: [Int] {
        switch self {
        case .ipv4Unicast, .ipv4LabelledUnicast: [4]
        case .vpnv4: [12]
        case .ipv6Unicast, .ipv6LabelledUnicast: [16, 32]
        case .vpnv6: [24, 48]
        }
    }

    /// Writes length and address of a next hop.
    /// - Throws: when an IPv6 address is given in an IPv4 family.
    func encodeNextHop(
        _ nextHop: IPAddress, linkLocal: IPAddress?, to writer: inout WireWriter
    ) throws(WireError) {
        guard nextHop.family == family || family == .ipv6,
            linkLocal.map({ $0.family == .ipv6 && family == .ipv6 }) ?? true
        else {
            throw WireError(
                .invalidValue(UInt64(nextHop.family.rawValue)), field: "Next Hop",
                offset: writer.count)
        }
        try writer.writeLengthPrefixed(as: UInt8.self, "Length of Next Hop") {
            writer throws(WireError) in
            if isVPN { writer.write(UInt64.zero) }
            writer.write(family == .ipv6 ? nextHop.mapped : nextHop)
            guard let linkLocal else { return }
            if isVPN { writer.write(UInt64.zero) }
            writer.write(linkLocal)
        }
    }
}
