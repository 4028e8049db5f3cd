// SPDX-License-Identifier: Apache-2.0

/// The six octets that name a router in IS-IS (ISO 10589 §7.1.1). Text: 1000.0000.0001.
public struct SystemID: TextValue, Comparable {
    /// The identifier in the low 48 bits.
    public let bits: UInt64

    /// - Precondition: `bits` is below 2⁴⁸.
    public init(bits: UInt64) {
        precondition(bits >> 48 == 0, "a system ID has 48 bits")
        self.bits = bits
    }

    /// The customary system ID of a router: its IPv4 router ID in twelve decimal digits.
    public init(routerID: IPv4Address) {
        var bits: UInt64 = 0
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            let octet = UInt64(routerID.bits >> shift & 255)
            bits = bits << 12 | (octet / 100) << 8 | (octet / 10 % 10) << 4 | octet % 10
        }
        self.init(bits: bits)
    }

    public init?(_ text: String) {
        let groups = text.fields(".")
        guard groups.count == 3, groups.allSatisfy({ $0.utf8.count == 4 }),
            let octets = Hexadecimal.octets(groups.joined())
        else { return nil }
        bits = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Six octets in transmission order.
    public var octets: [UInt8] {
        stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
    }

    public var description: String {
        let digits = Hexadecimal.text(octets)
        return stride(from: 0, to: 12, by: 4).map { String(digits.dropFirst($0).prefix(4)) }
            .joined(separator: ".")
    }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }
}

/// An area address: 1 to 13 octets (ISO 10589 §7.1.1). Text: 49.0001, the first octet by itself and
/// the others in twos.
public struct AreaAddress: TextValue, Comparable {
    public let octets: [UInt8]

    /// - Precondition: there are 1 to 13 octets.
    public init(octets: [UInt8]) {
        precondition(1...13 ~= octets.count, "an area address has 1 to 13 octets")
        self.octets = octets
    }

    public init?(_ text: String) {
        let groups = text.fields(".")
        guard groups[0].utf8.count == 2,
            groups.dropFirst().allSatisfy({ [2, 4].contains($0.utf8.count) }),
            let octets = Hexadecimal.octets(groups.joined()), octets.count <= 13
        else { return nil }
        self.octets = octets
    }

    public var description: String {
        let rest = Hexadecimal.text(Array(octets.dropFirst()))
        let groups = stride(from: 0, to: rest.count, by: 4).map {
            String(rest.dropFirst($0).prefix(4))
        }
        return ([Hexadecimal.text([octets[0]])] + groups).joined(separator: ".")
    }

    public static func < (a: Self, b: Self) -> Bool { a.octets.lexicographicallyPrecedes(b.octets) }
}

/// What a router is configured with in IS-IS: its area, its system ID and a selector of zero
/// (ISO 10589 §7.1.1). Text: 49.0001.1000.0000.0001.00.
public struct NetworkEntityTitle: TextValue, Comparable {
    public let area: AreaAddress
    public let system: SystemID

    public init(area: AreaAddress, system: SystemID) {
        self.area = area
        self.system = system
    }

    public init?(_ text: String) {
        let groups = text.fields(".")
        guard groups.count >= 5, groups[groups.count - 1] == "00",
            let system = SystemID(groups[(groups.count - 4)..<(groups.count - 1)].joined("."))
        else { return nil }
        guard let area = AreaAddress(groups[..<(groups.count - 4)].joined(".")) else { return nil }
        self.init(area: area, system: system)
    }

    public var description: String { "\(area).\(system).00" }

    public static func < (a: Self, b: Self) -> Bool {
        a.area == b.area ? a.system < b.system : a.area < b.area
    }
}

extension Collection where Element: StringProtocol {
    fileprivate func joined(_ separator: String) -> String {
        map { String($0) }.joined(separator: separator)
    }
}
