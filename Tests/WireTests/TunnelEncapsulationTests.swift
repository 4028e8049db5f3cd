// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("Tunnel Encapsulation attribute (RFC 9012)")
struct TunnelEncapsulationTests {
    private typealias Tunnel = TunnelEncapsulation.Tunnel

    private func tunnel(_ subTLVs: (type: UInt8, octets: String)..., type: UInt16 = 11) -> Tunnel {
        Tunnel(
            type: type, subTLVs: subTLVs.map { .init(type: $0.type, value: hex($0.octets)) })
    }

    @Test func whatWasPutInComesOut() {
        let keyed = Tunnel(mplsInGRETo: value("10.0.0.5"), key: 1234)
        #expect(keyed.greKey == 1234)
        #expect(keyed.egressEndpoint == .address(value("10.0.0.5")))
        let plain = Tunnel(mplsInGRETo: value("10.0.0.5"), key: nil)
        #expect(plain.greKey == nil)
    }

    @Test(arguments: [
        ("00000000 0000", "next hop"), ("deadbeef 0001 0a000005", "10.0.0.5"),
        ("00000000 0002 20010db8000000000000000000000001", "2001:db8::1"),
        ("00000000 0000 00", "-"), ("00000000 0001 0a0000", "-"),
        ("00000000 0001 0a00000500", "-"), ("00000000 0002 0a000005", "-"),
        ("00000000 0003", "-"), ("00000000 0001 e0000001", "-"),
        ("00000000 0001 7f000001", "-"), ("00000000", "-"), ("", "-"),
    ])
    func anEgressEndpointIsAnAddressOrTheNextHop(octets: String, expected: String) {
        let found =
            switch tunnel((6, octets)).egressEndpoint {
            case .nextHop?: "next hop"
            case .address(let address)?: address.description
            case nil: "-"
            }
        #expect(found == expected)
    }

    @Test func ofSeveralEncapsulationsTheFirstCountsAndAMalformedOneIsNone() {
        #expect(tunnel((1, "00000007"), (1, "00000008")).greKey == 7)
        #expect(tunnel((1, "000007")).greKey == nil)
        #expect(tunnel((1, "00000007"), type: 2).greKey == nil)
        #expect(tunnel((6, "00000000 0000"), (6, "00000000 0000")).egressEndpoint == nil)
    }

    /// The tunnels that are left of an attribute with this value.
    private func decoded(_ octets: String) throws -> [Tunnel] {
        var reader = WireReader(hex(octets))
        var received = ReceivedAttributes()
        let context = BGPCodecContext(fourOctetAS: true, isInternal: true)
        try PathAttributeTable.decodeTunnelEncapsulation(&reader, &received, context)
        return received.attributes.tunnelEncapsulation?.tunnels ?? []
    }

    @Test func aTunnelWithoutAValidEgressEndpointGoesAndTheOthersStay() throws {
        let found = try decoded(
            """
            000b 0006 01 04 000004d2
            000b 0008 06 06 00000000 0000
            0008 0004 02 02 0800
            """)
        #expect(found == [tunnel((6, "00000000 0000")), tunnel((2, "0800"), type: 8)])
    }

    /// Each cut but those between tunnels is refused.
    @Test func aTunnelCutShortIsMalformed() throws {
        let octets = hex("000b 0008 06 06 00000000 0000 0008 0005 80 0002 0102")
        for count in 1..<octets.count where count != 12 {
            #expect(throws: WireError.self) { try decoded(text(Array(octets[..<count]))) }
        }
        #expect(try decoded(text(octets)).count == 2)
    }
}
