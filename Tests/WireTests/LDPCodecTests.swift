// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

/// The golden octets are from a capture of two ldpd of FRR 8.4 with MD5, except where a fixture
/// says otherwise.
@Suite("LDP messages in octets")
struct LDPCodecTests {
    struct Fixture: CustomStringConvertible, Sendable {
        let description: String
        let pdu: LDPPDU
        let octets: [UInt8]

        init(
            _ description: String, from router: String = "1.1.1.1", _ messages: [LDPMessage],
            _ octets: String
        ) {
            self.description = description
            pdu = LDPPDU(identifier: LDPIdentifier(value(router)), messages: messages)
            self.octets = hex(octets)
        }
    }

    private static func host(_ text: String) -> [LDPFECElement] { [.prefix(value(text))] }

    static let fixtures: [Fixture] = [
        Fixture(
            "link hello",
            [
                LDPMessage(
                    id: 1,
                    .hello(
                        LDPHello(
                            holdTime: 15, supportsGTSM: true, transportAddress: value("1.1.1.1"),
                            configurationSequence: 2)))
            ],
            """
            0001 0026 01010101 0000              # version, length, LDP identifier
            0100 001c 00000001                   # Hello, length, message ID
            0400 0004 000f 2000                  # 15 s, GTSM
            0401 0004 01010101 0402 0004 00000002
            """),
        Fixture(
            "initialization", from: "2.2.2.2",
            [
                LDPMessage(
                    id: 3,
                    .initialization(
                        LDPInitialization(
                            keepAliveTime: 180, receiver: LDPIdentifier(value("1.1.1.1")),
                            capabilities: [
                                .dynamicAnnouncement, .typedWildcard, .unrecognizedNotification,
                            ])))
            ],
            """
            0001 002f 02020202 0000 0200 0025 00000003
            0500 000e 0001 00b4 00 00 0000 01010101 0000
            8506 0001 80 850b 0001 80 8603 0001 80
            """),
        Fixture(
            "keepalive", [LDPMessage(id: 4, .keepAlive)],
            "0001 000e 01010101 0000 0201 0004 00000004"),
        Fixture(
            "address", from: "2.2.2.2",
            [LDPMessage(id: 5, .address([value("10.0.0.2"), value("2.2.2.2")]))],
            "0001 001c 02020202 0000 0300 0012 00000005 0101 000a 0001 0a000002 02020202"),
        Fixture(
            "three mappings", from: "2.2.2.2",
            [
                LDPMessage(
                    id: 6, .labelMapping(LDPBinding(host("1.1.1.1/32"), label: Label(16)))),
                LDPMessage(
                    id: 7, .labelMapping(LDPBinding(host("2.2.2.2/32"), label: .implicitNull))),
                LDPMessage(
                    id: 8, .labelMapping(LDPBinding(host("10.0.0.0/30"), label: .implicitNull))),
            ],
            """
            0001 005a 02020202 0000
            0400 0018 00000006 0100 0008 02 0001 20 01010101 0200 0004 00000010
            0400 0018 00000007 0100 0008 02 0001 20 02020202 0200 0004 00000003
            0400 0018 00000008 0100 0008 02 0001 1e 0a000000 0200 0004 00000003
            """),
        Fixture(
            "withdrawal of all with a label",
            [LDPMessage(id: 10, .labelWithdraw(LDPBinding([.wildcard], label: .implicitNull)))],
            "0001 001b 01010101 0000 0402 0011 0000000a 0100 0001 01 0200 0004 00000003"),
        Fixture(
            "release of all with a label", from: "2.2.2.2",
            [
                LDPMessage(
                    id: 12, .labelRelease(LDPBinding([.wildcard], label: .ipv4ExplicitNull)))
            ],
            "0001 001b 02020202 0000 0403 0011 0000000c 0100 0001 01 0200 0004 00000000"),
        Fixture(
            "notification: shutdown", [LDPMessage(id: 15, .notification(LDPStatus(.shutdown)))],
            "0001 001c 01010101 0000 0001 0012 0000000f 0300 000a 8000000a 00000000 0000"),
        Fixture(
            "end of LIB, by hand after RFC 5919 §4",
            [LDPMessage(id: 16, .notification(LDPStatus(.endOfLIB, fec: [.prefixes(.ipv4)])))],
            """
            0001 0025 01010101 0000 0001 001b 00000010
            0300 000a 0000002f 00000000 0000 0100 0005 05 02 02 0001
            """),
        Fixture(
            "targeted hello, by hand",
            [
                LDPMessage(
                    id: 9,
                    .hello(LDPHello(holdTime: 45, isTargeted: true, requestsTargeted: true)))
            ],
            "0001 0016 01010101 0000 0100 000c 00000009 0400 0004 002d c000"),
        Fixture(
            "request, mapping in answer, abort; by hand after RFC 5036 §3.5.8 to §3.5.9",
            [
                LDPMessage(id: 20, .labelRequest(LDPBinding(host("9.9.0.0/17"), hopCount: 1))),
                LDPMessage(
                    id: 21,
                    .labelMapping(
                        LDPBinding(
                            host("9.9.0.0/17"), label: Label.max, requestID: 20, hopCount: 3,
                            pathVector: [value("3.3.3.3"), value("4.4.4.4")]))),
                LDPMessage(
                    id: 22, .labelAbortRequest(LDPBinding(host("9.9.0.0/17"), requestID: 20))),
            ],
            """
            0001 006d 01010101 0000
            0401 0014 00000014 0100 0007 02 0001 11 090900 0103 0001 01
            0400 0030 00000015 0100 0007 02 0001 11 090900 0200 0004 000fffff
              0600 0004 00000014 0103 0001 03 0104 0008 03030303 04040404
            0404 0017 00000016 0100 0007 02 0001 11 090900 0600 0004 00000014
            """),
        Fixture(
            "IPv6 prefix, all prefixes (RFC 5918 §4), addresses that go; by hand",
            [
                LDPMessage(
                    id: 1,
                    .labelWithdraw(
                        LDPBinding([.prefix(value("2001:db8::/33")), .prefixes(.ipv6)]))),
                LDPMessage(id: 2, .addressWithdraw([value("2001:db8::1")])),
            ],
            """
            0001 003e 01010101 0000
            0402 0016 00000001 0100 000e 02 0002 21 20010db800 05 02 02 0002
            0301 001a 00000002 0101 0012 0002 20010db8000000000000000000000001
            """),
    ]

    @Test(arguments: fixtures)
    func everyPDUIsItsGoldenOctets(fixture: Fixture) {
        exercise(
            fixture.description, fixture.pdu, octets: fixture.octets,
            encode: { try $0.encoded() }, decode: { try LDPPDU(decoding: $0) })
    }

    /// Whatever is read from a PDU with a bit flipped, it has one meaning.
    @Test(arguments: fixtures)
    func everyFlippedBitIsSurvived(fixture: Fixture) throws {
        for bit in 0..<fixture.octets.count * 8 {
            var octets = fixture.octets
            octets[bit / 8] ^= 1 << (bit % 8)
            guard let read = try? LDPPDU(decoding: octets), read.faults.isEmpty,
                !read.messages.isEmpty
            else { continue }
            let again = try LDPPDU(decoding: try read.encoded())
            #expect(again == read, "bit \(bit)")
        }
    }

    /// The lengths are made right after the cut, so that it is what is inside that is cut.
    @Test(arguments: fixtures)
    func everyTruncatedMessageIsFaulty(fixture: Fixture) throws {
        guard fixture.pdu.messages.count == 1, fixture.pdu.messages[0].kind != .keepAlive else {
            return
        }
        for length in 18..<fixture.octets.count {
            var octets = Array(fixture.octets[..<length])
            octets[3] = UInt8(length - 4)
            octets[13] = UInt8(length - 14)
            let read = try? LDPPDU(decoding: octets)
            #expect(read != fixture.pdu, "\(length) octets")
        }
    }

    @Test func aStreamMayBeCutAnywhere() {
        let stream = Self.fixtures.flatMap(\.octets)
        var framer = LDPFramer()
        var pdus: [[UInt8]] = []
        for octet in stream {
            let output = framer.feed([octet])
            #expect(output.failure == nil)
            pdus += output.messages
        }
        #expect(pdus == Self.fixtures.map(\.octets))
        var whole = LDPFramer()
        #expect(whole.feed(stream).messages == pdus)
        #expect(whole.pendingCount == 0)
    }

    /// What a session must be told (RFC 5036 §3.5.1.2): the whole PDU's status, or a message's.
    @Test(arguments: [
        ("0002 000e 01010101 0000 0201 0004 00000004", LDPStatusCode.badProtocolVersion),
        ("0001 000d 01010101 0000 0201 0004 000000", .badPDULength),
        ("0001 1001 01010101 0000 0201 0004 00000004", .badPDULength),
        ("0001 000e 01010101 0000 0201 0005 00000004", .badMessageLength),
        ("0001 000e 01010101 0000 0201 0003 00000004", .badMessageLength),
        ("0001 0016 01010101 0000 0100 000c 00000009 0400 0005 002d c000", .badTLVLength),
        ("0001 0016 01010101 0000 0100 000c 00000009 0400 0003 002d c000", .malformedTLVValue),
        // PreLen 33, a label of 21 bits, label 1, a prefix cut short.
        (
            "0001 0022 01010101 0000 0400 0018 00000006 0100 0008 02 0001 21 01010101"
                + "0200 0004 00000010", .malformedTLVValue
        ),
        (
            "0001 0022 01010101 0000 0400 0018 00000006 0100 0008 02 0001 20 01010101"
                + "0200 0004 00100000", .malformedTLVValue
        ),
        (
            "0001 0022 01010101 0000 0400 0018 00000006 0100 0008 02 0001 20 01010101"
                + "0200 0004 00000001", .malformedTLVValue
        ),
        (
            "0001 0021 01010101 0000 0400 0017 00000006 0100 0007 02 0001 20 010101"
                + "0200 0004 00000010", .malformedTLVValue
        ),
    ])
    func whatEndsASessionIsThrown(octets: String, code: LDPStatusCode) {
        let fault = #expect(throws: LDPFault.self) { try LDPPDU(decoding: hex(octets)) }
        #expect(fault?.code == code)
        #expect(fault?.status.isFatal == true)
    }

    @Test(arguments: [
        ("0001 000e 01010101 0000 0999 0004 00000004", LDPStatusCode.unknownMessageType, 0x0999),
        ("0001 0012 01010101 0000 0201 0008 00000004 0777 0000", .unknownTLV, 0x0201),
        ("0001 000e 01010101 0000 0100 0004 00000004", .missingMessageParameters, 0x0100),
        ("0001 000e 01010101 0000 0300 0004 00000004", .missingMessageParameters, 0x0300),
        (
            "0001 001a 01010101 0000 0400 0010 00000004 0100 0008 02 0001 20 01010101",
            .missingMessageParameters, 0x0400
        ),
        (
            "0001 001a 01010101 0000 0404 0010 00000004 0100 0008 02 0001 20 01010101",
            .missingMessageParameters, 0x0404
        ),
        (
            "0001 001a 01010101 0000 0402 0010 00000004 0100 0008 02 0003 20 01010101",
            .unsupportedAddressFamily, 0x0402
        ),
        (
            "0001 001a 01010101 0000 0402 0010 00000004 0100 0008 80 0003 20 01010101",
            .unknownFEC, 0x0402
        ),
        (
            "0001 001b 01010101 0000 0400 0011 00000004 0100 0001 01 0200 0004 00000010",
            .unknownFEC, 0x0400
        ),
        (
            "0001 0016 01010101 0000 0300 000c 00000004 0101 0004 0007 0101",
            .unsupportedAddressFamily, 0x0300
        ),
    ])
    func whatConcernsOneMessageIsListed(
        octets: String, code: LDPStatusCode, type: UInt16
    ) throws {
        let pdu = try LDPPDU(decoding: hex(octets))
        #expect(pdu.messages.isEmpty)
        let fault = try #require(pdu.faults.first)
        #expect(fault.code == code)
        #expect(
            fault.status == LDPStatus(code, messageID: 4, messageType: type))
        #expect(!fault.status.isFatal)
    }

    /// The U bit, of a message and of a TLV (RFC 5036 §3.3 and §3.4).
    @Test func whatAsksToBeIgnoredIsIgnored() throws {
        let pdu = try LDPPDU(
            decoding: hex(
                """
                0001 0024 01010101 0000
                8202 0008 00000007 8506 0000
                0201 000e 00000008 8777 0002 abcd c123 0000
                """))
        #expect(pdu.messages == [LDPMessage(id: 8, .keepAlive)])
        #expect(pdu.faults.isEmpty)
    }

    @Test func bitsPastAPrefixAreIgnored() throws {
        let pdu = try LDPPDU(
            decoding: hex(
                "0001 0019 01010101 0000 0402 000f 00000004 0100 0007 02 0001 11 0909ff"))
        #expect(
            pdu.messages == [
                LDPMessage(id: 4, .labelWithdraw(LDPBinding([.prefix(value("9.9.128.0/17"))])))
            ])
    }

    @Test func messagesFillPDUsUpToTheLimit() throws {
        let messages = (1...200).map { number in
            LDPMessage(
                id: UInt32(number),
                .labelMapping(LDPBinding(Self.host("10.0.0.\(number)/32"), label: Label(16))))
        }
        let identifier = LDPIdentifier(value("1.1.1.1"))
        let pdus = try LDPPDU.packed(messages, from: identifier, limit: 300)
        #expect(pdus.count == 20)
        #expect(pdus.allSatisfy { $0.count - 4 <= 300 })
        let read = try pdus.flatMap { try LDPPDU(decoding: $0).messages }
        #expect(read == messages)
        #expect(throws: WireError.self) {
            try LDPPDU.packed(messages, from: identifier, limit: 20)
        }
    }

    @Test func whatDoesNotFitIsNotWritten() {
        let many = (0..<2000).map { IPAddress(family: .ipv4, bits: UInt128($0)) }
        let mixed: [IPAddress] = [value("10.0.0.1"), value("2001:db8::1")]
        for addresses in [many, mixed] {
            let pdu = LDPPDU(
                identifier: LDPIdentifier(value("1.1.1.1")),
                messages: [LDPMessage(id: 1, .address(addresses))])
            #expect(throws: WireError.self) { try pdu.encoded() }
        }
    }
}
