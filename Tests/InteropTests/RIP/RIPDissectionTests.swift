// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

/// What we write, read by Wireshark's dissectors.
@Suite("tshark dissects our RIP packets")
struct RIPDissectionTests {
    private func dissect(
        _ payload: [UInt8], _ family: AddressFamily, _ fields: [String]
    ) throws -> [String] {
        var capture = Capture()
        let source = try #require(IPAddress(family == .ipv4 ? "10.0.0.1" : "fe80::1"))
        let group = RIPPacket.multicastGroup(family)
        let port = RIPPacket.port(family)
        let datagram = UDPDatagram(sourcePort: port, destinationPort: port, payload: payload)
        capture.add(
            packet: try datagram.encoded(source: source, destination: group), 17, from: source,
            to: group, timeToLive: family == .ipv4 ? 1 : 255)
        return try #require(try Dissection(capture.octets, fields).flawlessValues().first)
    }

    private func entry(
        _ prefix: String, _ metric: UInt8, tag: UInt16 = 0, nextHop: String? = nil
    ) throws -> RIPEntry {
        RIPEntry(
            prefix: try #require(IPPrefix(prefix)), metric: metric, tag: tag,
            nextHop: try nextHop.map { try #require(IPAddress($0)) })
    }

    @Test func everyFieldOfVersion2() throws {
        let packet = RIPPacket(
            .ipv4,
            .response([
                try entry("10.1.0.0/16", 3, tag: 77, nextHop: "10.0.0.9"),
                try entry("0.0.0.0/0", 16),
            ]))
        let values = try dissect(
            try packet.encoded(), .ipv4,
            [
                "rip.command", "rip.version", "rip.family", "rip.route_tag", "rip.ip",
                "rip.netmask", "rip.next_hop", "rip.metric",
            ])
        #expect(
            values == [
                "2", "2", "2,2", "77,0", "10.1.0.0,0.0.0.0", "255.255.0.0,0.0.0.0",
                "10.0.0.9,0.0.0.0", "3,16",
            ])
    }

    /// Its dissector takes the digests of RFC 4822, which are longer than that of MD5, for a
    /// malformed packet: BIRD judges those.
    @Test(arguments: [RIPAuthenticationKey.Use.simplePassword, .keyedMD5])
    func everyAuthentication(use: RIPAuthenticationKey.Use) throws {
        let key = try #require(
            RIPAuthenticationKey(keyID: 7, use: use, secret: Array("weft-secret".utf8)))
        let packet = RIPPacket(.ipv4, .response([try entry("10.1.0.0/16", 3)]))
        let values = try dissect(
            try packet.encoded(signedBy: key, sequence: 99), .ipv4,
            ["rip.auth.type", "rip.auth.passwd", "rip.key_id", "rip.seq_num", "rip.digest_offset"])
        #expect(
            values
                == (use == .simplePassword
                    ? ["2", "weft-secret", "", "", ""]
                    : ["3", "", "7", "99", "44"]))
    }

    @Test func everyFieldOfRIPng() throws {
        let packet = RIPPacket(
            .ipv6,
            .response([try entry("2001:db8:7::/48", 3, tag: 77, nextHop: "fe80::9")]))
        let values = try dissect(
            try packet.encoded(), .ipv6,
            [
                "ripng.cmd", "ripng.version", "ripng.rte.ipv6_prefix", "ripng.rte.prefix_length",
                "ripng.rte.route_tag", "ripng.rte.metric",
            ])
        #expect(
            values == ["2", "1", "fe80::9,2001:db8:7::", "0,48", "0x0000,0x004d", "255,3"])
    }
}
