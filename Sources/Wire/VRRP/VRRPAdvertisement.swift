// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A VRRP ADVERTISEMENT, version 2 (RFC 3768) or 3 (RFC 9568).
package struct VRRPAdvertisement: Hashable, Sendable {
    package var version: Version
    /// VRID: 1 to 255.
    package var virtualRouterID: UInt8
    /// 0: the sender stops; 255: it owns the addresses.
    package var priority: UInt8
    /// Adver Int of version 2, Max Advertise Interval of version 3, in hundredths of a second.
    /// Version 2 carries whole seconds up to 255, version 3 up to 4095 hundredths. Never zero.
    package var interval: UInt16
    /// The virtual addresses, all of one family; in IPv6 the first is link-local. Never empty.
    package var addresses: [IPAddress]
    /// Of version 2; always none in version 3.
    package var authentication: Authentication

    package init(
        version: Version, virtualRouterID: UInt8, priority: UInt8, interval: UInt16,
        addresses: [IPAddress], authentication: Authentication = .none
    ) {
        self.version = version
        self.virtualRouterID = virtualRouterID
        self.priority = priority
        self.interval = interval
        self.addresses = addresses
        self.authentication = authentication
    }

    package enum Version: UInt8, Hashable, Sendable {
        case v2 = 2
        case v3 = 3
    }

    /// Auth Type and Authentication Data (RFC 2338 §5.3.6; RFC 3768 keeps the field).
    package enum Authentication: Hashable, Sendable {
        case none
        /// At most 8 octets, trailing zeros left out.
        case simpleText([UInt8])
    }

    /// The protocol number of VRRP.
    package static let ipProtocol: UInt8 = 112
    /// What packets must have when they arrive, so that they cannot come from beyond the link.
    package static let timeToLive: UInt8 = 255

    /// 224.0.0.18 or ff02::12.
    package static func multicastGroup(_ family: AddressFamily) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(family: .ipv4, bits: 0xe000_0012)
        case .ipv6: IPAddress(family: .ipv6, bits: 0xff02 << 112 | 0x12)
        }
    }
}
