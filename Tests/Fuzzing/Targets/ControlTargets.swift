// SPDX-License-Identifier: Apache-2.0

import Control
import Lab

extension FuzzTarget {
    static let control = [
        FuzzTarget("control", words: controlWords, frames),
        FuzzTarget("relay", words: relayWords, relay),
        FuzzTarget(
            "vici", words: [[1, 1], [2], [3, 1], [4, 1], [5, 0, 1], [6], [0, 0, 0, 9]], vici),
    ]

    private static let controlWords: [[UInt8]] =
        [[0, 0, 0, 2, 0], [0, 0, 0, 6, 1], [0, 0, 0, 5, 1, 0, 0, 0, 1, 2], [1, 0, 0, 0, 0]]
        + words([#"{"id":1,"op":"show"}"#, #"{"id":"#, #""result":"#, #""error":"#, "{}"])

    private static let relayWords: [[UInt8]] = (1...8).flatMap { kind in
        [[0, 0, 0, 1, kind, 0, 0, 0, 0], [0, 0, 0, 0, kind, 0, 0, 0, 1], [kind, 0, 0, 0, 4]]
    }

    /// A stream of frames, cut anywhere, gives the same frames and the same end; each is the same
    /// when it is written and read again.
    @Sendable private static func frames(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let seed = script.octet()
        let stream = script.remaining()
        let (whole, wholeEnd) = frames([stream])
        let (cut, cutEnd) = frames(stream.pieces(seed))
        try require(whole == cut && wholeEnd == cutEnd, "the pieces' frames differ")
        for frame in whole {
            guard let octets = try? frame.encoded() else { throw Finding("it cannot be written") }
            let (again, end) = frames([octets])
            try require(again == [frame] && end == nil, "read again, it differs")
            if case .message(let json) = frame { _ = ControlRequest(json) }
        }
    }

    private static func frames(_ pieces: [[UInt8]]) -> ([Frame], FrameError?) {
        var decoder = FrameDecoder()
        var frames: [Frame] = []
        for piece in pieces {
            decoder.append(piece)
            do throws(FrameError) {
                while let frame = try decoder.next() { frames.append(frame) }
            } catch {
                return (frames, error)
            }
        }
        return (frames, nil)
    }

    @Sendable private static func relay(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let seed = script.octet()
        let stream = script.remaining()
        let (whole, wholeEnd) = relayFrames([stream])
        let (cut, cutEnd) = relayFrames(stream.pieces(seed))
        try require(whole == cut && wholeEnd == cutEnd, "the pieces' frames differ")
        var multiplexer = Multiplexer()
        for frame in whole {
            // A note's text is repaired where it is no UTF-8, and may then be cut.
            if case .note = frame {
            } else {
                let (again, end) = relayFrames([frame.encoded])
                try require(again == [frame] && end == nil, "read again, it differs")
            }
        }
        for piece in stream.pieces(seed) {
            do throws(RelayError) { _ = try multiplexer.receive(piece) } catch { return }
            multiplexer.written(multiplexer.pending.count)
        }
    }

    private static func relayFrames(_ pieces: [[UInt8]]) -> ([RelayFrame], RelayError?) {
        var decoder = RelayDecoder()
        var frames: [RelayFrame] = []
        for piece in pieces {
            decoder.append(piece)
            do throws(RelayError) {
                while let frame = try decoder.next() { frames.append(frame) }
            } catch {
                return (frames, error)
            }
        }
        return (frames, nil)
    }

    /// What an IKE daemon says. Texts that are no UTF-8 are repaired, and are then too long to be
    /// written again.
    @Sendable private static func vici(_ input: [UInt8]) throws(Finding) {
        var buffer = input
        var count = 0
        while case .packet(let packet) = ViciPacket.next(&buffer) {
            count += 1
            guard case .response(let message) = packet,
                String(validating: input, as: UTF8.self) != nil
            else { continue }
            try require(ViciMessage(octets: message.octets) == message, "read again, it differs")
        }
        try require(count * 5 <= input.count, "more packets than there can be")
    }
}
