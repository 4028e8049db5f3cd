// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("Messages of Neighbor Discovery")
struct NeighborDiscoveryTests {
    private static let router: IPAddress = value("fe80::1")
    private static let host: IPAddress = value("fe80::9")

    static let advertisement = RouterAdvertisement(
        lifetime: 9, sourceMAC: value("00:00:5e:00:02:05"),
        prefixes: [
            .init(value("2001:db8::/64")),
            .init(
                value("2001:db8:1::/64"), isOnLink: false, isAutonomous: true, validLifetime: 60,
                preferredLifetime: 30),
        ])

    private static let advertisementOctets = """
        86 00 f841
        40 00 0009                               # hop limit 64, nine seconds
        00000000 00000000
        01 01 00005e000205                       # source link-layer address
        03 04 40 80 ffffffff ffffffff 00000000   # on link, for ever
        20010db8000000000000000000000000
        03 04 40 40 0000003c 0000001e 00000000   # autonomous
        20010db8000100000000000000000000
        """

    @Test func aRouterAdvertisementIsItsGoldenOctets() {
        exercise(
            "router advertisement", Self.advertisement, octets: hex(Self.advertisementOctets),
            encode: { $0.encoded(source: Self.router, destination: .allNodes) },
            decode: {
                try RouterAdvertisement(
                    decoding: $0, source: Self.router, destination: .allNodes)
            })
    }

    @Test func aRouterSolicitationIsItsGoldenOctets() {
        exercise(
            "router solicitation", RouterSolicitation(sourceMAC: value("02:00:00:00:00:09")),
            octets: hex("85 00 7a1c 00000000 01 01 020000000009"),
            encode: { $0.encoded(source: Self.host, destination: .allRouters) },
            decode: {
                try RouterSolicitation(
                    decoding: $0, source: Self.host, destination: .allRouters)
            })
    }

    /// RFC 4861 §6.1.1: who has no address yet cannot be answered at a link-layer address.
    @Test func aSolicitationFromNowhereHasNoLinkLayerAddress() {
        let nowhere = IPAddress.unspecified(.ipv6)
        let silent = RouterSolicitation().encoded(source: nowhere, destination: .allRouters)
        #expect(throws: Never.self) {
            try RouterSolicitation(decoding: silent, source: nowhere, destination: .allRouters)
        }
        let telling = RouterSolicitation(sourceMAC: value("02:00:00:00:00:09"))
            .encoded(source: nowhere, destination: .allRouters)
        #expect(throws: WireError.self) {
            try RouterSolicitation(decoding: telling, source: nowhere, destination: .allRouters)
        }
    }

    /// RFC 4861 §6.1.2.
    @Test func anAdvertisementComesFromALinkLocalAddress() {
        let global: IPAddress = value("2001:db8::1")
        let octets = Self.advertisement.encoded(source: global, destination: .allNodes)
        #expect(throws: WireError.self) {
            try RouterAdvertisement(decoding: octets, source: global, destination: .allNodes)
        }
    }

    @Test(arguments: [
        "05 01 000000000514",  // MTU, which nobody asks for here
        "fd 02 000000000000 0000000000000000",
    ])
    func unknownOptionsAreLeftAlone(option: String) throws {
        var message = RouterSolicitation().encoded(source: Self.host, destination: .allRouters)
        message = withChecksum(message + hex(option))
        let read = try RouterSolicitation(
            decoding: message, source: Self.host, destination: .allRouters)
        #expect(read == RouterSolicitation())
    }

    @Test(arguments: ["01 00 000000000000", "03 04 81 00"])
    func anOptionThatCannotBeIsRefused(option: String) {
        let head = RouterSolicitation().encoded(source: Self.host, destination: .allRouters)
        #expect(throws: WireError.self) {
            try RouterSolicitation(
                decoding: withChecksum(head + hex(option)), source: Self.host,
                destination: .allRouters)
        }
    }

    /// Octets of a message from the host to all routers, with a right checksum.
    private func withChecksum(_ octets: [UInt8]) -> [UInt8] {
        var octets = octets
        octets.replaceSubrange(2..<4, with: [0, 0])
        var sum = InternetChecksum(
            source: Self.host, destination: .allRouters, nextHeader: 58, length: octets.count)
        sum.add(octets)
        octets.replaceSubrange(2..<4, with: [UInt8(sum.value >> 8), UInt8(sum.value & 255)])
        return octets
    }

    @Test func randomOctetsNeverTrap() {
        var random = SplitMix(seed: 5)
        let seed = hex(Self.advertisementOctets)
        for type: UInt8 in [133, 134, 136] {
            for _ in 0..<10_000 {
                var octets = seed
                octets[0] = type
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    let place = Int.random(in: 4..<octets.count, using: &random)
                    octets[place] = UInt8.random(in: 0...255, using: &random)
                }
                octets.removeLast(Int.random(in: 0...octets.count / 2, using: &random))
                checkMeaning(withChecksum(octets))
            }
        }
    }

    private func checkMeaning(_ octets: [UInt8]) {
        let (from, to) = (Self.host, IPAddress.allRouters)
        _ = try? RouterSolicitation(decoding: octets, source: from, destination: to)
        _ = try? NeighborAdvertisement(decoding: octets, source: from, destination: to)
        guard
            let read = try? RouterAdvertisement(decoding: octets, source: from, destination: to)
        else { return }
        let written = read.encoded(source: from, destination: to)
        #expect(
            (try? RouterAdvertisement(decoding: written, source: from, destination: to)) == read)
    }
}
