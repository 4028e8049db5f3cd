// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Lab
import Plan
import Primitives
import Topology
import Verify

/// The start of a lab, from its file to the moment that all routers run. Ends in a whole lab, or in
/// none.
final class LabLaunch {
    let name: String
    let plan: LabPlan
    let choice: SubstrateChoice
    /// The lab, until the user wants no more.
    let client: InterruptibleClient
    /// Where the time went.
    private(set) var phases: [TestReport.Phase] = []
    private let file: TopologyText
    private let directory: LabDirectory
    private let began: Instant
    private let signals: SignalDescriptor

    /// Starts the supervisor.
    init(_ file: TopologyText, substrate: String?) throws {
        began = MonotonicClock.now
        self.file = file
        plan = LabPlan(file.topology)
        name = file.topology.name
        directory = try LabDirectory(lab: name)
        signals = try SignalDescriptor([
            SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangUp,
        ])
        choice = try SubstrateChoice(
            substrate, for: plan, rootless: KernelFeatures.probeRootless().missing,
            host: KernelFeatures.probe().missing, microVM: MicroVMReadiness.problem?.reason)
        Terminal.note("substrate \(choice.substrate.rawValue): \(choice.reason)")
        do {
            let connection = try choice.substrate.start(
                directory, nodes: plan.topology.nodes.count, interrupt: signals.raw)
            client = InterruptibleClient(connection, signals.raw)
        } catch {
            // A start that fails leaves nothing, whatever made it fail.
            // Where its keeper was killed, its files are left to whoever looks next.
            _ = try? LabDirectory.running()
            throw signals.read().isEmpty ? error : Self.isInterrupted(name)
        }
        addPhase("boot")
    }

    var elapsed: Duration { MonotonicClock.now - began }

    private func addPhase(_ name: String) {
        let before = phases.reduce(Duration.zero) { $0 + $1.duration }
        phases.append(.init(name: name, duration: elapsed - before))
    }

    /// Builds the lab, with a line for every phase.
    /// - Parameter isKept: the lab outlives this connection.
    func build(isKept: Bool) throws {
        let request = try client.start(
            .build,
            [
                .init("topology", .string(file.text)), .init("file", .string(file.path)),
                .init("keep", .bool(isKept)),
            ])
        while true {
            guard let message = try nextUnlessInterrupted(), message.request == request else {
                continue
            }
            switch message.content {
            case .progress(let news): Terminal.note(news["text"]?.string ?? "")
            case .failure(let text):
                try awaitEnd(directory)
                throw Failure("\(name) could not be built: \(text)")
            case .result: return addPhase("build")
            case .data: continue
            }
        }
    }

    private func nextUnlessInterrupted() throws -> ControlMessage? {
        do throws(ControlError) { return try client.next(until: nil) } catch {
            throw try ended(error)
        }
    }

    /// What to tell when there is no more to hear from the lab that was started here: somebody
    /// interrupts us, or the lab has ended by itself. Nothing of it is left then.
    func ended(_ error: ControlError) throws -> Failure {
        if client.isInterrupted { return try interrupted() }
        try takeDown(directory)
        return Failure("\(name) has ended by itself (\(error)); nothing of it is left")
    }

    /// Takes the lab down that was built here. Once the lab has been told, a further Ctrl-C ends
    /// only this program; the lab goes on going.
    private func interrupted() throws -> Failure {
        Terminal.note("interrupted: taking \(name) down")
        // Taken in, or it would strike as soon as signals have their effects again.
        _ = signals.read()
        try takeDown(directory) { signals.restore() }
        return Self.isInterrupted(name)
    }

    private static func isInterrupted(_ name: String) -> Failure {
        Failure("interrupted; nothing of \(name) is left")
    }

    /// Takes the lab down.
    func end() throws { try takeDown(directory) }
}

/// A control connection on which every wait ends when a signal comes.
final class InterruptibleClient: LabClient {
    private let connection: ControlConnection
    private let signals: Int32
    /// A wait was ended by a signal.
    private(set) var isInterrupted = false

    /// - Parameter signals: the signal descriptor.
    init(_ connection: ControlConnection, _ signals: Int32) {
        self.connection = connection
        self.signals = signals
    }

    var now: Instant { connection.now }

    func start(
        _ operation: ControlOperation, _ members: [JSON.Member]
    ) throws(ControlError) -> UInt64 {
        try connection.start(operation, members)
    }

    func next(until deadline: Instant?) throws(ControlError) -> ControlMessage? {
        while true {
            if let message = try connection.next(until: now) { return message }
            if let deadline, now >= deadline { return nil }
            let wanted = [(connection.descriptor, connection.interest), (signals, .read)]
            guard let ready = try? Poller.wait(forAny: wanted, until: deadline) else { continue }
            if ready[1] {
                isInterrupted = true
                throw ControlError("interrupted")
            }
        }
    }
}
