// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// What the microVM's first process does: `weft init`.
///
/// It makes the guest a machine on which the host's own files are the root, starts the supervisor,
/// carries connections from the control port to it, and ends the machine after it.
package final class GuestInit {
    /// The supervisor, in a process of its own: takes the socket on which clients connect, and
    /// returns an exit status.
    package typealias Supervisor = (consuming FileDescriptor) -> Int32

    /// Where the supervisor listens.
    package static let socketPath = "/run/weft/control"
    /// The virtio-serial port's name.
    static let portName = "weft.control"
    /// The virtio-9p share's name.
    static let shareName = "root"

    private let loop: EventLoop
    private let relay: Relay
    private let signals: SignalDescriptor
    private var supervisorPID: Int32 = 0
    private var status: UInt8?

    /// Runs the machine; only for process 1.
    package static func run(_ supervisor: Supervisor) -> Never {
        do {
            let guest = try start(supervisor)
            try guest.serve()
        } catch {
            // The console's log is where the host looks when the port has said nothing.
            StandardStream.error.write("\(failureMark)\(error)\n".utf8)
        }
        try? Boot.restart()
        exitProcess(1)
    }

    /// Stands before the reason for which the guest gave up.
    static let failureMark = "weft init: "

    private static func start(_ supervisor: Supervisor) throws(SystemError) -> GuestInit {
        try GuestRoot.mountOwn()
        try GuestRoot.loadModules(under: Initramfs.modulesPath)
        let port = try GuestRoot.openPort(portName)
        try GuestRoot.switchToHost(share: shareName)
        try Boot.setDescriptorLimit(1 << 16)
        try FileSystem.makePrivateDirectory("/run/weft")
        let listener = try UnixSocket.listen(at: socketPath)
        return try GuestInit(port, listener, supervisor)
    }

    private init(
        _ port: consuming FileDescriptor, _ listener: consuming FileDescriptor,
        _ supervisor: Supervisor
    ) throws(SystemError) {
        loop = try EventLoop()
        signals = try SignalDescriptor([SignalDescriptor.child])
        relay = try Relay(port: port, loop)
        relay.onOpen = { _ in try? UnixSocket.connect(to: Self.socketPath) }
        let raw = listener.release()
        supervisorPID = try ChildProcess.fork([.diesWithParent, .ownProcessNamespace, .ownSession])
        {
            FileDescriptor.closeAll(except: [raw])
            return supervisor(FileDescriptor(owning: raw))
        }
        _ = FileDescriptor(owning: raw)
        try loop.watch(signals.raw) { [unowned self] _ in reap() }
        relay.announce(.ready)
    }

    /// Until the supervisor has ended and all that it said has left.
    private func serve() throws(SystemError) {
        try loop.run { status != nil || relay.isClosed }
        guard let status else { return }
        try wait(.seconds(2)) { relay.isSilent }
        relay.announce(.finished(status))
        // The host ends the machine when it hears this.
        try wait(.seconds(2)) { relay.isClosed }
    }

    private func wait(_ time: Duration, until isDone: () -> Bool) throws(SystemError) {
        let deadline = loop.now + time
        let timer = loop.call(at: deadline) {}
        try loop.run { isDone() || loop.now >= deadline }
        loop.cancel(timer)
    }

    /// Orphans become process 1's, which must ask how they ended.
    private func reap() {
        _ = signals.read()
        for exit in ChildProcess.reap() where exit.pid == supervisorPID {
            status = UInt8(truncatingIfNeeded: exit.status ?? 128 + (exit.signal ?? 0))
        }
    }
}
