// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// A probe's way to whoever started it, and its wait for sockets and moments.
final class ProbePort {
    private let channel: FrameChannel
    private let poller: Poller
    private static let controlToken = UInt64.max
    /// {stop: true} has come.
    private(set) var isStopped = false
    /// Nobody listens any more.
    var isClosed: Bool { channel.isClosed }

    /// Takes the descriptor over.
    init(descriptor: Int32) throws(SystemError) {
        let socket = FileDescriptor(owning: descriptor)
        try socket.setNonBlocking()
        channel = FrameChannel(socket)
        poller = try Poller()
        try poller.add(descriptor, token: Self.controlToken)
    }

    func watch(_ raw: Int32) throws(SystemError) { try poller.add(raw, token: UInt64(raw)) }

    /// Waits for the watched sockets, for word from the other end, or for the deadline.
    func wait(until deadline: Instant?) throws(SystemError) {
        let isBehind = channel.hasBacklog
        if isBehind { try setInterest([.read, .write]) }
        let ready = try poller.wait(until: deadline)
        if isBehind { try setInterest(.read) }
        guard let own = ready.first(where: { $0.token == Self.controlToken }) else { return }
        if own.canWrite { channel.flush() }
        guard own.canRead, let frames = try? channel.receive() else { return }
        for case .message(let message) in frames where message["stop"] == true {
            isStopped = true
        }
    }

    /// A probe's messages are short: what does not fit a frame does not occur.
    func send(_ message: JSON) { try? channel.send(.message(message)) }

    /// Passes octets on, as the output of a command.
    func send(data octets: [UInt8]) {
        try? channel.send(.data(request: 0, stream: .standardOutput, bytes: octets))
    }

    /// Waits until fewer octets than this wait for the other end.
    func waitForRoom(below limit: Int) throws(SystemError) {
        while channel.backlog >= limit, !channel.isClosed {
            _ = try Poller.wait(for: channel.descriptor, .write, until: nil)
            channel.flush()
        }
    }

    private func setInterest(_ interest: Poller.Interest) throws(SystemError) {
        try poller.modify(channel.descriptor, token: Self.controlToken, interest)
    }

    /// Sends what is still queued.
    func drain() {
        while channel.hasBacklog, !channel.isClosed {
            let raw = channel.descriptor
            try? poller.modify(raw, token: Self.controlToken, [.read, .write])
            guard (try? poller.wait(until: nil)) != nil else { return }
            channel.flush()
        }
    }
}
