// SPDX-License-Identifier: Apache-2.0

/// An autonomous system number, 4 octets (RFC 6793). Text is asplain; asdot is read as well.
public struct ASNumber: TextValue, Comparable {
    public let value: UInt32

    public init(_ value: UInt32) { self.value = value }

    /// AS_TRANS, which stands for a 4-octet number in a 2-octet field (RFC 6793 §9).
    public static let trans = ASNumber(23456)

    /// The number in 2 octets, or AS_TRANS.
    public var twoOctet: UInt16 { UInt16(exactly: value) ?? 23456 }

    public init?(_ text: String) {
        let parts = text.fields(".")
        if parts.count == 2, let high = parts[0].decimal(UInt16.self),
            let low = parts[1].decimal(UInt16.self)
        {
            value = UInt32(high) << 16 | UInt32(low)
        } else if let value = text.decimal(UInt32.self) {
            self.value = value
        } else {
            return nil
        }
    }

    public var description: String { String(value) }

    public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// An MPLS label: 20 bits (RFC 3032).
public struct Label: TextValue, Comparable {
    public let value: UInt32

    /// - Precondition: `value` is below 2²⁰.
    public init(_ value: UInt32) {
        precondition(value < 1 << 20, "a label has 20 bits")
        self.value = value
    }

    /// The largest label.
    public static let max = Label(1 << 20 - 1)
    /// Labels 0 to 15 have fixed meanings (RFC 7274).
    public static let firstUnreserved = Label(16)
    public static let ipv4ExplicitNull = Label(0)
    public static let ipv6ExplicitNull = Label(2)
    /// Never on the wire: asks the previous router to pop.
    public static let implicitNull = Label(3)

    public init?(_ text: String) {
        guard let value = text.decimal(UInt32.self), value < 1 << 20 else { return nil }
        self.value = value
    }

    public var description: String { String(value) }

    public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// A 48-bit link-layer address.
public struct MACAddress: TextValue, Comparable {
    /// The address in the low 48 bits.
    public let bits: UInt64

    /// - Precondition: `bits` is below 2⁴⁸.
    public init(bits: UInt64) {
        precondition(bits >> 48 == 0, "a MAC address has 48 bits")
        self.bits = bits
    }

    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 6 else { return nil }
        self.init(bits: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Six bytes in transmission order.
    public var bytes: [UInt8] {
        stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
    }

    public init?(_ text: String) {
        let parts = text.fields(":")
        let bytes = parts.compactMap { $0.utf8.count == 2 ? UInt8($0, radix: 16) : nil }
        guard parts.count == 6, bytes.count == 6, !text.contains("+") else { return nil }
        self.init(bytes: bytes)
    }

    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }

    /// What the routers of a VRRP group share: 00:00:5e:00:01:VRID for IPv4, 00:00:5e:00:02:VRID
    /// for IPv6 (RFC 9568 §7.3).
    public static func virtualRouter(_ group: UInt8, _ family: AddressFamily) -> MACAddress {
        let prefix: UInt64 = family == .ipv4 ? 0x00_00_5e_00_01_00 : 0x00_00_5e_00_02_00
        return MACAddress(bits: prefix | UInt64(group))
    }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }
}
