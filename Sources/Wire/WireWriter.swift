// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Appends network-order fields to octets; the counterpart of `WireReader`.
package struct WireWriter {
    package private(set) var octets: [UInt8] = []

    package init(capacity: Int = 0) { octets.reserveCapacity(capacity) }

    package var count: Int { octets.count }

    /// Writes an unsigned integer in its own width.
    package mutating func write<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    /// Writes the low 24 bits.
    package mutating func writeUInt24(_ value: UInt32) {
        write(UInt16(truncatingIfNeeded: value >> 8))
        write(UInt8(truncatingIfNeeded: value))
    }

    package mutating func write(_ address: IPv4Address) { write(address.bits) }

    /// Writes 4 or 16 octets.
    package mutating func write(_ address: IPAddress) {
        switch address.family {
        case .ipv4: write(UInt32(truncatingIfNeeded: address.bits))
        case .ipv6: write(address.bits)
        }
    }

    package mutating func write(_ address: MACAddress) {
        write(UInt16(truncatingIfNeeded: address.bits >> 32))
        write(UInt32(truncatingIfNeeded: address.bits))
    }

    package mutating func write(_ bytes: some Sequence<UInt8>) {
        octets.append(contentsOf: bytes)
    }

    /// Writes the high `count` octets of a prefix's address.
    package mutating func write(_ address: IPAddress, octets count: Int) {
        precondition(count * 8 <= address.family.bitWidth, "no more octets than the address has")
        for index in 0..<count {
            let shift = UInt128(address.family.bitWidth - 8 * (index + 1))
            octets.append(UInt8(truncatingIfNeeded: address.bits >> shift))
        }
    }

    /// Leaves a hole for a length, lets `body` write, and fills the hole with how many octets it
    /// wrote.
    /// - Throws: what `body` throws, or `tooLong` when the length does not fit its field.
    package mutating func writeLengthPrefixed<Length: FixedWidthInteger & UnsignedInteger>(
        as type: Length.Type, _ field: String,
        _ body: (inout WireWriter) throws(WireError) -> Void
    ) throws(WireError) {
        let hole = octets.count
        write(Length.zero)
        let start = octets.count
        try body(&self)
        let written = octets.count - start
        guard let length = Length(exactly: written) else {
            throw WireError(
                .tooLong(octets: written, limit: Int(clamping: Length.max)), field: field,
                offset: hole)
        }
        overwrite(length, at: hole)
    }

    /// Writes over octets that were written before: checksums, lengths.
    /// - Precondition: the field lies within what was written.
    package mutating func overwrite<Value: FixedWidthInteger & UnsignedInteger>(
        _ value: Value, at offset: Int
    ) {
        let width = Value.bitWidth / 8
        precondition(
            offset >= 0 && offset + width <= octets.count, "a hole lies in what was written")
        for index in 0..<width {
            let shift = Value(Value.bitWidth - 8 * (index + 1))
            octets[offset + index] = UInt8(truncatingIfNeeded: value >> shift)
        }
    }

    /// Writes over octets that were written before: digests.
    /// - Precondition: they lie within what was written.
    package mutating func overwrite(_ bytes: [UInt8], at offset: Int) {
        precondition(
            offset >= 0 && offset + bytes.count <= octets.count, "a hole lies in what was written")
        octets.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}
