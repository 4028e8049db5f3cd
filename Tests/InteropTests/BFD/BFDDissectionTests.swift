// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

/// What we write, read by Wireshark's dissector.
@Suite("tshark dissects our BFD control packets")
struct BFDDissectionTests {
    private static let fields = [
        "bfd.version", "bfd.diag", "bfd.sta", "bfd.flags.p", "bfd.flags.f", "bfd.flags.c",
        "bfd.flags.d", "bfd.detect_time_multiplier", "bfd.message_length", "bfd.my_discriminator",
        "bfd.your_discriminator", "bfd.desired_min_tx_interval", "bfd.required_min_rx_interval",
        "bfd.required_min_echo_interval", "bfd.auth.type", "bfd.auth.key", "bfd.auth.seq_num",
        "bfd.auth.password",
    ]

    private func dissect(_ payloads: [[UInt8]], port: UInt16 = 3784) throws -> [[String]] {
        var capture = Capture()
        let source = try #require(IPAddress("10.0.0.1"))
        let destination = try #require(IPAddress("10.0.0.2"))
        for payload in payloads {
            let datagram = UDPDatagram(
                sourcePort: 49152, destinationPort: port, payload: payload)
            capture.add(
                packet: try datagram.encoded(source: source, destination: destination), 17,
                from: source, to: destination)
        }
        return try Dissection(capture.octets, Self.fields).flawlessValues()
    }

    private var packet: BFDPacket {
        BFDPacket(
            state: .up, diagnostic: .neighborSignaledDown, detectMultiplier: 5,
            myDiscriminator: 0x0102_0304, yourDiscriminator: 0x0506_0708,
            desiredMinTxInterval: 50_000, requiredMinRxInterval: 300_000,
            requiredMinEchoRxInterval: 10_000)
    }

    @Test(arguments: [BFDPacket.singleHopPort, BFDPacket.multihopPort])
    func everyFieldOfTheHeader(port: UInt16) throws {
        var poll = packet
        (poll.isPoll, poll.isDemand) = (true, true)
        var final = packet
        (final.isFinal, final.isControlPlaneIndependent) = (true, true)
        let rows = try dissect([try poll.encoded(), try final.encoded()], port: port)
        let start = ["1", "0x03", "0x03"]
        let end = [
            "5", "24", "0x01020304", "0x05060708", "50000", "300000", "10000", "", "", "", "",
        ]
        #expect(rows == [start + ["1", "0", "0", "1"] + end, start + ["0", "1", "1", "0"] + end])
    }

    @Test func everyAuthentication() throws {
        let secret = Array("weft-secret".utf8)
        let kinds: [BFDAuthentication.Kind?] = [nil] + BFDAuthentication.Kind.allCases
        let payloads = try kinds.map { kind in
            let key = try #require(BFDAuthenticationKey(keyID: 7, kind: kind, secret: secret))
            return try packet.encoded(signedBy: key, sequence: 0xdead_beef)
        }
        let rows = try dissect(payloads).map { [$0[8]] + $0[14...] }
        #expect(
            rows == [
                ["38", "1", "7", "", "weft-secret"],
                ["48", "2", "7", "0xdeadbeef", ""],
                ["48", "3", "7", "0xdeadbeef", ""],
                ["52", "4", "7", "0xdeadbeef", ""],
                ["52", "5", "7", "0xdeadbeef", ""],
            ])
    }
}
