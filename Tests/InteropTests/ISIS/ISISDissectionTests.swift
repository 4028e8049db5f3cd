// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

/// What we write, read by Wireshark's dissectors.
@Suite("tshark dissects our IS-IS")
struct ISISDissectionTests {
    private static let alpha = SystemID(bits: 0x1000_0000_0001)
    private static let beta = SystemID(bits: 0x1000_0000_0002)

    private func value<Value: TextValue>(_ text: String) throws -> Value {
        try #require(Value(text))
    }

    /// The PDUs in frames, with the values that tshark finds.
    private func values(_ pdus: [[UInt8]], _ fields: [String]) throws -> [[String]] {
        var capture = Capture()
        for pdu in pdus {
            var writer = WireWriter()
            writer.write(ISISPacket.allIntermediateSystems)
            writer.write(MACAddress(bits: 0x0200_0000_0001))
            writer.write(UInt16(pdu.count + 3))
            writer.write([0xfe, 0xfe, 3])
            writer.write(pdu)
            capture.add(frame: writer.octets)
        }
        return try Dissection(capture.octets, fields).flawlessValues()
    }

    @Test func hellos() throws {
        func hello(_ circuit: ISISHello.Circuit, _ tlvs: [ISISTLV]) -> ISISPacket {
            .hello(
                ISISHello(
                    circuitType: .both, source: Self.alpha, holdingTime: 9, circuit: circuit,
                    tlvs: tlvs))
        }
        let common: [ISISTLV] = [
            .areaAddresses([try value("49.0001")]), .protocols([0xcc, 0x8e]),
            .ipv4Addresses([try value("10.1.0.1")]), .ipv6Addresses([try value("fe80::1")]),
        ]
        let pdus = try [
            hello(
                .pointToPoint(circuitID: 7),
                common + [
                    .threeWay(
                        ISISThreeWay(
                            state: .up, circuitID: 7,
                            neighbor: ISISThreeWay.Neighbor(Self.beta, circuitID: 9)))
                ]
            ).encoded(key: .hmacMD5(Array("word".utf8))),
            hello(
                .lan(.one, priority: 65, lanID: ISISNodeID(Self.beta, pseudonode: 3)),
                common + [
                    .lanNeighbors([try value("02:00:00:00:00:02")]), .padding(200),
                    .bfdEnabled([ISISBFDEnabled(protocolNumber: 0xcc)]),
                ]
            ).encoded(),
        ]
        let rows = try values(
            pdus,
            [
                "isis.type", "isis.hello.source_id", "isis.hello.holding_timer",
                "isis.hello.priority", "isis.hello.lan_id", "isis.hello.adjacency_state",
                "isis.hello.extended_local_circuit_id", "isis.hello.neighbor_systemid",
                "isis.hello.neighbor_extended_local_circuit_id", "isis.hello.is_neighbor",
                "isis.hello.clv_ipv4_int_addr", "isis.hello.clv_ipv6_int_addr",
                "isis.hello.bfd_enabled.nlpid",
            ])
        let alpha = Self.alpha.description
        #expect(
            rows == [
                [
                    "17", alpha, "9", "", "", "0", "0x00000007", "1000.0000.0002", "0x00000009", "",
                    "10.1.0.1", "fe80::1", "",
                ],
                [
                    "15", alpha, "9", "65", "1000.0000.0002.03", "", "", "", "",
                    "02:00:00:00:00:02", "10.1.0.1", "fe80::1", "0xcc",
                ],
            ])
    }

    @Test func linkStatePackets() throws {
        let lsp = ISISLinkState(
            level: .two, lifetime: 1200, id: LSPID(ISISNodeID(Self.alpha), fragment: 2),
            sequence: 77, flags: [.levelTwo, .overload],
            tlvs: [
                .areaAddresses([try value("49.0001")]), .protocols([0xcc]), .hostname("alpha"),
                .routerID(try value("10.0.0.1")),
                .neighbors([
                    ISISReachedNode(ISISNodeID(Self.beta), metric: 10),
                    ISISReachedNode(ISISNodeID(Self.beta, pseudonode: 3), metric: 0xff_fffe),
                ]),
                .ipv4Prefixes([
                    ISISPrefix(try value("10.2.0.0/15"), metric: 3),
                    ISISPrefix(try value("0.0.0.0/0"), metric: 0, isDown: true),
                ]),
                .ipv6Prefixes([ISISPrefix(try value("2001:db8::/33"), metric: 5)]),
            ])
        let purge = ISISLinkState(
            level: .one, lifetime: 0, id: lsp.id, sequence: 78, flags: .levelOne)
        let rows = try values(
            [
                try ISISPacket.linkState(lsp).encoded(),
                try ISISPacket.linkState(lsp).encoded(key: .clearText([0x61])),
                try ISISPacket.linkState(lsp).encoded(key: .keyed(.sha256, id: 9, [0x61])),
                try ISISPacket.linkState(purge).encoded(),
            ],
            [
                "isis.type", "isis.lsp.lsp_id", "isis.lsp.remaining_life",
                "isis.lsp.sequence_number", "isis.lsp.checksum.status", "isis.lsp.hostname",
                "isis.lsp.overload", "isis.lsp.ext_is_reachability.is_neighbor_id",
                "isis.lsp.ext_is_reachability.metric", "isis.lsp.ext_ip_reachability.ipv4_prefix",
                "isis.lsp.ext_ip_reachability.metric", "isis.lsp.ipv6_reachability.ipv6_prefix",
                "isis.lsp.ipv6_reachability.metric",
            ])
        let id = "1000.0000.0001.00-02"
        let whole = [
            "20", id, "1200", "0x0000004d", "1", "alpha", "1",
            "1000.0000.0002.00,1000.0000.0002.03", "10,16777214", "10.2.0.0,0.0.0.0", "3,0",
            "2001:db8::", "5",
        ]
        #expect(rows.prefix(3) == [whole, whole, whole])
        #expect(rows.last?.prefix(4) == ["18", id, "0", "0x0000004e"])
    }

    @Test func sequenceNumbers() throws {
        let entries = (1...15).map {
            LSPEntry(
                lifetime: 100, id: LSPID(ISISNodeID(SystemID(bits: $0))), sequence: UInt32($0),
                checksum: 0x1234)
        }
        let complete = ISISSequenceNumbers(
            level: .one, source: ISISNodeID(Self.alpha), range: .first ... .last,
            tlvs: [.lspEntries(entries), .lspEntries(Array(entries.prefix(1)))])
        let partial = ISISSequenceNumbers(
            level: .two, source: ISISNodeID(Self.beta), tlvs: [.lspEntries(entries)])
        let rows = try values(
            [
                try ISISPacket.sequenceNumbers(complete).encoded(),
                try ISISPacket.sequenceNumbers(partial).encoded(key: .hmacMD5([0x61])),
            ],
            ["isis.type", "isis.csnp.source_id", "isis.csnp.lsp_seq_num"])
        #expect(rows.map { $0[0] } == ["24", "27"])
        #expect(rows.map { $0[2].split(separator: ",").count } == [16, 15])
    }
}
