// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A packet of RIP version 2 (RFC 2453) or of RIPng (RFC 2080), which is the same for IPv6.
package struct RIPPacket: Hashable, Sendable {
    /// IPv4 is RIP version 2, IPv6 RIPng.
    package var family: AddressFamily
    package var content: Content
    /// Of version 2; RIPng leaves it to IPsec.
    package var authentication: RIPAuthentication?
    /// How many route entries a decoder left out, because no entry may be as they were
    /// (RFC 2453 §3.9.2). Not written.
    package var ignoredEntries = 0

    package init(
        _ family: AddressFamily, _ content: Content, authentication: RIPAuthentication? = nil
    ) {
        self.family = family
        self.content = content
        self.authentication = authentication
    }

    package enum Content: Hashable, Sendable {
        /// Asks for all routes.
        case requestAll
        /// Asks for the metrics of some routes.
        case request([RIPEntry])
        case response([RIPEntry])
    }

    package static func port(_ family: AddressFamily) -> UInt16 { family == .ipv4 ? 520 : 521 }

    /// 224.0.0.9 or ff02::9.
    package static func multicastGroup(_ family: AddressFamily) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(family: .ipv4, bits: 0xe000_0009)
        case .ipv6: IPAddress(family: .ipv6, bits: 0xff02 << 112 | 9)
        }
    }

    /// The metric that means unreachable.
    package static let infinity: UInt8 = 16

    /// How many route entries a packet may have: 25 in version 2, of which authentication takes one
    /// (RFC 2453 §3.6, §4.1); in RIPng as many as fit 1,280 octets, which every link carries. A
    /// next hop that is not the sender takes one as well there.
    package static func entriesMax(_ family: AddressFamily, isAuthenticated: Bool) -> Int {
        family == .ipv4 ? (isAuthenticated ? 24 : 25) : (1280 - 40 - 8 - 4) / 20
    }
}

/// A route in a packet.
package struct RIPEntry: Hashable, Sendable {
    package var prefix: IPPrefix
    /// 1 to 16.
    package var metric: UInt8
    /// What a boundary keeps apart routes by; 0 is none.
    package var tag: UInt16
    /// Where to forward; nil is to the sender.
    package var nextHop: IPAddress?

    package init(
        prefix: IPPrefix, metric: UInt8, tag: UInt16 = 0, nextHop: IPAddress? = nil
    ) {
        self.prefix = prefix
        self.metric = metric
        self.tag = tag
        self.nextHop = nextHop
    }
}
