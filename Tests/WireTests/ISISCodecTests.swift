// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

/// PDUs that two FRR 8.4 routers, alpha and beta, sent each other over a point-to-point circuit and
/// a LAN.
struct ISISFixture: CustomStringConvertible, Sendable {
    let description: String
    let packet: ISISPacket
    /// Authenticates it; the packet's value has no authentication TLV.
    let key: ISISKey?
    let octets: [UInt8]

    init(_ description: String, _ packet: ISISPacket, key: ISISKey? = nil, _ octets: String) {
        self.description = description
        self.packet = packet
        self.key = key
        self.octets = hex(octets)
    }

    static let alpha: SystemID = value("1000.0000.0001")
    static let beta: SystemID = value("1000.0000.0002")
    static let lan = ISISNodeID(alpha, pseudonode: 3)
    static let helloKey = ISISKey.hmacMD5(Array("hellokey".utf8))
    static let areaKey = ISISKey.hmacMD5(Array("areakey".utf8))
    static let domainKey = ISISKey.clearText(Array("domainkey".utf8))

    static func lsp(
        _ level: ISISLevel, _ lifetime: UInt16, _ node: ISISNodeID, _ sequence: UInt32,
        _ flags: ISISLinkState.Flags, _ tlvs: [ISISTLV]
    ) -> ISISPacket {
        .linkState(
            ISISLinkState(
                level: level, lifetime: lifetime, id: LSPID(node), sequence: sequence, flags: flags,
                tlvs: tlvs))
    }

    static func hello(_ circuit: ISISHello.Circuit, _ tlvs: [ISISTLV]) -> ISISPacket {
        .hello(
            ISISHello(
                circuitType: .both, source: alpha, holdingTime: 10, circuit: circuit, tlvs: tlvs))
    }

    static let protocols = ISISTLV.protocols([0xcc, 0x8e])
    static let area = ISISTLV.areaAddresses([value("49.0001")])

    static let hellos = [
        ISISFixture(
            "point-to-point hello, hearing nobody",
            hello(
                .pointToPoint(circuitID: 0),
                [
                    protocols, area, .threeWay(ISISThreeWay(state: .down, circuitID: 0)),
                    .ipv4Addresses([value("10.1.0.1")]),
                ]),
            """
            83 14 01 00 11 01 00 00
            03 100000000001 000a 002b 00
            81 02 cc8e 01 04 03490001 f0 05 02 00000000 84 04 0a010001
            """),
        ISISFixture(
            "point-to-point hello, of an adjacency that is up",
            hello(
                .pointToPoint(circuitID: 0),
                [
                    protocols, area,
                    .threeWay(
                        ISISThreeWay(
                            state: .up, circuitID: 0,
                            neighbor: ISISThreeWay.Neighbor(beta, circuitID: 0))),
                    .ipv4Addresses([value("10.1.0.1")]),
                    .ipv6Addresses([value("fe80::90a5:a4ff:fed7:124c")]),
                ]),
            """
            83 14 01 00 11 01 00 00
            03 100000000001 000a 0047 00
            81 02 cc8e 01 04 03490001
            f0 0f 00 00000000 100000000002 00000000
            84 04 0a010001 e8 10 fe8000000000000090a5a4fffed7124c
            """),
        ISISFixture(
            "LAN hello of level 1",
            hello(
                .lan(.one, priority: 70, lanID: ISISNodeID(SystemID(bits: 0))),
                [
                    protocols, area, .lanNeighbors([value("52:38:2b:c2:52:e8")]),
                    .ipv4Addresses([value("10.2.0.1")]),
                    .ipv6Addresses([value("fe80::24ca:4eff:fe13:c0a6")]),
                    .other(233, hex("20010db8000200000000000000000001")),
                ]),
            """
            83 1b 01 00 0f 01 00 00
            03 100000000001 000a 0057 46 00000000000000
            81 02 cc8e 01 04 03490001 06 06 52382bc252e8
            84 04 0a020001 e8 10 fe8000000000000024ca4efffe13c0a6
            e9 10 20010db8000200000000000000000001
            """),
        ISISFixture(
            "LAN hello of level 2 with HMAC-MD5",
            hello(
                .lan(.two, priority: 70, lanID: ISISNodeID(SystemID(bits: 0))),
                [
                    protocols, area, .lanNeighbors([value("5a:d4:e3:33:a1:59")]),
                    .ipv4Addresses([value("10.2.0.1")]),
                ]), key: helloKey,
            """
            83 1b 01 00 10 01 00 00
            03 100000000001 000a 0046 46 00000000000000
            0a 11 36 4273c0b728433c4eec1c3e802fed1790
            81 02 cc8e 01 04 03490001 06 06 5ad4e333a159 84 04 0a020001
            """),
    ]

    static func alphaTLVs(subTLVs: Bool = false) -> [ISISTLV] {
        [
            protocols, area, .hostname("alpha"), .other(242, hex("0a00000100")),
            .routerID(value("10.0.0.1")),
            .neighbors([
                ISISReachedNode(ISISNodeID(beta), metric: 10), ISISReachedNode(lan, metric: 10),
            ]),
            .ipv4Addresses([value("10.0.0.1")]),
            .ipv4Prefixes([
                ISISPrefix(value("10.1.0.0/30"), metric: 10),
                ISISPrefix(value("10.2.0.0/24"), metric: 10),
                ISISPrefix(value("10.0.0.1/32"), metric: 10),
            ]),
            .ipv6Prefixes([
                ISISPrefix(value("2001:db8:2::/64"), metric: 10),
                ISISPrefix(value("2001:db8::1/128"), metric: 10),
            ]),
        ]
    }

    private static let attached: ISISLinkState.Flags = [.levelTwo, .attached]

    static let linkStates = [
        ISISFixture(
            "LSP of level 1",
            lsp(.one, 1148, ISISNodeID(alpha), 3, attached, alphaTLVs()),
            """
            83 1b 01 00 12 01 00 00
            0099 047c 1000000000010000 00000003 a5f1 0b
            81 02 cc8e 01 04 03490001 89 05 616c706861 f2 05 0a00000100 86 04 0a000001
            16 16 10000000000200 00000a 00 10000000000103 00000a 00
            84 04 0a000001
            87 1a 0000000a 1e 0a010000 0000000a 18 0a0200 0000000a 20 0a000001
            ec 24 0000000a 00 40 20010db800020000 0000000a 00 80 20010db8000000000000000000000001
            """),
        ISISFixture(
            "LSP of level 1 with HMAC-MD5",
            lsp(.one, 1154, ISISNodeID(alpha), 3, attached, alphaTLVs()), key: areaKey,
            """
            83 1b 01 00 12 01 00 00
            00ac 0482 1000000000010000 00000003 643b 0b
            0a 11 36 c6db6ccccb804e7fd95a50d2dbf02765
            81 02 cc8e 01 04 03490001 89 05 616c706861 f2 05 0a00000100 86 04 0a000001
            16 16 10000000000200 00000a 00 10000000000103 00000a 00
            84 04 0a000001
            87 1a 0000000a 1e 0a010000 0000000a 18 0a0200 0000000a 20 0a000001
            ec 24 0000000a 00 40 20010db800020000 0000000a 00 80 20010db8000000000000000000000001
            """),
        ISISFixture(
            "LSP of level 2 of a pseudonode with a password",
            lsp(
                .two, 1196, lan, 1, .levelTwo,
                [
                    .neighbors([
                        ISISReachedNode(ISISNodeID(alpha), metric: 0),
                        ISISReachedNode(ISISNodeID(beta), metric: 0),
                    ])
                ]), key: domainKey,
            """
            83 1b 01 00 14 01 00 00
            003f 04ac 1000000000010300 00000001 fbc2 03
            0a 0a 01 646f6d61696e6b6579
            16 16 10000000000100 000000 00 10000000000200 000000 00
            """),
        ISISFixture(
            "purge of an LSP", lsp(.one, 0, lan, 1, attached, []),
            "83 1b 01 00 12 01 00 00 001b 0000 1000000000010300 00000001 1bc4 0b"),
    ]

    private static func entries(_ text: [(UInt16, ISISNodeID, UInt32, UInt16)]) -> ISISTLV {
        .lspEntries(
            text.map { LSPEntry(lifetime: $0.0, id: LSPID($0.1), sequence: $0.2, checksum: $0.3) })
    }

    static let sequenceNumbers = [
        ISISFixture(
            "CSNP of level 1",
            .sequenceNumbers(
                ISISSequenceNumbers(
                    level: .one, source: ISISNodeID(alpha), range: .first ... .last,
                    tlvs: [
                        entries([
                            (1141, ISISNodeID(alpha), 3, 0xa5f1), (1138, lan, 1, 0xeba4),
                            (1147, ISISNodeID(beta), 3, 0xc538),
                        ])
                    ])),
            """
            83 21 01 00 18 01 00 00 0053 10000000000100 0000000000000000 ffffffffffffffff
            09 30 0475 1000000000010000 00000003 a5f1
                  0472 1000000000010300 00000001 eba4
                  047b 1000000000020000 00000003 c538
            """),
        ISISFixture(
            "CSNP of level 1 with HMAC-MD5",
            .sequenceNumbers(
                ISISSequenceNumbers(
                    level: .one, source: ISISNodeID(beta), range: .first ... .last,
                    tlvs: [entries([(0x48a, ISISNodeID(beta), 1, 0xbab1)])])),
            key: areaKey,
            """
            83 21 01 00 18 01 00 00 0046 10000000000200 0000000000000000 ffffffffffffffff
            0a 11 36 f6905120fd3370d138c1e1ced2c41ce1
            09 10 048a 1000000000020000 00000001 bab1
            """),
        ISISFixture(
            "PSNP of level 2 with a password",
            .sequenceNumbers(
                ISISSequenceNumbers(
                    level: .two, source: ISISNodeID(alpha),
                    tlvs: [entries([(0x482, ISISNodeID(beta), 0, 0xbab1)])])),
            key: domainKey,
            """
            83 11 01 00 1b 01 00 00 002f 10000000000100
            0a 0a 01 646f6d61696e6b6579 09 10 0482 1000000000020000 00000000 bab1
            """),
    ]

    static let all = hellos + linkStates + sequenceNumbers
}

@Suite("IS-IS PDUs in octets")
struct ISISCodecTests {
    /// The PDU without its authentication TLV.
    private func unsigned(_ packet: ISISPacket) -> ISISPacket {
        func strip(_ tlvs: [ISISTLV]) -> [ISISTLV] { tlvs.filter { $0.type != 10 } }
        switch packet {
        case .hello(var hello):
            hello.tlvs = strip(hello.tlvs)
            return .hello(hello)
        case .linkState(var lsp):
            lsp.tlvs = strip(lsp.tlvs)
            return .linkState(lsp)
        case .sequenceNumbers(var numbers):
            numbers.tlvs = strip(numbers.tlvs)
            return .sequenceNumbers(numbers)
        }
    }

    @Test(arguments: ISISFixture.all)
    func everyPDUIsItsGoldenOctets(fixture: ISISFixture) {
        exercise(
            fixture.description, fixture.packet, octets: fixture.octets,
            encode: { try $0.encoded(key: fixture.key) },
            decode: { unsigned(try ISISPacket(decoding: $0)) })
    }

    /// None is fatal, and what is still a PDU can be written and read again.
    @Test(arguments: ISISFixture.all)
    func everyFlippedBitIsSurvived(fixture: ISISFixture) throws {
        for bit in 0..<fixture.octets.count * 8 {
            var octets = fixture.octets
            octets[bit / 8] ^= 1 << (bit % 8)
            guard let packet = try? ISISPacket(decoding: octets) else { continue }
            _ = ISISFixture.areaKey.verifies(octets)
            #expect(try ISISPacket(decoding: packet.encoded()) == packet, "bit \(bit)")
        }
    }

    @Test(arguments: ISISFixture.linkStates.filter { !$0.description.hasPrefix("purge") })
    func everyFlippedBitOfAnLSPIsNoticed(fixture: ISISFixture) {
        for bit in 12 * 8..<fixture.octets.count * 8 {
            var octets = fixture.octets
            octets[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: WireError.self, "bit \(bit)") { try ISISPacket(decoding: octets) }
        }
    }

    @Test(arguments: ISISFixture.all)
    func aFramesPaddingIsNotPartOfThePDU(fixture: ISISFixture) throws {
        let padded = fixture.octets + [UInt8](repeating: 0xff, count: 9)
        #expect(try ISISPacket(decoding: padded) == ISISPacket(decoding: fixture.octets))
        #expect(fixture.key?.verifies(padded) ?? true)
    }

    @Test(arguments: [
        // Discriminator, header length, versions, ID length, type.
        "82 11 01 00 1a 01 00 00 0011 10000000000100",
        "83 12 01 00 1a 01 00 00 0011 10000000000100",
        "83 11 02 00 1a 01 00 00 0011 10000000000100",
        "83 11 01 08 1a 01 00 00 0011 10000000000100",
        "83 11 01 00 1c 01 00 00 0011 10000000000100",
        "83 11 01 00 1a 02 00 00 0011 10000000000100",
        // A PDU shorter than its header; a TLV longer than its PDU.
        "83 11 01 00 1a 01 00 00 0010 10000000000100",
        "83 11 01 00 1a 01 00 00 0013 10000000000100 0901",
        // A circuit type of no level; a CSNP that ends before it begins.
        "83 14 01 00 11 01 00 00 00 100000000001 000a 0014 00",
        "83 21 01 00 18 01 00 00 0021 10000000000100 0000000000000001 0000000000000000",
    ])
    func whatIsNoPDUIsRejected(octets: String) {
        #expect(throws: WireError.self) { try ISISPacket(decoding: hex(octets)) }
    }

    @Test func reservedBitsAndTheMaximumOfAreasAreLookedPast() throws {
        let octets = hex("83 11 01 06 fa 01 ff 03 0011 10000000000100")
        let numbers = ISISSequenceNumbers(level: .one, source: ISISNodeID(ISISFixture.alpha))
        #expect(try ISISPacket(decoding: octets) == .sequenceNumbers(numbers))
    }

    /// RFC 8918 §3: an LSP is kept and passed on, whatever one of its TLVs holds.
    @Test(arguments: [
        // Areas: one of no octets, one beyond the TLV. MACs, entries, addresses: a piece of one.
        "01 01 00", "01 02 0349", "06 05 0102030405", "09 0f 000000000000000000000000000000",
        "84 03 0a0000", "86 03 0a0000", "86 05 0a00000000", "e8 0f 000000000000000000000000000000",
        // Reachability with a piece missing; prefixes longer than their family's.
        "16 0a 10000000000100 00000a", "16 0b 10000000000100 00000a 01",
        "87 05 0000000a 21", "87 07 0000000a 18 0a02", "ec 06 0000000a 00 81",
        // Name: empty, and not UTF-8. Three-way: no such state; a piece of a circuit's number.
        "89 00", "89 01 ff", "f0 01 03", "f0 03 00 0000",
        // BFD: a piece of an entry.
        "94 04 0000cc 00",
        // Authentication: without a type, of none that there is, MD5 of 15 octets.
        "0a 00", "0a 01 02", "0a 10 36 000000000000000000000000000000",
    ])
    func aTLVThatIsNotWhatItShouldBeMeansNothing(text: String) throws {
        let value = hex(text)
        let lsp = ISISLinkState(
            level: .one, lifetime: 9, id: LSPID(ISISFixture.lan), sequence: 1, flags: .levelOne,
            tlvs: [.other(value[0], Array(value[2...])), .hostname("next")])
        let octets = try ISISPacket.linkState(lsp).encoded()
        #expect(Int(value[1]) == value.count - 2)
        #expect(try ISISPacket(decoding: octets) == .linkState(lsp))
    }

    @Test func flagsOfPrefixesAndTheirSubTLVsAreKept() throws {
        let tlvs: [ISISTLV] = [
            .ipv4Prefixes([
                ISISPrefix(value("0.0.0.0/0"), metric: .max, isDown: true),
                ISISPrefix(value("10.2.2.128/25"), metric: 1, subTLVs: [1, 4, 0, 0, 0, 7]),
            ]),
            .ipv6Prefixes([
                ISISPrefix(value("::/0"), metric: 5, isDown: true, isExternal: true),
                ISISPrefix(value("2001:db8::/61"), metric: 0, subTLVs: [1, 0]),
            ]),
            .neighbors([
                ISISReachedNode(ISISFixture.lan, metric: 0xff_ffff, subTLVs: [6, 4, 10, 0, 0, 1])
            ]),
        ]
        let lsp = ISISFixture.lsp(.two, 1, ISISFixture.lan, 7, .levelTwo, tlvs)
        let octets = try lsp.encoded()
        #expect(try ISISPacket(decoding: octets) == lsp)
        let expected = """
            87 15 ffffffff 80  00000001 59 0a020280 06 01 04 00000007
            ec 17 00000005 c0 00  00000000 20 3d 20010db800000000 02 01 00
            16 11 10000000000103 ffffff 06 06 04 0a000001
            """
        #expect(text(Array(octets.dropFirst(27))) == text(hex(expected)))
    }

    /// RFC 6213 §6: a topology of twelve bits behind four that are reserved, and a protocol.
    @Test func whatBFDWatchesIsToldByTopologyAndProtocol() throws {
        let enabled = [
            ISISBFDEnabled(protocolNumber: 0xcc),
            ISISBFDEnabled(topology: 0xf000, protocolNumber: 0x8e),
            ISISBFDEnabled(topology: 2, protocolNumber: 0x8e),
        ]
        let hello = ISISFixture.hello(.pointToPoint(circuitID: 0), [.bfdEnabled(enabled)])
        let octets = try hello.encoded()
        #expect(text(Array(octets.suffix(11))) == text(hex("94 09 0000cc f0008e 00028e")))
        #expect(try ISISPacket(decoding: octets) == hello)
        #expect(enabled.map(\.isStandardTopology) == [true, true, false])
    }

    @Test func sizesAreThoseOfTheOctets() throws {
        let nodes = [
            ISISReachedNode(ISISFixture.lan, metric: 1),
            ISISReachedNode(ISISFixture.lan, metric: 1, subTLVs: [1, 2, 3]),
        ]
        let prefixes4 = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.0.0.1/32"].map {
            ISISPrefix(value($0), metric: 1, subTLVs: $0.hasSuffix("9") ? [1, 0] : [])
        }
        let prefixes6 = ["::/0", "2001:db8::/32", "2001:db8::1/128"].map {
            ISISPrefix(value($0), metric: 1)
        }
        for (tlv, size) in [
            (ISISTLV.neighbors(nodes), nodes.map(\.octetCount).reduce(0, +)),
            (.ipv4Prefixes(prefixes4), prefixes4.map(\.octetCount).reduce(0, +)),
            (.ipv6Prefixes(prefixes6), prefixes6.map(\.octetCount).reduce(0, +)),
        ] {
            var writer = WireWriter()
            try tlv.write(to: &writer)
            #expect(writer.count == size + ISISTLV.headerOctets)
        }
    }

    @Test func aTLVOfMoreThanItsLengthCanSayIsNotWritten() {
        let entries = [LSPEntry](
            repeating: LSPEntry(
                lifetime: 1, id: .first, sequence: 1, checksum: 1), count: 16)
        #expect(throws: WireError.self) {
            try ISISPacket.sequenceNumbers(
                ISISSequenceNumbers(
                    level: .one, source: ISISNodeID(ISISFixture.alpha), tlvs: [.lspEntries(entries)]
                )
            ).encoded()
        }
    }
}
