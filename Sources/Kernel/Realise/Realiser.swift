// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects
import Primitives

/// Makes a lab's objects real, and keeps the namespaces that hold them.
///
/// Works by comparing: what is there already and right is left alone, so that carrying out the same
/// plan twice changes nothing. Foreign objects are never touched; a foreign link that stands where
/// one of ours should is an error.
package final class Realiser {
    private var states: [String: NamespaceState] = [:]
    /// What has been changed so far, in words.
    private var changes: [String] = []
    /// Clear of the interface indexes that the kernel gives out by itself, from 1 up.
    private var lastIndex: UInt32 = 1000

    /// The lab's secrets: what keys of associations are drawn from.
    package let keys = KeyRing()

    package init() {}

    /// The namespace of a node or LAN; nil before it was made.
    package func namespace(_ name: String) -> Namespace? { states[name]?.namespace }

    /// A netlink socket inside the namespace of a node or LAN.
    package func socket(_ name: String) throws(SystemError) -> NetlinkSocket? {
        try states[name]?.socket
    }

    /// Makes everything that is missing or different, and takes out what earlier objects of the lab
    /// have left over. What is in the kernel besides, such as routes, is not touched.
    /// - Parameter earlier: all that may be there. More than one where a change did not end well.
    /// - Returns: what was changed, one line each; empty when all was as wanted.
    package func realise(
        _ lab: LabObjects, replacing earlier: [LabObjects] = []
    ) throws(SystemError) -> [String] {
        changes = []
        defer { for state in states.values { state.rest() } }
        for state in states.values { try state.observe() }
        let surplus = earlier.map { Surplus(of: $0, against: lab) }.filter { !$0.isEmpty }
        for surplus in surplus { try remove(surplus) }
        try make(lab)
        for surplus in surplus { try unprotect(surplus) }
        return changes
    }

    private func make(_ lab: LabObjects) throws(SystemError) {
        try makeNamespaces(lab)
        var births = Births(lab, states, after: lastIndex)
        defer { lastIndex = births.lastIndex }
        for objects in lab.namespaces {
            guard let state = states[objects.name] else { continue }
            try realise(objects, state, &births)
        }
        for objects in lab.namespaces {
            guard let state = states[objects.name] else { continue }
            try writeSysctls(objects, state)
        }
    }

    // MARK: What is left over

    private func remove(_ surplus: Surplus) throws(SystemError) {
        for surplus in surplus.remainders {
            guard let state = states[surplus.name] else { continue }
            let removals = Removals(state: state, surplus: surplus)
            let requests = removals.requests + (try removals.rules())
            try state.socket.send(requests, tolerating: Removals.absence)
            changes += requests.map(\.operation)
            try resetSysctls(surplus.sysctls, state)
        }
        // The kernel takes a namespace down in its own time, so that its cables go first.
        for name in surplus.namespaces where states[name] != nil {
            states[name] = nil
            changes.append("delete namespace \(name)")
        }
        for state in states.values { try state.observe() }
    }

    /// Gives parameters the value that they would have had. Those of a link are the namespace's own
    /// default for new ones; a new namespace knows the rest.
    private func resetSysctls(
        _ paths: [String], _ state: NamespaceState
    ) throws(SystemError) {
        guard !paths.isEmpty else { return }
        let scratch = try Namespace.create("scratch")
        for path in paths {
            let general = Self.general(path)
            let isLocal = general.contains("/conf/default/")
            let value = try (isLocal ? state.namespace : scratch).enter {
                () throws(SystemError) in SysctlFile.value(general)
            }
            guard let value else { continue }
            try state.namespace.enter { () throws(SystemError) in
                guard SysctlFile.value(path) != nil else { return }
                if try SysctlFile.write(Sysctl(path, value)) {
                    changes.append("set \(path) to \(value) in \(state.name)")
                }
            }
        }
    }

    /// The path at which the default of a link's parameter stands. MPLS has none but what `lo` is
    /// born with.
    private static func general(_ path: String) -> String {
        var parts = path.split(separator: "/").map(String.init)
        guard let conf = parts.firstIndex(of: "conf"), parts.indices.contains(conf + 2),
            parts[conf + 1] != "all"
        else { return path }
        parts[conf + 1] = parts.contains("mpls") ? "lo" : "default"
        return parts.joined(separator: "/")
    }

    private func unprotect(_ surplus: Surplus) throws(SystemError) {
        for surplus in surplus.unprotected {
            guard let state = states[surplus.name] else { continue }
            let requests = Removals(state: state, surplus: surplus).security
            try state.security().send(requests, tolerating: Removals.absence)
            changes += requests.map(\.operation)
        }
    }

    // MARK: What is missing

    private func makeNamespaces(_ lab: LabObjects) throws(SystemError) {
        let missing = lab.namespaces.filter { states[$0.name] == nil }
        try DescriptorLimit.raise(byNamespaces: missing.count)
        let sysctls = Dictionary(missing.map { ($0.name, $0.sysctls) }) { first, _ in first }
        try Namespace.create(missing.map(\.name)) { (namespace, name) throws(SystemError) in
            states[name] = try NamespaceState(name, namespace)
            changes.append("create namespace \(name)")
            for sysctl in Self.birthright { try SysctlFile.writeIfKnown(sysctl) }
            // Before there are links, which are born with the defaults; and while the namespace is
            // the last: the kernel finds a parameter of an older one the slower the more there are.
            try write((sysctls[name] ?? []).filter { !$0.isAboutLink }, in: name)
        }
    }

    /// What a new namespace and its links are born with: no waiting for duplicates of link-local
    /// addresses, no heed of router advertisements; errors have the mark of what they are about.
    private static let birthright = [
        Sysctl("net/ipv6/conf/default/accept_dad", "0"),
        Sysctl("net/ipv6/conf/default/accept_ra", "0"),
        Sysctl("net/ipv6/fwmark_reflect", "1"),
    ]

    /// All requests of a namespace go out together: nothing in them waits for an answer.
    private func realise(
        _ objects: NamespaceObjects, _ state: NamespaceState, _ births: inout Births
    ) throws(SystemError) {
        var requests = try births.requests(objects, state)
        requests += try LinkDifferences(state: state).requests(objects.links)
        requests += try AddressDifferences(state: state).requests(objects)
        requests += try RuleDifferences(state: state).requests(objects)
        requests += try MarkDifferences(state: state).requests(objects)
        try state.socket.send(requests)
        changes += requests.map(\.operation)
        let security = try SecurityDifferences(state: state, keys: keys).requests(objects)
        if !security.isEmpty { try state.security().send(security) }
        changes += security.map(\.operation)
    }

    private func writeSysctls(
        _ objects: NamespaceObjects, _ state: NamespaceState
    ) throws(SystemError) {
        let sysctls = objects.sysctls.filter { $0.isAboutLink || !state.isNew }
        guard !sysctls.isEmpty else { return }
        try state.namespace.enter { () throws(SystemError) in
            try write(sysctls, in: objects.name)
        }
    }

    /// Into the namespace that this thread is in.
    private func write(_ sysctls: [Sysctl], in name: String) throws(SystemError) {
        for sysctl in sysctls where try SysctlFile.write(sysctl) {
            changes.append("set \(sysctl.path) to \(sysctl.value) in \(name)")
        }
    }
}
