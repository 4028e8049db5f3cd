// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// What a lab says about a request.
package struct ControlMessage: Hashable, Sendable {
    /// What `start` returned.
    package var request: UInt64
    package var content: Content

    package enum Content: Hashable, Sendable {
        case progress(JSON)
        /// The last message of a request that was done.
        case result(JSON)
        /// The last message of a request that could not be done; the text is for people.
        case failure(String)
        /// Bytes of a running command; none at the end of the stream.
        case data(ExecStream, [UInt8])
    }

    package init(request: UInt64, content: Content) {
        self.request = request
        self.content = content
    }
}

/// Why a request was not answered with a result.
package enum CallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The lab refused it or could not do it.
    case refused(String)
    /// The connection broke: the lab is gone, or never spoke the protocol.
    case lost(ControlError)

    package var description: String {
        switch self {
        case .refused(let text): text
        case .lost(let error): error.description
        }
    }
}

/// The client's end of a control connection. Any number of requests may be under way at once;
/// `next` returns their messages as they arrive.
package final class ControlConnection {
    private let channel: FrameChannel
    private var lastRequest: UInt32 = 0
    /// Messages that arrived while something else was waited for.
    private var queue: [ControlMessage] = []

    package init(_ channel: FrameChannel) { self.channel = channel }

    /// For polling together with other descriptors; then call `next` with the present moment.
    package var descriptor: Int32 { channel.descriptor }
    package var hasQueued: Bool { !queue.isEmpty }
    /// What to wait for at the descriptor.
    package var interest: Poller.Interest { channel.hasBacklog ? [.read, .write] : .read }
    /// Bytes that the lab has not read yet: stop reading a command's input while there are many.
    package var backlog: Int { channel.backlog }

    /// The clock that deadlines are on.
    package var now: Instant { MonotonicClock.now }

    /// Sends a request and returns its id.
    package func start(
        _ operation: ControlOperation, _ members: [JSON.Member] = []
    ) throws(ControlError) -> UInt64 {
        lastRequest += 1
        let request = ControlRequest(
            id: Int64(lastRequest), operation: operation.rawValue, members: .object(members))
        try send(.message(request.message))
        return UInt64(lastRequest)
    }

    /// Sends bytes to the standard input of a running command; none ends it.
    package func sendInput(_ bytes: [UInt8], to request: UInt64) throws(ControlError) {
        try send(.data(request: UInt32(request), stream: .standardInput, bytes: bytes))
    }

    /// Says more about a request that is under way: {signal: NUMBER} or {terminal: {rows, columns}}
    /// of a running command.
    package func sendMore(_ members: JSON, about request: UInt64) throws(ControlError) {
        let id = JSON.Member("id", .int(Int64(request)))
        try send(.message(.object([id] + members.members)))
    }

    private func send(_ frame: Frame) throws(ControlError) {
        do throws(FrameError) { try channel.send(frame) } catch {
            throw ControlError("\(error)")
        }
        guard channel.isClosed else { return }
        // It may have said why.
        try takeIn()
        throw Self.gone
    }

    private static let gone = ControlError("the lab has closed the connection")

    /// Does a whole request. Messages of other requests stay queued for `next`.
    /// - Parameter limit: how long the lab may take; nil waits for ever.
    package func call(
        _ operation: ControlOperation, _ members: [JSON.Member] = [], within limit: Duration? = nil,
        progress: (JSON) -> Void = { _ in }
    ) throws(CallError) -> JSON {
        let deadline = limit.map { now + $0 }
        let answer: Result<JSON, CallError>
        do throws(ControlError) {
            answer = try finish(start(operation, members), until: deadline, progress)
        } catch {
            throw .lost(error)
        }
        return try answer.get()
    }

    /// Waits for the end of a request.
    private func finish(
        _ id: UInt64, until deadline: Instant?, _ progress: (JSON) -> Void
    ) throws(ControlError) -> Result<JSON, CallError> {
        while true {
            switch try next(of: id, until: deadline)?.content {
            case .progress(let json): progress(json)
            case .result(let json): return .success(json)
            case .failure(let text): return .failure(.refused(text))
            case .data: continue
            case nil: throw ControlError("the lab does not answer")
            }
        }
    }

    /// The next message of any request, or nil when the deadline passes first.
    package func next(until deadline: Instant?) throws(ControlError) -> ControlMessage? {
        while queue.isEmpty {
            guard try wait(until: deadline) else { return nil }
        }
        return queue.removeFirst()
    }

    /// The next message of one request; others stay queued.
    package func next(
        of request: UInt64, until deadline: Instant?
    ) throws(ControlError) -> ControlMessage? {
        while true {
            if let index = queue.firstIndex(where: { $0.request == request }) {
                return queue.remove(at: index)
            }
            guard try wait(until: deadline) else { return nil }
        }
    }

    /// Takes in what has arrived, after waiting for it; false when the deadline passed.
    private func wait(until deadline: Instant?) throws(ControlError) -> Bool {
        let isReady: Bool
        do throws(SystemError) {
            isReady = try Poller.wait(
                for: channel.descriptor, interest, until: deadline)
        } catch {
            throw ControlError(error)
        }
        guard isReady else { return deadline.map { now < $0 } ?? true }
        channel.flush()
        try takeIn()
        return true
    }

    /// Queues what has arrived without waiting.
    package func takeIn() throws(ControlError) {
        let frames: [Frame]
        do throws(FrameError) { frames = try channel.receive() } catch {
            throw ControlError("the lab sent \(error)")
        }
        for case .message(let json) in frames where json["id"] == nil {
            // What is about no request is about the connection.
            if let text = json["error"]?.string { throw ControlError(text) }
        }
        queue += frames.compactMap(Self.message)
        if channel.isClosed, frames.isEmpty { throw Self.gone }
    }

    private static func message(_ frame: Frame) -> ControlMessage? {
        switch frame {
        case .data(let request, let stream, let bytes):
            return ControlMessage(request: UInt64(request), content: .data(stream, bytes))
        case .message(let json):
            guard let id = json["id"]?.int, id >= 0 else { return nil }
            if let value = json["progress"] {
                return .init(request: UInt64(id), content: .progress(value))
            }
            if let value = json["result"] {
                return .init(request: UInt64(id), content: .result(value))
            }
            let text = json["error"]?.string ?? "an answer without a result"
            return ControlMessage(request: UInt64(id), content: .failure(text))
        }
    }
}
