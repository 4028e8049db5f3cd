// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives
import Runtime

/// A probe at work in a node's namespace, in a child of its own.
final class ProbeChild {
    private let channel: FrameChannel
    private let loop: EventLoop
    let pid: Int32
    private var isOver = false
    /// Called with every {progress: …}'s value.
    var onProgress: (JSON) -> Void = { _ in }
    /// Called with octets that it passes on.
    var onData: ([UInt8]) -> Void = { _ in }
    /// Called once, with the result or why there is none.
    var onEnd: (Result<JSON, Failure>) -> Void = { _ in }

    struct Failure: Error {
        var text: String
    }

    /// Forks the probe into a namespace.
    init(
        _ probe: Probe, in namespace: Namespace, _ loop: EventLoop
    ) throws(SystemError) {
        let (ours, theirs) = try DescriptorPair.socketPair().split()
        let other = FileDescriptor(owning: theirs)
        channel = FrameChannel(FileDescriptor(owning: ours))
        self.loop = loop
        pid = try ChildProcess.fork([.diesWithParent]) {
            do throws(SystemError) { try namespace.set() } catch {
                StandardStream.error.write("probe: \(error)\n".utf8)
                return 1
            }
            return probe.main(control: other.raw)
        }
        try loop.watch(channel.descriptor) { [unowned self] _ in self.receive() }
    }

    /// Asks a probe that runs until it is told to end for its result.
    func stop() {
        // A few octets into an empty socket buffer.
        try? channel.send(.message(["stop": true]))
    }

    /// Nobody wants the result any more; the probe ends when its channel closes.
    func abandon() {
        guard !isOver else { return }
        isOver = true
        letGo()
        loop.forget(channel.descriptor)
        ChildProcess.signal(pid, SignalDescriptor.kill)
    }

    private func receive() {
        let frames = (try? channel.receive()) ?? []
        for frame in frames where !isOver {
            switch frame {
            case .message(let message): take(message)
            case .data(_, _, let octets): onData(octets)
            }
        }
        if channel.isClosed { end(.failure(Failure(text: "the probe ended without a result"))) }
    }

    private func take(_ message: JSON) {
        if let value = message["progress"] { onProgress(value) }
        if let value = message["result"] { end(.success(value)) }
        if let text = message["error"]?.string { end(.failure(Failure(text: text))) }
    }

    /// What it says is left to wait, and so is it once there is too much.
    func pause() { if !isOver { loop.setInterest(channel.descriptor, []) } }

    func resume() { if !isOver { loop.setInterest(channel.descriptor, .read) } }

    private func letGo() { (onEnd, onProgress, onData) = ({ _ in }, { _ in }, { _ in }) }

    private func end(_ result: Result<JSON, Failure>) {
        guard !isOver else { return }
        isOver = true
        loop.forget(channel.descriptor)
        // Whoever waits for the end may hold us: let go of them first.
        let body = onEnd
        letGo()
        body(result)
    }
}
