// SPDX-License-Identifier: Apache-2.0

/// An address family and subsequent address family that BGP can carry (RFC 4760).
public enum BGPFamily: String, TextValue, Comparable, CaseIterable {
    case ipv4Unicast = "ipv4-unicast"
    case ipv6Unicast = "ipv6-unicast"
    case vpnv4
    case vpnv6
    case ipv4LabelledUnicast = "ipv4-labeled-unicast"
    case ipv6LabelledUnicast = "ipv6-labeled-unicast"

    /// Address family identifier.
    public var afi: UInt16 { family == .ipv4 ? 1 : 2 }
    /// Subsequent address family identifier: 1 unicast, 4 unicast with labels (RFC 8277), 128
    /// MPLS-labelled VPN (RFC 4364).
    public var safi: UInt8 { isVPN ? 128 : isLabelledUnicast ? 4 : 1 }

    public init?(afi: UInt16, safi: UInt8) {
        guard let match = Self.allCases.first(where: { $0.afi == afi && $0.safi == safi })
        else { return nil }
        self = match
    }

    /// The family of the prefixes.
    public var family: AddressFamily {
        switch self {
        case .ipv4Unicast, .vpnv4, .ipv4LabelledUnicast: .ipv4
        case .ipv6Unicast, .vpnv6, .ipv6LabelledUnicast: .ipv6
        }
    }

    /// Whether prefixes carry a route distinguisher and labels.
    public var isVPN: Bool { self == .vpnv4 || self == .vpnv6 }

    /// Whether prefixes carry labels, and no route distinguisher (RFC 8277).
    public var isLabelledUnicast: Bool {
        self == .ipv4LabelledUnicast || self == .ipv6LabelledUnicast
    }

    /// Whether announced prefixes carry labels.
    public var hasLabels: Bool { isVPN || isLabelledUnicast }

    public init?(_ text: String) { self.init(rawValue: text) }

    public var description: String { rawValue }

    public static func < (a: Self, b: Self) -> Bool { (a.afi, a.safi) < (b.afi, b.safi) }
}
