// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Reads network-order fields from the front of a range of octets.
///
/// Every `read` moves past its field or throws, and never traps. The octets are an array and two
/// offsets, so that a reader can be kept and copied without copying octets, and so that the offset
/// in an error counts from the start of the whole message even in a nested field.
package struct WireReader {
    private let octets: [UInt8]
    /// Where the next field begins.
    package private(set) var offset: Int
    /// Where this reader's range ends.
    package let end: Int

    package init(_ octets: [UInt8]) {
        self.octets = octets
        offset = 0
        end = octets.count
    }

    private init(_ octets: [UInt8], from offset: Int, to end: Int) {
        self.octets = octets
        self.offset = offset
        self.end = end
    }

    /// How many octets are left.
    package var count: Int { end - offset }
    package var isEmpty: Bool { offset == end }

    /// Reads an unsigned integer of its own width.
    package mutating func read<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self, _ field: String
    ) throws(WireError) -> Value {
        let width = Value.bitWidth / 8
        try need(width, field)
        var value: Value = 0
        for index in offset..<offset + width {
            value = value << 8 | Value(truncatingIfNeeded: octets[index])
        }
        offset += width
        return value
    }

    /// Reads a number of 3 octets, as labels have them.
    package mutating func readUInt24(_ field: String) throws(WireError) -> UInt32 {
        try need(3, field)
        let high = try read(UInt16.self, field)
        let low = try read(UInt8.self, field)
        return UInt32(high) << 8 | UInt32(low)
    }

    /// Reads an address of 4 octets.
    package mutating func readIPv4(_ field: String) throws(WireError) -> IPv4Address {
        IPv4Address(bits: try read(UInt32.self, field))
    }

    /// Reads an address of 4 or 16 octets.
    package mutating func readAddress(
        _ family: AddressFamily, _ field: String
    ) throws(WireError) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(try readIPv4(field))
        case .ipv6: IPAddress(family: .ipv6, bits: try read(UInt128.self, field))
        }
    }

    /// Reads a hardware address of 6 octets.
    package mutating func readMAC(_ field: String) throws(WireError) -> MACAddress {
        try need(6, field)
        let high = try read(UInt16.self, field)
        let low = try read(UInt32.self, field)
        return MACAddress(bits: UInt64(high) << 32 | UInt64(low))
    }

    /// Reads `count` octets as they are.
    package mutating func readOctets(
        _ count: Int, _ field: String
    ) throws(WireError) -> [UInt8] {
        try need(count, field)
        defer { offset += count }
        return Array(octets[offset..<offset + count])
    }

    /// Reads all octets that are left.
    package mutating func readRest() -> [UInt8] {
        defer { offset = end }
        return Array(octets[offset..<end])
    }

    /// Takes the next `count` octets as a reader of their own.
    package mutating func readNested(
        _ count: Int, _ field: String
    ) throws(WireError) -> WireReader {
        try need(count, field)
        defer { offset += count }
        return WireReader(octets, from: offset, to: offset + count)
    }

    /// Takes a length of the given type and that many octets as a reader of their own.
    package mutating func readLengthPrefixed<Length: FixedWidthInteger & UnsignedInteger>(
        as type: Length.Type, _ field: String
    ) throws(WireError) -> WireReader {
        let start = offset
        let length = Int(try read(type, field))
        guard length <= count else {
            throw WireError(
                .truncated(needed: length, available: count), field: field, offset: start)
        }
        return try readNested(length, field)
    }

    /// Octets between two offsets of this reader's whole message, for quoting in an error reply.
    package func quote(from start: Int, to limit: Int) -> [UInt8] {
        guard start >= 0, start < limit, limit <= octets.count else { return [] }
        return Array(octets[start..<limit])
    }

    /// Throws unless everything was read.
    package func expectEnd(_ field: String) throws(WireError) {
        guard isEmpty else {
            throw WireError(.trailing(octets: count), field: field, offset: offset)
        }
    }

    /// An error about the field that begins `back` octets before the next one.
    package func invalid(
        _ value: some BinaryInteger, _ field: String, back: Int = 0
    ) -> WireError {
        WireError(
            .invalidValue(UInt64(truncatingIfNeeded: value)), field: field, offset: offset - back)
    }

    private func need(_ octetCount: Int, _ field: String) throws(WireError) {
        guard octetCount >= 0, octetCount <= count else {
            throw WireError(
                .truncated(needed: octetCount, available: count), field: field, offset: offset)
        }
    }
}
