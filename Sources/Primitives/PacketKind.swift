// SPDX-License-Identifier: Apache-2.0

/// What a packet on a wire is, by its outermost layers.
public enum PacketKind: String, Hashable, Sendable, CaseIterable {
    /// ARP, neighbor discovery and what else a link says to itself.
    case discovery
    /// MPLS on the link itself.
    case mpls
    /// MPLS in GRE (RFC 4023).
    case mplsInGRE = "mpls-in-gre"
    /// GRE with anything else inside.
    case gre
    case esp
    /// UDP ports 500 and 4500 (without ESP inside).
    case ike
    /// TCP port 179.
    case bgp
    case vrrp
    /// ICMP or ICMPv6 other than discovery.
    case icmp
    case tcp
    case udp
    /// Anything else.
    case other
}
