// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// The forwarding tables of one namespace: writes what is wanted, reads what is there.
package final class ForwardingTables {
    let socket: NetlinkSocket
    private(set) var indexes: LinkIndexes
    /// Links with a clsact hook that is known to exist.
    private var hooked: Set<UInt32> = []
    /// On which links each label has a decapsulating filter.
    private var filtered: [Label: Set<UInt32>] = [:]

    /// Opens them in the calling thread's namespace.
    package init() throws(SystemError) {
        socket = try NetlinkSocket()
        indexes = LinkIndexes(try socket.links())
    }

    /// Asks for the links again; call it when some came or went.
    package func refreshLinks() throws(SystemError) {
        indexes = LinkIndexes(try socket.links())
        hooked.formIntersection(indexes.nameByIndex.keys)
    }

    /// Takes all decapsulating filters off these links: those of a router that was killed. Links
    /// that do not exist have none.
    package func removeFilters(on links: [String]) throws(SystemError) {
        let messages = links.compactMap { name in
            indexes.byName[name].map { FilterMessages.removeHook($0, "unhook from \(name)") }
        }
        try socket.send(messages, tolerating: [ENOENT, EINVAL])
        hooked = []
        filtered = [:]
    }

    /// Whether the kernel can carry labels.
    package var hasLabels: Bool { access("/proc/sys/net/mpls", F_OK) == 0 }

    /// Carries out all changes, in order and in few system calls. One that fails keeps none of the
    /// others back; removing what is not there is no failure.
    /// - Returns: the failures.
    package func apply(_ changes: [RouteChange]) throws(SystemError) -> [(RouteChange, SystemError)]
    {
        var messages: [NetlinkMessage] = []
        var origins: [Int] = []
        var failures: [(RouteChange, SystemError)] = []
        for (index, change) in changes.enumerated() {
            do throws(SystemError) {
                let requests = try self.messages(for: change)
                messages += requests
                origins += Array(repeating: index, count: requests.count)
            } catch { failures.append((change, error)) }
        }
        for (origin, (_, error)) in zip(origins, try socket.outcomes(messages)) {
            guard let error, !Self.isHarmless(error, changes[origin]) else { continue }
            failures.append((changes[origin], error))
        }
        return failures
    }

    /// What was to be removed may be gone already, and a hook may have been there.
    private static func isHarmless(_ error: SystemError, _ change: RouteChange) -> Bool {
        switch change {
        case .remove, .removeLabel:
            [ESRCH, ENOENT, ENODEV, EINVAL].contains(error.code)
        case .set, .setLabel: error.code == EEXIST && error.operation.hasPrefix("hook")
        }
    }

    private func messages(for change: RouteChange) throws(SystemError) -> [NetlinkMessage] {
        switch change {
        case .set(let route):
            let operation = "set route \(route.key.prefix) in table \(route.key.table)"
            if case .forward(let hops) = route.action { try requireLinks(of: hops, operation) }
            return [RouteMessages.replace(route, indexes.byName, operation)]
        case .remove(let key):
            let operation = "remove route \(key.prefix) from table \(key.table)"
            return [RouteMessages.remove(key, operation)]
        case .setLabel(let route): return try messages(for: route)
        case .removeLabel(let label):
            let operation = "remove label \(label)"
            let filters = (filtered.removeValue(forKey: label) ?? []).sorted().map {
                FilterMessages.remove(label, on: $0, operation)
            }
            return filters + [RouteMessages.remove(label, operation)]
        }
    }

    private func requireLinks(of hops: [RouteNextHop], _ operation: String) throws(SystemError) {
        for hop in hops { _ = try indexes.index(of: hop.link, for: operation) }
    }

    private func messages(for route: LabelRoute) throws(SystemError) -> [NetlinkMessage] {
        let operation = "set label \(route.label)"
        switch route.action {
        case .forward(let hops):
            try requireLinks(of: hops, operation)
            return [RouteMessages.replace(route.label, hops, indexes.byName, operation)]
        case .decapsulate(let vrf, let stub, let links):
            // The plain route shows the label in the kernel's own table, and serves packets that
            // arrive on a link without the filter.
            let hop = RouteNextHop(via: nil, link: vrf)
            try requireLinks(of: [hop], operation)
            let plain = RouteMessages.replace(route.label, [hop], indexes.byName, operation)
            return [plain] + (try filters(route.label, stub, links, operation))
        }
    }

    private func filters(
        _ label: Label, _ stub: String, _ links: [String], _ operation: String
    ) throws(SystemError) -> [NetlinkMessage] {
        let stub = try indexes.index(of: stub, for: operation)
        var messages: [NetlinkMessage] = []
        for name in links {
            let link = try indexes.index(of: name, for: operation)
            if hooked.insert(link).inserted {
                messages.append(FilterMessages.addHook(link, "hook into \(name)"))
            }
            messages.append(FilterMessages.decapsulate(label, on: link, to: stub, operation))
            filtered[label, default: []].insert(link)
        }
        return messages
    }
}
