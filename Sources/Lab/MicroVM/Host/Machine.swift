// SPDX-License-Identifier: Apache-2.0

import Kernel

/// A microVM that runs: a QEMU process that dies with this one, and the host's end of its port.
struct Machine: ~Copyable {
    private let pid: Int32
    let port: FileDescriptor

    private init(pid: Int32, port: consuming FileDescriptor) {
        self.pid = pid
        self.port = port
    }

    /// Starts QEMU, without a shell and with nothing of ours open but the port.
    static func start(
        _ image: MicroVMImage, _ plan: MicroVMPlan
    ) throws(MicroVMError) -> Machine {
        return try MicroVMError.attempt { () throws(SystemError) in
            let (ours, theirs) = try DescriptorPair.socketPair().split()
            let port = FileDescriptor(owning: ours)
            let guest = FileDescriptor(owning: theirs)
            let log = try FileDescriptor.openLog(plan.console)
            let command = QEMUCommand(image, plan, portDescriptor: inheritedPort)
            let pid = try fork(command, log: log, port: guest)
            return Machine(pid: pid, port: port)
        }
    }

    /// The number that QEMU finds its port under.
    private static let inheritedPort: Int32 = 3

    private static func fork(
        _ command: QEMUCommand, log: borrowing FileDescriptor, port: borrowing FileDescriptor
    ) throws(SystemError) -> Int32 {
        let (logRaw, portRaw) = (log.raw, port.raw)
        return try ChildProcess.fork([.diesWithParent, .ownSession]) {
            do throws(SystemError) {
                let none = try FileDescriptor.open("/dev/null", FileDescriptor.readAndWrite)
                try StandardStream.input.become(none.raw)
                try StandardStream.output.become(logRaw)
                try StandardStream.error.become(logRaw)
                try FileDescriptor.pass(portRaw, as: inheritedPort)
                throw ChildProcess.replace(command.arguments, environment: Environment.all)
            } catch {
                StandardStream.error.write("\(error)\n".utf8)
                return 127
            }
        }
    }

    /// Ends it at once. It has nothing to save: the host's files are read-only to it.
    borrowing func end() {
        ChildProcess.signal(pid, SignalDescriptor.kill)
        _ = try? ChildProcess.wait(for: pid)
    }
}
