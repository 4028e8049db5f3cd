// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("VRRP advertisements in octets")
struct VRRPCodecTests {
    struct Fixture: CustomStringConvertible, Sendable {
        let description: String
        let advertisement: VRRPAdvertisement
        let source: IPAddress
        let octets: [UInt8]

        init(
            _ description: String, _ advertisement: VRRPAdvertisement, source: String,
            _ octets: String
        ) {
            self.description = description
            self.advertisement = advertisement
            self.source = value(source)
            self.octets = hex(octets)
        }

        var destination: IPAddress { VRRPAdvertisement.multicastGroup(source.family) }

        func encode(_ advertisement: VRRPAdvertisement) throws(WireError) -> [UInt8] {
            try advertisement.encoded(source: source, destination: destination)
        }

        func decode(_ octets: [UInt8]) throws(WireError) -> VRRPAdvertisement {
            try VRRPAdvertisement(decoding: octets, source: source, destination: destination)
        }
    }

    static let fixtures: [Fixture] = [
        Fixture(
            "version 2",
            VRRPAdvertisement(
                version: .v2, virtualRouterID: 1, priority: 100, interval: 100,
                addresses: [value("192.168.1.1")]),
            source: "192.168.1.3",
            """
            21 01 64 01   # version and type, VRID, priority, one address
            00 01 b952    # no authentication, 1 s, checksum
            c0a80101
            0000000000000000
            """),
        Fixture(
            "version 2 of the owner, with a password",
            VRRPAdvertisement(
                version: .v2, virtualRouterID: 7, priority: 255, interval: 25_500,
                addresses: [value("192.168.1.1"), value("192.168.1.2")],
                authentication: .simpleText(Array("secret".utf8))),
            source: "192.168.1.3", "21 07 ff 02 01 ff 1e56 c0a80101 c0a80102 7365637265740000"),
        Fixture(
            "version 3",
            VRRPAdvertisement(
                version: .v3, virtualRouterID: 1, priority: 200, interval: 100,
                addresses: [value("192.168.1.1")]),
            source: "192.168.1.3", "31 01 c8 01 0064 a2b4 c0a80101"),
        Fixture(
            "version 3 of IPv6, stopping",
            VRRPAdvertisement(
                version: .v3, virtualRouterID: 5, priority: 0, interval: 4095,
                addresses: [value("fe80::1"), value("2001:db8::1")]),
            source: "fe80::3",
            """
            31 05 00 02 0fff 948c
            fe800000000000000000000000000001
            20010db8000000000000000000000001
            """),
    ]

    @Test(arguments: fixtures)
    func everyAdvertisementIsItsGoldenOctets(fixture: Fixture) {
        exercise(
            fixture.description, fixture.advertisement, octets: fixture.octets,
            encode: fixture.encode, decode: fixture.decode)
    }

    @Test(arguments: fixtures)
    func everyFlippedBitIsNoticed(fixture: Fixture) {
        for bit in 0..<fixture.octets.count * 8 {
            var octets = fixture.octets
            octets[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: WireError.self, "bit \(bit)") { try fixture.decode(octets) }
        }
    }

    @Test(arguments: [
        // Version and type, VRID, priority, count, Auth Type, Adver Int, checksum, address, data.
        "11 01 64 01 00 01 c952 c0a80101 0000000000000000",
        "22 01 64 01 00 01 b852 c0a80101 0000000000000000",
        "21 00 64 01 00 01 b953 c0a80101 0000000000000000",
        "21 01 64 00 00 01 7afd 0000000000000000",
        "21 01 64 01 02 01 b752 c0a80101 0000000000000000",
        "21 01 64 01 00 00 b953 c0a80101 0000000000000000",
        "21 01 64 01 00 01 b952 c0a80101 0000000000000000 00",
    ])
    func version2RejectsWhatItsFieldsMustNotBe(octets: String) {
        #expect(InternetChecksum.of(hex(octets)) == 0, "rejected for its field, not its checksum")
        #expect(throws: WireError.self) { try Self.fixtures[0].decode(hex(octets)) }
    }

    @Test func aZeroIntervalOfVersion3IsDiscarded() throws {
        let octets = hex("31 01 c8 01 0000 a318 c0a80101")
        let error = #expect(throws: WireError.self) { try Self.fixtures[2].decode(octets) }
        #expect(error?.field == "Max Advertise Interval")
        #expect(error?.problem == .invalidValue(0))
    }

    @Test func theReservedBitsOfVersion3AreIgnored() throws {
        let octets = hex("31 01 c8 01 f064 b2b3 c0a80101")
        #expect(throws: Never.self) {
            try VRRPAdvertisement(
                decoding: octets, source: value("192.168.1.3"),
                destination: value("224.0.0.18"))
        }
    }

    @Test func whatDoesNotFitItsVersionIsNotWritten() {
        let good = Self.fixtures[0].advertisement
        func rejects(_ change: (inout VRRPAdvertisement) -> Void) {
            var bad = good
            change(&bad)
            #expect(throws: WireError.self) { try Self.fixtures[0].encode(bad) }
        }
        rejects { $0.virtualRouterID = 0 }
        rejects { $0.interval = 150 }
        rejects { $0.interval = 0 }
        rejects { $0.interval = 25_600 }
        rejects { $0.addresses = [] }
        rejects { $0.addresses = [value("fe80::1")] }
        rejects { $0.authentication = .simpleText([UInt8](repeating: 65, count: 9)) }
        rejects {
            $0.version = .v3
            $0.interval = 4096
        }
        rejects {
            $0.version = .v3
            $0.authentication = .simpleText([65])
        }
        rejects { $0.addresses = [IPAddress](repeating: value("1.1.1.1"), count: 256) }
        #expect(throws: WireError.self) {
            try good.encoded(source: value("fe80::3"), destination: value("ff02::12"))
        }
    }

    @Test func groupAndVirtualMACAreThoseOfTheStandard() {
        #expect(VRRPAdvertisement.multicastGroup(.ipv4).description == "224.0.0.18")
        #expect(VRRPAdvertisement.multicastGroup(.ipv6).description == "ff02::12")
        #expect(MACAddress.virtualRouter(10, .ipv4).description == "00:00:5e:00:01:0a")
        #expect(MACAddress.virtualRouter(10, .ipv6).description == "00:00:5e:00:02:0a")
    }
}
