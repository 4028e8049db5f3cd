// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Signals as something to poll and read, in place of handlers.
package struct SignalDescriptor: ~Copyable {
    private let descriptor: FileDescriptor

    package static let interrupt = SIGINT
    package static let terminate = SIGTERM
    package static let hangUp = SIGHUP
    package static let child = SIGCHLD
    package static let kill = SIGKILL
    package static let windowChange = SIGWINCH

    /// Blocks the signals in this process, so that they come here alone.
    package init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        sigprocmask(SIG_BLOCK, &set, nil)
        let flags = Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)
        let raw = signalfd(-1, &set, flags)
        guard raw >= 0 else { throw SystemError("signalfd") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// Lets the signals have their default effects again.
    package borrowing func restore() {
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
    }

    /// To be polled.
    package var raw: Int32 { descriptor.raw }

    /// The signals that have come since the last call.
    package borrowing func read() -> [Int32] {
        let size = MemoryLayout<signalfd_siginfo>.size
        guard let octets = try? descriptor.read(16 * size) else { return [] }
        return stride(from: 0, to: octets.count - size + 1, by: size).map { start in
            // ssi_signo is the first field.
            octets.withUnsafeBytes {
                Int32($0.loadUnaligned(fromByteOffset: start, as: UInt32.self))
            }
        }
    }
}
