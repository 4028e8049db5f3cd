// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One unit of the control protocol; see Protocol.swift for what flows in them.
///
/// On the wire: the body's length (4 octets, network order), the kind (1 octet), the body.
package enum Frame: Hashable, Sendable {
    /// Kind 0: a JSON value.
    case message(JSON)
    /// Kind 1: bytes of a running command. No bytes means end of stream.
    case data(request: UInt32, stream: ExecStream, bytes: [UInt8])

    /// Octets before the body.
    package static let headerSize = 5
    /// The largest body.
    package static let bodySizeMax = 16 << 20
    /// How many bytes of a stream a sender puts into one frame.
    package static let chunkSize = 64 << 10

    /// The frame's bytes.
    /// - Throws: `tooLong` when the body would exceed 16 MiB.
    package func encoded() throws(FrameError) -> [UInt8] {
        var body: [UInt8]
        let kind: UInt8
        switch self {
        case .message(let json):
            kind = 0
            body = Array(json.text.utf8)
        case .data(let request, let stream, let bytes):
            kind = 1
            body = Self.bytes(request) + [stream.rawValue]
            body += bytes
        }
        guard body.count <= Self.bodySizeMax else { throw .tooLong(body.count) }
        return Self.bytes(UInt32(body.count)) + [kind] + body
    }

    /// Network order.
    private static func bytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

/// A stream of a command that runs in a node.
package enum ExecStream: UInt8, Hashable, Sendable, CaseIterable {
    case standardInput = 0
    case standardOutput = 1
    case standardError = 2
}

/// Why bytes are not a frame. A connection that carried such bytes cannot go on.
package enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A body of this many octets.
    case tooLong(Int)
    case unknownKind(UInt8)
    case badMessage(JSON.ParseError)
    /// A kind-1 body without its 5 octets, or of an unknown stream.
    case badData

    package var description: String {
        switch self {
        case .tooLong(let size): "a frame of \(size) octets, more than the 16 MiB allowed"
        case .unknownKind(let kind): "a frame of unknown kind \(kind)"
        case .badMessage(let error): "a message that is no JSON (\(error))"
        case .badData: "a data frame without request and stream"
        }
    }
}

/// Turns the bytes of a connection, in whatever pieces they arrive, into frames.
package struct FrameDecoder: Sendable {
    private var buffer: [UInt8] = []
    /// Where the first byte that is not yet part of a returned frame stands.
    private var start = 0

    package init() {}

    /// Bytes of an unfinished frame are waiting.
    package var isInsideFrame: Bool { start < buffer.count }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0, start >= buffer.count / 2 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += bytes
    }

    /// The next whole frame; nil until more bytes arrive. The length and kind are judged as soon
    /// as they are there, before memory is spent on the body.
    package mutating func next() throws(FrameError) -> Frame? {
        guard buffer.count - start >= Frame.headerSize else { return nil }
        let size = Int(number(at: start))
        let kind = buffer[start + 4]
        guard size <= Frame.bodySizeMax else { throw .tooLong(size) }
        guard kind <= 1 else { throw .unknownKind(kind) }
        let body = start + Frame.headerSize
        guard buffer.count - body >= size else { return nil }
        defer { start = body + size }
        return kind == 0 ? try message(body, size) : try data(body, size)
    }

    private func number(at offset: Int) -> UInt32 {
        buffer[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func message(_ body: Int, _ size: Int) throws(FrameError) -> Frame {
        do throws(JSON.ParseError) {
            return .message(try JSON(parsing: Array(buffer[body..<body + size])))
        } catch {
            throw .badMessage(error)
        }
    }

    private func data(_ body: Int, _ size: Int) throws(FrameError) -> Frame {
        guard size >= 5, let stream = ExecStream(rawValue: buffer[body + 4]) else { throw .badData }
        return .data(
            request: number(at: body), stream: stream, bytes: Array(buffer[body + 5..<body + size]))
    }
}
