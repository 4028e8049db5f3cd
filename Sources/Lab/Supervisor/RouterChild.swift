// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Primitives

/// A node's router process, as its supervisor sees it.
final class RouterChild {
    enum State: Hashable {
        case running
        /// Killed or stopped because someone asked for it, or not started yet.
        case stopped
        /// Ended by itself, with the reason.
        case died(String)

        var name: String {
            switch self {
            case .running: "running"
            case .stopped, .died: "stopped"
            }
        }
    }

    /// What it was started with, or has been told since.
    var configuration: RouterConfiguration
    private(set) var state = State.stopped
    private(set) var pid: Int32?
    private var channel: FrameChannel?
    private let loop: EventLoop
    private var lastRequest: Int64 = 0
    private var pending: [Int64: (Result<JSON, Refusal>) -> Void] = [:]
    private var isReady = false
    /// The last thing that it said went wrong.
    private var lastProblem: String?
    private var onReady: [() -> Void] = []
    private var onEnd: [() -> Void] = []
    /// Called with {report, at} whenever the router reports something.
    var onReport: (JSON) -> Void = { _ in }
    /// Called when the router has ended by itself.
    var onDeath: (String) -> Void = { _ in }

    /// Why a router did not do what it was asked.
    struct Refusal: Error {
        var text: String
    }

    init(_ configuration: RouterConfiguration, _ loop: EventLoop) {
        self.configuration = configuration
        self.loop = loop
    }

    var node: String { configuration.name }

    var hasDied: Bool { if case .died = state { true } else { false } }

    // MARK: Life

    /// Forks the router into its namespace.
    /// - Parameters:
    ///   - hasDaemons: it starts processes of its own, which are to end with it.
    ///   - body: what the child does with its end of the socket pair, which is all that it keeps of
    ///     what this process had open.
    func start(
        in namespace: Namespace, hasDaemons: Bool = false,
        _ body: (RouterConfiguration, Int32) -> Int32
    ) throws(SystemError) {
        precondition(state != .running, "a router is started once")
        let (ours, theirs) = try DescriptorPair.socketPair().split()
        let channel = FrameChannel(FileDescriptor(owning: ours))
        let other = FileDescriptor(owning: theirs)
        let options: ChildProcess.Options =
            hasDaemons ? [.diesWithParent, .ownProcessNamespace] : [.diesWithParent]
        pid = try ChildProcess.fork(options) {
            do throws(SystemError) { try namespace.set() } catch {
                StandardStream.error.write("\(node): \(error)\n".utf8)
                return 1
            }
            return body(configuration, other.raw)
        }
        self.channel = channel
        state = .running
        isReady = false
        lastProblem = nil
        try loop.watch(channel.descriptor) { [unowned self] ready in self.serve(ready) }
    }

    /// Calls `body` when the router takes events, or has ended before that.
    func whenReady(_ body: @escaping () -> Void) {
        if isReady || state != .running { body() } else { onReady.append(body) }
    }

    /// Calls `body` when the process has ended.
    func whenEnded(_ body: @escaping () -> Void) {
        if pid == nil { body() } else { onEnd.append(body) }
    }

    /// Ends the process without a goodbye.
    func kill() {
        state = .stopped
        if let pid { ChildProcess.signal(pid, SignalDescriptor.kill) }
    }

    /// The end of the process that follows has been asked for.
    func expectEnd() { state = .stopped }

    /// To be called with every child that ended.
    /// - Returns: whether it was this one.
    func take(_ exit: ChildProcess.Exit) -> Bool {
        guard let pid, exit.pid == pid else { return false }
        self.pid = nil
        let how = exit.signal.map { "signal \($0)" } ?? "status \(exit.status ?? 0)"
        // What it said last may still be waiting.
        receive()
        disconnect("\(node)'s router has ended")
        if state == .running {
            let reason = "ended by \(how)" + (lastProblem.map { ": \($0)" } ?? "")
            state = .died(reason)
            onDeath(reason)
        }
        for body in onReady + onEnd { body() }
        (onReady, onEnd) = ([], [])
        return true
    }

    private func disconnect(_ reason: String) {
        guard let channel else { return }
        loop.forget(channel.descriptor)
        self.channel = nil
        let waiting = pending.sorted { $0.key < $1.key }
        pending = [:]
        for (_, body) in waiting { body(.failure(Refusal(text: reason))) }
    }

    // MARK: Talk

    /// Asks something and calls `body` with the answer.
    func ask(
        _ operation: RouterOperation, _ members: JSON,
        _ body: @escaping (Result<JSON, Refusal>) -> Void
    ) {
        guard let channel, state == .running || operation == .stop else {
            return body(.failure(Refusal(text: "\(node) is not running")))
        }
        lastRequest += 1
        pending[lastRequest] = body
        let request = ControlRequest(
            id: lastRequest, operation: operation.rawValue, members: members)
        try? channel.send(.message(request.message))
        settle()
    }

    private func serve(_ ready: Poller.Ready) {
        if ready.canWrite { channel?.flush() }
        if ready.canRead { receive() }
        settle()
    }

    private func settle() {
        guard let channel else { return }
        if channel.isClosed { return disconnect("\(node)'s router has gone") }
        loop.setInterest(channel.descriptor, channel.hasBacklog ? [.read, .write] : .read)
    }

    private func receive() {
        guard let channel else { return }
        do throws(FrameError) {
            for case .message(let message) in try channel.receive() { take(message) }
        } catch {
            disconnect("\(node)'s router sent \(error)")
        }
    }

    private func take(_ message: JSON) {
        if let id = message["id"]?.int, let body = pending.removeValue(forKey: id) {
            if let result = message["result"] { return body(.success(result)) }
            body(.failure(Refusal(text: message["error"]?.string ?? "no answer")))
        } else if message["ready"] != nil {
            isReady = true
            for body in onReady { body() }
            onReady = []
        } else if message["report"] != nil {
            takeProblem(message["report"])
            onReport(message)
        }
    }

    /// A problem is kept for whoever asks why the router ended, and goes to the lab's log.
    private func takeProblem(_ report: JSON?) {
        guard report?["type"]?.string == "problem", let text = report?["text"]?.string else {
            return
        }
        lastProblem = text
        StandardStream.error.write("\(node): \(text)\n".utf8)
    }
}
