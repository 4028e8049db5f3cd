// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives

/// One TCP connection to a peer, with what waits to be written to it.
final class Connection {
    enum State {
        /// Our connect is under way.
        case connecting
        case open
        /// The engine is done with it; what is queued goes out, until the deadline.
        case closing(until: Instant)
    }

    let id: ConnectionID
    /// What the poller knows it by.
    let token: UInt64
    let socket: Socket
    var state: State
    var output: OutputQueue
    /// Whether the poller waits for room to write.
    var awaitsRoom: Bool

    /// How much the kernel takes that has not left yet: a few of the largest messages. The rest
    /// waits in `output`, where a KEEPALIVE can pass it.
    static let unsentInKernelMax: Int32 = 16 << 10
    /// How long a closed connection may take to send its last message.
    static let closingTime = Duration.seconds(2)

    init(
        _ id: ConnectionID, token: UInt64, _ socket: consuming Socket, _ state: State, isBGP: Bool
    ) {
        output = OutputQueue(isBGP: isBGP)
        self.id = id
        self.token = token
        self.socket = socket
        self.state = state
        if case .connecting = state { awaitsRoom = true } else { awaitsRoom = false }
    }

    var isClosing: Bool { if case .closing = state { true } else { false } }

    /// Writes what the socket takes.
    func flush() throws(SystemError) {
        if case .connecting = state { return }
        while !output.isEmpty {
            let chunk = output.chunk()
            let count = try socket.send(chunk)
            output.consume(count)
            if count < chunk.count { return }
        }
    }
}
