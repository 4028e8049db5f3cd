// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("Authentication of IS-IS PDUs")
struct ISISAuthenticationTests {
    private static let keys: [ISISKey] = [
        .clearText(Array("word".utf8)), .hmacMD5(Array("word".utf8)),
        .keyed(.sha1, id: 7, Array("word".utf8)), .keyed(.sha256, id: 7, Array("word".utf8)),
        .keyed(.sha384, id: 7, Array("word".utf8)), .keyed(.sha512, id: 7, Array("word".utf8)),
        .keyed(.sha1, id: 7, [UInt8](repeating: 0x61, count: 21)),
    ]

    @Test(arguments: ISISFixture.all.filter { $0.key != nil })
    func whatFRRSignedVerifies(fixture: ISISFixture) throws {
        let key = try #require(fixture.key)
        #expect(key.verifies(fixture.octets))
        #expect(!ISISKey.hmacMD5(Array("wrong".utf8)).verifies(fixture.octets))
        #expect(!ISISKey.clearText(Array("domainkey2".utf8)).verifies(fixture.octets))
    }

    @Test(arguments: keys)
    func whatIsSignedVerifiesWithItsKeyAlone(key: ISISKey) throws {
        for fixture in ISISFixture.all {
            let octets = try fixture.packet.encoded(key: key)
            for other in Self.keys {
                #expect(other.verifies(octets) == (other == key), "\(fixture): \(other)")
            }
            #expect(!key.verifies(try fixture.packet.encoded()), "\(fixture) unsigned")
        }
    }

    /// A flooded LSP is older, and its checksum is of the octets alone: neither is signed.
    @Test(arguments: keys.filter { if case .clearText = $0 { false } else { true } })
    func onlyTheLifetimeAndTheChecksumAreFree(key: ISISKey) throws {
        let signed = try ISISFixture.linkStates[0].packet.encoded(key: key)
        for bit in 0..<signed.count * 8 {
            var octets = signed
            octets[bit / 8] ^= 1 << (bit % 8)
            let isFree = [10, 11, 24, 25].contains(bit / 8)
            // The type says whether the PDU is an LSP at all.
            #expect(key.verifies(octets) == isFree, "bit \(bit)")
        }
    }

    @Test func twoSignaturesAreNone() throws {
        let key = Self.keys[0]
        let packet = ISISFixture.lsp(
            .one, 9, ISISFixture.lan, 1, .levelOne,
            [.authentication(.clearText(Array("word".utf8)))])
        #expect(key.verifies(try packet.encoded()))
        #expect(!key.verifies(try packet.encoded(key: key)))
    }

    /// Computed with Python's hmac over the PDU with RFC 5310's Apad in place of the digest, and
    /// the long key replaced by its digest first (§3.3).
    @Test func keyedDigestsAreThoseOfTheRFC() throws {
        let packet = ISISPacket.sequenceNumbers(
            ISISSequenceNumbers(level: .one, source: ISISNodeID(ISISFixture.alpha)))
        #expect(
            text(try packet.encoded(key: Self.keys[2])) == """
                831101001a010000002a100000000001000a17030007\
                d7ad4875df21c88b53b02e29892d711d75f27a85
                """)
        #expect(
            text(try packet.encoded(key: Self.keys[6])) == """
                831101001a010000002a100000000001000a17030007\
                cff8a424a0e8b53e419783079eaff4e4e5737f7d
                """)
        #expect(
            text(try packet.encoded(key: Self.keys[3])) == """
                831101001a0100000036100000000001000a23030007\
                551fa086396a7f160edcee2b346ca7408a7659702a34ab68a21c0972e5d5264a
                """)
    }
}
