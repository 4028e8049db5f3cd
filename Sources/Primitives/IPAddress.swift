// SPDX-License-Identifier: Apache-2.0

/// The two address families of the Internet protocol.
public enum AddressFamily: UInt8, Hashable, Sendable, Comparable, CaseIterable {
    case ipv4 = 4
    case ipv6 = 6

    /// The width of an address: 32 or 128 bits.
    public var bitWidth: Int { self == .ipv4 ? 32 : 128 }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// An IPv4 or IPv6 address.
///
/// One type for both families, so that tables, routes and policies are written once. The bits are
/// kept right-aligned: an IPv4 address is a number below 2³².
public struct IPAddress: TextValue, Comparable {
    public let family: AddressFamily
    /// The address as a number, in host order.
    public let bits: UInt128

    /// - Precondition: `bits` fits the family's width.
    public init(family: AddressFamily, bits: UInt128) {
        precondition(family == .ipv6 || bits >> 32 == 0, "an IPv4 address has 32 bits")
        self.family = family
        self.bits = bits
    }

    public init(_ address: IPv4Address) {
        self.init(family: .ipv4, bits: UInt128(address.bits))
    }

    /// 0.0.0.0 or ::
    public static func unspecified(_ family: AddressFamily) -> IPAddress {
        IPAddress(family: family, bits: 0)
    }

    /// Reads network-order bytes: 4 of them make an IPv4 address, 16 an IPv6 one.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let bits = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        self.init(family: bytes.count == 4 ? .ipv4 : .ipv6, bits: bits)
    }

    /// The address in network order: 4 or 16 bytes.
    public var bytes: [UInt8] {
        let width = family.bitWidth
        return stride(from: width - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: bits >> UInt128($0))
        }
    }

    /// The IPv4 address, if it is one.
    public var v4: IPv4Address? {
        family == .ipv4 ? IPv4Address(bits: UInt32(truncatingIfNeeded: bits)) : nil
    }

    /// An IPv4 address as an IPv4-mapped IPv6 one (RFC 4291 §2.5.5.2); others as they are.
    public var mapped: IPAddress {
        family == .ipv4 ? IPAddress(family: .ipv6, bits: 0xffff << 32 | bits) : self
    }

    /// The IPv4 address of an IPv4-mapped IPv6 one; others as they are.
    public var unmapped: IPAddress {
        guard family == .ipv6, bits >> 32 == 0xffff else { return self }
        return IPAddress(family: .ipv4, bits: bits & 0xffff_ffff)
    }

    public var isUnspecified: Bool { bits == 0 }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        family == .ipv4 ? bits >> 24 == 127 : bits == 1
    }

    /// 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool {
        family == .ipv4 ? bits >> 28 == 0xe : bits >> 120 == 0xff
    }

    /// fe80::/10. IPv4's 169.254.0.0/16 is not treated specially by routers.
    public var isLinkLocal: Bool { family == .ipv6 && bits >> 118 == 0xfe80 >> 6 }

    /// ff02::1, all nodes of a link.
    public static let allNodes = IPAddress(family: .ipv6, bits: 0xff02 << 112 | 1)
    /// ff02::2, all routers of a link.
    public static let allRouters = IPAddress(family: .ipv6, bits: 0xff02 << 112 | 2)

    /// The link-local address that an interface makes of its MAC address: a modified EUI-64
    /// (RFC 4291 appendix A, RFC 2464 §5).
    public static func linkLocal(of mac: MACAddress) -> IPAddress {
        let (high, low) = (UInt128(mac.bits >> 24), UInt128(mac.bits & 0xff_ffff))
        let identifier = (high ^ 0x02_0000) << 40 | 0xff_fe00_0000 | low
        return IPAddress(family: .ipv6, bits: 0xfe80 << 112 | identifier)
    }

    /// What the routers of an IPv6 VRRP group share if the file says no more: fe80::5e00:2VV, where
    /// VV is the VRID. The last octets are those of the virtual MAC address; a modified EUI-64 of
    /// it is what RFC 9568 §7.4 forbids.
    public static func virtualLinkLocal(_ group: UInt8) -> IPAddress {
        let mac = MACAddress.virtualRouter(group, .ipv6)
        return IPAddress(family: .ipv6, bits: 0xfe80 << 112 | UInt128(mac.bits))
    }

    public init?(_ text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let bits = IPv6Text.parse(text) else { return nil }
            self.init(family: .ipv6, bits: bits)
        } else {
            guard let address = IPv4Address(text) else { return nil }
            self.init(address)
        }
    }

    public var description: String {
        if let v4 { return v4.description }
        return IPv6Text.format(bits)
    }

    /// IPv4 sorts before IPv6, then by number.
    public static func < (a: Self, b: Self) -> Bool {
        a.family == b.family ? a.bits < b.bits : a.family < b.family
    }
}

/// A 32-bit address or identifier in dotted form: router IDs, cluster IDs, IPv4 next hops.
public struct IPv4Address: TextValue, Comparable {
    /// The address in host order.
    public let bits: UInt32

    public init(bits: UInt32) { self.bits = bits }

    public init?(_ text: String) {
        let parts = text.fields(".")
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard let byte = part.decimal(UInt8.self) else { return nil }
            bits = bits << 8 | UInt32(byte)
        }
        self.bits = bits
    }

    public var description: String {
        "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }
}

/// The text form of IPv6 addresses: RFC 4291 §2.2 read, RFC 5952 §4 written.
enum IPv6Text {
    static func parse(_ text: String) -> UInt128? {
        var head: [UInt16] = []
        var tail: [UInt16] = []
        let halves = text.components(around: "::")
        guard halves.count <= 2 else { return nil }
        guard groups(halves[0], into: &head, lastMayBeIPv4: halves.count == 1) else { return nil }
        if halves.count == 2 {
            guard groups(halves[1], into: &tail, lastMayBeIPv4: true) else { return nil }
            guard head.count + tail.count <= 7 else { return nil }
        } else {
            guard head.count == 8 else { return nil }
        }
        let middle = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
        return (head + middle + tail).reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    private static func groups(
        _ text: Substring, into groups: inout [UInt16], lastMayBeIPv4: Bool
    ) -> Bool {
        if text.isEmpty { return true }
        let fields = text.fields(":")
        for (index, field) in fields.enumerated() {
            if lastMayBeIPv4, index == fields.count - 1, let v4 = IPv4Address(String(field)) {
                groups.append(UInt16(v4.bits >> 16))
                groups.append(UInt16(v4.bits & 0xffff))
            } else {
                guard (1...4).contains(field.utf8.count), field.first != "+", field.first != "-",
                    let group = UInt16(field, radix: 16)
                else { return false }
                groups.append(group)
            }
        }
        return true
    }

    static func format(_ bits: UInt128) -> String {
        if bits >> 32 == 0xffff {
            return "::ffff:" + IPv4Address(bits: UInt32(truncatingIfNeeded: bits)).description
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128((7 - $0) * 16)) }
        let zeros = longestRun(of: groups)
        func join(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard zeros.count >= 2 else { return join(groups[...]) }
        return join(groups[..<zeros.lowerBound]) + "::" + join(groups[zeros.upperBound...])
    }

    /// The first longest run of zero groups.
    private static func longestRun(of groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }
}

extension String {
    /// The parts around each occurrence of a two-character separator.
    fileprivate func components(around separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
