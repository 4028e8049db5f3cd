// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

/// What we read of a packet, and what Wireshark's dissectors read.
@Suite("tshark sees the layers that we see")
struct DissectionTests {
    private typealias Layer = Wire.Dissection.Layer

    /// As tshark names it; nil for what it does not count among the protocols.
    private func name(_ layer: Layer) -> String? {
        switch layer {
        case .ethernet: "eth"
        case .vlan: "vlan"
        case .arp: "arp"
        case .mpls: "mpls"
        case .ip(let ip): ip.source.family == .ipv4 ? "ip" : "ipv6"
        case .gre: "gre"
        case .esp: "esp"
        case .authenticationHeader: "ah"
        case .ike: "isakmp"
        case .udp: "udp"
        case .tcp: "tcp"
        case .icmp(let family, _, _): family == .ipv4 ? "icmp" : "icmpv6"
        case .igmp: "igmp"
        case .vrrp: "vrrp"
        case .unknown, .unreadable, .tooDeep: nil
        }
    }

    /// Values of ours in tshark's fields, in `fields`' order.
    private func values(_ packet: Wire.Dissection) -> [String] {
        var values: [String: [String]] = [:]
        func add(_ field: String, _ value: some CustomStringConvertible) {
            values[field, default: []].append(value.description)
        }
        for layer in packet.layers {
            switch layer {
            case .vlan(let identifier): add("vlan.id", identifier)
            case .mpls(let labels): for label in labels { add("mpls.label", label) }
            case .ip(let ip):
                let name = ip.source.family == .ipv4 ? "ip" : "ipv6"
                add("\(name).src", ip.source)
                add("\(name).dst", ip.destination)
            case .gre(let key): if let key { add("gre.key", hex(key)) }
            case .esp(let spi, let sequence):
                add("esp.spi", hex(spi))
                add("esp.sequence", sequence)
            case .udp(let source, let destination):
                add("udp.srcport", source)
                add("udp.dstport", destination)
            case .icmp(.ipv4, let type, _): add("icmp.type", type)
            case .icmp(.ipv6, let type, _): add("icmpv6.type", type)
            case .vrrp(let group, _): add("vrrp.virt_rtr_id", group)
            default: break
            }
        }
        return Self.fields.map { values[$0, default: []].joined(separator: ",") }
    }

    private func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static let fields = [
        "vlan.id", "mpls.label", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "gre.key", "esp.spi",
        "esp.sequence", "udp.srcport", "udp.dstport", "icmp.type", "icmpv6.type",
        "vrrp.virt_rtr_id",
    ]

    // MARK: Packets

    private let pe1 = IPAddress(family: .ipv4, bits: 0xac10_0101)
    private let pe2 = IPAddress(family: .ipv4, bits: 0xac10_0201)
    private let ce1 = IPAddress(family: .ipv4, bits: 0x0a00_0001)
    private let ce2 = IPAddress(family: .ipv4, bits: 0x0a00_0002)
    private let ce6 = IPAddress(family: .ipv6, bits: 0x2001_0db8 << 96 | 1)
    private let other6 = IPAddress(family: .ipv6, bits: 0x2001_0db8 << 96 | 2)

    private func ip(
        _ payload: [UInt8], _ number: UInt8, _ source: IPAddress, _ destination: IPAddress
    ) -> [UInt8] {
        var writer = WireWriter()
        if let from = source.v4, let to = destination.v4 {
            IPv4Header(
                source: from, destination: to, ipProtocol: number, timeToLive: 64,
                payloadLength: UInt16(payload.count)
            ).encode(to: &writer)
        } else {
            IPv6Header(
                source: source, destination: destination, nextHeader: number, hopLimit: 64,
                payloadLength: UInt16(payload.count)
            ).encode(to: &writer)
        }
        writer.write(payload)
        return writer.octets
    }

    private func ping(_ source: IPAddress, _ destination: IPAddress) -> [UInt8] {
        let family = source.family
        let request = ICMPMessage.echoRequest(identifier: 1, sequence: 1, payload: [1, 2, 3, 4])
        return ip(
            request.octets(family, (source, destination)), ICMPMessage.ipProtocol(family), source,
            destination)
    }

    private func labelled(_ labels: [UInt32], _ packet: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        for (index, label) in labels.enumerated() {
            writer.write(label << 12 | (index + 1 == labels.count ? 0x100 : 0) | 64)
        }
        return writer.octets + packet
    }

    private func frame(_ types: [UInt16], _ packet: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.write([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1] as [UInt8])
        for type in types { writer.write(type) }
        return writer.octets + packet
    }

    private func frames() throws -> [[UInt8]] {
        let keyed: [UInt8] = [0x20, 0, 0x88, 0x47, 0, 0, 4, 0xd2]
        let esp = [UInt8]([0, 0, 1, 0, 0, 0, 0, 7]) + [UInt8](repeating: 0xab, count: 40)
        let inUDP = try UDPDatagram(sourcePort: 4500, destinationPort: 4500, payload: esp)
            .encoded(source: pe1, destination: pe2)
        let gre6: [UInt8] = [0, 0, 0x86, 0xdd]
        let error = ICMPMessage.timeExceeded(code: 0, quoted: ping(ce1, ce2)).octets(.ipv4)
        let vrrp = VRRPAdvertisement(
            version: .v3, virtualRouterID: 5, priority: 200, interval: 100, addresses: [ce2])
        let group = VRRPAdvertisement.multicastGroup(.ipv4)
        return [
            frame([0x0800], ping(ce1, ce2)),
            frame([0x8100, 105, 0x86dd], ping(ce6, other6)),
            frame([0x8847], labelled([1003, 16], ping(ce1, ce2))),
            frame([0x8847], labelled([16], ping(ce6, other6))),
            frame([0x0800], ip(keyed + labelled([16], ping(ce1, ce2)), 47, pe1, pe2)),
            frame([0x0800], ip(keyed + labelled([17], ping(ce6, other6)), 47, pe1, pe2)),
            frame([0x0800], ip(gre6 + ping(ce6, other6), 47, pe1, pe2)),
            frame([0x0800], ip(esp, 50, pe1, pe2)),
            frame([0x0800], ip(inUDP, 17, pe1, pe2)),
            frame([0x0800], ip(error, 1, pe1, pe2)),
            frame([0x0800], ip(ping(ce1, ce2), 4, pe1, pe2)),
            frame(
                [0x0800], ip(try vrrp.encoded(source: ce1, destination: group), 112, ce1, group)),
            frame([0x0806], ARPPacket.gratuitous(try #require(ce1.v4), at: .broadcast).octets),
        ]
    }

    @Test func ofEveryKindOfPacket() throws {
        let frames = try frames()
        var capture = Capture()
        for frame in frames { capture.add(frame: frame) }
        let seen = try Dissection(
            capture.octets, ["frame.protocols"] + Self.fields, checksums: false
        ).frames
        try #require(seen.count == frames.count)
        for (frame, theirs) in zip(frames, seen) {
            let ours = Wire.Dissection(frame: frame)
            #expect(Array(theirs.values.dropFirst()) == values(ours), "\(ours.text)")
            // tshark also counts what says how a layer was found, and payloads.
            let known = Set([
                "eth", "vlan", "arp", "mpls", "ip", "ipv6", "gre", "esp", "udp", "icmp", "icmpv6",
                "vrrp",
            ])
            let layers = theirs.values[0].split(separator: ":").map(String.init)
            #expect(layers.filter(known.contains) == ours.layers.compactMap(name), "\(ours.text)")
        }
    }
}
