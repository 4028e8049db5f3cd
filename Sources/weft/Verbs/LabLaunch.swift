// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Lab
import Plan
import Primitives
import Runtime
import Topology

/// The start of a lab, from its file to the moment that all routers run. Ends in a whole lab, or in
/// none.
final class LabLaunch {
    let name: String
    let plan: LabPlan
    let connection: ControlConnection
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
        let choice = try SubstrateChoice(
            substrate, for: plan, missing: KernelFeatures.probe().missing,
            microVM: "not part of this build")
        Terminal.note("substrate \(choice.substrate.rawValue): \(choice.reason)")
        signals = try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate])
        connection = try choice.substrate.start(directory)
    }

    var elapsed: Duration { MonotonicClock.now - began }

    /// Builds the lab, with a line for every phase.
    /// - Parameter isKept: the lab outlives this connection.
    func build(isKept: Bool) throws {
        let request = try connection.start(
            .build,
            [
                .init("topology", .string(file.text)), .init("file", .string(file.path)),
                .init("keep", .bool(isKept)),
            ])
        while true {
            guard let message = try next() else { throw try interrupted() }
            switch message.content {
            case .progress(let news) where message.request == request:
                Terminal.note(news["text"]?.string ?? "")
            case .failure(let text):
                try directory.waitUntilGone()
                throw Failure("\(name) could not be built: \(text)")
            case .result: return
            case .progress, .data: continue
            }
        }
    }

    /// The next message; nil when the user wants no more.
    private func next() throws -> ControlMessage? {
        while true {
            if let message = try connection.next(until: connection.now) { return message }
            let ready = try Poller.wait(
                forAny: [(connection.descriptor, connection.interest), (signals.raw, .read)],
                until: nil)
            if ready[1] { return nil }
        }
    }

    /// Takes the unfinished lab down. A further Ctrl-C ends only this program; the lab goes on going.
    private func interrupted() throws -> Failure {
        Terminal.note("interrupted: taking \(name) down")
        signals.restore()
        try takeDown(directory)
        return Failure("interrupted; nothing of \(name) is left")
    }
}
