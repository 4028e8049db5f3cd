// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Lab
import Primitives

let microVMCommand = Command(
    name: "microvm", summary: "Run a program in a microVM without a lab",
    description: """
        Starts a microVM, runs COMMAND in it as root, and ends it. The program sees this machine's
        files, read-only, and the kernel that labs get; its own exit status becomes that of weft.
        """,
    arguments: [.init(name: "COMMAND", summary: "The program and its words", arity: .verbatim)],
    options: [
        .init(name: "verbose", value: nil, summary: "Say how long the parts take"),
        .init(name: "console", value: "FILE", summary: "Append what the kernel says to FILE"),
    ],
    examples: [
        .init(line: "weft microvm -- uname -r", says: "the kernel that carries labs"),
        .init(line: "weft microvm -- ip link add red type vrf table 10", says: "can it do VRFs?"),
    ]
) { invocation in
    let run = MicroVMRun(isVerbose: invocation.has("verbose"))
    if let console = invocation.value("console") {
        return try run.run(invocation.rest, console: console)
    }
    let console = try FileDescriptor.inMemory("console")
    return try run.run(invocation.rest, console: console.path)
}

/// One program in a microVM of its own.
private struct MicroVMRun {
    var isVerbose: Bool
    private let began = MonotonicClock.now

    init(isVerbose: Bool) { self.isVerbose = isVerbose }

    func run(_ command: [String], console: String) throws -> ExitCode {
        let image = try MicroVMImage.prepare { Terminal.note($0) }
        note("image ready (\(image.kernel.release), \(image.kernel.origin))")
        let plan = MicroVMPlan(.commands, nodes: 0, usesKVM: KVMProbe.works(), console: console)
        note(plan.usesKVM ? "KVM works" : "emulating the processor")
        let (pid, connection) = try start(image, plan)
        let answer = Result { try exec(command, FileDescriptor(owning: connection)) }
        note("the command has ended")
        // The connection is closed, and the machine ends with it. Where it failed, it says why.
        let exit = try ChildProcess.wait(for: pid)
        note("the machine has ended")
        return exit.status == 0 ? try answer.get() : .labFailed
    }

    private func note(_ text: String) {
        guard isVerbose else { return }
        Terminal.note("\((MonotonicClock.now - began).secondsText) s  \(text)")
    }

    /// Starts the machine in a process that dies with us.
    /// - Returns: the process, and the socket that leads to the guest.
    private func start(_ image: MicroVMImage, _ plan: MicroVMPlan) throws -> (Int32, Int32) {
        let (ours, theirs) = try DescriptorPair.socketPair().split()
        let pid = try ChildProcess.fork([.diesWithParent, .ownSession]) {
            FileDescriptor.closeAll(except: [theirs])
            do throws(MicroVMError) {
                let machine = try MicroVM(image, plan, listener: nil)
                machine.onNote = { note($0) }
                machine.onReady = { note("ready for the command") }
                machine.attach(FileDescriptor(owning: theirs))
                return Int32(try machine.run())
            } catch {
                Terminal.note("weft: \(error)")
                return 1
            }
        }
        _ = FileDescriptor(owning: theirs)
        return (pid, ours)
    }

    private func exec(
        _ command: [String], _ connection: consuming FileDescriptor
    ) throws -> ExitCode {
        let lab = ControlConnection(FrameChannel(connection))
        let request = try lab.start(
            .exec,
            [
                .init("argv", JSON(command)), .init("env", Environment.json),
                .init("directory", .string(Surroundings.directory)),
            ])
        try lab.sendInput([], to: request)
        while true {
            switch try lab.next(until: nil)?.content {
            case .data(.standardError, let bytes): StandardStream.error.write(bytes)
            case .data(_, let bytes): StandardStream.output.write(bytes)
            case .failure(let text): throw Failure(text)
            case .result(let answer):
                let status = answer["status"]?.int ?? 128 + (answer["signal"]?.int ?? 0)
                return ExitCode(rawValue: Int32(clamping: status))
            case .progress, nil: break
            }
        }
    }
}
