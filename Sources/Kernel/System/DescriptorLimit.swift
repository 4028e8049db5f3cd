// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many descriptors this process may have open (RLIMIT_NOFILE).
package enum DescriptorLimit {
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// Raises the limit where so many namespaces more would not fit. It is left alone otherwise:
    /// children inherit it, and some close all descriptors there could be.
    /// - Throws: where this user may not have as many.
    static func raise(byNamespaces count: Int) throws(SystemError) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        let used = dup(0)
        if used >= 0 { close(used) }
        let wanted = rlim_t(max(0, Int(used)) + need(forNamespaces: count))
        guard wanted > limit.rlim_cur else { return }
        let allowed = limit.rlim_max
        limit = rlimit(rlim_cur: wanted, rlim_max: max(wanted, allowed))
        guard setrlimit(resource, &limit) == 0 else {
            throw SystemError("open \(wanted) files, as this user may have only \(allowed)", EMFILE)
        }
    }

    /// What a lab's supervisor has open: the namespace of each node and a socket to its kernel, in
    /// place of which its router's channel comes later; and some more.
    package static func need(forNamespaces count: Int) -> Int { 2 * count + spare }

    /// How far this user may raise the limit.
    package static var allowed: Int? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return Int(clamping: limit.rlim_max)
    }

    /// For what else the process opens: a terminal, a router's channel, a log for each node.
    private static let spare = 512
}
