// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many descriptors this process may have open (RLIMIT_NOFILE).
enum DescriptorLimit {
    /// Raises the limit, as far as it may be raised, where that many more would not fit. It is
    /// left alone otherwise: children inherit it, and some close all descriptors there could be.
    static func raise(by count: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let used = dup(0)
        if used >= 0 { close(used) }
        let wanted = rlim_t(max(0, Int(used)) + count + spare)
        guard wanted > limit.rlim_cur else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// For what else the process opens: a terminal, a router's channel, a log for each node.
    private static let spare = 512
}
