// SPDX-License-Identifier: Apache-2.0

/// An address prefix: a network, with every bit past its length zero.
public struct IPPrefix: TextValue, Comparable {
    public let address: IPAddress
    /// The number of leading bits that count: 0 to 32, or to 128.
    public let length: UInt8

    public var family: AddressFamily { address.family }

    /// Takes the network that `address` lies in; host bits are cleared.
    /// - Precondition: `length` is within the family's width.
    public init(_ address: IPAddress, length: UInt8) {
        precondition(
            Int(length) <= address.family.bitWidth, "a prefix is no longer than its address")
        let mask = Self.mask(address.family, length: length)
        self.address = IPAddress(family: address.family, bits: address.bits & mask)
        self.length = length
    }

    /// The prefix of one address: /32 or /128.
    public init(host address: IPAddress) {
        self.init(address, length: UInt8(address.family.bitWidth))
    }

    /// 0.0.0.0/0 or ::/0
    public static func zero(_ family: AddressFamily) -> IPPrefix {
        IPPrefix(.unspecified(family), length: 0)
    }

    public var isHost: Bool { Int(length) == family.bitWidth }

    static func mask(_ family: AddressFamily, length: UInt8) -> UInt128 {
        let ones = family == .ipv4 ? UInt128(UInt32.max) : UInt128.max
        let hostBits = UInt128(family.bitWidth - Int(length))
        return hostBits == 128 ? 0 : (ones >> hostBits) << hostBits
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == family && other.bits & Self.mask(family, length: length) == address.bits
    }

    public func contains(_ other: IPPrefix) -> Bool {
        other.length >= length && contains(other.address)
    }

    /// The address at `offset` within the prefix, if it lies inside.
    public func address(at offset: UInt128) -> IPAddress? {
        let hostBits = UInt128(family.bitWidth - Int(length))
        guard hostBits == 128 || offset >> hostBits == 0 else { return nil }
        return IPAddress(family: family, bits: address.bits | offset)
    }

    /// Reads `address/length`; a text with host bits set is not a prefix.
    public init?(_ text: String) {
        guard let interface = InterfaceAddress(text), interface.prefix.address == interface.address
        else { return nil }
        self = interface.prefix
    }

    public var description: String { "\(address)/\(length)" }

    /// By family, then network, then length: a covering prefix sorts before what it covers.
    public static func < (a: Self, b: Self) -> Bool {
        a.address == b.address ? a.length < b.length : a.address < b.address
    }
}

/// An address with the length of the subnet it lies in, as interfaces have them: 4.0.0.21/30.
public struct InterfaceAddress: TextValue, Comparable {
    public let address: IPAddress
    /// The length of the subnet: 0 to 32, or to 128.
    public let length: UInt8

    /// - Precondition: `length` is within the family's width.
    public init(_ address: IPAddress, length: UInt8) {
        precondition(
            Int(length) <= address.family.bitWidth, "a subnet is no longer than its address")
        self.address = address
        self.length = length
    }

    /// The subnet.
    public var prefix: IPPrefix { IPPrefix(address, length: length) }

    public init?(_ text: String) {
        let parts = text.fields("/")
        guard parts.count == 2, let address = IPAddress(String(parts[0])),
            let length = parts[1].decimal(UInt8.self), Int(length) <= address.family.bitWidth
        else { return nil }
        self.init(address, length: length)
    }

    public var description: String { "\(address)/\(length)" }

    public static func < (a: Self, b: Self) -> Bool {
        a.address == b.address ? a.length < b.length : a.address < b.address
    }
}
