// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives
import Runtime

/// A running probe, and its end of the socket pair.
final class ProbeHandle {
    private let channel: FrameChannel
    private let pid: Int32
    private var messages: [JSON] = []

    init(_ node: Node, _ probe: Probe) throws {
        let (own, child) = try DescriptorPair.socketPair().split()
        pid = try node.spawn { probe.main(control: child) }
        FileDescriptor(owning: child).discard()
        let socket = FileDescriptor(owning: own)
        try socket.setNonBlocking()
        channel = FrameChannel(socket)
    }

    private func next(_ name: String) throws -> JSON {
        let poller = try Poller()
        try poller.add(channel.descriptor, token: 0)
        let deadline = MonotonicClock.now + .seconds(20)
        while true {
            while !messages.isEmpty {
                let message = messages.removeFirst()
                if let text = message["error"]?.string { throw Failure(text) }
                if let value = message[name] { return value }
            }
            guard !channel.isClosed, MonotonicClock.now < deadline else {
                throw Failure("no \(name) from a probe")
            }
            _ = try poller.wait(until: deadline)
            for case .message(let message) in try channel.receive() { messages.append(message) }
        }
    }

    func progress() throws -> JSON { try next("progress") }

    func result() throws -> JSON {
        let result = try next("result")
        _ = try ChildProcess.wait(for: pid)
        return result
    }

    func stop() throws -> JSON {
        try channel.send(.message(["stop": true]))
        return try result()
    }
}

extension FileDescriptor {
    /// Closes it here and now.
    consuming func discard() {}
}
