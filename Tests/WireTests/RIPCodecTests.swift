// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("RIP and RIPng packets in octets")
struct RIPCodecTests {
    struct Fixture: CustomStringConvertible, Sendable {
        let description: String
        let packet: RIPPacket
        let octets: [UInt8]
        /// Of the authentication, if there is one.
        let use: RIPAuthenticationKey.Use?

        init(
            _ description: String, _ packet: RIPPacket, use: RIPAuthenticationKey.Use? = nil,
            _ octets: String
        ) {
            self.description = description
            self.packet = packet
            self.use = use
            self.octets = hex(octets)
        }
    }

    static func key(
        _ use: RIPAuthenticationKey.Use, _ secret: String = "weft-secret"
    ) -> RIPAuthenticationKey {
        guard
            let key = RIPAuthenticationKey(keyID: 1, use: use, secret: Array(secret.utf8))
        else { preconditionFailure("a secret of \(secret.utf8.count) octets") }
        return key
    }

    private static func entry(
        _ prefix: String, _ metric: UInt8, tag: UInt16 = 0, nextHop: String? = nil
    ) -> RIPEntry {
        RIPEntry(
            prefix: value(prefix), metric: metric, tag: tag,
            nextHop: nextHop.map { value($0) })
    }

    private static let routes = RIPPacket.Content.response([
        entry("10.9.0.0/30", 1), entry("192.168.9.0/25", 1, tag: 77, nextHop: "10.9.0.1"),
        entry("192.168.7.0/24", 1),
    ])
    private static let routeOctets = """
        0002 0000 0a090000 fffffffc 00000000 00000001
        0002 004d c0a80900 ffffff80 0a090001 00000001
        0002 0000 c0a80700 ffffff00 00000000 00000001
        """

    private static func signed(
        _ description: String, _ use: RIPAuthenticationKey.Use, sequence: UInt32, length: String,
        digest: String
    ) -> Fixture {
        Fixture(
            description,
            RIPPacket(
                .ipv4, routes,
                authentication: .digest(keyID: 1, sequence: sequence, hex(digest))),
            use: use,
            """
            02 02 0000
            ffff 0003 0054 01 \(length) \(text(octets(sequence))) 0000000000000000
            \(routeOctets)
            ffff 0001 \(digest)
            """)
    }

    private static func octets(_ word: UInt32) -> [UInt8] {
        var writer = WireWriter()
        writer.write(word)
        return writer.octets
    }

    /// What BIRD 2.0.12 and FRR 8.4.4 sent, as captured, with the password `weft-secret`.
    static let fixtures: [Fixture] = [
        Fixture(
            "a request for all", RIPPacket(.ipv4, .requestAll),
            "01 02 0000 0000 0000 00000000 00000000 00000000 00000010"),
        Fixture("a response", RIPPacket(.ipv4, routes), "02 02 0000 \(routeOctets)"),
        Fixture(
            "simple password",
            RIPPacket(
                .ipv4, routes, authentication: .simplePassword(Array("weft-secret".utf8))),
            use: .simplePassword,
            "02 02 0000 ffff 0002 776566742d7365637265740000000000 \(routeOctets)"),
        signed(
            "keyed MD5", .keyedMD5, sequence: 0x6b01_ef18, length: "14",
            digest: "a3e412c6ca4704bf2695b54418094e82"),
        signed(
            "HMAC-SHA-1", .hmac(.sha1), sequence: 0x6b01_ef24, length: "14",
            digest: "67eb01193e609c76ff7a1a738b0ce9e369fc358c"),
        signed(
            "HMAC-SHA-256", .hmac(.sha256), sequence: 0x6b01_ef30, length: "20",
            digest: "f48b3a3836af70d65335025d8f4286d759c0d4f8f9b69824942dece0e2c8d8ce"),
        Fixture(
            "RIPng: a request for all", RIPPacket(.ipv6, .requestAll),
            "01 01 0000 00000000000000000000000000000000 0000 00 10"),
        Fixture(
            "RIPng: a response",
            RIPPacket(
                .ipv6, .response([entry("2001:db8:7::/48", 1), entry("2001:db8::/64", 1)])),
            """
            02 01 0000
            20010db8000700000000000000000000 0000 30 01
            20010db8000000000000000000000000 0000 40 01
            """),
        Fixture(
            "RIPng: a next hop, and the sender again",
            RIPPacket(
                .ipv6,
                .response([
                    entry("2001:db8:7::/48", 2, tag: 9, nextHop: "fe80::7"), entry("::/0", 16),
                ])),
            """
            02 01 0000
            fe800000000000000000000000000007 0000 00 ff
            20010db8000700000000000000000000 0009 30 02
            00000000000000000000000000000000 0000 00 ff
            00000000000000000000000000000000 0000 00 10
            """),
        Fixture(
            "a request for some", RIPPacket(.ipv4, .request([entry("0.0.0.0/0", 16)])),
            "01 02 0000 0002 0000 00000000 00000000 00000000 00000010"),
    ]

    /// Cut between two entries it is a packet too, only another one.
    @Test(arguments: fixtures)
    func everyPacketIsItsGoldenOctets(fixture: Fixture) throws {
        let family = fixture.packet.family
        #expect(text(try fixture.packet.encoded()) == text(fixture.octets))
        #expect(try RIPPacket(decoding: fixture.octets, family) == fixture.packet)
        for length in 0..<fixture.octets.count {
            let cut = try? RIPPacket(decoding: Array(fixture.octets[..<length]), family)
            #expect(cut != fixture.packet, "\(length) octets")
            #expect(cut == nil || length % 20 == 4, "\(length) octets")
        }
    }

    @Test(arguments: fixtures)
    func everyFlippedBitSurvivesAndNoneIsAuthentic(fixture: Fixture) {
        for bit in 0..<fixture.octets.count * 8 {
            var octets = fixture.octets
            octets[bit / 8] ^= 1 << (bit % 8)
            guard let packet = try? RIPPacket(decoding: octets, fixture.packet.family) else {
                continue
            }
            guard let use = fixture.use, use != .simplePassword else { continue }
            #expect(!Self.key(use).authenticates(packet, in: octets), "bit \(bit)")
        }
    }

    @Test(arguments: fixtures.filter { $0.use != nil })
    func aKeySignsAsTheOtherEndDid(fixture: Fixture) throws {
        let key = Self.key(try #require(fixture.use))
        var sequence: UInt32 = 0
        if case .digest(_, let number, _) = fixture.packet.authentication { sequence = number }
        var packet = fixture.packet
        packet.authentication = nil
        let octets = try packet.encoded(signedBy: key, sequence: sequence)
        #expect(text(octets) == text(fixture.octets))
        #expect(key.authenticates(fixture.packet, in: fixture.octets))
        #expect(!Self.key(key.use, "other").authenticates(fixture.packet, in: fixture.octets))
    }

    @Test(arguments: fixtures)
    func noOtherUseOfAKeyTakesIt(fixture: Fixture) {
        let uses: [RIPAuthenticationKey.Use] = [
            .simplePassword, .keyedMD5, .hmac(.sha1), .hmac(.sha256), .hmac(.sha512),
        ]
        for use in uses {
            let takes = Self.key(use).authenticates(fixture.packet, in: fixture.octets)
            #expect(takes == (use == fixture.use), "\(use)")
        }
    }

    /// RFC 2453 §3.9.2, RFC 2080 §2.4.2: an entry that cannot be is left out, and the rest counts.
    @Test(arguments: [
        "0003 0000 0a000000 ff000000 00000000 00000001",  // another address family
        "0002 0000 0a000000 ff00ff00 00000000 00000001",  // a mask with a hole
        "0002 0000 0a010203 ff000000 00000000 00000001",  // bits beyond the mask
        "0002 0000 0a000000 ff000000 00000000 00000000",  // no metric
        "0002 0000 0a000000 ff000000 00000000 00000011",  // more than infinity
    ])
    func anEntryThatCannotBeIsLeftOut(octets: String) throws {
        let good = "0002 0000 c0a80700 ffffff00 00000000 00000001"
        let packet = try RIPPacket(decoding: hex("02 02 0000 \(octets) \(good)"), .ipv4)
        #expect(packet.content == .response([Self.entry("192.168.7.0/24", 1)]))
        #expect(packet.ignoredEntries == 1)
    }

    @Test func anEntryOfRIPngThatCannotBeIsLeftOut() throws {
        let packet = try RIPPacket(
            decoding: hex(
                """
                02 01 0000
                20010db8000700000000000000000000 0000 81 01
                20010db8000700000000000000000001 0000 30 01
                20010db8000700000000000000000000 0000 30 00
                20010db8000700000000000000000000 0000 30 01
                """), .ipv6)
        #expect(packet.content == .response([Self.entry("2001:db8:7::/48", 1)]))
        #expect(packet.ignoredEntries == 3)
    }

    /// A next hop that is not link-local is the sender (RFC 2080 §2.1.1).
    @Test func aNextHopThatNobodyOnTheLinkHasIsTheSender() throws {
        let packet = try RIPPacket(
            decoding: hex(
                """
                02 01 0000
                20010db8000700000000000000000000 0000 00 ff
                20010db8000700000000000000000000 0000 30 01
                """), .ipv6)
        #expect(packet.content == .response([Self.entry("2001:db8:7::/48", 1)]))
    }

    @Test func aRequestForAllAmongOthersAsksForNothing() throws {
        let all = "0000 0000 00000000 00000000 00000000 00000010"
        let packet = try RIPPacket(decoding: hex("01 02 0000 \(all) \(all)"), .ipv4)
        #expect(packet.content == .request([]))
    }

    @Test(arguments: [
        ("03 02 0000", "command"), ("00 02 0000", "command"), ("02 01 0000", "version"),
        ("02 03 0000", "version"), ("02 02", "unused"), ("02 02 0000 00", "route entry"),
        ("02 02 0000 ffff 0004 00000000000000000000000000000000", "authentication type"),
        ("02 02 0000 ffff 0003 0054 01 14 00000000 0000000000000000", "RIPv2 packet length"),
        ("02 02 0000 ffff 0003 0000 01 14 00000000 0000000000000000", "RIPv2 packet length"),
        ("02 02 0000 ffff 0003 0018 01 14 00000000 0000000000000000 ffff 0002", "trailer"),
        ("02 02 0000 ffff 0003 0018 01 14 00000000 0000000000000000 ffff 0001 00", "Auth Data Len"),
    ])
    func aPacketIsDiscardedForItsField(octets: String, field: String) {
        let octets = hex(octets)
        let error = #expect(throws: WireError.self) { try RIPPacket(decoding: octets, .ipv4) }
        #expect(error?.field == field)
    }

    @Test func whatAPacketMustNotHaveIsNotWritten() {
        func rejects(_ packet: RIPPacket) {
            #expect(throws: WireError.self) { try packet.encoded() }
        }
        rejects(RIPPacket(.ipv4, .response([Self.entry("10.0.0.0/8", 0)])))
        rejects(RIPPacket(.ipv4, .response([Self.entry("10.0.0.0/8", 17)])))
        rejects(RIPPacket(.ipv4, .response([Self.entry("::/0", 1)])))
        rejects(RIPPacket(.ipv6, .response([Self.entry("10.0.0.0/8", 1)])))
        rejects(RIPPacket(.ipv4, .response([Self.entry("10.0.0.0/8", 1, nextHop: "fe80::1")])))
        rejects(RIPPacket(.ipv6, .requestAll, authentication: .simplePassword([65])))
        let long = [UInt8](repeating: 65, count: 17)
        rejects(RIPPacket(.ipv4, .requestAll, authentication: .simplePassword(long)))
        rejects(
            RIPPacket(.ipv4, .requestAll, authentication: .digest(keyID: 1, sequence: 1, long)))
    }

    @Test func aSecretHasTheLengthThatItsUseAllows() {
        func isKey(_ use: RIPAuthenticationKey.Use, _ count: Int) -> Bool {
            let secret = [UInt8](repeating: 65, count: count)
            return RIPAuthenticationKey(keyID: 1, use: use, secret: secret) != nil
        }
        for use in [RIPAuthenticationKey.Use.simplePassword, .keyedMD5, .hmac(.sha1)] {
            #expect(!isKey(use, 0) && isKey(use, 16))
            #expect(isKey(use, 17) == (use == .hmac(.sha1)))
        }
    }
}
