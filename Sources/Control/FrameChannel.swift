// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Why a control connection cannot be used.
package struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    init(_ error: SystemError) { description = error.description }

    init(_ error: FrameError) { description = error.description }
}

/// One end of a stream socket that carries frames, never blocking. Both ends of every control
/// connection are one: the client's, the supervisor's, and the two of a router's socket pair.
package final class FrameChannel {
    private let socket: FileDescriptor
    private var decoder = FrameDecoder()
    private var outgoing: [UInt8] = []
    private var sent = 0
    /// The other end has closed, or the connection broke; nothing more can be sent.
    package private(set) var isClosed = false
    /// What the other end said before it closed may still wait.
    private var hasEnded = false

    private static let pieceSize = 64 << 10
    /// How much `receive` takes in before it returns, so that one busy peer does not keep the
    /// others waiting.
    private static let appetite = 1 << 20

    package init(_ socket: consuming FileDescriptor) { self.socket = socket }

    /// To be polled: for reading always, for writing while `hasBacklog`.
    package var descriptor: Int32 { socket.raw }

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
        do throws(SystemError) {
            while hasBacklog, !isClosed {
                sent += try UnixSocket.send(socket, outgoing, from: sent)
            }
        } catch {
            isClosed = isClosed || !error.isWouldBlock
        }
        if !hasBacklog || isClosed {
            outgoing.removeAll(keepingCapacity: outgoing.count <= Self.pieceSize)
            sent = 0
        } else if sent > Self.appetite {
            outgoing.removeFirst(sent)
            sent = 0
        }
    }

    /// The frames that have arrived whole. Look at `isClosed` afterwards.
    package func receive() throws(FrameError) -> [Frame] {
        var total = 0
        do throws(SystemError) {
            while total < Self.appetite, !hasEnded {
                let piece = try UnixSocket.receive(socket, Self.pieceSize)
                decoder.append(piece)
                total += piece.count
                hasEnded = piece.isEmpty
                if piece.count < Self.pieceSize { break }
            }
        } catch {
            hasEnded = hasEnded || !error.isWouldBlock
        }
        isClosed = isClosed || hasEnded
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    /// Two channels joined to each other.
    package static func pair() throws(ControlError) -> (FrameChannel, FrameChannel) {
        do throws(SystemError) {
            let (first, second) = try DescriptorPair.socketPair().split()
            return (
                FrameChannel(FileDescriptor(owning: first)),
                FrameChannel(FileDescriptor(owning: second))
            )
        } catch {
            throw ControlError(error)
        }
    }
}
