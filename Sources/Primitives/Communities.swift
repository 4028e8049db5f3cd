// SPDX-License-Identifier: Apache-2.0

/// A standard community: 32 bits, written as two numbers (RFC 1997).
public struct Community: TextValue, Comparable {
    public let bits: UInt32

    public init(bits: UInt32) { self.bits = bits }

    public static let noExport = Community(bits: 0xffff_ff01)
    public static let noAdvertise = Community(bits: 0xffff_ff02)
    public static let noExportSubconfed = Community(bits: 0xffff_ff03)

    static let wellKnown: [(Community, String)] = [
        (noExport, "no-export"), (noAdvertise, "no-advertise"),
        (noExportSubconfed, "no-export-subconfed"),
    ]

    public init?(_ text: String) {
        if let known = Self.wellKnown.first(where: { $0.1 == text }) {
            self = known.0
            return
        }
        let parts = text.fields(":")
        guard parts.count == 2, let high = parts[0].decimal(UInt16.self),
            let low = parts[1].decimal(UInt16.self)
        else { return nil }
        bits = UInt32(high) << 16 | UInt32(low)
    }

    public var description: String {
        Self.wellKnown.first { $0.0 == self }?.1 ?? "\(bits >> 16):\(bits & 0xffff)"
    }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }
}

/// A large community: three 32-bit numbers (RFC 8092), written 64500:1:2.
public struct LargeCommunity: TextValue, Comparable {
    public let global: UInt32
    public let local1: UInt32
    public let local2: UInt32

    public init(global: UInt32, local1: UInt32, local2: UInt32) {
        self.global = global
        self.local1 = local1
        self.local2 = local2
    }

    public init?(_ text: String) {
        let parts = text.fields(":").map { $0.decimal(UInt32.self) }
        guard parts.count == 3, let global = parts[0], let local1 = parts[1], let local2 = parts[2]
        else { return nil }
        self.init(global: global, local1: local1, local2: local2)
    }

    public var description: String { "\(global):\(local1):\(local2)" }

    public static func < (a: Self, b: Self) -> Bool {
        (a.global, a.local1, a.local2) < (b.global, b.local1, b.local2)
    }
}

/// The administrator and the number that route distinguishers, route targets and sites of origin
/// share: `asn:number` or `address:number` (RFC 4364 §4.2, RFC 4360 §3, RFC 5668).
enum AdministratorPair {
    /// The three layouts; the raw value is the type octet of RFC 4360 and the type of RFC 4364.
    enum Layout: UInt8 {
        case twoOctetAS = 0
        case ipv4 = 1
        case fourOctetAS = 2
    }

    /// The six value octets, right-aligned.
    static func parse(_ text: some StringProtocol) -> (Layout, UInt64)? {
        let parts = text.fields(":")
        guard parts.count == 2 else { return nil }
        if let address = IPv4Address(String(parts[0])), let number = parts[1].decimal(UInt16.self) {
            return (.ipv4, UInt64(address.bits) << 16 | UInt64(number))
        }
        if let asn = parts[0].decimal(UInt16.self), let number = parts[1].decimal(UInt32.self) {
            return (.twoOctetAS, UInt64(asn) << 32 | UInt64(number))
        }
        let plain = parts[0].last == "L" ? parts[0].dropLast() : parts[0]
        if let asn = plain.decimal(UInt32.self), let number = parts[1].decimal(UInt16.self) {
            return (.fourOctetAS, UInt64(asn) << 16 | UInt64(number))
        }
        return nil
    }

    static func format(_ layout: Layout, _ value: UInt64) -> String {
        switch layout {
        case .twoOctetAS: "\(value >> 32 & 0xffff):\(value & 0xffff_ffff)"
        case .ipv4: "\(IPv4Address(bits: UInt32(value >> 16 & 0xffff_ffff))):\(value & 0xffff)"
        // The L keeps a 4-octet AS number below 65536 apart from a 2-octet one.
        case .fourOctetAS:
            "\(value >> 16 & 0xffff_ffff)\(value >> 32 & 0xffff == 0 ? "L" : ""):\(value & 0xffff)"
        }
    }
}

/// A route distinguisher: 8 octets that make VPN prefixes distinct (RFC 4364 §4.2).
public struct RouteDistinguisher: TextValue, Comparable {
    /// Type in the high 16 bits, then the value.
    public let bits: UInt64

    public init(bits: UInt64) { self.bits = bits }

    public init?(_ text: String) {
        guard let (layout, value) = AdministratorPair.parse(text) else { return nil }
        bits = UInt64(layout.rawValue) << 48 | value
    }

    public var description: String {
        guard let type = UInt8(exactly: bits >> 48),
            let layout = AdministratorPair.Layout(rawValue: type)
        else { return "0x" + String(bits, radix: 16) }
        return AdministratorPair.format(layout, bits & 0xffff_ffff_ffff)
    }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }
}

/// An extended community: 8 octets with a type (RFC 4360). Written as Junos does:
/// `target:1:1`, `origin:1000:1000`, and `0x…` for types that have no name here.
public struct ExtendedCommunity: TextValue, Comparable {
    public let bits: UInt64

    public init(bits: UInt64) { self.bits = bits }

    public static let subtypeRouteTarget: UInt8 = 0x02
    public static let subtypeSiteOfOrigin: UInt8 = 0x03

    /// High octet of the type, with its IANA-authority and transitive bits.
    public var type: UInt8 { UInt8(bits >> 56) }
    /// Low octet of the type.
    public var subtype: UInt8 { UInt8(bits >> 48 & 0xff) }

    public var isRouteTarget: Bool { type <= 2 && subtype == Self.subtypeRouteTarget }
    public var isSiteOfOrigin: Bool { type <= 2 && subtype == Self.subtypeSiteOfOrigin }
    /// Bit 6 of the type clear: may cross an AS border (RFC 4360 §2).
    public var isTransitive: Bool { type & 0x40 == 0 }

    private static let names: [(String, UInt8)] = [
        ("target", subtypeRouteTarget), ("origin", subtypeSiteOfOrigin),
    ]

    public init?(_ text: String) {
        if text.hasPrefix("0x"), text.utf8.count == 18, !text.utf8.contains(UInt8(ascii: "+")),
            let bits = UInt64(text.dropFirst(2), radix: 16)
        {
            self.bits = bits
            return
        }
        guard let colon = text.firstIndex(of: ":"),
            let name = Self.names.first(where: { $0.0 == text[..<colon] }),
            let (layout, value) = AdministratorPair.parse(text[text.index(after: colon)...])
        else { return nil }
        bits = UInt64(layout.rawValue) << 56 | UInt64(name.1) << 48 | value
    }

    /// A route target from `1:1` or `target:1:1`.
    public init?(routeTarget text: String) {
        let full = text.hasPrefix("target:") ? text : "target:" + text
        guard let community = ExtendedCommunity(full), community.isRouteTarget else { return nil }
        self = community
    }

    public var description: String {
        guard let name = Self.names.first(where: { $0.1 == subtype }),
            let layout = AdministratorPair.Layout(rawValue: type)
        else {
            let digits = String(bits, radix: 16)
            return "0x" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return name.0 + ":" + AdministratorPair.format(layout, bits & 0xffff_ffff_ffff)
    }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }
}
