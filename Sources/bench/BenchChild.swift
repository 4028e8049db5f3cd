// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// A forked child in a namespace and our end of its socket pair. The child is killed when this goes
/// away, and by the kernel when this process ends.
final class BenchChild {
    let pid: Int32
    private let channel: FrameChannel
    private var messages: [JSON] = []
    let title: String

    /// How long any child may take to say what it is asked for.
    private static let patience = Duration.seconds(60)

    /// - Parameter options: without `diesWithParent` something else ends the child with this
    ///   process.
    init(
        _ title: String, in namespace: Namespace,
        _ options: ChildProcess.Options = [.diesWithParent],
        _ body: (_ control: Int32) -> Int32
    ) throws {
        self.title = title
        let (ours, theirs) = try DescriptorPair.socketPair().split()
        let other = FileDescriptor(owning: theirs)
        channel = FrameChannel(FileDescriptor(owning: ours))
        pid = try ChildProcess.fork(options) {
            guard (try? namespace.set()) != nil else { return 126 }
            return body(other.raw)
        }
    }

    deinit {
        ChildProcess.signal(pid, SignalDescriptor.kill)
        _ = try? ChildProcess.wait(for: pid)
    }

    /// A process that has ended keeps its directory in /proc until it is waited for, but its
    /// namespaces are gone.
    var isAlive: Bool { FileSystem.exists("/proc/\(pid)/ns/net") }

    func send(_ message: JSON) throws { try channel.send(.message(message)) }

    /// Waits for a message that has this member, and for its value; others before it are forgotten.
    func wait(for name: String, where fits: (JSON) -> Bool = { _ in true }) throws -> JSON {
        let deadline = MonotonicClock.now + Self.patience
        let poller = try Poller()
        try poller.add(channel.descriptor, token: 0)
        while true {
            while !messages.isEmpty {
                let message = messages.removeFirst()
                if let text = message["error"]?.string { throw Failure("\(title): \(text)") }
                if let value = message[name], fits(value) { return value }
            }
            guard !channel.isClosed, MonotonicClock.now < deadline else {
                throw Failure("\(title): no \(name)")
            }
            _ = try poller.wait(until: deadline)
            for case .message(let message) in try channel.receive() { messages.append(message) }
        }
    }
}
