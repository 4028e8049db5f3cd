// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Whether the processor's virtualization can carry a microVM. /dev/kvm says little: inside some
/// virtual machines it is there and never gets through a kernel's start. So a few instructions are
/// tried, in a process that can be killed.
package enum KVMProbe {
    /// It takes milliseconds where it works.
    private static let patience: Duration = .milliseconds(300)

    /// Tries it, or recalls what came of it since the machine was started.
    package static func works() -> Bool {
        guard FileSystem.isWritable("/dev/kvm") else { return false }
        guard let memory = try? answerFile() else { return tried() }
        switch try? FileSystem.read(memory) {
        case "yes": return true
        case "no": return false
        default: break
        }
        let answer = tried()
        try? FileSystem.replace(memory, Array((answer ? "yes" : "no").utf8))
        return answer
    }

    /// Of this boot of this machine.
    private static func answerFile() throws(SystemError) -> String {
        let boot = try FileSystem.read("/proc/sys/kernel/random/boot_id")
        let cache = try FileSystem.cacheDirectory("weft")
        for old in try FileSystem.names(in: cache) where old.hasPrefix("kvm-") {
            if !boot.hasPrefix(old.dropFirst(4)) { FileSystem.remove("\(cache)/\(old)") }
        }
        return "\(cache)/kvm-\(boot.split(separator: "\n").first ?? "unknown")"
    }

    /// Runs them in a child.
    static func tried() -> Bool {
        guard
            let pid = try? ChildProcess.fork(
                [.diesWithParent], { VirtualProcessor.halts() ? 0 : 1 })
        else {
            return false
        }
        let deadline = MonotonicClock.now + patience
        if let exit = ChildProcess.wait(for: pid, until: deadline) { return exit.status == 0 }
        ChildProcess.signal(pid, SignalDescriptor.kill)
        // A process that hangs in the kernel may not even die; then we do not wait for it.
        _ = ChildProcess.wait(for: pid, until: deadline + patience)
        return false
    }
}
