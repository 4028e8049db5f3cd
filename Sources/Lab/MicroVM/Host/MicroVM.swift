// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// How large a microVM is and how it is driven.
package struct MicroVMPlan: Hashable, Sendable {
    /// MiB.
    package var memory: Int
    package var processors: Int
    package var usesKVM: Bool
    /// kHz of the emulated processor's counter, which is this machine's own.
    package var cycleFrequency: UInt64?
    /// The file that takes what the guest says on its console, and QEMU on its standard error.
    package var console: String
    package var purpose: GuestPurpose

    /// - Parameter nodes: how many nodes the lab has; they decide about the memory.
    package init(_ purpose: GuestPurpose, nodes: Int, usesKVM: Bool, console: String) {
        memory = QEMUCommand.memory(nodes: nodes)
        processors = min(max(1, ProcessorCount.online), 4)
        self.usesKVM = usesKVM
        cycleFrequency = usesKVM ? nil : CycleCounter.frequency()
        self.console = console
        self.purpose = purpose
    }
}

/// What a microVM starts from.
package struct MicroVMImage: Hashable, Sendable {
    package var kernel: KernelImage
    package var initramfs: String

    /// Why there can be no microVM here, and what to run against it; nil where nothing speaks
    /// against one.
    package static var obstacle: (reason: String, remedy: String)? {
        guard CycleCounter.exists else {
            return ("microVMs are for x86 machines only", "weft up --substrate host FILE")
        }
        guard Subprocess.exists(QEMUCommand.program) else {
            return (
                "\(QEMUCommand.program) is missing", "apt-get install \(QEMUCommand.package)"
            )
        }
        return KernelFinder.obstacle
    }

    /// Finds it in the cache, or makes it, which may take some seconds.
    /// - Parameter say: told what takes time.
    package static func prepare(
        say: @escaping (String) -> Void
    ) throws(MicroVMError) -> MicroVMImage {
        if let obstacle { throw MicroVMError("\(obstacle.reason): try `\(obstacle.remedy)`") }
        let cache = try MicroVMCache()
        let kernel = try KernelFinder(cache, say: say).find()
        let initramfs = try Initramfs(cache, kernel).path(say: say)
        return MicroVMImage(kernel: kernel, initramfs: initramfs)
    }
}

/// A microVM from the host's side: carries clients to the guest's supervisor until it ends.
package final class MicroVM {
    private let loop: EventLoop
    private let relay: Relay
    private let machine: Machine
    private let signals: SignalDescriptor
    private let plan: MicroVMPlan
    private let listener: ClientListener?
    private var isReady = false
    private var status: UInt8?
    private var isInterrupted = false
    private var portFailure: String?

    /// Called with what the guest says of its progress.
    package var onNote: (String) -> Void = { _ in }
    /// Called once, when the guest's supervisor can be spoken to.
    package var onReady: () -> Void = {}
    /// Told how the start goes; the machine ends when it goes away before the guest is ready.
    var starter: Starter?

    /// So long may a guest take to start; an emulated one on a loaded machine takes its time.
    private static let patience: Duration = .seconds(120)

    /// Starts the machine. It ends with this process, however that comes.
    /// - Parameter listener: where clients connect; nil where only `attach` brings some.
    package init(
        _ image: MicroVMImage, _ plan: MicroVMPlan, listener: consuming FileDescriptor?
    ) throws(MicroVMError) {
        self.plan = plan
        // A broken port must be told as an error.
        ProcessControl.ignoreBrokenPipes()
        machine = try Machine.start(image, plan)
        do throws(SystemError) {
            loop = try EventLoop()
            // The port's own descriptor stays with the machine, which outlives the relay.
            relay = try Relay(port: try machine.port.duplicate(), loop)
            signals = try SignalDescriptor([
                SignalDescriptor.terminate, SignalDescriptor.interrupt, SignalDescriptor.hangUp,
            ])
            switch consume listener {
            case .some(let socket): self.listener = try ClientListener(socket, loop)
            case .none: self.listener = nil
            }
        } catch {
            throw MicroVMError(error)
        }
    }

    /// Joins a socket to the guest's supervisor.
    package func attach(_ socket: consuming FileDescriptor) { relay.attach(socket) }

    /// Carries clients until the guest's supervisor has ended, this process is told to end, or the
    /// machine breaks. Nothing of the machine is left afterwards.
    /// - Returns: the supervisor's exit status.
    package func run() throws(MicroVMError) -> UInt8 {
        do throws(SystemError) {
            try watch()
            let deadline = loop.now + Self.patience
            loop.call(at: deadline) {}
            try loop.run {
                relay.isClosed || status != nil || isInterrupted
                    || !isReady && loop.now >= deadline
            }
            if status != nil { try deliver() }
        } catch {
            machine.end()
            throw MicroVMError(error)
        }
        machine.end()
        if let status { return status }
        if isInterrupted { return UInt8(128 + SignalDescriptor.terminate) }
        throw MicroVMError(failure)
    }

    private func watch() throws(SystemError) {
        relay.onNews = { [unowned self] news in take(news) }
        relay.onClose = { [unowned self] reason in portFailure = reason }
        try loop.watch(signals.raw) { [unowned self] _ in
            isInterrupted = !signals.read().isEmpty || isInterrupted
        }
        try listener?.start { [unowned self] in relay.attach(FileDescriptor(owning: $0)) }
        for raw in starter?.descriptors ?? [] {
            try loop.watch(raw, []) { [unowned self] ready in
                isInterrupted = isInterrupted || ready.isBroken
            }
        }
    }

    /// Whoever wanted the lab may have been interrupted.
    private func tellStarter() {
        guard let starter else { return }
        for raw in starter.descriptors { loop.forget(raw) }
        if !starter.ready() { isInterrupted = true }
    }

    private func take(_ news: RelayDelivery) {
        switch news {
        case .note(let text):
            starter?.note(text)
            onNote(text)
        case .finished(let code): status = code
        case .ready:
            isReady = true
            tellStarter()
            onReady()
        case .opened, .data, .ended, .aborted: break
        }
    }

    /// Lets clients take the last that the supervisor said to them.
    private func deliver() throws(SystemError) {
        let deadline = loop.now + .seconds(2)
        loop.call(at: deadline) {}
        try loop.run { relay.isDelivered || loop.now >= deadline }
    }

    /// Why the machine is gone, or must go.
    private var failure: String {
        if let portFailure { return portFailure }
        let log = (try? FileSystem.read(plan.console)) ?? ""
        let lines = log.split(whereSeparator: \.isNewline).map(String.init)
        let told = lines.last { $0.hasPrefix(GuestInit.failureMark) }
        let what = isReady ? "the microVM ended by itself" : "the microVM does not start"
        guard let line = told ?? lines.last(where: { !$0.isEmpty }) else { return what }
        return "\(what): \(line)" + (Self.isAboutMemory(line) ? Self.memoryHint(plan.memory) : "")
    }

    private static func isAboutMemory(_ line: String) -> Bool {
        line.contains("Cannot allocate memory")
    }

    private static func memoryHint(_ memory: Int) -> String {
        " (the microVM wants \(memory) MiB)"
    }
}
