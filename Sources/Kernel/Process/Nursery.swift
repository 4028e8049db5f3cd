// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A process namespace for programs that give up root's rights, and with them the kernel's promise
/// to end them with their parent: here the kernel ends all of them with the namespace's first
/// process, and that one with this process, however it comes.
package final class Nursery {
    private let first: Int32
    private let file: FileDescriptor

    /// - Throws: what the kernel refused.
    package init() throws(SystemError) {
        first = try ChildProcess.fork([.diesWithParent, .ownProcessNamespace]) {
            while true { pause() }
        }
        file = try FileDescriptor.open("/proc/\(first)/ns/pid")
    }

    deinit {
        ChildProcess.signal(first, SignalDescriptor.kill)
        _ = try? ChildProcess.wait(for: first)
    }

    /// Runs a closure whose children belong here. They are still ours to wait for.
    package func adopt<Result>(_ body: () throws -> Result) throws -> Result {
        let home = try FileDescriptor.open("/proc/self/ns/pid")
        guard weft_setns(file.raw, Int32(CLONE_NEWPID)) == 0 else {
            throw SystemError("enter a process namespace", errno)
        }
        defer { _ = weft_setns(home.raw, Int32(CLONE_NEWPID)) }
        return try body()
    }
}
