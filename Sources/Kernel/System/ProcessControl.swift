// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What a forked child does about itself.
package enum ProcessControl {
    /// Forks. The caller must be single-threaded, or the child can only exec.
    /// - Returns: the child's process id, 0 in the child.
    package static func fork() throws(SystemError) -> pid_t {
        let pid = weft_fork()
        guard pid >= 0 else { throw SystemError("fork") }
        return pid
    }

    /// Runs `body` in a forked child, which exits with what it returns.
    /// - Returns: the child's process id.
    package static func spawn(_ body: () -> Int32) throws(SystemError) -> pid_t {
        let pid = try fork()
        if pid == 0 { _exit(body()) }
        return pid
    }

    /// Lets this process die with its parent, and leaves interrupts from a terminal to the parent.
    package static func followParent() {
        _ = weft_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL))
        for number in [SIGINT, SIGPIPE, SIGHUP] { _ = signal(number, SIG_IGN) }
        for number in [SIGTERM, SIGCHLD, SIGQUIT] { _ = signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
    }

    /// The name that `ps` shows; 15 bytes of it.
    package static func setName(_ name: String) {
        _ = name.withCString { weft_prctl(PR_SET_NAME, UInt(bitPattern: $0)) }
    }
}
