// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel

/// Starts supervisors in processes of their own.
package enum SupervisorProcess {
    /// A supervisor that waits for its first request.
    package struct Started {
        /// As this process sees it.
        package let pid: Int32
        package let connection: ControlConnection
    }

    /// Forks the supervisor of a lab on this kernel, which outlives the caller's terminal, and
    /// connects to it. Until a lab is built, it ends with this connection.
    /// - Parameter isRootless: in a user namespace of its own, without a right over this machine.
    /// - Throws: where a lab of this name is running, or this user may not have processes and
    ///   namespaces of their own.
    package static func start(
        _ directory: LabDirectory, _ environment: Supervisor.Environment, isRootless: Bool
    ) throws(ControlError) -> Started {
        let lock = try directory.lock()
        let listener = try directory.listen()
        let pid: Int32
        do throws(SystemError) {
            pid = try fork(isRootless) {
                FileDescriptor.closeAll(except: [lock.raw, listener.raw])
                ProcessControl.setName("weft-lab")
                return run(environment, directory, listener.raw)
            }
        } catch {
            directory.remove(lock)
            throw ControlError("start a supervisor: \(error)")
        }
        return Started(pid: pid, connection: try directory.connect())
    }

    private static func fork(
        _ isRootless: Bool, _ body: () -> Int32
    ) throws(SystemError) -> Int32 {
        if isRootless { return try UserNamespace.fork(body) }
        return try ChildProcess.fork([.ownProcessNamespace, .ownSession], body)
    }

    /// In the child: serves until the lab is to go.
    private static func run(
        _ environment: Supervisor.Environment, _ directory: LabDirectory, _ listener: Int32
    ) -> Int32 {
        do throws(SystemError) {
            try redirect(directory.logPath)
            let supervisor = try Supervisor(
                environment, listener: FileDescriptor(owning: listener))
            // Before the last clients hear that the lab is gone.
            try supervisor.run { directory.removeFiles() }
            return 0
        } catch {
            StandardStream.error.write("weft: \(error)\n".utf8)
            directory.removeFiles()
            return 1
        }
    }

    /// Gives the terminal back: reads nothing, and writes to the lab's log.
    static func redirect(_ log: String) throws(SystemError) {
        Surroundings.changeDirectory("/")
        let null = try FileDescriptor.open("/dev/null")
        try StandardStream.input.become(null.raw)
        let file = try FileDescriptor.openLog(log)
        try StandardStream.output.become(file.raw)
        try StandardStream.error.become(file.raw)
    }
}
