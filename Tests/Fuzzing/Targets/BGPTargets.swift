// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension FuzzTarget {
    static let bgp = [
        FuzzTarget("bgp", words: attributeWords, message),
        FuzzTarget("bgp-stream", words: attributeWords, stream),
    ]

    /// The fronts of attributes, families and messages.
    static let attributeWords: [[UInt8]] =
        (1...40).flatMap { [[0x40, $0], [0x80, $0], [0xc0, $0, 4]] } + [
            [0, 1, 1], [0, 1, 128], [0, 2, 1], [0, 2, 128], [0, 1, 4], [0, 2, 4], [2, 1], [1, 1],
            [2, 255], [0x90, 14],
            [0xff, 0xff], [0, 0], [0x80, 0, 0], [2, 6, 1, 4, 0, 1, 0, 1],
            [65, 4, 0, 0, 0xff, 0xdc], [69, 4, 0, 1, 128, 3],
            [UInt8](repeating: 0xff, count: 16) + [0, 19, 4],
            [UInt8](repeating: 0xff, count: 16) + [0, 23, 2, 0, 0, 0, 0],
        ]

    private static func context(_ flags: UInt8) -> BGPCodecContext {
        let identified: Set<BGPFamily> = flags & 8 == 0 ? [] : Set(BGPFamily.allCases)
        return BGPCodecContext(
            fourOctetAS: flags & 1 == 0, isInternal: flags & 2 != 0,
            receivesPathIDs: identified, sendsPathIDs: identified)
    }

    /// One message of a session of any type: the first octet is the type of session, the second
    /// that of the message, whose header is put before the rest; or the rest is a whole message.
    ///
    /// What is read is either refused or has one meaning: written and read again it is the same.
    @Sendable private static func message(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let flags = script.octet()
        let context = context(flags)
        var octets: [UInt8]
        if flags & 4 == 0 {
            let type = script.octet()
            let body = Array(script.remaining().prefix(BGPMessage.octetsMax - 19))
            let length = UInt16(19 + body.count)
            octets = [UInt8](repeating: 0xff, count: 16)
            octets += [UInt8(length >> 8), UInt8(length & 0xff), type] + body
        } else {
            octets = script.remaining()
        }
        guard let message = try? BGPMessage(decoding: octets, in: context) else { return }
        if case .update(let update) = message { try check(update) }
        // What came in one message may be too long for one when it is written again, or name two
        // families where there is room for one.
        guard let written = try? message.encoded(in: context) else { return }
        guard let read = try? BGPMessage(decoding: written, in: context) else {
            throw Finding("what was written is refused")
        }
        if case .update(let update) = read {
            try require(update.faults.isEmpty, "what was written has faults: \(update.faults)")
        }
        try require((try? read.encoded(in: context)) == written, "written twice, it differs")
    }

    /// RFC 7606's remedies, as they must show in any update.
    private static func check(_ update: BGPUpdate) throws(Finding) {
        let strongest = update.faults.map(\.treatment).max() ?? .attributeDiscard
        try require(strongest != .sessionReset, "a session reset that was not thrown")
        let announces = !update.announced.isEmpty
        try require(
            announces == (update.attributes != nil), "attributes without routes, or the reverse")
        try require(!announces || strongest == .attributeDiscard, "a faulty route is announced")
        let count = (update.announced.map(\.nlri) + update.withdrawn.map(\.nlri)).joined().count
        try require(count <= BGPMessage.octetsMax, "\(count) routes in one message")
        if update.endOfRIB != nil {
            try require(!announces && update.withdrawn.isEmpty, "an End-of-RIB with routes")
        }
        for fault in update.faults { try require(!fault.description.isEmpty, "a fault unnamed") }
        for announcement in update.announced {
            try require(
                update.attributes(for: announcement)?.nextHop != nil, "a route without next hop")
        }
    }

    /// A stream cut at arbitrary points gives the same messages and the same end as in one piece,
    /// and holds no more than one message.
    @Sendable private static func stream(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let seed = script.octet()
        let stream = script.remaining()
        var whole = BGPFramer()
        let expected = whole.feed(stream)
        var framer = BGPFramer()
        var messages: [[UInt8]] = []
        var failure: BGPNotification?
        for piece in stream.pieces(seed) {
            let output = framer.feed(piece)
            messages += output.messages
            failure = output.failure
            try require(framer.pendingCount < BGPMessage.octetsMax, "more than a message is held")
        }
        try require(messages == expected.messages, "the pieces' messages differ")
        try require(failure == expected.failure, "the pieces' end differs")
        try require(framer.pendingCount == whole.pendingCount, "the pieces' rest differs")
        for message in messages {
            _ = try? BGPMessage(decoding: message, in: context(seed))
        }
    }
}
