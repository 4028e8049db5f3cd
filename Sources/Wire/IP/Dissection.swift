// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The layers of an Ethernet frame, outermost first, as far as they can be read.
///
/// It takes any octets. Where they end too early, or make no sense, the last layer says so. No
/// checksum is verified: a frame on its way out has none yet.
package struct Dissection: Hashable, Sendable {
    package enum Layer: Hashable, Sendable {
        case ethernet(source: MACAddress, destination: MACAddress)
        /// The identifier of a VLAN tag (IEEE 802.1Q).
        case vlan(UInt16)
        case arp
        /// A whole stack of labels, top first; never empty (RFC 3032).
        case mpls([Label])
        case ip(IP)
        /// RFC 2784, with the key of RFC 2890.
        case gre(key: UInt32?)
        /// RFC 4303. Nothing beyond it can be read.
        case esp(spi: UInt32, sequence: UInt32)
        /// RFC 4302.
        case authenticationHeader(spi: UInt32)
        /// UDP's port 500; on port 4500 what is not ESP (RFC 3948).
        case ike
        case udp(source: UInt16, destination: UInt16)
        case tcp(source: UInt16, destination: UInt16)
        /// In errors the packet that they are about follows.
        case icmp(AddressFamily, type: UInt8, code: UInt8)
        case igmp
        case vrrp(group: UInt8, priority: UInt8)
        /// What we know no more of than its name or number.
        case unknown(String)
        /// The octets end here, or hold what must not be.
        case unreadable(WireError)
        /// There is more, but nobody nests so deeply.
        case tooDeep
    }

    /// What an IP header says, extension headers included.
    package struct IP: Hashable, Sendable {
        package var source: IPAddress
        package var destination: IPAddress
        package var hopLimit: UInt8
        /// The protocol above, an `IPProtocol`.
        package var upper: UInt8
        /// Where the payload belongs in the whole packet's, in octets. Only what begins the packet
        /// is read further.
        package var fragmentOffset: Int
        package var moreFragments: Bool
    }

    package let layers: [Layer]

    /// More layers than any sensible packet has.
    package static let layersMax = 24

    package init(frame octets: [UInt8]) {
        var walk = DissectionWalk(octets)
        walk.run(from: .ethernet)
        layers = walk.layers
    }

    /// A packet of a link without a header that we know, behind the 16 octets of LINKTYPE_LINUX_SLL
    /// that stand in its place.
    package init(cooked octets: [UInt8]) {
        var walk = DissectionWalk(octets)
        walk.run(from: .cooked)
        layers = walk.layers
    }
}

/// Walks through a frame a header at a time. It is a loop and not a recursion, so that no frame can
/// exhaust the stack.
private struct DissectionWalk {
    enum Step: Hashable {
        case ethernet
        case cooked
        case etherType(UInt16)
        case ip(AddressFamily)
        case upper(UInt8, AddressFamily)
        case end
    }

    private(set) var layers: [Dissection.Layer] = []
    private var reader: WireReader

    init(_ octets: [UInt8]) { reader = WireReader(octets) }

    mutating func run(from first: Step) {
        var next = first
        do throws(WireError) {
            while next != .end {
                guard layers.count < Dissection.layersMax else { return layers.append(.tooDeep) }
                next = try step(next)
            }
        } catch {
            layers.append(.unreadable(error))
        }
    }

    /// Reads a header and says what follows it.
    private mutating func step(_ step: Step) throws(WireError) -> Step {
        switch step {
        case .ethernet: try ethernet()
        case .cooked: try cooked()
        case .etherType(let type): try etherType(type)
        case .ip(.ipv4): try ipv4()
        case .ip(.ipv6): try ipv6()
        case .upper(let number, let family): try upper(number, family)
        case .end: .end
        }
    }

    private mutating func end(_ layer: Dissection.Layer) -> Step {
        layers.append(layer)
        return .end
    }

    // MARK: Links and labels

    private mutating func ethernet() throws(WireError) -> Step {
        let destination = try reader.readMAC("destination")
        let source = try reader.readMAC("source")
        let type = try reader.read(UInt16.self, "EtherType")
        layers.append(.ethernet(source: source, destination: destination))
        return .etherType(type)
    }

    private mutating func cooked() throws(WireError) -> Step {
        _ = try reader.readNested(14, "Packet type to link-layer address")
        return .etherType(try reader.read(UInt16.self, "Protocol type"))
    }

    private mutating func etherType(_ type: UInt16) throws(WireError) -> Step {
        switch type {
        case EtherType.ipv4: return .ip(.ipv4)
        case EtherType.ipv6: return .ip(.ipv6)
        case EtherType.arp: return end(.arp)
        case EtherType.mpls, EtherType.mplsMulticast: return try mpls()
        case EtherType.bridging: return .ethernet
        case EtherType.vlan, EtherType.serviceVLAN:
            let tag = try reader.read(UInt16.self, "tag")
            let inner = try reader.read(UInt16.self, "EtherType")
            layers.append(.vlan(tag & 0xfff))
            return .etherType(inner)
        // IEEE 802.3: a length, and LLC follows.
        case ..<0x0600: return end(.unknown("LLC"))
        default: return end(.unknown("EtherType 0x" + String(type, radix: 16)))
        }
    }

    private mutating func mpls() throws(WireError) -> Step {
        var labels: [Label] = []
        while true {
            let entry = try reader.read(UInt32.self, "Label Stack Entry")
            labels.append(Label(entry >> 12))
            if entry & 0x100 != 0 { break }
        }
        layers.append(.mpls(labels))
        // Nothing in a stack says what it carries, but IP begins with its version (RFC 4928 §3).
        var ahead = reader
        guard let first = try? ahead.read(UInt8.self, "Version") else { return .end }
        guard let family = AddressFamily(rawValue: first >> 4) else {
            return end(.unknown("no IP"))
        }
        return .ip(family)
    }

    // MARK: IP

    /// Leaves out the padding of a short frame. What is longer than the frame was cut off.
    private mutating func narrow(to count: Int) throws(WireError) {
        if count < reader.count { reader = try reader.readNested(count, "payload") }
    }

    private mutating func ipv4() throws(WireError) -> Step {
        let header = try IPv4Header(decoding: &reader, isQuoted: true)
        try narrow(to: Int(header.totalLength) - header.octetCount)
        let ip = Dissection.IP(
            source: IPAddress(header.source), destination: IPAddress(header.destination),
            hopLimit: header.timeToLive, upper: header.ipProtocol,
            fragmentOffset: Int(header.fragmentOffset) * 8, moreFragments: header.moreFragments)
        layers.append(.ip(ip))
        return ip.fragmentOffset == 0 ? .upper(ip.upper, .ipv4) : .end
    }

    private mutating func ipv6() throws(WireError) -> Step {
        let header = try IPv6Header(decoding: &reader)
        // Zero stands for a packet that is still longer than the field can say.
        if header.payloadLength != 0 { try narrow(to: Int(header.payloadLength)) }
        var ip = Dissection.IP(
            source: header.source, destination: header.destination, hopLimit: header.hopLimit,
            upper: header.nextHeader, fragmentOffset: 0, moreFragments: false)
        // Known even where an extension header cannot be read.
        let place = layers.count
        layers.append(.ip(ip))
        while ip.fragmentOffset == 0, try skipExtension(&ip) { layers[place] = .ip(ip) }
        layers[place] = .ip(ip)
        return ip.fragmentOffset == 0 ? .upper(ip.upper, .ipv6) : .end
    }

    /// Moves over an extension header (RFC 8200 §4); false where none is next.
    private mutating func skipExtension(_ ip: inout Dissection.IP) throws(WireError) -> Bool {
        switch ip.upper {
        case IPProtocol.hopByHopOptions, IPProtocol.routing, IPProtocol.destinationOptions:
            let next = try reader.read(UInt8.self, "Next Header")
            let length = try reader.read(UInt8.self, "Hdr Ext Len")
            _ = try reader.readNested(Int(length) * 8 + 6, "extension header")
            ip.upper = next
        case IPProtocol.fragment:
            let next = try reader.read(UInt8.self, "Next Header")
            _ = try reader.read(UInt8.self, "Reserved")
            let fragment = try reader.read(UInt16.self, "Fragment Offset and Flags")
            _ = try reader.read(UInt32.self, "Identification")
            ip.upper = next
            ip.fragmentOffset = Int(fragment & 0xfff8)
            ip.moreFragments = fragment & 1 != 0
        default: return false
        }
        return true
    }

    // MARK: Above IP

    private mutating func upper(
        _ number: UInt8, _ family: AddressFamily
    ) throws(WireError) -> Step {
        switch number {
        case ICMPMessage.ipProtocol(family): return try icmp(family)
        case IPProtocol.igmp: return end(.igmp)
        case IPProtocol.ipv4: return .ip(.ipv4)
        case IPProtocol.ipv6: return .ip(.ipv6)
        case IPProtocol.mpls: return .etherType(EtherType.mpls)
        case IPProtocol.gre: return try gre()
        case IPProtocol.esp: return try esp()
        case IPProtocol.udp: return try udp()
        case IPProtocol.tcp:
            let (source, destination) = try ports()
            return end(.tcp(source: source, destination: destination))
        case IPProtocol.vrrp:
            _ = try reader.read(UInt8.self, "Version and Type")
            let group = try reader.read(UInt8.self, "Virtual Rtr ID")
            let priority = try reader.read(UInt8.self, "Priority")
            return end(.vrrp(group: group, priority: priority))
        case IPProtocol.authenticationHeader: return try authenticationHeader(family)
        default: return end(.unknown("protocol \(number)"))
        }
    }

    private mutating func ports() throws(WireError) -> (UInt16, UInt16) {
        let source = try reader.read(UInt16.self, "Source Port")
        return (source, try reader.read(UInt16.self, "Destination Port"))
    }

    private mutating func icmp(_ family: AddressFamily) throws(WireError) -> Step {
        let type = try reader.read(UInt8.self, "Type")
        let code = try reader.read(UInt8.self, "Code")
        layers.append(.icmp(family, type: type, code: code))
        let quotes: Set<UInt8> = family == .ipv4 ? [3, 4, 5, 11, 12] : [1, 2, 3, 4]
        guard quotes.contains(type), reader.count > 6 else { return .end }
        _ = try reader.readNested(6, "Checksum to Original Datagram")
        return .ip(family)
    }

    private mutating func gre() throws(WireError) -> Step {
        let flags = try reader.read(UInt16.self, "Flags and Version")
        let type = try reader.read(UInt16.self, "Protocol Type")
        // Version 1 is PPTP's; routing of RFC 1701 is no more.
        guard flags & 0x4007 == 0 else { return end(.gre(key: nil)) }
        if flags & 0x8000 != 0 { _ = try reader.read(UInt32.self, "Checksum") }
        let key = flags & 0x2000 != 0 ? try reader.read(UInt32.self, "Key") : nil
        if flags & 0x1000 != 0 { _ = try reader.read(UInt32.self, "Sequence Number") }
        layers.append(.gre(key: key))
        return .etherType(type)
    }

    private mutating func esp() throws(WireError) -> Step {
        let spi = try reader.read(UInt32.self, "Security Parameters Index")
        let sequence = try reader.read(UInt32.self, "Sequence Number")
        return end(.esp(spi: spi, sequence: sequence))
    }

    private mutating func authenticationHeader(
        _ family: AddressFamily
    ) throws(WireError) -> Step {
        let next = try reader.read(UInt8.self, "Next Header")
        let length = try reader.read(UInt8.self, "Payload Len")
        _ = try reader.read(UInt16.self, "RESERVED")
        let spi = try reader.read(UInt32.self, "Security Parameters Index")
        // The length counts words, less two; eight octets are read.
        _ = try reader.readNested(Int(length) * 4, "Sequence Number and ICV")
        layers.append(.authenticationHeader(spi: spi))
        return .upper(next, family)
    }

    private mutating func udp() throws(WireError) -> Step {
        let (source, destination) = try ports()
        layers.append(.udp(source: source, destination: destination))
        let isIKE = [source, destination].contains(500)
        guard isIKE || [source, destination].contains(4500) else { return .end }
        _ = try reader.read(UInt32.self, "Length and Checksum")
        if isIKE { return end(.ike) }
        // On port 4500 an SPI of zero marks IKE, a single octet of ones keeps a mapping alive
        // (RFC 3948 §2).
        var ahead = reader
        if ahead.count == 1, try ahead.read(UInt8.self, "keepalive") == 0xff { return end(.ike) }
        ahead = reader
        return try ahead.read(UInt32.self, "Non-ESP Marker") == 0 ? end(.ike) : try esp()
    }
}
