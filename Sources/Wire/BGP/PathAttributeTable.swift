// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The path attributes that have a codec: one row each.
package enum PathAttributeTable {
    /// Everything the codec knows of one attribute.
    struct Row: Sendable {
        /// Attribute Type Code.
        let code: UInt8
        /// As IANA registers it.
        let name: String
        /// The Optional and Transitive bits it must have.
        let flags: UInt8
        /// From an external peer it is discarded unread (RFC 7606 §7.5, §7.9, §7.10; RFC 9012 §11).
        var isInternalOnly = false
        /// What to do when it is malformed (RFC 7606 §7 and the attribute's own RFC).
        let treatment: AttributeFault.Treatment
        /// The subcode for a value that it must not have (RFC 4271 §6.3).
        var valueSubcode = BGPNotification.UpdateSubcode.optionalAttributeError
        /// Whether the Partial bit must be kept, and where.
        var partial: PathAttributes.PartialAttributes = []
        /// Reads the whole value.
        let decode: Decode
        /// Writes the value; false when the route does not have the attribute. nil for those that
        /// carry routes, which `UpdateEncoder` writes, and those that go with another's row.
        let encode: Encode?
    }

    typealias Decode =
        @Sendable (inout WireReader, inout ReceivedAttributes, BGPCodecContext) throws(WireError) ->
        Void
    typealias Encode = @Sendable (PathAttributes, BGPCodecContext, inout WireWriter) -> Bool

    /// Attribute Flags (RFC 4271 §4.3).
    enum Flag {
        static let optional: UInt8 = 0x80
        static let transitive: UInt8 = 0x40
        static let partial: UInt8 = 0x20
        static let extendedLength: UInt8 = 0x10
        /// The two that an attribute's definition fixes.
        static let fixed = optional | transitive
    }

    /// The IANA name of an attribute, or `attribute N`.
    package static func name(of code: UInt8) -> String {
        row(code)?.name ?? "attribute \(code)"
    }

    static func row(_ code: UInt8) -> Row? { byCode[Int(code)] }

    private static let byCode: [Row?] = {
        var table = [Row?](repeating: nil, count: 256)
        for row in rows { table[Int(row.code)] = row }
        return table
    }()

    /// By code, which is also the order in which they are sent (RFC 4271 §5).
    static let rows: [Row] = wellKnown + optional

    private static let wellKnown: [Row] = [
        Row(
            code: 1, name: "ORIGIN", flags: Flag.transitive, treatment: .treatAsWithdraw,
            valueSubcode: .invalidOriginAttribute, decode: decodeOrigin, encode: encodeOrigin),
        Row(
            code: 2, name: "AS_PATH", flags: Flag.transitive, treatment: .treatAsWithdraw,
            valueSubcode: .malformedASPath, decode: decodeASPath, encode: encodeASPath),
        Row(
            code: 3, name: "NEXT_HOP", flags: Flag.transitive, treatment: .treatAsWithdraw,
            valueSubcode: .invalidNextHopAttribute, decode: decodeNextHop, encode: encodeNextHop),
        Row(
            code: 4, name: "MULTI_EXIT_DISC", flags: Flag.optional, treatment: .treatAsWithdraw,
            decode: decodeMED, encode: encodeMED),
        Row(
            code: 5, name: "LOCAL_PREF", flags: Flag.transitive, isInternalOnly: true,
            treatment: .treatAsWithdraw, decode: decodeLocalPreference,
            encode: encodeLocalPreference),
        Row(
            code: 6, name: "ATOMIC_AGGREGATE", flags: Flag.transitive,
            treatment: .attributeDiscard, decode: decodeAtomicAggregate,
            encode: { attributes, _, _ in attributes.atomicAggregate }),
    ]

    private static let optional: [Row] = [
        Row(
            code: 7, name: "AGGREGATOR", flags: Flag.fixed, treatment: .attributeDiscard,
            partial: .aggregator, decode: decodeAggregator, encode: encodeAggregator),
        Row(
            code: 8, name: "COMMUNITIES", flags: Flag.fixed, treatment: .treatAsWithdraw,
            partial: .communities, decode: decodeCommunities, encode: encodeCommunities),
        Row(
            code: 9, name: "ORIGINATOR_ID", flags: Flag.optional, isInternalOnly: true,
            treatment: .treatAsWithdraw, decode: decodeOriginatorID, encode: encodeOriginatorID),
        Row(
            code: 10, name: "CLUSTER_LIST", flags: Flag.optional, isInternalOnly: true,
            treatment: .treatAsWithdraw, decode: decodeClusterList, encode: encodeClusterList),
        Row(
            code: 14, name: "MP_REACH_NLRI", flags: Flag.optional, treatment: .sessionReset,
            decode: decodeReach, encode: nil),
        Row(
            code: 15, name: "MP_UNREACH_NLRI", flags: Flag.optional, treatment: .sessionReset,
            decode: decodeUnreach, encode: nil),
        Row(
            code: 16, name: "EXTENDED COMMUNITIES", flags: Flag.fixed,
            treatment: .treatAsWithdraw, partial: .extendedCommunities,
            decode: decodeExtendedCommunities, encode: encodeExtendedCommunities),
        Row(
            code: 17, name: "AS4_PATH", flags: Flag.fixed, treatment: .attributeDiscard,
            decode: decodeAS4Path, encode: encodeAS4Path),
        Row(
            code: 18, name: "AS4_AGGREGATOR", flags: Flag.fixed, treatment: .attributeDiscard,
            decode: decodeAS4Aggregator, encode: encodeAS4Aggregator),
        Row(
            code: 23, name: "TUNNEL_ENCAPSULATION", flags: Flag.fixed, isInternalOnly: true,
            treatment: .treatAsWithdraw, partial: .tunnelEncapsulation,
            decode: decodeTunnelEncapsulation, encode: encodeTunnelEncapsulation),
        Row(
            code: 32, name: "LARGE_COMMUNITY", flags: Flag.fixed, treatment: .treatAsWithdraw,
            partial: .largeCommunities, decode: decodeLargeCommunities,
            encode: encodeLargeCommunities),
    ]
}

/// What the attributes of one UPDATE said, before the parts are put together.
struct ReceivedAttributes {
    var attributes = PathAttributes()
    /// Valid NEXT_HOP, AS4_PATH and AS4_AGGREGATOR.
    var nextHop: IPAddress?
    var as4Path: ASPath?
    var as4Aggregator: PathAttributes.Aggregator?
    /// MP_REACH_NLRI and MP_UNREACH_NLRI of a family that has a codec.
    var reach: BGPUpdate.Announcement?
    var unreach: BGPUpdate.Withdrawal?
    /// MP_REACH_NLRI named at least one route, be it of a family without a codec.
    var reachHasNLRI = false
    /// The attributes that were there, well-formed or not.
    var seen = OctetSet()
    /// The field ended within an attribute.
    var endsEarly = false
    var faults: [AttributeFault] = []

    mutating func fault(
        _ code: UInt8?, _ treatment: AttributeFault.Treatment,
        _ subcode: BGPNotification.UpdateSubcode, _ reason: String
    ) {
        faults.append(
            AttributeFault(code: code, treatment: treatment, subcode: subcode, reason: reason))
    }
}

/// A set of octets.
struct OctetSet {
    private var low: UInt128 = 0
    private var high: UInt128 = 0

    func contains(_ octet: UInt8) -> Bool {
        (octet < 128 ? low : high) >> UInt128(octet & 127) & 1 == 1
    }

    mutating func insert(_ octet: UInt8) {
        if octet < 128 {
            low |= 1 << UInt128(octet)
        } else {
            high |= 1 << UInt128(octet & 127)
        }
    }

    /// Whether there is a member other than `octet`.
    func hasOther(than octet: UInt8) -> Bool {
        var rest = self
        if octet < 128 { rest.low &= ~(1 << UInt128(octet)) }
        if octet >= 128 { rest.high &= ~(1 << UInt128(octet & 127)) }
        return rest.low != 0 || rest.high != 0
    }
}
