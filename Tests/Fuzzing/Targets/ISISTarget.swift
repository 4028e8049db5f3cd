// SPDX-License-Identifier: Apache-2.0

import Wire

extension FuzzTarget {
    static let isis = FuzzTarget(
        "isis", sizeMax: 1600,
        words: [
            [0x83, 27, 1, 0, 15, 1, 0, 0], [0x83, 20, 1, 0, 17, 1, 0, 0],
            [0x83, 27, 1, 0, 18, 1, 0, 0], [0x83, 33, 1, 0, 24, 1, 0, 0],
            [0x83, 17, 1, 0, 27, 1, 0, 0], [1, 4, 3, 0x49, 0, 1], [10, 17, 54], [10, 23, 3],
            [22, 11], [135, 9], [236, 14], [240, 15], [240, 5], [9, 16],
        ], readPDU)

    private static let keys: [ISISKey] = [
        .clearText([1]), .hmacMD5([2]), .keyed(.sha1, id: 3, [4]),
    ]

    /// The first octet chooses whether the length and an LSP's checksum are made right.
    @Sendable private static func readPDU(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let flags = script.octet()
        var octets = script.remaining()
        if flags & 1 == 0 { repairPDU(&octets) }
        guard let packet = try? ISISPacket(decoding: octets) else { return }
        for key in keys { _ = key.verifies(octets) }
        guard let written = try? packet.encoded(), let read = try? ISISPacket(decoding: written)
        else { throw Finding("what was read cannot be written and read again") }
        try require(read == packet, "read again, it differs")
        for key in keys {
            guard let signed = try? packet.encoded(key: key) else { continue }
            guard let read = try? ISISPacket(decoding: signed) else {
                throw Finding("signed, it cannot be read")
            }
            try require(
                key.verifies(signed) != holdsAuthentication(packet), "\(read) does not verify")
        }
    }

    /// A PDU that has an authentication TLV already has one too many.
    private static func holdsAuthentication(_ packet: ISISPacket) -> Bool {
        let tlvs =
            switch packet {
            case .hello(let hello): hello.tlvs
            case .linkState(let lsp): lsp.tlvs
            case .sequenceNumbers(let numbers): numbers.tlvs
            }
        return tlvs.contains { $0.type == 10 }
    }
}
