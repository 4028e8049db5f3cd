// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a packet is, and what anybody on the wire can read of it.
extension Dissection {
    /// By its outermost layers. Of a packet in fragments only the first says all.
    package var kind: PacketKind {
        let packet = layers.drop(while: \.isLink)
        switch packet.first {
        case .arp: return .discovery
        case .mpls: return .mpls
        case .ip(let ip): return Self.kind(of: ip, Array(packet.dropFirst()))
        default: return .other
        }
    }

    private static func kind(of ip: IP, _ inner: [Layer]) -> PacketKind {
        switch ip.upper {
        case IPProtocol.gre:
            if inner.count > 1, case .mpls = inner[1] { return .mplsInGRE }
            return .gre
        case IPProtocol.esp: return .esp
        case IPProtocol.vrrp: return .vrrp
        case IPProtocol.igmp: return .discovery
        case ICMPMessage.ipProtocol(ip.source.family):
            if case .icmp(.ipv6, let type, _) = inner.first, isDiscovery(type) {
                return .discovery
            }
            return .icmp
        case IPProtocol.tcp:
            if case .tcp(let source, let destination) = inner.first,
                source == 179 || destination == 179
            {
                return .bgp
            }
            return .tcp
        case IPProtocol.udp:
            if inner.count > 1, inner[1] == .ike { return .ike }
            if inner.count > 1, case .esp = inner[1] { return .esp }
            return .udp
        default: return .other
        }
    }

    /// Multicast listeners (RFC 2710, RFC 3810), routers, neighbours and redirects (RFC 4861).
    private static func isDiscovery(_ type: UInt8) -> Bool {
        (130...137).contains(type) || type == 143
    }

    /// The bottom label of every stack, the outermost first.
    package var bottomLabels: [Label] {
        layers.compactMap { if case .mpls(let labels) = $0 { labels.last } else { nil } }
    }

    /// Whom every readable IP packet, tunnelled and quoted ones too, is from and to.
    package var addresses: [IPAddress] {
        layers.flatMap { layer -> [IPAddress] in
            if case .ip(let ip) = layer { [ip.source, ip.destination] } else { [] }
        }
    }

    /// The layers in words, without the hardware addresses where there is more to say.
    package var textAboveLink: String {
        let rest = layers.drop { if case .ethernet = $0 { true } else { false } }
        return (rest.isEmpty ? layers[...] : rest).map(\.text).joined(separator: ", ")
    }

    /// The layers in words.
    package var text: String { layers.map(\.text).joined(separator: ", ") }
}

extension Dissection.Layer {
    fileprivate var isLink: Bool {
        switch self {
        case .ethernet, .vlan: true
        default: false
        }
    }

    package var text: String {
        switch self {
        case .ethernet(let source, let destination): "Ethernet \(source) > \(destination)"
        case .vlan(let identifier): "802.1Q \(identifier)"
        case .arp: "ARP"
        case .mpls(let labels):
            "MPLS " + labels.map { String($0.value) }.joined(separator: " ")
        case .ip(let ip): ip.text
        case .gre(let key): "GRE" + (key.map { " key \($0)" } ?? "")
        case .esp(let spi, let sequence):
            "ESP SPI 0x\(String(spi, radix: 16)) sequence \(sequence)"
        case .authenticationHeader(let spi): "AH SPI 0x\(String(spi, radix: 16))"
        case .ike: "IKE"
        case .udp(let source, let destination): "UDP \(source) > \(destination)"
        case .tcp(let source, let destination): "TCP \(source) > \(destination)"
        case .icmp(let family, let type, let code): Self.icmpText(family, type, code)
        case .igmp: "IGMP"
        case .vrrp(let group, let priority): "VRRP group \(group) priority \(priority)"
        case .unknown(let text): text
        case .unreadable(let error): "unreadable: \(error)"
        case .tooDeep: "more layers than we read"
        }
    }

    private static func icmpText(_ family: AddressFamily, _ type: UInt8, _ code: UInt8) -> String {
        let name = family == .ipv4 ? "ICMP" : "ICMPv6"
        switch (family, type) {
        case (.ipv4, 8), (.ipv6, 128): return "\(name) echo request"
        case (.ipv4, 0), (.ipv6, 129): return "\(name) echo reply"
        case (.ipv4, 11), (.ipv6, 3): return "\(name) time exceeded"
        case (.ipv4, 3) where code == 4: return "\(name) fragmentation needed"
        case (.ipv4, 3), (.ipv6, 1): return "\(name) destination unreachable (code \(code))"
        case (.ipv6, 2): return "\(name) packet too big"
        case (.ipv6, 133): return "\(name) router solicitation"
        case (.ipv6, 134): return "\(name) router advertisement"
        case (.ipv6, 135): return "\(name) neighbor solicitation"
        case (.ipv6, 136): return "\(name) neighbor advertisement"
        case (.ipv6, 130), (.ipv6, 131), (.ipv6, 132), (.ipv6, 143):
            return "\(name) multicast listeners"
        default: return "\(name) type \(type) code \(code)"
        }
    }
}

extension Dissection.IP {
    fileprivate var text: String {
        let name = source.family == .ipv4 ? "IPv4" : "IPv6"
        let isFragment = fragmentOffset != 0 || moreFragments
        let rest = moreFragments ? "" : ", the last"
        return "\(name) \(source) > \(destination)"
            + (isFragment ? " (fragment at \(fragmentOffset)\(rest))" : "")
    }
}
