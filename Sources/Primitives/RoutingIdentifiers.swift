// SPDX-License-Identifier: Apache-2.0

/// The name of a router in IS-IS: six octets (ISO 10589 §7.1), `0100.0000.0005` in text.
public struct SystemID: Hashable, Comparable, Sendable, TextValue {
    /// 48 bits.
    public let bits: UInt64

    /// - Precondition: at most 48 bits.
    public init(bits: UInt64) {
        precondition(bits < 1 << 48, "a system identifier has six octets")
        self.bits = bits
    }

    /// The usual one of a router: the decimal digits of its router ID, three for each octet.
    public init(_ routerID: IPv4Address) {
        var bits: UInt64 = 0
        for shift in stride(from: 24, through: 0, by: -8) {
            let octet = UInt64(routerID.bits >> UInt32(shift) & 0xff)
            bits = bits << 12 | octet / 100 << 8 | octet / 10 % 10 << 4 | octet % 10
        }
        self.init(bits: bits)
    }

    public init?(_ text: String) {
        let groups = text.split(separator: ".", omittingEmptySubsequences: false)
        guard groups.count == 3, groups.allSatisfy({ $0.utf8.count == 4 }) else { return nil }
        var bits: UInt64 = 0
        for digit in groups.joined() {
            guard digit.isASCII, let value = digit.hexDigitValue else { return nil }
            bits = bits << 4 | UInt64(value)
        }
        self.init(bits: bits)
    }

    public var octets: [UInt8] { (0..<6).map { UInt8(bits >> (40 - 8 * UInt64($0)) & 0xff) } }

    public var description: String {
        let digits = Hexadecimal.text(octets)
        return stride(from: 0, to: 12, by: 4).map { start in
            digits.dropFirst(start).prefix(4)
        }.joined(separator: ".")
    }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }
}

/// An IS-IS area: 1 to 13 octets (ISO 10589 §7.1.1), `49.0001` in text.
public struct AreaAddress: Hashable, Comparable, Sendable, TextValue {
    public let octets: [UInt8]

    /// - Returns: nil for none or more than 13 octets.
    public init?(octets: [UInt8]) {
        guard (1...13).contains(octets.count) else { return nil }
        self.octets = octets
    }

    public init?(_ text: String) {
        let groups = text.split(separator: ".", omittingEmptySubsequences: false)
        guard groups.allSatisfy({ !$0.isEmpty && $0.utf8.count.isMultiple(of: 2) }),
            let octets = Hexadecimal.octets(groups.joined())
        else { return nil }
        self.init(octets: octets)
    }

    /// The first octet, then groups of two.
    public var description: String {
        let digits = Hexadecimal.text(octets)
        let rest = digits.dropFirst(2)
        let groups = stride(from: 0, to: rest.count, by: 4).map { rest.dropFirst($0).prefix(4) }
        return ([digits.prefix(2)] + groups).joined(separator: ".")
    }

    public static func < (a: Self, b: Self) -> Bool {
        a.octets.lexicographicallyPrecedes(b.octets)
    }
}

/// How routers show each other that a routing packet is from one that knows a key.
public struct Authentication: Hashable, Sendable {
    public var type: Kind
    /// 0 where the protocol has none.
    public var keyID: UInt8
    /// Never shown.
    public var key: String

    /// Which of them a protocol has is its own to say.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The key itself, readable by all (IS-IS, OSPF, RIP, BFD).
        case clear
        /// A digest over packet and key (OSPF, RIP, BFD: keyed MD5).
        case md5
        /// BFD: the sequence number grows with every packet.
        case meticulousMD5 = "meticulous-md5"
        case sha1 = "sha-1"
        case meticulousSHA1 = "meticulous-sha-1"
        /// RFC 5304.
        case hmacMD5 = "hmac-md5"
        /// RFC 5310 for IS-IS, RFC 5709 for OSPF, RFC 4822 for RIP.
        case hmacSHA1 = "hmac-sha-1"
        case hmacSHA256 = "hmac-sha-256"
    }

    public init(type: Kind, keyID: UInt8 = 0, key: String) {
        self.type = type
        self.keyID = keyID
        self.key = key
    }
}
