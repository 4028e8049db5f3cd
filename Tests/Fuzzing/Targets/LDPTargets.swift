// SPDX-License-Identifier: Apache-2.0

import Wire

extension FuzzTarget {
    static let ldp = [
        FuzzTarget("ldp", words: ldpWords, pdu),
        FuzzTarget("ldp-stream", words: ldpWords, stream),
    ]

    /// The fronts of messages and TLVs.
    private static let ldpWords: [[UInt8]] =
        LDPMessage.Kind.allCases.map {
            [UInt8($0.rawValue >> 8), UInt8($0.rawValue & 0xff), 0, 24]
        } + [
            [1, 0, 0, 8, 2, 0, 1, 32], [1, 0, 0, 1, 1], [5, 2, 2, 0, 1], [2, 0, 0, 4, 0, 0, 0, 16],
            [1, 1, 0, 6, 0, 1], [1, 3, 0, 1], [1, 4, 0, 4], [3, 0, 0, 10, 0x80, 0, 0, 10],
            [4, 0, 0, 4, 0, 15, 0x20, 0], [4, 1, 0, 4], [4, 2, 0, 4], [5, 0, 0, 14, 0, 1, 0, 180],
            [0x85, 0x0b, 0, 1, 0x80], [6, 0, 0, 4], [0, 1, 0, 14, 1, 1, 1, 1, 0, 0],
        ]

    /// One PDU: its header's length is put right before it is read. What is read has one meaning:
    /// written and read again it is the same.
    @Sendable private static func pdu(_ input: [UInt8]) throws(Finding) {
        var octets = Array(input.prefix(LDPPDU.lengthMax + 4))
        if octets.count > 4 {
            (octets[0], octets[1]) = (0, 1)
            (octets[2], octets[3]) = (
                UInt8((octets.count - 4) >> 8), UInt8((octets.count - 4) & 0xff)
            )
        }
        guard let pdu = try? LDPPDU(decoding: octets) else { return }
        try require(pdu.faults.allSatisfy { !$0.status.isFatal }, "a fatal fault not thrown")
        for fault in pdu.faults { try require(!fault.description.isEmpty, "a fault unnamed") }
        guard !pdu.messages.isEmpty else { return }
        // Repeated TLVs are read as one, so what is written is no longer than what was read.
        guard let written = try? pdu.encoded(), written.count <= octets.count else {
            throw Finding("it cannot be written")
        }
        guard let read = try? LDPPDU(decoding: written), read.faults.isEmpty else {
            throw Finding("what was written is refused")
        }
        try require(
            read.messages == pdu.messages && read.identifier == pdu.identifier,
            "read again, it differs")
    }

    /// A stream cut at arbitrary points gives the same PDUs and the same end as in one piece, and
    /// holds no more than one PDU.
    @Sendable private static func stream(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let seed = script.octet()
        let stream = script.remaining()
        var whole = LDPFramer()
        let expected = whole.feed(stream)
        var framer = LDPFramer()
        var pdus: [[UInt8]] = []
        var failure: LDPFault?
        for piece in stream.pieces(seed) {
            let output = framer.feed(piece)
            pdus += output.messages
            failure = output.failure
            try require(framer.pendingCount < LDPPDU.lengthMax + 4, "more than a PDU is held")
        }
        try require(pdus == expected.messages, "the pieces' PDUs differ")
        try require(failure == expected.failure, "the pieces' end differs")
        try require(framer.pendingCount == whole.pendingCount, "the pieces' rest differs")
        for pdu in pdus { _ = try? LDPPDU(decoding: pdu) }
    }
}
