// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// The answer under way to one request of a client. It ends by `finish` or `fail`, or is cancelled
/// when the client goes.
final class Reply {
    let request: ControlRequest
    private weak var session: ControlSession?
    private(set) var isOver = false
    /// Called when the client has gone before the answer was complete.
    var onCancel: () -> Void = {}
    /// Called with bytes for a running command's standard input; none end it.
    var onInput: ([UInt8]) -> Void = { _ in }
    /// Called with a further message about the request: a signal, a new window size.
    var onMessage: (JSON) -> Void = { _ in }
    /// Called when the client has read enough to be sent more.
    var onDrained: () -> Void = {}

    init(_ request: ControlRequest, _ session: ControlSession) {
        self.request = request
        self.session = session
    }

    /// Tells connections apart; nil when the client has gone.
    var sessionID: ObjectIdentifier? { session.map { ObjectIdentifier($0) } }

    /// A member of the request.
    subscript(name: String) -> JSON? { request.members[name] }

    /// The client reads more slowly than is sent to it.
    var isStuck: Bool { (session?.backlog ?? 0) > 1 << 20 }

    func progress(_ value: JSON) { if !isOver { session?.send(request.progress(value)) } }

    func data(_ stream: ExecStream, _ bytes: [UInt8]) {
        guard !isOver, let id = UInt32(exactly: request.id) else { return }
        session?.send(.data(request: id, stream: stream, bytes: bytes))
    }

    func finish(_ value: JSON) { end(request.result(value)) }

    /// - Parameter text: one sentence for people, without a full stop.
    func fail(_ text: String) { end(request.error(text)) }

    private func end(_ message: JSON) {
        guard !isOver else { return }
        isOver = true
        session?.send(message)
        session?.forget(self)
    }

    /// Calls `body` when the client goes, whether the answer is complete or not.
    func whenSessionCloses(_ body: @escaping () -> Void) {
        guard let session else { return body() }
        session.onEnd.append(body)
    }

    func cancel() {
        guard !isOver else { return }
        isOver = true
        onCancel()
    }
}

/// One client of the supervisor.
final class ControlSession {
    private let channel: FrameChannel
    private let loop: EventLoop
    private var replies: [Int64: Reply] = [:]
    /// Called with every request.
    var onRequest: (Reply) -> Void = { _ in }
    /// Called once, when the client has gone and its requests are cancelled.
    var onClose: (ControlSession) -> Void = { _ in }
    var onEnd: [() -> Void] = []

    /// A client that lets this much wait is cut off.
    private static let backlogMax = 256 << 20

    init(_ channel: FrameChannel, _ loop: EventLoop) throws(SystemError) {
        self.channel = channel
        self.loop = loop
        try loop.watch(channel.descriptor) { [unowned self] ready in self.serve(ready) }
    }

    var backlog: Int { channel.backlog }

    private func serve(_ ready: Poller.Ready) {
        if ready.canWrite {
            channel.flush()
            if !channel.hasBacklog { for reply in replies.values { reply.onDrained() } }
        }
        if ready.canRead { receive() }
        settle()
    }

    private func receive() {
        do throws(FrameError) {
            for frame in try channel.receive() { take(frame) }
        } catch {
            send(["error": .string("\(error)")])
            close()
        }
    }

    private func take(_ frame: Frame) {
        switch frame {
        case .data(let id, .standardInput, let bytes): replies[Int64(id)]?.onInput(bytes)
        case .data: break
        case .message(let message):
            if let request = ControlRequest(message) {
                begin(request)
            } else if let id = message["id"]?.int, let reply = replies[id] {
                reply.onMessage(message)
            } else {
                send(["error": "a message without an id or an operation"])
            }
        }
    }

    private func begin(_ request: ControlRequest) {
        guard replies[request.id] == nil else {
            return send(request.error("request \(request.id) is still running"))
        }
        let reply = Reply(request, self)
        replies[request.id] = reply
        onRequest(reply)
    }

    func send(_ message: JSON) { send(.message(message)) }

    func send(_ frame: Frame) {
        do throws(FrameError) { try channel.send(frame) } catch {
            // Only an answer can be too long; the client must hear of it all the same.
            if case .message(let message) = frame, let id = message["id"] {
                try? channel.send(.message(["id": id, "error": .string("\(error)")]))
            }
        }
        settle()
    }

    private func settle() {
        guard !isClosed else { return }
        if channel.isClosed || channel.backlog > Self.backlogMax { return close() }
        loop.setInterest(channel.descriptor, channel.hasBacklog ? [.read, .write] : .read)
    }

    func forget(_ reply: Reply) { replies[reply.request.id] = nil }

    private(set) var isClosed = false

    /// Cancels what the client asked for and lets go of it.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(channel.descriptor)
        for (_, reply) in replies.sorted(by: { $0.key < $1.key }) { reply.cancel() }
        replies = [:]
        for body in onEnd { body() }
        onClose(self)
    }
}
