// SPDX-License-Identifier: Apache-2.0

import Primitives

// AS_PATH and AGGREGATOR and their shadows for sessions with 2-octet numbers (RFC 6793).

extension PathAttributeTable {
    // AS_PATH: RFC 4271 §5.1.2, RFC 7606 §7.2.
    @Sendable static func decodeASPath(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        var segments: [ASPath.Segment] = []
        while !reader.isEmpty {
            let type = try reader.read(UInt8.self, "path segment type")
            // Confederation segments are an error outside a confederation (RFC 5065 §5).
            guard let kind = ASPath.Segment.Kind(rawValue: type) else {
                throw reader.invalid(type, "path segment type", back: 1)
            }
            let numbers = try decodeSegment(&reader, fourOctetAS: context.fourOctetAS)
            segments.append(ASPath.Segment(kind, numbers))
        }
        into.attributes.asPath = ASPath(segments: segments)
    }

    /// Reads a segment's count and numbers. An empty segment and AS 0 (RFC 7607 §2) are errors.
    private static func decodeSegment(
        _ reader: inout WireReader, fourOctetAS: Bool
    ) throws(WireError) -> [ASNumber] {
        let count = try reader.read(UInt8.self, "path segment length")
        guard count > 0 else { throw reader.invalid(count, "path segment length", back: 1) }
        var numbers: [ASNumber] = []
        numbers.reserveCapacity(Int(count))
        for _ in 0..<count {
            numbers.append(try decodeASNumber(&reader, fourOctetAS: fourOctetAS))
        }
        return numbers
    }

    private static func decodeASNumber(
        _ reader: inout WireReader, fourOctetAS: Bool
    ) throws(WireError) -> ASNumber {
        let value =
            fourOctetAS
            ? try reader.read(UInt32.self, "AS number")
            : UInt32(try reader.read(UInt16.self, "AS number"))
        guard value != 0 else {
            throw reader.invalid(value, "AS number", back: fourOctetAS ? 4 : 2)
        }
        return ASNumber(value)
    }

    @Sendable static func encodeASPath(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        encode(attributes.asPath, fourOctetAS: context.fourOctetAS, to: &writer)
        return true
    }

    /// Writes segments, those of more than 255 numbers as several.
    private static func encode(_ path: ASPath, fourOctetAS: Bool, to writer: inout WireWriter) {
        for segment in path.segments {
            var rest = segment.asNumbers[...]
            while !rest.isEmpty {
                let part = rest.prefix(255)
                rest = rest.dropFirst(255)
                writer.write(segment.kind.rawValue)
                writer.write(UInt8(part.count))
                for number in part {
                    if fourOctetAS {
                        writer.write(number.value)
                    } else {
                        writer.write(number.twoOctet)
                    }
                }
            }
        }
    }

    // AGGREGATOR: RFC 4271 §5.1.7, RFC 7606 §7.7.
    @Sendable static func decodeAggregator(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        let aggregator = try decodeAggregator(&reader, fourOctetAS: context.fourOctetAS)
        try reader.expectEnd("AGGREGATOR")
        into.attributes.aggregator = aggregator
    }

    private static func decodeAggregator(
        _ reader: inout WireReader, fourOctetAS: Bool
    ) throws(WireError) -> PathAttributes.Aggregator {
        let asNumber = try decodeASNumber(&reader, fourOctetAS: fourOctetAS)
        return .init(asNumber: asNumber, address: try reader.readIPv4("AGGREGATOR"))
    }

    @Sendable static func encodeAggregator(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        guard let aggregator = attributes.aggregator else { return false }
        if context.fourOctetAS {
            writer.write(aggregator.asNumber.value)
        } else {
            writer.write(aggregator.asNumber.twoOctet)
        }
        writer.write(aggregator.address)
        return true
    }

    // AS4_PATH: RFC 6793 §3, §6.
    @Sendable static func decodeAS4Path(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        // Only 2-octet speakers pass it on (RFC 6793 §4.1): here it cannot be meant for us.
        guard !context.fourOctetAS else { throw reader.invalid(17, "AS4_PATH") }
        var segments: [ASPath.Segment] = []
        repeat {
            let type = try reader.read(UInt8.self, "path segment type")
            // Confederation segments have no business here and are skipped (RFC 6793 §6).
            guard (1...4).contains(type) else {
                throw reader.invalid(type, "path segment type", back: 1)
            }
            let numbers = try decodeSegment(&reader, fourOctetAS: true)
            if let kind = ASPath.Segment.Kind(rawValue: type) {
                segments.append(ASPath.Segment(kind, numbers))
            }
        } while !reader.isEmpty
        into.as4Path = ASPath(segments: segments)
    }

    @Sendable static func encodeAS4Path(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        let isNeeded =
            !context.fourOctetAS
            && attributes.asPath.asNumbers.contains { $0.value > UInt32(UInt16.max) }
        if isNeeded { encode(attributes.asPath, fourOctetAS: true, to: &writer) }
        return isNeeded
    }

    // AS4_AGGREGATOR: RFC 6793 §3, §6.
    @Sendable static func decodeAS4Aggregator(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        guard !context.fourOctetAS else { throw reader.invalid(18, "AS4_AGGREGATOR") }
        let aggregator = try decodeAggregator(&reader, fourOctetAS: true)
        try reader.expectEnd("AS4_AGGREGATOR")
        into.as4Aggregator = aggregator
    }

    @Sendable static func encodeAS4Aggregator(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        guard !context.fourOctetAS, let aggregator = attributes.aggregator,
            aggregator.asNumber.value > UInt32(UInt16.max)
        else { return false }
        writer.write(aggregator.asNumber.value)
        writer.write(aggregator.address)
        return true
    }
}

extension ReceivedAttributes {
    /// Restores the 4-octet numbers that a 2-octet session hides (RFC 6793 §4.2.3).
    mutating func mergeFourOctetNumbers() {
        if let as4Aggregator, let aggregator = attributes.aggregator {
            // A router that knew no 4-octet numbers aggregated last: both shadows are stale.
            guard aggregator.asNumber == .trans else { return }
            attributes.aggregator = as4Aggregator
        }
        guard let as4Path else { return }
        let surplus = attributes.asPath.length - as4Path.length
        guard surplus >= 0 else { return }
        let front = attributes.asPath.leading(surplus)
        attributes.asPath = ASPath.joining(front, as4Path)
    }
}

extension ASPath {
    /// The first part of the path that has the given length; sets are not divided.
    func leading(_ length: Int) -> ASPath {
        var left = length
        var front: [Segment] = []
        for segment in segments where left > 0 {
            if segment.kind == .set {
                front.append(segment)
                left -= 1
            } else {
                let numbers = Array(segment.asNumbers.prefix(left))
                front.append(Segment(.sequence, numbers))
                left -= numbers.count
            }
        }
        return ASPath(segments: front)
    }

    /// One path after the other; sequences that meet become one.
    static func joining(_ front: ASPath, _ back: ASPath) -> ASPath {
        guard let last = front.segments.last, let first = back.segments.first,
            last.kind == .sequence, first.kind == .sequence
        else { return ASPath(segments: front.segments + back.segments) }
        let joint = Segment(.sequence, last.asNumbers + first.asNumbers)
        return ASPath(segments: front.segments.dropLast() + [joint] + back.segments.dropFirst())
    }
}
