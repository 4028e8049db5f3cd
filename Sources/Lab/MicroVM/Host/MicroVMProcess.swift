// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel

/// Starts microVMs in processes of their own: the counterpart of `SupervisorProcess` for a lab
/// that another kernel carries.
package enum MicroVMProcess {
    /// Forks the process that keeps a lab's microVM, which outlives the caller's terminal; waits
    /// until the guest's supervisor can be spoken to, and connects to it.
    /// - Parameter say: told of the guest's progress.
    /// - Throws: where a lab of this name is running, or the microVM does not start.
    package static func start(
        _ directory: LabDirectory, _ image: MicroVMImage, _ plan: MicroVMPlan,
        say: (String) -> Void
    ) throws(ControlError) -> SupervisorProcess.Started {
        let (pid, news) = try fork(directory, image, plan)
        try awaitReady(FileDescriptor(owning: news), say)
        return SupervisorProcess.Started(pid: pid, connection: try directory.connect())
    }

    /// What the process says to the one that started it, a line each.
    private enum Line {
        static let note = "note "
        static let ready = "ready"
        static let failure = "failure "
    }

    /// - Returns: the process and where its lines can be read.
    private static func fork(
        _ directory: LabDirectory, _ image: MicroVMImage, _ plan: MicroVMPlan
    ) throws(ControlError) -> (Int32, Int32) {
        let lock = try directory.lock()
        let listener = try directory.listen()
        do throws(SystemError) {
            let (reader, writer) = try DescriptorPair.pipe().split()
            let (news, telling) = (
                Holder(FileDescriptor(owning: reader)), Holder(FileDescriptor(owning: writer))
            )
            let pid = try ChildProcess.fork([.ownSession]) {
                FileDescriptor.closeAll(except: [lock.raw, listener.raw, telling.file.raw])
                ProcessControl.setName("weft-microvm")
                return run(directory, image, plan, listener.raw, telling)
            }
            return (pid, try news.file.duplicate().release())
        } catch {
            directory.remove(lock)
            throw ControlError("start a microVM: \(error)")
        }
    }

    /// A descriptor that a closure can use.
    private final class Holder {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    private static func awaitReady(
        _ news: consuming FileDescriptor, _ say: (String) -> Void
    ) throws(ControlError) {
        var text: [UInt8] = []
        while let piece = try? news.read(4096), !piece.isEmpty {
            text += piece
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: text[..<end], as: UTF8.self)
                text.removeSubrange(...end)
                if line == Line.ready { return }
                if line.hasPrefix(Line.note) { say(String(line.dropFirst(Line.note.count))) }
                if line.hasPrefix(Line.failure) {
                    throw ControlError(String(line.dropFirst(Line.failure.count)))
                }
            }
        }
        throw ControlError("the microVM's process has ended")
    }

    /// In the child: carries clients until the lab is gone.
    private static func run(
        _ directory: LabDirectory, _ image: MicroVMImage, _ plan: MicroVMPlan, _ listener: Int32,
        _ starter: Holder
    ) -> Int32 {
        ProcessControl.ignoreBrokenPipes()
        do throws(MicroVMError) {
            try MicroVMError.attempt { () throws(SystemError) in
                try SupervisorProcess.redirect(directory.logPath)
            }
            let machine = try MicroVM(image, plan, listener: FileDescriptor(owning: listener))
            machine.onNote = { _ = tell(starter, Line.note + $0) }
            // Whoever wanted the lab may have been interrupted.
            machine.onReady = { if !tell(starter, Line.ready) { machine.interrupt() } }
            let status = try machine.run()
            directory.removeFiles()
            return Int32(status)
        } catch {
            StandardStream.error.write("weft: \(error)\n".utf8)
            _ = tell(starter, Line.failure + error.description)
            directory.removeFiles()
            return 1
        }
    }

    /// Says a line; false where the starter has gone.
    private static func tell(_ starter: Holder, _ line: String) -> Bool {
        (try? starter.file.write(Array("\(line)\n".utf8), to: "our starter")) != nil
    }
}
