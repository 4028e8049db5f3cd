// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Why a control connection cannot be used.
package struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    /// What a system call was doing, and errno's text.
    package init(_ doing: String, errno code: Int32) {
        description = "\(doing): \(String(cString: strerror(code)))"
    }
}

/// One end of a stream socket that carries frames, never blocking. Both ends of every control
/// connection are one: the client's, the supervisor's, and the two of a router's socket pair.
package final class FrameChannel {
    /// To be polled: readable always, writable while `hasBacklog`.
    package let descriptor: Int32
    private var decoder = FrameDecoder()
    private var outgoing: [UInt8] = []
    private var sent = 0
    /// The other end has closed, or the connection broke; nothing more can be sent.
    package private(set) var isClosed = false

    /// How much `receive` takes in before it returns, so that one busy peer does not keep the
    /// others waiting.
    private static let appetite = 1 << 20

    /// Takes the descriptor over and closes it in the end.
    package init(descriptor: Int32) {
        precondition(descriptor >= 0)
        self.descriptor = descriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Bytes that wait for the peer to read.
    package var backlog: Int { outgoing.count - sent }
    package var hasBacklog: Bool { backlog > 0 }

    /// Queues a frame and sends what the socket takes now.
    /// - Throws: when the frame is too long; a broken connection shows in `isClosed`.
    package func send(_ frame: Frame) throws(FrameError) {
        let bytes = try frame.encoded()
        guard !isClosed else { return }
        outgoing += bytes
        flush()
    }

    /// Sends more of what is queued.
    package func flush() {
        while sent < outgoing.count, !isClosed {
            let count = outgoing.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                isClosed = true
            }
        }
        if sent == outgoing.count || isClosed {
            outgoing.removeAll(keepingCapacity: outgoing.count < 1 << 16)
            sent = 0
        } else if sent > 1 << 20 {
            outgoing.removeFirst(sent)
            sent = 0
        }
    }

    /// The frames that have arrived whole. Look at `isClosed` afterwards.
    package func receive() throws(FrameError) -> [Frame] {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        var total = 0
        while total < Self.appetite, !isClosed {
            let count = recv(descriptor, &piece, piece.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                decoder.append(piece[..<count])
                total += count
                if count < piece.count { break }
            } else if count == 0 {
                isClosed = true
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                isClosed = true
            }
        }
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    /// Two channels joined to each other.
    package static func pair() throws(ControlError) -> (FrameChannel, FrameChannel) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw ControlError("a socket pair", errno: errno)
        }
        return (FrameChannel(descriptor: ends[0]), FrameChannel(descriptor: ends[1]))
    }
}
