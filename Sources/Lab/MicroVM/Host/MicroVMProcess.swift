// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel

/// Starts microVMs in processes of their own: the counterpart of `SupervisorProcess` for a lab
/// that another kernel carries.
package enum MicroVMProcess {
    /// Starts the process that keeps a lab's microVM, which outlives the caller's terminal; waits
    /// until the guest's supervisor can be spoken to, and connects to it. Until a lab is built, it
    /// ends with this connection.
    /// - Parameters:
    ///   - interrupt: a descriptor; when it can be read, the start is given up.
    ///   - say: told of the guest's progress.
    /// - Throws: where a lab of this name is running, or the microVM does not start.
    package static func start(
        _ directory: LabDirectory, _ image: MicroVMImage, _ plan: MicroVMPlan, interrupt: Int32,
        say: @escaping (String) -> Void
    ) throws(ControlError) -> ControlConnection {
        let keeper = LabKeeper(directory: directory, interrupt: interrupt, say: say)
        return try keeper.start(
            { body throws(SystemError) in try ChildProcess.fork([.ownSession], body) },
            { run(directory, image, plan, $0) })
    }

    /// In the child: carries clients until the lab is gone.
    private static func run(
        _ directory: LabDirectory, _ image: MicroVMImage, _ plan: MicroVMPlan,
        _ ends: LabKeeper.ServerEnds
    ) -> Int32 {
        ProcessControl.setName("weft-microvm")
        ProcessControl.ignoreFileSizeLimit()
        do throws(MicroVMError) {
            let machine = try MicroVM(image, plan, listener: FileDescriptor(owning: ends.listener))
            machine.starter = ends.starter
            // The first that the guest hears of, so that it knows whose lab it is to be.
            machine.attach(FileDescriptor(owning: ends.client))
            let status = try machine.run()
            directory.removeFiles()
            return Int32(status)
        } catch {
            StandardStream.error.write("weft: \(error)\n".utf8)
            ends.starter.fail(error.description)
            directory.removeFiles()
            return 1
        }
    }
}
