// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Testing

@testable import Kernel

/// Requests about IPsec, field by field where linux/xfrm.h puts them.
@Suite struct SecurityMessagesTests {
    private static func association(_ cipher: ESPCipher) throws -> SecurityAssociation {
        SecurityAssociation(
            source: try value("10.255.0.1"), destination: try value("10.255.0.2"), spi: 0x102,
            requestID: 7, mode: .tunnel, cipher: cipher, keyName: "a")
    }

    /// Octets of a message by offset; netlink's header is 16 of them.
    private func expect(_ message: NetlinkMessage, at offset: Int, _ octets: String) throws {
        let wanted = try hex(octets)
        #expect(Array(message.bytes.dropFirst(offset).prefix(wanted.count)) == wanted)
    }

    @Test func `an association names its ends, its index and its mode`() throws {
        let key = Array(UInt8(0)..<20)
        let message = SecurityMessages.add(try Self.association(.aesGCM128), key: key, "")
        try expect(message, at: 4, "10 00 05 06  # XFRM_MSG_NEWSA; REQUEST ACK EXCL CREATE")
        let info = 16
        // struct xfrm_selector has 56 octets; it selects nothing.
        try expect(message, at: info + 56, "0a ff 00 02  # destination")
        try expect(message, at: info + 72, "00 00 01 02 32  # SPI in network order, ESP")
        try expect(message, at: info + 80, "0a ff 00 01  # source")
        try expect(
            message, at: info + 96, String(repeating: "ff ", count: 32) + "# no limit")
        try expect(
            message, at: info + 208,
            "07 00 00 00 02 00 01 00 00  # request ID, AF_INET, tunnel mode, window, flags")
        try expect(
            message, at: info + 224,
            """
            60 00 12 00                          # XFRMA_ALG_AEAD
            72 66 63 34 31 30 36 28 67 63 6d 28  # "rfc4106(gcm(
            61 65 73 29 29 00                    # aes))"
            """)
        try expect(
            message, at: info + 224 + 4 + 64,
            "a0 00 00 00 80 00 00 00 00 01 02 03  # 160 bits of key, 128 of check value; the key")
        try expect(
            message, at: info + 224 + 96,
            """
            9c 00 17 00                          # XFRMA_REPLAY_ESN_VAL
            20 00 00 00                          # 32 words of bitmap
            00 00 00 00 00 00 00 00              # sequence numbers of both ways
            00 00 00 00 00 00 00 00
            00 04 00 00                          # window of 1024
            """)
        #expect(message.bytes.count == info + 224 + 96 + 156)
    }

    @Test func `a key of CBC is split into one that encrypts and one that authenticates`() throws {
        let key = Array(UInt8(0)..<48)
        let message = SecurityMessages.add(try Self.association(.aesCBC128SHA256), key: key, "")
        let first = 16 + 224
        try expect(message, at: first, "58 00 02 00 63 62 63 28 61 65 73 29 00  # cbc(aes)")
        try expect(message, at: first + 68, "80 00 00 00 00 01  # 128 bits, from the first on")
        let second = first + 88
        try expect(message, at: second, "6c 00 14 00 68 6d 61 63 28 73 68 61 32  # hmac(sha2")
        try expect(
            message, at: second + 68, "00 01 00 00 80 00 00 00 10 11  # 256 bits cut to 128; rest")
    }

    @Test func `a policy selects packets, and asks for an association by its request ID`() throws {
        let policy = SecurityPolicy(
            direction: .out, source: try value("10.255.0.1/32"),
            destination: try value("10.255.0.2/32"), ipProtocol: 47,
            tunnelSource: try value("10.255.0.1"), tunnelDestination: try value("10.255.0.2"),
            requestID: 7)
        let message = SecurityMessages.set(policy, "")
        try expect(message, at: 4, "19 00 05 00  # XFRM_MSG_UPDPOLICY; REQUEST ACK")
        try expect(message, at: 16, "0a ff 00 02  # destination")
        try expect(message, at: 32, "0a ff 00 01  # source")
        try expect(message, at: 56, "02 00 20 20 2f  # AF_INET, /32 and /32, GRE")
        try expect(message, at: 16 + 160, "01 00 00 00  # out, allow")
        let template = 16 + 168
        try expect(message, at: template, "44 00 05 00 0a ff 00 02  # XFRMA_TMPL, destination")
        try expect(message, at: template + 24, "32  # ESP")
        try expect(message, at: template + 28, "02 00 00 00 0a ff 00 01  # AF_INET, source")
        try expect(message, at: template + 48, "07 00 00 00 00  # request ID, transport mode")
    }

    @Test func `a policy of one GRE key has its halves where ports are`() throws {
        let address = try #require(IPAddress("10.255.0.1"))
        let policy = SecurityPolicy(
            direction: .in, source: IPPrefix(host: address), destination: IPPrefix(host: address),
            ipProtocol: 47, greKey: 0x1_04d2, tunnelSource: address, tunnelDestination: address,
            requestID: 7)
        let message = SecurityMessages.set(policy, "")
        try expect(message, at: 48, "04 d2 ff ff 00 01 ff ff  # low half, high half, with masks")
    }

    @Test func `an operation does not tell the key`() throws {
        let ring = KeyRing()
        let key = ring.key("a", length: 20)
        let message = SecurityMessages.add(
            try Self.association(.aesGCM128), key: key, "add association")
        #expect(message.operation == "add association")
        #expect(Mirror(reflecting: ring).children.isEmpty)
    }

    @Test func `a ring draws a key once for each name and length`() {
        let ring = KeyRing()
        let key = ring.key("a", length: 20)
        #expect(key.count == 20)
        #expect(ring.key("a", length: 20) == key)
        #expect(ring.key("b", length: 20) != key)
        #expect(ring.key("a", length: 32).prefix(20) != key.prefix(20))
        #expect(KeyRing().key("a", length: 20) != key)
    }
}
