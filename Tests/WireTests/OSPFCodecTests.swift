// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("OSPF packets in octets")
struct OSPFCodecTests {
    @Test(arguments: OSPFFixture.all)
    func everyPacketIsItsGoldenOctets(fixture: OSPFFixture) {
        exercise(
            fixture.description, fixture.packet, octets: fixture.octets, encode: fixture.encode,
            decode: fixture.decode)
    }

    /// A Hello's checksum does not cover the 64 bits of null authentication.
    @Test(arguments: OSPFFixture.all)
    func everyFlippedBitThatIsProtectedIsNoticed(fixture: OSPFFixture) {
        let isNull = fixture.packet.version == .v2 && fixture.authentication == .none
        for bit in 0..<fixture.octets.count * 8 where !isNull || !(128..<192).contains(bit) {
            var octets = fixture.octets
            octets[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: WireError.self, "bit \(bit)") { try fixture.decode(octets) }
        }
    }

    @Test(arguments: OSPFFixture.all.filter { !$0.advertisements.isEmpty })
    func everyAdvertisementSaysWhatWasWritten(fixture: OSPFFixture) throws {
        let version = fixture.packet.version
        for advertisement in fixture.advertisements {
            #expect(advertisement.hasValidChecksum(version))
            let contents = try advertisement.contents(version)
            #expect(contents.type == advertisement.key.type)
            let header = advertisement.header
            let again = try OSPFLSA(
                advertisement.key, contents, version: version, options: header.options,
                sequence: header.sequence, age: header.age)
            #expect(again == advertisement)
        }
    }

    @Test(arguments: OSPFFixture.all.filter { !$0.advertisements.isEmpty })
    func everyFlippedBitOfAnAdvertisementIsNoticed(fixture: OSPFFixture) {
        let version = fixture.packet.version
        for good in fixture.advertisements {
            for bit in 0..<good.body.count * 8 {
                var bad = good
                bad.body[bit / 8] ^= 1 << (bit % 8)
                #expect(!bad.hasValidChecksum(version), "\(good.key) bit \(bit)")
                // What it says may be nonsense, or nothing; it never traps.
                _ = try? bad.contents(version)
            }
            for length in 0..<good.body.count {
                let cut = OSPFLSA(header: good.header, body: Array(good.body[..<length]))
                _ = try? cut.contents(version)
            }
        }
    }

    @Test func whatIsNotAuthenticatedAsConfiguredIsRefused() {
        let keys: [OSPFAuthentication] = [
            .none, .simpleText(Array("other".utf8)), .simpleText(Array("s3cret".utf8)),
            .cryptographic(.init(id: 7, .md5, secret: Array("other".utf8))),
            .cryptographic(.init(id: 8, .md5, secret: Array("s3cret".utf8))),
            .cryptographic(.init(id: 7, .hmacSHA1, secret: Array("other".utf8))),
        ]
        for fixture in OSPFFixture.authenticated {
            for key in keys where key != fixture.authentication {
                #expect(throws: WireError.self, "\(fixture) with \(key)") {
                    try OSPFPacket(
                        decoding: fixture.octets, source: fixture.source,
                        destination: fixture.destination, authentication: key)
                }
            }
        }
    }

    @Test func aKeyLongerThanTheDigestIsHashed() throws {
        let long = OSPFAuthentication.cryptographic(
            .init(id: 1, .hmacSHA1, secret: Array("a key of more than twenty octets".utf8)))
        let hashed = DigestAlgorithm.sha1.hash(Array("a key of more than twenty octets".utf8))
        let short = OSPFAuthentication.cryptographic(
            .init(id: 1, .hmacSHA1, secret: hashed))
        let fixture = OSPFFixture.version2[0]
        let octets = [long, short].map {
            try? fixture.packet.encoded(
                source: fixture.source, destination: fixture.destination, authentication: $0)
        }
        #expect(octets[0] != nil)
        #expect(octets[0] == octets[1])
    }

    @Test func whatOtherTypesOfServiceCostIsPassedOver() throws {
        // A link with two more metrics (RFC 1583), then another link.
        let body = hex(
            """
            00 00 0002
            0a000c00 ffffff00 03 02 000a 08000014 0400001e
            0a000001 ffffffff 03 00 0000
            """)
        let header = OSPFLSAHeader(
            age: 0, key: OSPFLSAKey(.router, value("10.0.0.1"), value("10.0.0.1")),
            sequence: 1, checksum: 0, length: UInt16(20 + body.count))
        let contents = try OSPFLSA(header: header, body: body).contents(.v2)
        guard case .router(let router) = contents else {
            Issue.record("a router LSA")
            return
        }
        #expect(router.links.map(\.metric) == [10, 0])
    }

    @Test func aMaskWithHolesIsRefused() {
        for mask in ["ff00ff00", "00ffffff", "fffffffd"] {
            let header = OSPFLSAHeader(
                age: 0, key: OSPFLSAKey(.network, value("10.0.0.1"), value("10.0.0.1")),
                sequence: 1, checksum: 0, length: 24)
            #expect(throws: WireError.self, "\(mask)") {
                try OSPFLSA(header: header, body: hex(mask)).contents(.v2)
            }
        }
    }

    @Test(arguments: [OSPFVersion.v2, .v3])
    func externalRoutesWithForwardingAddressAndTagComeBack(version: OSPFVersion) throws {
        let isV2 = version == .v2
        let external = OSPFExternalLSA(
            isType2: false, metric: 0xff_ffff,
            prefix: value(isV2 ? "198.51.100.0/24" : "2001:db8:1:2::/63"),
            options: isV2 ? [] : .down, forwardingAddress: value(isV2 ? "10.0.0.9" : "2001:db8::9"),
            tag: 0xd000_fde8)
        let written = lsa(version, "198.51.100.0", "10.0.0.1", .external(external))
        #expect(try written.contents(version) == .external(external))
    }

    @Test func unknownTypesAreKeptAsTheyCame() throws {
        // A router information LSA in an opaque one of version 2, and one of version 3.
        let opaque = OSPFLSAType(v2: 10)
        #expect(opaque.scope == .area)
        #expect(OSPFLSAType(v2: 9).scope == .link)
        #expect(OSPFLSAType(v2: 11).scope == .autonomousSystem)
        #expect(OSPFLSAType(v2: 6).scope == nil)
        #expect(OSPFLSAType(rawValue: 0x6001).scope == nil)
        let header = OSPFLSAHeader(
            age: 1, key: OSPFLSAKey(opaque, value("4.0.0.0"), value("10.0.0.1")), sequence: 5,
            checksum: 0, length: 24)
        #expect(try OSPFLSA(header: header, body: [1, 2, 3, 4]).contents(.v2) == .unknown)
    }

    @Test func theNewerInstanceIsThatOfTheStandard() {
        func header(_ sequence: Int32, _ checksum: UInt16 = 5, age: UInt16 = 10) -> OSPFLSAHeader {
            OSPFLSAHeader(
                age: age, key: OSPFLSAKey(.router, value("1.1.1.1"), value("1.1.1.1")),
                sequence: sequence, checksum: checksum, length: 24)
        }
        #expect(header(2).isNewer(than: header(1)))
        #expect(header(0).isNewer(than: header(OSPFLSAHeader.initialSequence)))
        #expect(header(1, 6).isNewer(than: header(1, 5)))
        #expect(header(1, age: 3600).isNewer(than: header(1, age: 1)))
        #expect(!header(1, age: 1).isNewer(than: header(1, age: 3600)))
        #expect(header(1, age: 10).isNewer(than: header(1, age: 911)))
        #expect(header(1, age: 10).isSameInstance(as: header(1, age: 910)))
    }

    @Test func theFletcherSumIsThatOfItsStandard() {
        // FRR's sums are in the fixtures; here fields at both ends and long messages.
        for count in [2, 3, 20, 255, 1000] {
            for field in [0, count / 2, count - 2] where field + 2 <= count {
                var octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
                let sum = FletcherChecksum.of(octets[...], fieldAt: field)
                (octets[field], octets[field + 1]) = (UInt8(sum >> 8), UInt8(sum & 0xff))
                #expect(FletcherChecksum.verifies(octets[...]), "\(count) octets, field \(field)")
                octets[0] ^= 1
                #expect(!FletcherChecksum.verifies(octets[...]))
            }
        }
    }
}
