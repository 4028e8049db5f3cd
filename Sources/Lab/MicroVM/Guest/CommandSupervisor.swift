// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// In place of a lab's supervisor: runs tools in the guest itself for one client, and ends with it.
/// It shows what the guest's kernel can do without a lab.
package final class CommandSupervisor {
    private let loop: EventLoop
    private let listener: FileDescriptor
    private let signals: SignalDescriptor
    private var session: ControlSession?
    private var isOver = false
    private var processes: [Int32: ExecProcess] = [:]

    package init(listener: consuming FileDescriptor) throws(SystemError) {
        self.listener = listener
        loop = try EventLoop()
        signals = try SignalDescriptor([SignalDescriptor.child])
    }

    /// Serves until the client has gone.
    package func run() throws(SystemError) {
        try loop.watch(listener.raw) { [unowned self] _ in accept() }
        try loop.watch(signals.raw) { [unowned self] _ in reap() }
        try loop.run { isOver }
    }

    private func accept() {
        guard session == nil, let socket = try? UnixSocket.accept(at: listener) else { return }
        session = try? ControlSession(FrameChannel(socket), loop)
        session?.onRequest = { [unowned self] reply in begin(reply) }
        session?.onClose = { [unowned self] _ in isOver = true }
    }

    private func begin(_ reply: Reply) {
        guard reply.request.operation == ControlOperation.exec.rawValue,
            let tool = ExecProcess.Tool(reply)
        else { return reply.fail("without a lab there is only exec, with argv") }
        let process = ExecProcess(reply, loop)
        do throws(SystemError) {
            try process.start(tool) {}
            processes[process.pid] = process
        } catch {
            reply.fail("\(error)")
        }
    }

    private func reap() {
        _ = signals.read()
        for exit in ChildProcess.reap() { processes.removeValue(forKey: exit.pid)?.finish(exit) }
    }
}
