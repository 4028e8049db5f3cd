// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An address family of multiprotocol BGP (RFC 4760): what kind of route NLRI describe.
package enum BGPFamily: UInt32, Sendable, Comparable, CaseIterable, TextValue {
    // The raw value is the AFI in the high half and the SAFI in the low one.
    case ipv4Unicast = 0x0001_0001
    /// RFC 4364.
    case vpnv4 = 0x0001_0080
    case ipv6Unicast = 0x0002_0001
    /// RFC 4659.
    case vpnv6 = 0x0002_0080

    /// Address Family Identifier.
    package var afi: UInt16 { UInt16(rawValue >> 16) }
    /// Subsequent Address Family Identifier.
    package var safi: UInt8 { UInt8(rawValue & 0xff) }

    /// nil for families that have no codec here.
    package init?(afi: UInt16, safi: UInt8) {
        self.init(rawValue: UInt32(afi) << 16 | UInt32(safi))
    }

    /// The family of the addresses in the prefixes.
    package var addressFamily: AddressFamily { afi == 1 ? .ipv4 : .ipv6 }
    /// SAFI 128: NLRI carry a route distinguisher and a label.
    package var isVPN: Bool { safi == 128 }

    package init?(_ text: String) {
        guard let family = Self.allCases.first(where: { $0.description == text }) else {
            return nil
        }
        self = family
    }

    package var description: String {
        switch self {
        case .ipv4Unicast: "ipv4-unicast"
        case .ipv6Unicast: "ipv6-unicast"
        case .vpnv4: "vpnv4"
        case .vpnv6: "vpnv6"
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
