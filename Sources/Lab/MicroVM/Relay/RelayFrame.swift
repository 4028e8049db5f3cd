// SPDX-License-Identifier: Apache-2.0

/// One unit of what host and guest say to each other on the virtio-serial port, which is a single
/// stream of bytes: many connections to the supervisor share it, each as a channel.
///
/// On the wire: the channel (4 octets, network order; 0 when the frame is about no channel), the
/// kind (1 octet), the payload's length (4 octets, network order), the payload.
package enum RelayFrame: Hashable, Sendable {
    /// Kind 1: a client has connected to the host's socket. Channels count up from 1.
    case open(UInt32)
    /// Kind 2: bytes of a connection, in either direction.
    case data(UInt32, [UInt8])
    /// Kind 3: no more bytes will come in this direction.
    case end(UInt32)
    /// Kind 4: the connection is gone in both directions.
    case abort(UInt32)
    /// Kind 5: so many more octets may be sent, because as many have been taken (4 octets).
    case credit(UInt32, octets: UInt32)
    /// Kind 6: how far the guest has come, for the user (UTF-8).
    case note(String)
    /// Kind 7: the guest takes channels from now on.
    case ready
    /// Kind 8: the guest's supervisor has ended with this status, and all that it said has been
    /// said (1 octet).
    case finished(UInt8)

    /// Octets before the payload.
    package static let headerSize = 9
    /// The largest payload.
    package static let payloadSizeMax = 32 << 10

    private enum Kind: UInt8 {
        case open = 1
        case data = 2
        case end = 3
        case abort = 4
        case credit = 5
        case note = 6
        case ready = 7
        case finished = 8

        var isAboutChannel: Bool { rawValue < Kind.note.rawValue }

        /// What the payload's length can be.
        var sizes: ClosedRange<Int> {
            switch self {
            case .open, .end, .abort, .ready: 0...0
            case .data, .note: 0...RelayFrame.payloadSizeMax
            case .credit: 4...4
            case .finished: 1...1
            }
        }
    }

    private var kind: Kind {
        switch self {
        case .open: .open
        case .data: .data
        case .end: .end
        case .abort: .abort
        case .credit: .credit
        case .note: .note
        case .ready: .ready
        case .finished: .finished
        }
    }

    private var channel: UInt32 {
        switch self {
        case .open(let channel), .data(let channel, _), .end(let channel), .abort(let channel),
            .credit(let channel, _):
            channel
        case .note, .ready, .finished: 0
        }
    }

    private var payload: [UInt8] {
        switch self {
        case .open, .end, .abort, .ready: []
        case .data(_, let bytes): bytes
        case .credit(_, let octets): Self.bytes(octets)
        case .finished(let status): [status]
        case .note(let text): Array(text.utf8.prefix(Self.payloadSizeMax))
        }
    }

    /// The frame's bytes. Data of more than `payloadSizeMax` is the caller's mistake.
    package var encoded: [UInt8] {
        let payload = payload
        precondition(payload.count <= Self.payloadSizeMax)
        return Self.bytes(channel) + [kind.rawValue] + Self.bytes(UInt32(payload.count)) + payload
    }

    /// Network order.
    private static func bytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// The frame of a header and its payload.
    fileprivate init(
        channel: UInt32, kind: UInt8, payload: ArraySlice<UInt8>
    ) throws(RelayError) {
        guard let kind = Kind(rawValue: kind) else { throw .unknownKind(kind) }
        guard kind.isAboutChannel == (channel != 0) else { throw .badChannel(channel) }
        guard kind.sizes.contains(payload.count) else { throw .badLength(payload.count) }
        switch kind {
        case .open: self = .open(channel)
        case .data: self = .data(channel, Array(payload))
        case .end: self = .end(channel)
        case .abort: self = .abort(channel)
        case .credit:
            self = .credit(channel, octets: payload.reduce(0) { $0 << 8 | UInt32($1) })
        case .note: self = .note(String(decoding: payload, as: UTF8.self))
        case .ready: self = .ready
        case .finished: self = .finished(payload.first ?? 0)
        }
    }
}

/// What is wrong with the bytes that came from the port. The port cannot go on after it.
package enum RelayError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownKind(UInt8)
    /// A payload of so many octets is too long, or not what its kind has.
    case badLength(Int)
    /// A channel that was never opened, is open already, or is missing.
    case badChannel(UInt32)
    /// The other side sent more than it was allowed to.
    case overrun(UInt32)

    package var description: String {
        switch self {
        case .unknownKind(let kind): "the control port carried a frame of unknown kind \(kind)"
        case .badLength(let size): "the control port carried a frame of bad length \(size)"
        case .badChannel(let channel): "the control port carried a frame for channel \(channel)"
        case .overrun(let channel): "the control port carried too much for channel \(channel)"
        }
    }
}

/// Turns the bytes of the port, in whatever pieces they arrive, into frames.
package struct RelayDecoder: Sendable {
    private var buffer = ByteQueue()

    package init() {}

    /// Bytes of an unfinished frame are waiting.
    package var isInsideFrame: Bool { !buffer.isEmpty }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        buffer.append(bytes)
    }

    /// The next whole frame; nil until more bytes arrive. The length is judged as soon as it is
    /// there, so that garbage cannot make us wait for four gigabytes.
    package mutating func next() throws(RelayError) -> RelayFrame? {
        let bytes = buffer.bytes
        guard bytes.count >= RelayFrame.headerSize else { return nil }
        let first = bytes.startIndex
        let size = Int(number(bytes[first + 5..<first + 9]))
        guard size <= RelayFrame.payloadSizeMax else { throw .badLength(size) }
        let payload = first + RelayFrame.headerSize
        guard bytes.endIndex - payload >= size else { return nil }
        let frame = try RelayFrame(
            channel: number(bytes[first..<first + 4]), kind: bytes[first + 4],
            payload: bytes[payload..<payload + size])
        buffer.removeFirst(RelayFrame.headerSize + size)
        return frame
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
