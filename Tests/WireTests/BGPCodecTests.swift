// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("BGP messages in octets")
struct BGPCodecTests {
    @Test(arguments: BGPFixture.all)
    func everyMessageIsItsGoldenOctets(fixture: BGPFixture) {
        exercise(
            fixture.name, fixture.message, octets: fixture.octets,
            encode: { try $0.encoded(in: fixture.context) },
            decode: { try BGPMessage(decoding: $0, in: fixture.context) })
    }

    @Test(arguments: BGPFixture.all)
    func aShorterMessageWithAnHonestLengthIsNeverTheSame(fixture: BGPFixture) {
        for length in BGPMessage.headerOctets..<fixture.octets.count {
            var octets = Array(fixture.octets[..<length])
            octets[16] = UInt8(length >> 8)
            octets[17] = UInt8(length & 0xff)
            let message = try? BGPMessage(decoding: octets, in: fixture.context)
            #expect(message != fixture.message, "\(length) octets")
        }
    }

    @Test func theStreamIsCutIntoTheSameMessagesHoweverItDrips() {
        let stream = BGPFixture.all.flatMap(\.octets)
        for size in [1, 2, 3, 18, 19, 20, 100, stream.count] {
            var framer = BGPFramer()
            var messages: [[UInt8]] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                let piece = Array(stream[start..<min(start + size, stream.count)])
                let output = framer.feed(piece)
                messages += output.messages
                #expect(output.failure == nil)
                #expect(framer.pendingCount < BGPMessage.octetsMax)
            }
            #expect(messages == BGPFixture.all.map(\.octets), "in pieces of \(size)")
            #expect(framer.pendingCount == 0)
        }
    }

    @Test func aFullSizeMessageIsFramed() {
        var message = hex(BGPFixture.marker + "1000 03 06 00")
        message += [UInt8](repeating: 7, count: BGPMessage.octetsMax - message.count)
        var framer = BGPFramer()
        #expect(framer.feed(message).messages == [message])
    }

    /// Octets and the NOTIFICATION that they must bring about.
    struct BadOctets: CustomStringConvertible, Sendable {
        let description: String
        let error: BGPNotification

        init(_ octets: String, _ error: BGPNotification) {
            description = octets.replacing("\n", with: " ")
            self.error = error
        }

        static func length(_ header: String, _ high: UInt8, _ low: UInt8) -> BadOctets {
            let error = BGPNotification.messageHeader(.badMessageLength, data: [high, low])
            return BadOctets(BGPFixture.marker + header, error)
        }

        static func open(_ body: String, _ subcode: BGPNotification.OpenSubcode) -> BadOctets {
            BadOctets(body, .openMessage(subcode))
        }
    }

    static let badHeaders: [BadOctets] = [
        BadOctets(
            "fffffffffffffffffffffffffffffffe 0013 04",
            .messageHeader(.connectionNotSynchronized)),
        BadOctets(BGPFixture.marker + "0013 00", .messageHeader(.badMessageType, data: [0])),
        BadOctets(BGPFixture.marker + "0013 06", .messageHeader(.badMessageType, data: [6])),
        .length("0012 04", 0, 0x12), .length("1001 02", 0x10, 1), .length("ffff 09", 0xff, 0xff),
        .length("001c 01", 0, 0x1c), .length("0016 02", 0, 0x16), .length("0014 03", 0, 0x14),
        .length("0014 04", 0, 0x14), .length("0018 05", 0, 0x18),
    ]

    @Test(arguments: badHeaders)
    func aBadHeaderEndsTheStreamAfterTheMessagesBeforeIt(header: BadOctets) {
        var framer = BGPFramer()
        let keepalive = hex(BGPFixture.marker + "0013 04")
        let output = framer.feed(keepalive + hex(header.description))
        #expect(output.messages == [keepalive])
        #expect(output.failure == header.error)
        let after = framer.feed(keepalive)
        #expect(after.messages.isEmpty)
        #expect(after.failure == header.error)
        #expect(framer.pendingCount == 0)
    }

    static let badOpens: [BadOctets] = [
        BadOctets(
            "03 0001 005a 01020304 00",
            .openMessage(.unsupportedVersionNumber, data: [0, 4])),
        .open("04 0000 005a 01020304 00", .badPeerAS),
        .open("04 0001 005a 01020304 08 02 06 4104 00000000", .badPeerAS),
        .open("04 0001 005a 00000000 00", .badBGPIdentifier),
        .open("04 0001 0001 01020304 00", .unacceptableHoldTime),
        .open("04 0001 0002 01020304 00", .unacceptableHoldTime),
        .open("04 0001 005a 01020304 03 01 01 00", .unsupportedOptionalParameter),
        .open("04 0001 005a 01020304 02", .unspecific),
        .open("04 0001 005a 01020304 02 02 01", .unspecific),
        .open("04 0001 005a 01020304 00 00", .unspecific),
        .open("04 0001 005a 01020304 05 02 03 4101 00", .unspecific),
        .open("04 0001 005a 01020304 05 02 03 0201 00", .unspecific),
        .open("04 0001 005a 01020304 ff ff 0001 02", .unspecific),
    ]

    @Test(arguments: badOpens)
    func aBadOpenNamesItsSubcode(open: BadOctets) {
        #expect(throws: open.error) { try decode(1, open.description) }
    }

    @Test func openAcceptsExtendedParametersAndCapabilitiesInSeveralParameters() throws {
        let plain = "04 0001 005a 01020304 0c 02 02 0200 02 06 4104 00000001"
        let extended = "04 0001 005a 01020304 ff ff 000e 02 0002 0200 02 0006 4104 00000001"
        let expected = BGPOpen(
            myAS: 1, holdTime: 90, identifier: value("1.2.3.4"),
            capabilities: [.routeRefresh, .fourOctetAS(ASNumber(1))])
        #expect(try decode(1, plain) == .open(expected))
        #expect(try decode(1, extended) == .open(expected))
    }

    @Test func manyCapabilitiesAreWrittenInTheExtendedForm() throws {
        let context = BGPCodecContext(fourOctetAS: true, isInternal: true)
        for count in 0...5 {
            let large = [BGPCapability](
                repeating: .other(code: 200, value: [UInt8](repeating: 9, count: 60)), count: count)
            let open = BGPMessage.open(
                BGPOpen(myAS: 1, holdTime: 90, identifier: value("1.2.3.4"), capabilities: large))
            let octets = try open.encoded(in: context)
            #expect(try BGPMessage(decoding: octets, in: context) == open)
        }
    }

    @Test func anOpenSpeaksForItsFamiliesAndItsAS() {
        let open = BGPOpen(
            asNumber: ASNumber(70000), holdTime: 90, identifier: value("1.2.3.4"),
            families: [.vpnv4, .vpnv6])
        #expect(open.myAS == 23456)
        #expect(open.asNumber == ASNumber(70000))
        #expect(open.families == [.vpnv4, .vpnv6])
        let bare = BGPOpen(myAS: 5, holdTime: 90, identifier: value("1.2.3.4"), capabilities: [])
        #expect(bare.families == [.ipv4Unicast])
        #expect(bare.asNumber == ASNumber(5))
        let evpn = BGPOpen(
            myAS: 5, holdTime: 90, identifier: value("1.2.3.4"),
            capabilities: [.other(code: 1, value: [0, 25, 0, 70])])
        #expect(evpn.families.isEmpty)
    }

    @Test func notificationsNameTheirErrorAndQuoteTheOperator() throws {
        let shutdown = BGPNotification.cease(
            .administrativeShutdown, data: [5] + Array("maint".utf8))
        #expect(shutdown.description == "Cease/Administrative Shutdown")
        #expect(shutdown.shutdownCommunication == "maint")
        #expect(BGPNotification.holdTimerExpired.description == "Hold Timer Expired")
        #expect(BGPNotification(code: 6, subcode: 77).description == "Cease/77")
        #expect(BGPNotification(code: 99, subcode: 1).description == "error 99/1")
        for data: [UInt8] in [[], [0], [4, 65], [2, 0xff, 0xfe]] {
            #expect(
                BGPNotification.cease(.administrativeReset, data: data).shutdownCommunication == nil
            )
        }
        let long = BGPMessage.notification(
            .updateMessage(.optionalAttributeError, data: [UInt8](repeating: 1, count: 5000)))
        let context = BGPCodecContext(fourOctetAS: true, isInternal: true)
        #expect(try long.encoded(in: context).count == BGPMessage.octetsMax)
    }

    /// As captured from FRR 8.4.4: the experimental bits of its implicit null are set, and it
    /// withdraws with the label 0.
    @Test func labelledRoutesOfFRRAreRead() throws {
        let announcement = try decode(
            2,
            "0000 0031 900e0018 0001 04 04 c0000202 00 38000033 0a080001 30000033 0a0801"
                + "40010100 500200060201 0000fdea 80040400000000", isInternal: false)
        guard case .update(let update) = announcement else {
            Issue.record("no UPDATE")
            return
        }
        #expect(
            update.announced == [
                .init(
                    family: .ipv4LabelledUnicast, nextHop: value("192.0.2.2"),
                    nlri: [
                        NLRI(labels: [.implicitNull], prefix: value("10.8.0.1/32")),
                        NLRI(labels: [.implicitNull], prefix: value("10.8.1.0/24")),
                    ])
            ])
        let withdrawal = try decode(2, "0000 000f 900f000b 0001 04 38000000 0a080001")
        #expect(
            withdrawal
                == .update(
                    BGPUpdate(withdrawn: [
                        .init(
                            family: .ipv4LabelledUnicast,
                            nlri: [NLRI(prefix: value("10.8.0.1/32"))])
                    ])))
    }

    @Test func familiesReadBackAsWritten() {
        #expect(
            BGPFamily.allCases.map(\.description).sorted() == [
                "ipv4-labeled-unicast", "ipv4-unicast", "ipv6-labeled-unicast", "ipv6-unicast",
                "vpnv4", "vpnv6",
            ])
        for family in BGPFamily.allCases {
            #expect(BGPFamily(family.description) == family)
            #expect(BGPFamily(afi: family.afi, safi: family.safi) == family)
        }
        #expect(BGPFamily(afi: 1, safi: 2) == nil)
        #expect(BGPFamily("vpnv5") == nil)
    }

    private func decode(
        _ type: UInt8, _ body: String, isInternal: Bool = true
    ) throws -> BGPMessage {
        let octets = hex(body)
        let length = UInt16(octets.count + BGPMessage.headerOctets)
        let header = hex(BGPFixture.marker) + [UInt8(length >> 8), UInt8(length & 0xff), type]
        return try BGPMessage(
            decoding: header + octets,
            in: BGPCodecContext(fourOctetAS: true, isInternal: isInternal))
    }
}
