// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What a process does about itself.
package enum ProcessControl {
    /// Lets a write to a pipe or socket that nobody reads fail, in place of ending this process.
    package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    /// Lets a write beyond what a file may be (RLIMIT_FSIZE) fail, in place of ending this process.
    package static func ignoreFileSizeLimit() { _ = signal(SIGXFSZ, SIG_IGN) }

    /// Lets signals have no effect on this process.
    package static func ignore(_ signals: [Int32]) {
        for number in signals { _ = signal(number, SIG_IGN) }
    }

    /// Makes this process the parent of descendants whose own parent ends.
    package static func adoptOrphans() { _ = weft_prctl(PR_SET_CHILD_SUBREAPER, 1) }

    /// The name that `ps` shows; 15 bytes of it.
    package static func setName(_ name: String) {
        _ = name.withCString { weft_prctl(PR_SET_NAME, UInt(bitPattern: $0)) }
    }

    /// Gives this process the processor before all ordinary ones (SCHED_FIFO): for one that mostly
    /// sleeps and must wake in time. Where that is not permitted, nothing changes.
    package static func raisePriority() {
        var parameter = sched_param()
        parameter.sched_priority = 1
        _ = sched_setscheduler(0, SCHED_FIFO, &parameter)
    }

    /// Lets this process and its children raise their priority also where they are no longer root
    /// of the machine. Only root can permit it; for others nothing changes.
    static func keepRaisedPriorityPermitted() {
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        _ = setrlimit(__rlimit_resource_t(__RLIMIT_RTPRIO.rawValue), &limit)
    }
}
