// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Testing

@Suite struct FrameTests {
    static let frames: [Frame] = [
        .message(["id": 1, "op": "hello"]),
        .data(request: 7, stream: .standardOutput, bytes: Array(0...255)),
        .message(["id": 0x1_0000_0001, "progress": ["text": "Łódź"]]),
        .data(request: .max, stream: .standardInput, bytes: []),
        .message(nil),
    ]

    @Test func `a frame is its body's length, its kind and its body`() throws {
        #expect(
            try Frame.message(["id": 1]).encoded() == [0, 0, 0, 8, 0] + Array(#"{"id":1}"#.utf8))
        #expect(
            try Frame.data(request: 258, stream: .standardError, bytes: [9]).encoded()
                == [0, 0, 0, 6, 1, 0, 0, 1, 2, 2, 9])
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 10_000])
    func `frames come out the same whatever the pieces they arrive in`(piece: Int) throws {
        let bytes = try Self.frames.flatMap { try $0.encoded() }
        var decoder = FrameDecoder()
        var seen: [Frame] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            decoder.append(bytes[start..<min(start + piece, bytes.count)])
            while let frame = try decoder.next() { seen.append(frame) }
        }
        #expect(seen == Self.frames)
        #expect(!decoder.isInsideFrame)
    }

    @Test func `a truncated frame is never returned`() throws {
        let bytes = try Self.frames[1].encoded()
        for length in 1..<bytes.count {
            var decoder = FrameDecoder()
            decoder.append(bytes[..<length])
            #expect(try decoder.next() == nil)
            #expect(decoder.isInsideFrame)
        }
    }

    @Test func `a length over 16 MiB is refused before the body arrives`() {
        var decoder = FrameDecoder()
        decoder.append([1, 0, 0, 1, 0])
        #expect(throws: FrameError.tooLong(16 << 20 + 1)) { try decoder.next() }
    }

    @Test func `a body of just 16 MiB is carried and one octet more is not sent`() throws {
        let most = [UInt8](repeating: 5, count: Frame.bodySizeMax - 5)
        var decoder = FrameDecoder()
        decoder.append(
            try Frame.data(request: 1, stream: .standardInput, bytes: most).encoded())
        #expect(
            try decoder.next() == .data(request: 1, stream: .standardInput, bytes: most))
        let tooMany = Frame.data(request: 1, stream: .standardInput, bytes: most + [0])
        #expect(throws: FrameError.tooLong(16 << 20 + 1)) { try tooMany.encoded() }
    }

    @Test func `garbage is an error and never a trap`() {
        var state: UInt64 = 1
        for _ in 0..<2000 {
            var bytes: [UInt8] = [0, 0, 0]
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 33))
            }
            bytes[4] &= 3
            var decoder = FrameDecoder()
            decoder.append(bytes)
            do { while try decoder.next() != nil {} } catch { #expect("\(error)" != "") }
        }
    }

    @Test func `unknown kinds, bad JSON and headless data are told apart`() {
        func error(_ bytes: [UInt8]) -> FrameError? {
            var decoder = FrameDecoder()
            decoder.append(bytes)
            do {
                _ = try decoder.next()
                return nil
            } catch { return error }
        }
        #expect(error([0, 0, 0, 0, 9]) == .unknownKind(9))
        #expect(error([0, 0, 0, 4, 1, 0, 0, 0, 1]) == .badData)
        #expect(error([0, 0, 0, 5, 1, 0, 0, 0, 1, 3]) == .badData)
        #expect(error([0, 0, 0, 1, 0, 0x7b]) != nil)
    }
}
