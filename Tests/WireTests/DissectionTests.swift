// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("A frame's layers")
struct DissectionTests {
    struct Fixture {
        var name: String
        var octets: [UInt8]
        var kind: PacketKind
        /// Without the Ethernet header.
        var text: String
        var labels: [UInt32] = []
    }

    private static let ethernet = "020000000002 020000000001"
    private static let ethernetText = "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02"

    /// Octets after an Ethernet header up to its EtherType.
    private static func frame(_ type: String, _ rest: String) -> [UInt8] {
        hex(ethernet + type) + hex(rest)
    }

    /// An IPv4 packet from 172.16.1.1 to 172.16.2.1, or whatever `ends` says, without a checksum.
    private static func ipv4(
        _ ipProtocol: String, _ payload: String, ends: String = "ac100101 ac100201",
        fragment: String = "4000"
    ) -> String {
        let length = String(20 + hex(payload).count, radix: 16)
        let total = String(repeating: "0", count: 4 - length.count) + length
        return "45 00 \(total) 0000 \(fragment) 40 \(ipProtocol) 0000 \(ends) \(payload)"
    }

    /// An IPv6 packet from fd00::1 to ff02::1.
    private static func ipv6(_ next: String, _ payload: String) -> String {
        let length = String(hex(payload).count, radix: 16)
        let count = String(repeating: "0", count: 4 - length.count) + length
        return """
            60000000 \(count) \(next) ff
            fd000000000000000000000000000001 ff020000000000000000000000000001 \(payload)
            """
    }

    private static let customer = ipv4(
        "01", "0800 f7ff 0000 0000", ends: "0a000001 0a000002")
    private static let customerText = "IPv4 10.0.0.1 > 10.0.0.2, ICMP echo request"
    private static let core = "IPv4 172.16.1.1 > 172.16.2.1"

    static let fixtures: [Fixture] = [
        Fixture(
            name: "ARP", octets: frame("0806", "0001080006040001 020000000001 c0000201"),
            kind: .discovery, text: "ARP"),
        Fixture(
            name: "a VLAN in a service VLAN",
            octets: frame("88a8", "0064 8100 e069 0800" + customer), kind: .icmp,
            text: "802.1Q 100, 802.1Q 105, \(customerText)"),
        Fixture(
            name: "two labels", octets: frame("8847", "003eb0ff 000101ff" + customer), kind: .mpls,
            text: "MPLS 1003 16, \(customerText)", labels: [16]),
        Fixture(
            name: "a label on something else", octets: frame("8847", "000101ff 00000000"),
            kind: .mpls, text: "MPLS 16, no IP", labels: [16]),
        Fixture(
            name: "MPLS in GRE",
            octets: frame("0800", ipv4("2f", "2000 8847 000004d2 000101ff" + customer)),
            kind: .mplsInGRE, text: "\(core), GRE key 1234, MPLS 16, \(customerText)", labels: [16]),
        Fixture(
            name: "GRE with checksum, key and sequence number, around IPv6",
            octets: frame(
                "0800", ipv4("2f", "b000 86dd 11110000 00000007 00000001" + ipv6("3a", "8000"))),
            kind: .gre,
            text: "\(core), GRE key 7, IPv6 fd00::1 > ff02::1, ICMPv6 echo request"),
        Fixture(
            name: "GRE around Ethernet",
            octets: frame("0800", ipv4("2f", "0000 6558 \(ethernet) 0806")), kind: .gre,
            text: "\(core), GRE, \(ethernetText), ARP"),
        Fixture(
            name: "GRE of version 1", octets: frame("0800", ipv4("2f", "2001 880b 00000000")),
            kind: .gre, text: "\(core), GRE"),
        Fixture(
            name: "ESP", octets: frame("0800", ipv4("32", "00000100 00000001 deadbeef")),
            kind: .esp, text: "\(core), ESP SPI 0x100 sequence 1"),
        Fixture(
            name: "ESP in UDP",
            octets: frame("0800", ipv4("11", "1194 1194 0014 0000 00000100 00000002 abab")),
            kind: .esp, text: "\(core), UDP 4500 > 4500, ESP SPI 0x100 sequence 2"),
        Fixture(
            name: "IKE on port 4500",
            octets: frame("0800", ipv4("11", "1194 1194 000e 0000 00000000 0102")), kind: .ike,
            text: "\(core), UDP 4500 > 4500, IKE"),
        Fixture(
            name: "a keepalive on port 4500",
            octets: frame("0800", ipv4("11", "1194 1194 0009 0000 ff")), kind: .ike,
            text: "\(core), UDP 4500 > 4500, IKE"),
        Fixture(
            name: "IKE on port 500", octets: frame("0800", ipv4("11", "01f4 01f4 0009 0000 aa")),
            kind: .ike, text: "\(core), UDP 500 > 500, IKE"),
        Fixture(
            name: "UDP", octets: frame("0800", ipv4("11", "8000 829b 0009 0000 aa")), kind: .udp,
            text: "\(core), UDP 32768 > 33435"),
        Fixture(
            name: "BGP", octets: frame("0800", ipv4("06", "9c40 00b3 00000000")), kind: .bgp,
            text: "\(core), TCP 40000 > 179"),
        Fixture(
            name: "TCP", octets: frame("0800", ipv4("06", "9c40 0016 00000000")), kind: .tcp,
            text: "\(core), TCP 40000 > 22"),
        Fixture(
            name: "VRRP", octets: frame("0800", ipv4("70", "31 05 c8 01")), kind: .vrrp,
            text: "\(core), VRRP group 5 priority 200"),
        Fixture(
            name: "IGMP", octets: frame("0800", ipv4("02", "22000000")), kind: .discovery,
            text: "\(core), IGMP"),
        Fixture(
            name: "OSPF", octets: frame("0800", ipv4("59", "02010000")), kind: .other,
            text: "\(core), protocol 89"),
        Fixture(
            name: "an error that quotes a customer's packet",
            octets: frame("0800", ipv4("01", "0b00 0000 00000000" + customer)), kind: .icmp,
            text: "\(core), ICMP time exceeded, \(customerText)"),
        Fixture(
            name: "IP in IP", octets: frame("0800", ipv4("04", customer)), kind: .other,
            text: "\(core), \(customerText)"),
        Fixture(
            name: "an authentication header around GRE",
            octets: frame(
                "0800",
                ipv4("33", "2f 04 0000 00000200 00000001 000102030405060708090a0b 0000 0806")
            ),
            kind: .other, text: "\(core), AH SPI 0x200, GRE, ARP"),
        Fixture(
            name: "a first fragment",
            octets: frame(
                "0800", ipv4("2f", "0000 8847 000101ff" + customer, fragment: "2000")),
            kind: .mplsInGRE, text: "\(core) (fragment at 0), GRE, MPLS 16, \(customerText)",
            labels: [16]),
        Fixture(
            name: "a last fragment",
            octets: frame("0800", ipv4("32", "0000000000000000", fragment: "00b9")), kind: .esp,
            text: "\(core) (fragment at 1480, the last)"),
        Fixture(
            name: "listeners, after hop-by-hop options",
            octets: frame("86dd", ipv6("00", "3a 00 0502 0000 0100 8f00 0000")),
            kind: .discovery, text: "IPv6 fd00::1 > ff02::1, ICMPv6 multicast listeners"),
        Fixture(
            name: "a fragment of IPv6",
            octets: frame("86dd", ipv6("3c", "2c 00 010400000000 11 00 05a9 00000001 0000")),
            kind: .udp, text: "IPv6 fd00::1 > ff02::1 (fragment at 1448)"),
        Fixture(
            name: "a neighbor solicitation", octets: frame("86dd", ipv6("3a", "8700 0000")),
            kind: .discovery, text: "IPv6 fd00::1 > ff02::1, ICMPv6 neighbor solicitation"),
        Fixture(
            name: "a frame with a length", octets: frame("0003", "424203"), kind: .other,
            text: "LLC"),
        Fixture(
            name: "LLDP", octets: frame("88cc", "0000"), kind: .other, text: "EtherType 0x88cc"),
    ]

    @Test func ofEveryKind() {
        for fixture in Self.fixtures {
            let packet = Dissection(frame: fixture.octets)
            #expect(packet.kind == fixture.kind, "\(fixture.name)")
            #expect(packet.text == "\(Self.ethernetText), \(fixture.text)", "\(fixture.name)")
            #expect(
                packet.bottomLabels.map(\.value) == fixture.labels, "\(fixture.name)")
        }
        let kinds = Set(Self.fixtures.map(\.kind))
        #expect(kinds == Set(PacketKind.allCases))
    }

    @Test func addressesAreReadWhereverTheyAreInTheClear() throws {
        func addresses(_ name: String) throws -> [String] {
            let fixture = try #require(Self.fixtures.first { $0.name == name })
            return Dissection(frame: fixture.octets).addresses.map(\.description)
        }
        let core = ["172.16.1.1", "172.16.2.1"]
        #expect(try addresses("ARP") == [])
        #expect(try addresses("two labels") == ["10.0.0.1", "10.0.0.2"])
        #expect(try addresses("MPLS in GRE") == core + ["10.0.0.1", "10.0.0.2"])
        #expect(try addresses("ESP") == core)
        #expect(
            try addresses("an error that quotes a customer's packet")
                == core + ["10.0.0.1", "10.0.0.2"])
    }

    @Test func paddingIsNoPayload() {
        let short = Self.frame("0800", Self.ipv4("06", ""))
        let packet = Dissection(frame: short + [UInt8](repeating: 0, count: 26))
        #expect(packet.layers.last?.text.hasPrefix("unreadable: Source Port") == true)
        #expect(packet.kind == .tcp)
    }

    @Test func aFrameThatEndsEarlyHasTheLayersBeforeItsEnd() {
        for fixture in Self.fixtures {
            let whole = Dissection(frame: fixture.octets).layers
            for length in 0..<fixture.octets.count {
                var layers = Dissection(frame: Array(fixture.octets[..<length])).layers
                if case .unreadable = layers.last { layers.removeLast() }
                if case .ip(let cut) = layers.last, case .ip(let full) = whole[layers.count - 1] {
                    // Its extension headers may be missing.
                    #expect(cut.source == full.source, "\(fixture.name) cut to \(length)")
                    layers.removeLast()
                }
                #expect(
                    layers[...] == whole.prefix(layers.count), "\(fixture.name) cut to \(length)")
            }
        }
    }

    @Test func noOctetsTrapIt() {
        for fixture in Self.fixtures {
            for place in fixture.octets.indices {
                for change: UInt8 in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                    var octets = fixture.octets
                    octets[place] ^= change
                    judge(octets)
                }
            }
        }
        var random = SplitMix(seed: 7)
        for _ in 0..<20_000 {
            var octets = Self.fixtures.randomElement(using: &random)?.octets ?? []
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let place = Int.random(in: 12..<octets.count, using: &random)
                octets[place] = UInt8.random(in: 0...255, using: &random)
            }
            octets.removeLast(Int.random(in: 0...octets.count, using: &random))
            judge(octets)
        }
    }

    private func judge(_ octets: [UInt8]) {
        let packet = Dissection(frame: octets)
        // One more says that it was too deep.
        #expect((1...Dissection.layersMax + 1).contains(packet.layers.count))
        #expect(!packet.text.isEmpty)
        #expect(packet.kind != .mpls || !packet.bottomLabels.isEmpty)
    }

    @Test func itGoesNoDeeperThanItsLimit() {
        var nested = Self.customer
        for _ in 0..<60 { nested = Self.ipv4("04", nested) }
        let packet = Dissection(frame: Self.frame("0800", nested))
        #expect(packet.layers.count == Dissection.layersMax + 1)
        #expect(packet.layers.last == .tooDeep)
        #expect(packet.kind == .other)
    }
}
