// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("IP, ICMP, UDP, ARP and neighbour discovery in octets")
struct IPCodecTests {
    static let saturn: IPAddress = value("10.0.0.12")
    static let liber: IPAddress = value("10.0.0.3")

    @Test func headersAreTheirGoldenOctets() {
        var plain = IPv4Header(
            source: value("10.0.0.12"), destination: value("10.0.0.3"), ipProtocol: 1,
            timeToLive: 64, payloadLength: 64, identification: 0x1234, dontFragment: true,
            trafficClass: 0xc0)
        exerciseHeader("plain", plain, "45 c0 0054 1234 4000 40 01 13a7 0a00000c 0a000003")
        plain = IPv4Header(
            source: value("10.0.0.12"), destination: value("10.0.0.3"), ipProtocol: 112,
            timeToLive: 255, payloadLength: 4)
        plain.moreFragments = true
        plain.fragmentOffset = 5
        plain.options = [0x94, 4, 0, 0]
        exerciseHeader(
            "router alert", plain, "46 00 0018 0000 2005 ff 70 f25d 0a00000c 0a000003 94040000")
    }

    private func exerciseHeader(_ name: String, _ header: IPv4Header, _ golden: String) {
        exercise(
            name, header, octets: hex(golden),
            encode: {
                var writer = WireWriter()
                $0.encode(to: &writer)
                return writer.octets
            }, decode: decodeHeader)
        for bit in 0..<hex(golden).count * 8 {
            var octets = hex(golden)
            octets[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: WireError.self, "bit \(bit)") { try decodeHeader(octets) }
        }
    }

    private func decodeHeader(_ octets: [UInt8]) throws(WireError) -> IPv4Header {
        var header: IPv4Header
        var reader = WireReader(octets)
        header = try IPv4Header(decoding: &reader)
        // The fixtures have no payload: their options tell where the header ends.
        if !reader.isEmpty { header.options = [] }
        return header
    }

    static let messages: [(ICMPMessage, String)] = [
        (
            .echoRequest(
                identifier: 0x1234, sequence: 1, payload: [0x61, 0x62, 0x63, 0x64, 0x65]),
            "08 00 bc03 1234 0001 6162636465"
        ),
        (.echoReply(identifier: 0xffff, sequence: 0xffff, payload: []), "00 00 0000 ffff ffff"),
        (
            .packetTooBig(mtu: 1500, quoted: hex("4500001c00000000401166b7")),
            "03 04 0b3b 0000 05dc 4500001c00000000401166b7"
        ),
        (
            .destinationUnreachable(code: 1, quoted: hex("4500001c")),
            "03 01 b7e2 00000000 4500001c"
        ),
        (.timeExceeded(code: 0, quoted: hex("4500001c")), "0b 00 afe3 00000000 4500001c"),
        (.other(type: 5, code: 1, rest: [1, 2, 3, 4]), "05 01 f6f8 01020304"),
    ]

    @Test func messagesAreTheirGoldenOctets() {
        for (message, golden) in Self.messages {
            exercise(
                "\(message)", message, octets: hex(golden), encode: { $0.octets(.ipv4) },
                decode: { try ICMPMessage(decoding: $0, .ipv4) })
        }
    }

    static let ends: ICMPMessage.Ends = (value("2001:db8::1"), value("2001:db8::2"))

    /// Of ICMPv6, between `ends`.
    static let messages6: [(ICMPMessage, String)] = [
        (
            .echoRequest(identifier: 0x1234, sequence: 1, payload: [0x61, 0x62, 0x63]),
            "80 00 4dad 1234 0001 616263"
        ),
        (.echoReply(identifier: 0xffff, sequence: 0xffff, payload: []), "81 00 2348 ffff ffff"),
        (
            .destinationUnreachable(code: 4, quoted: hex("60000000")),
            "01 04 4340 00000000 60000000"
        ),
        (.packetTooBig(mtu: 65536, quoted: hex("60000000")), "02 00 4243 00010000 60000000"),
        (.timeExceeded(code: 0, quoted: hex("60000000")), "03 00 4144 00000000 60000000"),
        (.other(type: 137, code: 0, rest: [1, 2, 3, 4]), "89 00 1742 01020304"),
    ]

    @Test func messagesOfIPv6AreTheirGoldenOctets() throws {
        for (message, golden) in Self.messages6 {
            exercise(
                "\(message)", message, octets: hex(golden),
                encode: { $0.octets(.ipv6, Self.ends) },
                decode: { try ICMPMessage(decoding: $0, .ipv6, Self.ends) })
            var spoiled = hex(golden)
            spoiled[3] ^= 1
            #expect(throws: WireError.self) {
                try ICMPMessage(decoding: spoiled, .ipv6, Self.ends)
            }
            // A raw socket's kernel keeps the checksum.
            #expect(try ICMPMessage(decoding: spoiled, .ipv6) == message)
            #expect(message.octets(.ipv6)[2...3] == [0, 0])
        }
    }

    @Test func headersOfIPv6AreTheirGoldenOctets() {
        let header = IPv6Header(
            source: Self.ends.source, destination: Self.ends.destination, nextHeader: 58,
            hopLimit: 64, payloadLength: 8, trafficClass: 0xc1, flowLabel: 0x12345)
        exercise(
            "IPv6", header,
            octets: hex(
                """
                6c112345 0008 3a 40
                20010db8000000000000000000000001 20010db8000000000000000000000002
                """),
            encode: {
                var writer = WireWriter()
                $0.encode(to: &writer)
                return writer.octets
            },
            decode: {
                var reader = WireReader($0)
                return try IPv6Header(decoding: &reader)
            })
        #expect(throws: WireError.self) {
            var reader = WireReader(hex("45000000") + [UInt8](repeating: 0, count: 36))
            _ = try IPv6Header(decoding: &reader)
        }
    }

    @Test func aQuotationTellsWhichProbeItWas() throws {
        let ping = hex("45000020 00000000 0101ffff 0a00000c 0a000003" + "0800bc03 1234 0001")
        let echo = try ICMPQuotation(decoding: ping, .ipv4)
        #expect(echo.echo?.identifier == 0x1234 && echo.echo?.sequence == 1)
        #expect(echo.udpPorts == nil)
        #expect(echo.destination == value("10.0.0.3"))
        let probe = hex("45000020 00000000 0111ffff 0a00000c 0a000003" + "8000829b 000d0000")
        let udp = try ICMPQuotation(decoding: probe, .ipv4)
        #expect(udp.udpPorts?.source == 0x8000 && udp.udpPorts?.destination == 33435)
        #expect(udp.echo == nil)
        let short = try ICMPQuotation(decoding: Array(probe[..<23]), .ipv4)
        #expect(short.udpPorts == nil)
        #expect(throws: WireError.self) {
            try ICMPQuotation(decoding: Array(probe[..<19]), .ipv4)
        }
    }

    @Test func datagramsAreTheirGoldenOctets() {
        let datagram = UDPDatagram(
            sourcePort: 0x8000, destinationPort: 33435, payload: Array("abcde".utf8))
        exerciseUDP(
            "IPv4", datagram, Self.saturn, Self.liber, "8000 829b 000d bf62 6162636465")
        let short = UDPDatagram(
            sourcePort: 0x8000, destinationPort: 33435, payload: Array("ab".utf8))
        exerciseUDP(
            "IPv6", short, value("2001:db8::1"), value("2001:db8::2"), "8000 829b 000a 4067 6162")
    }

    private func exerciseUDP(
        _ name: String, _ datagram: UDPDatagram, _ source: IPAddress, _ destination: IPAddress,
        _ golden: String
    ) {
        exercise(
            name, datagram, octets: hex(golden),
            encode: { try $0.encoded(source: source, destination: destination) },
            decode: { try UDPDatagram(decoding: $0, source: source, destination: destination) })
    }

    @Test func onlyIPv4MayLeaveTheUDPChecksumOut() {
        let octets = hex("8000 829b 000a 0000 6162")
        #expect(throws: Never.self) {
            try UDPDatagram(decoding: octets, source: Self.saturn, destination: Self.liber)
        }
        #expect(throws: WireError.self) {
            try UDPDatagram(
                decoding: octets, source: value("2001:db8::1"), destination: value("2001:db8::2"))
        }
    }

    @Test func aChecksumThatSumsToZeroIsWrittenAsOnes() throws {
        for first in UInt8.min...255 {
            for second in UInt8.min...255 {
                let datagram = UDPDatagram(
                    sourcePort: 1, destinationPort: 2, payload: [first, second])
                let octets = try datagram.encoded(source: Self.saturn, destination: Self.liber)
                guard octets[6...7] != [0, 0] else {
                    Issue.record("payload \(first) \(second)")
                    return
                }
            }
        }
    }

    @Test func aGratuitousARPIsItsGoldenFrame() {
        let packet = ARPPacket.gratuitous(
            value("192.168.1.1"), at: MACAddress.virtualRouter(1, .ipv4))
        let golden = """
            0001 0800 06 04 0001
            00005e000101 c0a80101
            000000000000 c0a80101
            """
        exercise(
            "gratuitous ARP", packet, octets: hex(golden), encode: { $0.octets },
            decode: { try ARPPacket(decoding: $0) })
        let header = "ffffffffffff 00005e000101 0806"
        #expect(text(packet.broadcastFrame) == text(hex(header) + hex(golden)))
    }

    @Test func anUnsolicitedAdvertisementIsItsGoldenOctets() {
        let address: IPAddress = value("fe80::1")
        let advertisement = NeighborAdvertisement.unsolicited(
            address, at: MACAddress.virtualRouter(5, .ipv6))
        exercise(
            "neighbour advertisement", advertisement,
            octets: hex(
                """
                88 00 7996
                a0000000                             # router, override
                fe800000000000000000000000000001
                02 01 00005e000205                   # target link-layer address
                """),
            encode: { $0.encoded(source: address, destination: .allNodes) },
            decode: {
                try NeighborAdvertisement(
                    decoding: $0, source: address, destination: .allNodes)
            })
    }

    @Test func randomOctetsNeverTrapAnyCodec() {
        var random = SplitMix(seed: 3)
        let seeds = Self.messages.map { hex($0.1) } + VRRPCodecTests.fixtures.map(\.octets)
        for _ in 0..<20_000 {
            var octets = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 0...6, using: &random) where !octets.isEmpty {
                let place = Int.random(in: 0..<octets.count, using: &random)
                octets[place] = UInt8.random(in: 0...255, using: &random)
            }
            octets.removeLast(Int.random(in: 0...octets.count / 2, using: &random))
            repair(&octets)
            checkMeaning(octets)
        }
    }

    /// Puts a right checksum where ICMP has it, so that what follows is read too.
    private func repair(_ octets: inout [UInt8]) {
        guard octets.count >= 4, octets[0] & 1 == 0 else { return }
        octets[2] = 0
        octets[3] = 0
        let checksum = InternetChecksum.of(octets)
        octets[2] = UInt8(checksum >> 8)
        octets[3] = UInt8(checksum & 0xff)
    }

    private func checkMeaning(_ octets: [UInt8]) {
        if let message = try? ICMPMessage(decoding: octets, .ipv4) {
            #expect((try? ICMPMessage(decoding: message.octets(.ipv4), .ipv4)) == message)
        }
        if let message = try? ICMPMessage(decoding: octets, .ipv6) {
            let octets = message.octets(.ipv6, Self.ends)
            #expect((try? ICMPMessage(decoding: octets, .ipv6, Self.ends)) == message)
        }
        for (source, group) in [("192.168.1.3", "224.0.0.18"), ("fe80::3", "ff02::12")] {
            let (from, to): (IPAddress, IPAddress) = (value(source), value(group))
            _ = try? NeighborAdvertisement(decoding: octets, source: from, destination: to)
            _ = try? UDPDatagram(decoding: octets, source: from, destination: to)
            guard
                let read = try? VRRPAdvertisement(decoding: octets, source: from, destination: to),
                let written = try? read.encoded(source: from, destination: to)
            else { continue }
            #expect(
                (try? VRRPAdvertisement(decoding: written, source: from, destination: to)) == read)
        }
        for family in AddressFamily.allCases {
            _ = try? ICMPQuotation(decoding: octets, family)
        }
        _ = try? ARPPacket(decoding: octets)
    }
}
