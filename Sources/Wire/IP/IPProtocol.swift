// SPDX-License-Identifier: Apache-2.0

/// The numbers by which an IP header, or an extension header, says what follows it (IANA, Assigned
/// Internet Protocol Numbers).
package enum IPProtocol {
    package static let hopByHopOptions: UInt8 = 0
    package static let icmp: UInt8 = 1
    package static let igmp: UInt8 = 2
    package static let ipv4: UInt8 = 4
    package static let tcp: UInt8 = 6
    package static let udp: UInt8 = 17
    package static let ipv6: UInt8 = 41
    package static let routing: UInt8 = 43
    package static let fragment: UInt8 = 44
    package static let gre: UInt8 = 47
    package static let esp: UInt8 = 50
    package static let authenticationHeader: UInt8 = 51
    package static let icmpv6: UInt8 = 58
    package static let destinationOptions: UInt8 = 60
    package static let vrrp: UInt8 = 112
    package static let mpls: UInt8 = 137
}

/// The numbers by which a link, or GRE, says what follows (IEEE 802; RFC 7042).
package enum EtherType {
    package static let ipv4: UInt16 = 0x0800
    package static let arp: UInt16 = 0x0806
    /// Ethernet in GRE (RFC 1701).
    package static let bridging: UInt16 = 0x6558
    package static let vlan: UInt16 = 0x8100
    package static let ipv6: UInt16 = 0x86dd
    package static let mpls: UInt16 = 0x8847
    package static let mplsMulticast: UInt16 = 0x8848
    package static let serviceVLAN: UInt16 = 0x88a8
}
