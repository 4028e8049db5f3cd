// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Lab

@Suite("Relay frames")
struct RelayFrameTests {
    static let frames: [RelayFrame] = [
        .open(1), .data(1, [1, 2, 3]), .data(1, []), .credit(1, octets: 70_000), .end(1),
        .abort(0xffff_ffff), .note("loading modules"), .ready, .finished(3),
    ]

    @Test func everyFrameReadsAsItWasWritten() throws {
        var decoder = RelayDecoder()
        decoder.append(Self.frames.flatMap(\.encoded))
        for frame in Self.frames { #expect(try decoder.next() == frame) }
        #expect(try decoder.next() == nil)
        #expect(!decoder.isInsideFrame)
    }

    @Test func framesThatDripInOctetByOctetAreTheSame() throws {
        var decoder = RelayDecoder()
        var seen: [RelayFrame] = []
        for octet in Self.frames.flatMap(\.encoded) {
            decoder.append([octet])
            while let frame = try decoder.next() { seen.append(frame) }
        }
        #expect(seen == Self.frames)
    }

    @Test func aTruncatedFrameIsNoFrameAndIsWaitedFor() throws {
        for frame in Self.frames {
            var decoder = RelayDecoder()
            decoder.append(frame.encoded.dropLast())
            #expect(try decoder.next() == nil)
            #expect(decoder.isInsideFrame)
        }
    }

    @Test(arguments: [
        ([0, 0, 0, 1, 9, 0, 0, 0, 0], RelayError.unknownKind(9)),
        ([0, 0, 0, 1, 0, 0, 0, 0, 0], .unknownKind(0)),
        ([0, 0, 0, 0, 1, 0, 0, 0, 0], .badChannel(0)),
        ([0, 0, 0, 5, 7, 0, 0, 0, 0], .badChannel(5)),
        ([0, 0, 0, 1, 2, 0xff, 0xff, 0xff, 0xff], .badLength(0xffff_ffff)),
        ([0, 0, 0, 1, 1, 0, 0, 0, 1, 0], .badLength(1)),
        ([0, 0, 0, 1, 5, 0, 0, 0, 3, 0, 0, 0], .badLength(3)),
        ([0, 0, 0, 0, 8, 0, 0, 0, 0], .badLength(0)),
    ])
    func garbageIsATypedError(_ bytes: [UInt8], _ error: RelayError) {
        var decoder = RelayDecoder()
        decoder.append(bytes)
        #expect(throws: error) { try decoder.next() }
    }
}

@Suite("Multiplexer")
struct MultiplexerTests {
    /// Two that are joined to each other.
    struct Pair {
        var host = Multiplexer()
        var guest = Multiplexer()

        /// What the guest is told of what the host has said.
        mutating func toGuest() throws -> [RelayDelivery] {
            let bytes = Array(host.pending)
            host.written(bytes.count)
            return try guest.receive(bytes)
        }

        mutating func toHost() throws -> [RelayDelivery] {
            let bytes = Array(guest.pending)
            guest.written(bytes.count)
            return try host.receive(bytes)
        }
    }

    @Test func bytesAndEndsArriveInOrderInBothDirections() throws {
        var pair = Pair()
        let channel = pair.host.open()
        pair.host.send(channel, [1, 2])
        pair.host.send(channel, [3])
        pair.host.end(channel)
        #expect(
            try pair.toGuest() == [
                .opened(channel), .data(channel, [1, 2]), .data(channel, [3]), .ended(channel),
            ])
        pair.guest.send(channel, [4])
        pair.guest.end(channel)
        #expect(try pair.toHost() == [.data(channel, [4]), .ended(channel)])
    }

    @Test func oneDirectionThatHasEndedLeavesTheOtherOpen() throws {
        var pair = Pair()
        let channel = pair.host.open()
        pair.host.end(channel)
        _ = try pair.toGuest()
        #expect(pair.host.allowance(channel) == 0)
        #expect(pair.guest.allowance(channel) > 0)
    }

    @Test func aReaderThatStallsHoldsUpItsOwnChannelOnly() throws {
        var pair = Pair()
        let stalled = pair.host.open()
        let lively = pair.host.open()
        var sent = 0
        while pair.host.allowance(stalled) > 0 {
            let piece = [UInt8](repeating: 7, count: pair.host.allowance(stalled))
            pair.host.send(stalled, piece)
            sent += piece.count
            // Nobody takes the bytes on the guest's side.
            _ = try pair.toGuest()
        }
        #expect(sent == Multiplexer.window)
        pair.host.send(lively, [1])
        #expect(try pair.toGuest() == [.data(lively, [1])])
    }

    @Test func whatIsTakenIsGivenBackAsRoom() throws {
        var pair = Pair()
        let channel = pair.host.open()
        var total = 0
        for _ in 0..<100 {
            let piece = [UInt8](repeating: 1, count: pair.host.allowance(channel))
            try #require(!piece.isEmpty)
            pair.host.send(channel, piece)
            for case .data(let channel, let bytes) in try pair.toGuest() {
                pair.guest.consumed(channel, bytes.count)
                total += bytes.count
            }
            #expect(try pair.toHost() == [])
        }
        #expect(total > 10 * Multiplexer.window)
    }

    @Test func sourcesAreLeftAloneWhileThePortIsFull() {
        var host = Multiplexer()
        let channels = (0..<16).map { _ in host.open() }
        while let channel = channels.first(where: { host.allowance($0) > 0 }) {
            host.send(channel, [UInt8](repeating: 0, count: host.allowance(channel)))
        }
        #expect(host.pending.count < Multiplexer.outgoingMax + RelayFrame.payloadSizeMax + 1024)
        host.written(host.pending.count)
        #expect(channels.contains { host.allowance($0) > 0 })
    }

    @Test func framesOfAChannelThatWasGivenUpAreIgnored() throws {
        var pair = Pair()
        let channel = pair.host.open()
        _ = try pair.toGuest()
        pair.guest.send(channel, [1])
        pair.host.abort(channel)
        #expect(try pair.toHost() == [])
        #expect(try pair.toGuest() == [.aborted(channel)])
    }

    @Test func aSideThatSendsMoreThanItMayIsAnError() throws {
        var guest = Multiplexer()
        _ = try guest.receive(RelayFrame.open(1).encoded)
        let piece = RelayFrame.data(1, [UInt8](repeating: 0, count: RelayFrame.payloadSizeMax))
        #expect(throws: RelayError.overrun(1)) {
            for _ in 0...(Multiplexer.window / RelayFrame.payloadSizeMax) {
                _ = try guest.receive(piece.encoded)
            }
        }
    }

    @Test func aChannelThatWasNeverOpenedIsAnError() {
        var guest = Multiplexer()
        #expect(throws: RelayError.badChannel(4)) {
            try guest.receive(RelayFrame.data(4, [1]).encoded)
        }
    }

    @Test func aChannelIsOpenedOnlyOnce() throws {
        var guest = Multiplexer()
        _ = try guest.receive(RelayFrame.open(2).encoded)
        #expect(throws: RelayError.badChannel(2)) { try guest.receive(RelayFrame.open(2).encoded) }
    }
}
