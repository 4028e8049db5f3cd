// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel

/// Starts supervisors in processes of their own.
package enum SupervisorProcess {
    /// Starts the supervisor of a lab on this kernel, which outlives the caller's terminal, and
    /// connects to it. Until a lab is built, it ends with this connection.
    /// - Parameters:
    ///   - isRootless: in a user namespace of its own, without a right over this machine.
    ///   - interrupt: a descriptor; when it can be read, the start is given up.
    /// - Throws: where a lab of this name is running, or this user may not have processes and
    ///   namespaces of their own.
    package static func start(
        _ directory: LabDirectory, _ environment: Supervisor.Environment, isRootless: Bool,
        interrupt: Int32
    ) throws(ControlError) -> ControlConnection {
        let keeper = LabKeeper(directory: directory, interrupt: interrupt)
        return try keeper.start(
            { body throws(SystemError) in try fork(isRootless, body) },
            { run(environment, directory, $0) })
    }

    private static func fork(
        _ isRootless: Bool, _ body: () -> Int32
    ) throws(SystemError) -> Int32 {
        if isRootless { return try UserNamespace.fork(body) }
        return try ChildProcess.fork([.ownProcessNamespace, .ownSession], body)
    }

    /// In the child: serves until the lab is to go.
    private static func run(
        _ environment: Supervisor.Environment, _ directory: LabDirectory,
        _ ends: LabKeeper.ServerEnds
    ) -> Int32 {
        ProcessControl.setName("weft-lab")
        ProcessControl.ignoreFileSizeLimit()
        // However it ends: there may be no keeper any more.
        defer { directory.removeFiles() }
        do throws(SystemError) {
            let supervisor = try Supervisor(
                environment, listener: FileDescriptor(owning: ends.listener),
                starter: FileDescriptor(owning: ends.client))
            guard ends.starter.ready() else { return 1 }
            // Before the last clients hear that the lab is gone.
            try supervisor.run { directory.removeFiles() }
            return 0
        } catch {
            StandardStream.error.write("weft: \(error)\n".utf8)
            ends.starter.fail("\(error)")
            return 1
        }
    }
}
