// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Wire

@Suite("BFD control packets in octets")
struct BFDCodecTests {
    struct Fixture: CustomStringConvertible, Sendable {
        let description: String
        let packet: BFDPacket
        let octets: [UInt8]
        /// Of the authentication section, if there is one.
        let key: BFDAuthenticationKey?

        init(
            _ description: String, _ state: BFDPacket.State, _ octets: String,
            discriminators: (UInt32, UInt32), intervals: (UInt32, UInt32, UInt32),
            key: BFDAuthenticationKey? = nil, _ change: (inout BFDPacket) -> Void = { _ in }
        ) {
            self.description = description
            var packet = BFDPacket(
                state: state, detectMultiplier: 3, myDiscriminator: discriminators.0,
                yourDiscriminator: discriminators.1, desiredMinTxInterval: intervals.0,
                requiredMinRxInterval: intervals.1, requiredMinEchoRxInterval: intervals.2)
            change(&packet)
            self.packet = packet
            self.octets = hex(octets)
            self.key = key
        }
    }

    static func key(_ kind: BFDAuthentication.Kind?, _ secret: String) -> BFDAuthenticationKey {
        guard
            let key = BFDAuthenticationKey(keyID: 1, kind: kind, secret: Array(secret.utf8))
        else { preconditionFailure("a key of \(secret.utf8.count) octets") }
        return key
    }

    /// Of BIRD, with the password `weft-secret`.
    private static func signed(
        _ description: String, _ kind: BFDAuthentication.Kind, discriminators: (UInt32, UInt32),
        sequence: UInt32, digest: String, _ octets: String
    ) -> Fixture {
        Fixture(
            description, .up, octets + digest, discriminators: discriminators,
            intervals: (300_000, 300_000, 0), key: key(kind, "weft-secret")
        ) {
            $0.authentication = BFDAuthentication(
                keyID: 1, proof: .digest(kind, sequence: sequence, hex(digest)))
        }
    }

    /// What FRR 8.4.4 and BIRD 2.0.12 sent to each other, as captured.
    static let fixtures: [Fixture] = [
        Fixture(
            "BIRD's first", .down,
            """
            20 40 03 18   # version 1 and no diagnostic, Down, multiplier 3, 24 octets
            3d956696 00000000
            000f4240 000493e0 00000000
            """,
            discriminators: (0x3d95_6696, 0), intervals: (1_000_000, 300_000, 0)),
        Fixture(
            "FRR's answer", .initialize,
            "20 80 03 18 90cf4459 3d956696 000f4240 000f4240 0000c350",
            discriminators: (0x90cf_4459, 0x3d95_6696), intervals: (1_000_000, 1_000_000, 50_000)),
        Fixture(
            "FRR's Poll", .up, "20 e0 03 18 90cf4459 3d956696 000493e0 000493e0 0000c350",
            discriminators: (0x90cf_4459, 0x3d95_6696), intervals: (300_000, 300_000, 50_000)
        ) { $0.isPoll = true },
        Fixture(
            "FRR's Final", .up, "20 d0 03 18 90cf4459 3d956696 000493e0 000493e0 0000c350",
            discriminators: (0x90cf_4459, 0x3d95_6696), intervals: (300_000, 300_000, 50_000)
        ) { $0.isFinal = true },
        Fixture(
            "every other bit", .adminDown,
            "27 0a ff 18 00000001 00000000 ffffffff 00000000 00000000",
            discriminators: (1, 0), intervals: (.max, 0, 0)
        ) {
            $0.diagnostic = .administrativelyDown
            $0.isControlPlaneIndependent = true
            $0.isDemand = true
            $0.detectMultiplier = 255
        },
        Fixture(
            "simple password", .up,
            """
            20 c4 03 26 d2a52ed7 d05cd773 000493e0 000493e0 00000000
            01 0e 01 776566742d736563726574   # type, length, key, weft-secret
            """,
            discriminators: (0xd2a5_2ed7, 0xd05c_d773), intervals: (300_000, 300_000, 0),
            key: key(nil, "weft-secret")
        ) {
            $0.authentication = BFDAuthentication(
                keyID: 1, proof: .simplePassword(Array("weft-secret".utf8)))
        },
        signed(
            "keyed MD5", .keyedMD5, discriminators: (0x7b03_7aa4, 0xd203_88a5),
            sequence: 0xa3c6_1639, digest: "288daaf17555468c54d85458e27c7eec",
            """
            20 c4 03 30 7b037aa4 d20388a5 000493e0 000493e0 00000000
            02 18 01 00 a3c61639
            """),
        signed(
            "meticulous keyed MD5", .meticulousKeyedMD5,
            discriminators: (0x0493_5544, 0x39c6_1017), sequence: 0x5d00_7124,
            digest: "e91f60df84055b5f57e4dd72d03bd0a9",
            """
            20 c4 03 30 04935544 39c61017 000493e0 000493e0 00000000
            03 18 01 00 5d007124
            """),
        signed(
            "keyed SHA1", .keyedSHA1, discriminators: (0x9b6f_f07a, 0xc3d3_2295),
            sequence: 0xd6f7_6219, digest: "9e4991a4b73e98037fbe1b60971152e5c2419c5e",
            """
            20 c4 03 34 9b6ff07a c3d32295 000493e0 000493e0 00000000
            04 1c 01 00 d6f76219
            """),
        signed(
            "meticulous keyed SHA1", .meticulousKeyedSHA1,
            discriminators: (0x69e7_2b0e, 0x1220_e082), sequence: 0xda7c_ce27,
            digest: "3a4a1d5a46a0abcc7cfebd33cf0e473a5573b14e",
            """
            20 c4 03 34 69e72b0e 1220e082 000493e0 000493e0 00000000
            05 1c 01 00 da7cce27
            """),
    ]

    @Test(arguments: fixtures)
    func everyPacketIsItsGoldenOctets(fixture: Fixture) {
        exercise(
            fixture.description, fixture.packet, octets: fixture.octets,
            encode: { try $0.encoded() }, decode: { try BFDPacket(decoding: $0) })
    }

    /// No flipped bit traps, and with a digest none passes either, but for those of the reserved
    /// octet, which the digest covers too.
    @Test(arguments: fixtures)
    func everyFlippedBitSurvivesAndNoneIsAuthentic(fixture: Fixture) {
        for bit in 0..<fixture.octets.count * 8 {
            var octets = fixture.octets
            octets[bit / 8] ^= 1 << (bit % 8)
            guard let packet = try? BFDPacket(decoding: octets) else { continue }
            #expect(packet != fixture.packet || bit / 8 == 27, "bit \(bit)")
            guard let key = fixture.key, key.kind != nil else { continue }
            #expect(!key.authenticates(packet, in: octets), "bit \(bit)")
        }
    }

    @Test(arguments: fixtures.filter { $0.key != nil })
    func aKeySignsAsTheOtherEndDid(fixture: Fixture) throws {
        let key = try #require(fixture.key)
        var sequence: UInt32 = 0
        if case .digest(_, let number, _) = fixture.packet.authentication?.proof {
            sequence = number
        }
        var packet = fixture.packet
        packet.authentication = nil
        let octets = try packet.encoded(signedBy: key, sequence: sequence)
        #expect(text(octets) == text(fixture.octets))
        #expect(key.authenticates(fixture.packet, in: fixture.octets))
        // Octets beyond Length are the link's padding.
        #expect(key.authenticates(fixture.packet, in: fixture.octets + [0, 0, 1]))
    }

    @Test(arguments: fixtures)
    func noOtherKeyTakesIt(fixture: Fixture) {
        let kinds: [BFDAuthentication.Kind?] = [nil] + BFDAuthentication.Kind.allCases
        for kind in kinds {
            let isItsOwn = fixture.key.map { $0.kind == kind } ?? false
            let same = Self.key(kind, "weft-secret")
            #expect(same.authenticates(fixture.packet, in: fixture.octets) == isItsOwn)
            let other = Self.key(kind, "weft-secre")
            #expect(!other.authenticates(fixture.packet, in: fixture.octets))
            var numbered = same
            numbered.keyID = 2
            #expect(!numbered.authenticates(fixture.packet, in: fixture.octets))
        }
    }

    /// RFC 5880 §6.8.6, the checks that need no session.
    @Test(arguments: [
        ("00400318 00000001 00000000 000f4240 000f4240 00000000", "Vers"),
        ("20410318 00000001 00000000 000f4240 000f4240 00000000", "Multipoint"),
        ("20700318 00000001 00000000 000f4240 000f4240 00000000", "Poll and Final"),
        ("20400018 00000001 00000000 000f4240 000f4240 00000000", "Detect Mult"),
        ("20400317 00000001 00000000 000f4240 000f4240 00000000", "Length"),
        ("20400319 00000001 00000000 000f4240 000f4240 00000000", "Length"),
        ("20440318 00000001 00000000 000f4240 000f4240 00000000 01040141", "Length"),
        ("20400318 00000000 00000000 000f4240 000f4240 00000000", "My Discriminator"),
        ("20800318 00000001 00000000 000f4240 000f4240 00000000", "Your Discriminator"),
        ("20c00318 00000001 00000000 000f4240 000f4240 00000000", "Your Discriminator"),
        ("2044031c 00000001 00000000 000f4240 000f4240 00000000 06040141", "Auth Type"),
        ("2044031c 00000001 00000000 000f4240 000f4240 00000000 01030141", "Auth Len"),
        ("2044031d 00000001 00000000 000f4240 000f4240 00000000 0104014100", "Auth Len"),
        ("2044031c 00000001 00000000 000f4240 000f4240 00000000 02180141", "Sequence Number"),
        ("2044031c 00000001 00000000 000f4240 000f4240 00000000 02040141", "Auth Len"),
    ])
    func aPacketIsDiscardedForItsField(octets: String, field: String) {
        let octets = hex(octets)
        let error = #expect(throws: WireError.self) { try BFDPacket(decoding: octets) }
        #expect(error?.field == field)
    }

    @Test func whatAPacketMustNotHaveIsNotWritten() {
        func rejects(_ change: (inout BFDPacket) -> Void) {
            var packet = Self.fixtures[2].packet
            change(&packet)
            #expect(throws: WireError.self) { try packet.encoded() }
        }
        rejects { $0.isFinal = true }
        rejects { $0.detectMultiplier = 0 }
        rejects { $0.myDiscriminator = 0 }
        rejects { $0.yourDiscriminator = 0 }
        rejects { $0.authentication = BFDAuthentication(keyID: 1, proof: .simplePassword([])) }
        let long = [UInt8](repeating: 65, count: 17)
        rejects { $0.authentication = BFDAuthentication(keyID: 1, proof: .simplePassword(long)) }
        rejects {
            let proof = BFDAuthentication.Proof.digest(.keyedSHA1, sequence: 1, long)
            $0.authentication = BFDAuthentication(keyID: 1, proof: proof)
        }
    }

    @Test func aSecretHasTheLengthThatItsUseAllows() {
        func isKey(_ kind: BFDAuthentication.Kind?, _ count: Int) -> Bool {
            let secret = [UInt8](repeating: 65, count: count)
            return BFDAuthenticationKey(keyID: 1, kind: kind, secret: secret) != nil
        }
        for kind in [nil] + BFDAuthentication.Kind.allCases {
            #expect(!isKey(kind, 0) && isKey(kind, 1) && isKey(kind, 16))
            #expect(isKey(kind, 17) == (kind?.algorithm == .sha1))
            #expect(!isKey(kind, 21))
        }
        #expect(isKey(.keyedSHA1, 20))
    }

    @Test func everyStateAndDiagnosticHasItsWord() {
        #expect(BFDPacket.State.allCases.map(\.description) == ["AdminDown", "Down", "Init", "Up"])
        let words = (0..<10 as Range<UInt8>).map { BFDPacket.Diagnostic(rawValue: $0).description }
        #expect(Set(words).count == 10 && words[9] == "diagnostic 9")
    }
}
