// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// The router's end of the socket pair to its supervisor.
final class SupervisorPort {
    private let channel: FrameChannel
    private let poller: PollerBox
    private var awaitsRoom = false
    private let token = PollToken(.control).rawValue

    /// The supervisor is gone: nobody wants this router any more.
    var isClosed: Bool { channel.isClosed }

    /// Takes the descriptor over.
    init(descriptor: Int32, _ poller: PollerBox) throws(SystemError) {
        channel = FrameChannel(FileDescriptor(owning: descriptor))
        self.poller = poller
        try poller.value.add(descriptor, token: token)
    }

    /// Queues a message and sends what the socket takes.
    func send(_ message: JSON) {
        do throws(FrameError) { try channel.send(.message(message)) } catch {
            // Only an answer can be too long for a frame.
            let text = "the answer is \(error)"
            if let id = message["id"] { send(["id": id, "error": .string(text)]) }
        }
        updateInterest()
    }

    /// Tells whoever watches of something that happened. What a flood of routes leads to is left
    /// out while the supervisor has much to read already: it is only there to wake those who wait,
    /// and what the supervisor has still to read will. How much was left out is told afterwards.
    func report(_ report: JSON, at now: Instant) {
        let isPlentiful = report["type"] == "route" || report["type"] == "malformed"
        if isPlentiful, channel.backlog > Self.plenty {
            leftOut += 1
            return
        }
        if leftOut > 0, channel.backlog <= Self.plenty {
            let count = leftOut
            leftOut = 0
            send([
                "report": ["type": "left-out", "reports": JSON(count)], "at": JSON(now.nanoseconds),
            ])
        }
        send(["report": report, "at": JSON(now.nanoseconds)])
    }

    /// So many octets that wait are enough to wake everybody.
    private static let plenty = 128 << 10
    /// Reports that were not sent since the last time that this was told.
    private var leftOut = 0

    /// Tells of something that went wrong.
    func problem(_ text: String, at now: Instant) {
        report(["type": "problem", "text": .string(text)], at: now)
    }

    /// The requests that have come whole. A supervisor that speaks no protocol is as good as gone,
    /// but it is told nothing it would not understand.
    func receive(_ ready: Poller.Ready) -> [ControlRequest] {
        if ready.canWrite { channel.flush() }
        var requests: [ControlRequest] = []
        if ready.canRead, let frames = try? channel.receive() {
            for case .message(let message) in frames {
                if let request = ControlRequest(message) { requests.append(request) }
            }
        }
        updateInterest()
        return requests
    }

    /// Sends all that is queued, waiting for the supervisor to read.
    func drain() {
        while channel.hasBacklog, !channel.isClosed {
            guard let ready = try? poller.value.wait(until: nil) else { return }
            if ready.contains(where: { $0.token == token }) { channel.flush() }
        }
    }

    private func updateInterest() {
        guard awaitsRoom != channel.hasBacklog, !channel.isClosed else { return }
        awaitsRoom = channel.hasBacklog
        try? poller.value.modify(
            channel.descriptor, token: token, awaitsRoom ? [.read, .write] : .read)
    }
}
