// SPDX-License-Identifier: Apache-2.0

import Primitives

// The value of each attribute that fits in a few lines, in the order of the table. A decoder reads
// to the end of the value; its caller has checked the flags and finds what is left over.

extension PathAttributeTable {
    // ORIGIN: RFC 4271 §5.1.1, RFC 7606 §7.1.
    @Sendable static func decodeOrigin(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        let value = try reader.read(UInt8.self, "ORIGIN")
        guard let origin = PathAttributes.Origin(rawValue: value) else {
            throw reader.invalid(value, "ORIGIN", back: 1)
        }
        into.attributes.origin = origin
    }

    @Sendable static func encodeOrigin(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        writer.write(attributes.origin.rawValue)
        return true
    }

    // NEXT_HOP: RFC 4271 §5.1.3, RFC 7606 §7.3.
    @Sendable static func decodeNextHop(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        let address = IPAddress(try reader.readIPv4("NEXT_HOP"))
        guard isHost(address) else { throw reader.invalid(address.bits, "NEXT_HOP", back: 4) }
        into.nextHop = address
    }

    /// Whether an address can be that of a router: a valid host address (RFC 4271 §6.3).
    static func isHost(_ address: IPAddress) -> Bool {
        let isReserved = address.family == .ipv4 && address.bits >> 28 == 0xf
        return !address.isUnspecified && !address.isLoopback && !address.isMulticast && !isReserved
    }

    @Sendable static func encodeNextHop(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        guard let nextHop = attributes.nextHop?.v4 else { return false }
        writer.write(nextHop)
        return true
    }

    // MULTI_EXIT_DISC: RFC 4271 §5.1.4, RFC 7606 §7.4.
    @Sendable static func decodeMED(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        into.attributes.med = try reader.read(UInt32.self, "MULTI_EXIT_DISC")
    }

    @Sendable static func encodeMED(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        guard let med = attributes.med else { return false }
        writer.write(med)
        return true
    }

    // LOCAL_PREF: RFC 4271 §5.1.5, RFC 7606 §7.5.
    @Sendable static func decodeLocalPreference(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        into.attributes.localPreference = try reader.read(UInt32.self, "LOCAL_PREF")
    }

    @Sendable static func encodeLocalPreference(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        guard let localPreference = attributes.localPreference else { return false }
        writer.write(localPreference)
        return true
    }

    // ATOMIC_AGGREGATE: RFC 4271 §5.1.6, RFC 7606 §7.6. It has no value.
    @Sendable static func decodeAtomicAggregate(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        try reader.expectEnd("ATOMIC_AGGREGATE")
        into.attributes.atomicAggregate = true
    }

    // COMMUNITIES: RFC 1997, RFC 7606 §7.8.
    @Sendable static func decodeCommunities(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        into.attributes.communities = try decodeList(&reader) { reader throws(WireError) in
            Community(bits: try reader.read(UInt32.self, "COMMUNITIES"))
        }
    }

    @Sendable static func encodeCommunities(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        for community in attributes.communities { writer.write(community.bits) }
        return !attributes.communities.isEmpty
    }

    // ORIGINATOR_ID: RFC 4456 §8, RFC 7606 §7.9.
    @Sendable static func decodeOriginatorID(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        into.attributes.originatorID = try reader.readIPv4("ORIGINATOR_ID")
    }

    @Sendable static func encodeOriginatorID(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        guard let originatorID = attributes.originatorID else { return false }
        writer.write(originatorID)
        return true
    }

    // CLUSTER_LIST: RFC 4456 §8, RFC 7606 §7.10.
    @Sendable static func decodeClusterList(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        into.attributes.clusterList = try decodeList(&reader) { reader throws(WireError) in
            try reader.readIPv4("CLUSTER_LIST")
        }
    }

    @Sendable static func encodeClusterList(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        for cluster in attributes.clusterList { writer.write(cluster) }
        return !attributes.clusterList.isEmpty
    }

    // EXTENDED COMMUNITIES: RFC 4360, RFC 7606 §7.14.
    @Sendable static func decodeExtendedCommunities(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        into.attributes.extendedCommunities = try decodeList(&reader) { reader throws(WireError) in
            ExtendedCommunity(bits: try reader.read(UInt64.self, "EXTENDED COMMUNITIES"))
        }
    }

    @Sendable static func encodeExtendedCommunities(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        for community in attributes.extendedCommunities { writer.write(community.bits) }
        return !attributes.extendedCommunities.isEmpty
    }

    // LARGE_COMMUNITY: RFC 8092 §3, §6.
    @Sendable static func decodeLargeCommunities(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        into.attributes.largeCommunities = try decodeList(&reader) { reader throws(WireError) in
            LargeCommunity(
                global: try reader.read(UInt32.self, "LARGE_COMMUNITY"),
                local1: try reader.read(UInt32.self, "LARGE_COMMUNITY"),
                local2: try reader.read(UInt32.self, "LARGE_COMMUNITY"))
        }
    }

    @Sendable static func encodeLargeCommunities(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        for community in attributes.largeCommunities {
            writer.write(community.global)
            writer.write(community.local1)
            writer.write(community.local2)
        }
        return !attributes.largeCommunities.isEmpty
    }

    /// Reads a list that must have at least one element (RFC 7606 §4).
    private static func decodeList<Element>(
        _ reader: inout WireReader, _ element: (inout WireReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        var list: [Element] = []
        repeat { list.append(try element(&reader)) } while !reader.isEmpty
        return list
    }
}
