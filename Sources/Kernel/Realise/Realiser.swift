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
    private var namespaces: [String: Namespace] = [:]
    private var sockets: [String: NetlinkSocket] = [:]
    /// What has been changed so far, in words.
    private var changes: [String] = []
    /// Clear of the indexes that the kernel gives out by itself, from 1 up.
    private var lastIndex: UInt32 = 1000

    package init() {}

    /// The namespace of a node or LAN; nil before it was made.
    package func namespace(_ name: String) -> Namespace? { namespaces[name] }

    /// A netlink socket inside the namespace of a node or LAN.
    package func socket(_ name: String) -> NetlinkSocket? { sockets[name] }

    /// Makes everything that is missing or different.
    /// - Returns: what was changed, one line each; empty when all was as wanted.
    package func realise(_ lab: LabObjects) throws(SystemError) -> [String] {
        changes = []
        for namespace in lab.namespaces { try makeNamespace(namespace.name) }
        let mtus = Self.vethMTUs(lab)
        for namespace in lab.namespaces { try makeLinks(namespace, mtus) }
        for namespace in lab.namespaces { try finish(namespace) }
        return changes
    }

    private func makeNamespace(_ name: String) throws(SystemError) {
        guard namespaces[name] == nil else { return }
        let namespace = try Namespace.create(name)
        var socket: NetlinkSocket?
        try namespace.enter { () throws(SystemError) in socket = try NetlinkSocket() }
        namespaces[name] = namespace
        sockets[name] = socket
        changes.append("create namespace \(name)")
    }

    private func parts(_ name: String) throws(SystemError) -> (Namespace, NetlinkSocket) {
        guard let namespace = namespaces[name], let socket = sockets[name] else {
            throw SystemError("find namespace \(name)", ENOENT)
        }
        return (namespace, socket)
    }

    // MARK: Links

    /// The MTU of every veth end: both ends are born in one request.
    private static func vethMTUs(_ lab: LabObjects) -> [LinkEnd: UInt32] {
        var mtus: [LinkEnd: UInt32] = [:]
        for namespace in lab.namespaces {
            for link in namespace.links {
                if case .veth = link.kind, let mtu = link.mtu {
                    mtus[LinkEnd(namespace: namespace.name, link: link.name)] = mtu
                }
            }
        }
        return mtus
    }

    /// No two veth ends of a lab have the same index. The kernel takes a link whose index equals
    /// that of the link it leads to for one that stands for itself, and tells of its carrier with
    /// up to a second's delay (net/core/link_watch.c, linkwatch_urgent_event).
    private func nextIndex() -> UInt32 {
        lastIndex += 1
        return lastIndex
    }

    private func makeLinks(
        _ objects: NamespaceObjects, _ mtus: [LinkEnd: UInt32]
    ) throws(SystemError) {
        let (_, socket) = try parts(objects.name)
        var observed = try socket.links()
        for link in objects.links where !observed.contains(where: { $0.name == link.name }) {
            let indexes = LinkIndexes(observed).byName
            var peer: LinkMessages.Peer?
            var index: UInt32 = 0
            if case .veth(let end) = link.kind {
                index = nextIndex()
                peer = LinkMessages.Peer(
                    namespace: try parts(end.namespace).0.descriptor, mtu: mtus[end],
                    index: nextIndex())
            }
            let message = LinkMessages.create(
                link, in: objects.name, indexes: indexes, index: index, peer: peer)
            try socket.send(message)
            changes.append(message.operation)
            observed = try socket.links()
        }
    }

    // MARK: Everything else

    private func finish(_ objects: NamespaceObjects) throws(SystemError) {
        let (namespace, socket) = try parts(objects.name)
        let observed = try socket.links()
        let indexes = LinkIndexes(observed)
        var requests = try linkChanges(objects, observed, indexes)
        requests += try addressChanges(objects, try socket.addresses(), indexes)
        if objects.hasVRFs { requests += try ruleChanges(objects.name, socket) }
        requests += try neighbourChanges(objects, socket, indexes)
        try socket.send(requests)
        changes += requests.map(\.operation)
        try writeSysctls(objects, namespace)
    }

    /// A port must be in its master before it has addresses: enslaving drops their routes.
    private func linkChanges(
        _ objects: NamespaceObjects, _ observed: [ObservedLink], _ indexes: LinkIndexes
    ) throws(SystemError) -> [NetlinkMessage] {
        var requests: [NetlinkMessage] = []
        for link in objects.links {
            let operation = "change \(link.name) in \(objects.name)"
            guard let seen = observed.first(where: { $0.name == link.name }) else {
                throw SystemError(operation, ENODEV)
            }
            guard seen.kind == link.kind.name || link.kind == .loopback else {
                throw SystemError("\(operation): it is a \(seen.kind)", EEXIST)
            }
            let change = try self.change(from: seen, to: link, indexes, operation)
            guard change != LinkMessages.Change() else { continue }
            requests.append(LinkMessages.change(change, of: seen.index, operation))
        }
        return requests
    }

    private func change(
        from seen: ObservedLink, to link: Link, _ indexes: LinkIndexes, _ operation: String
    ) throws(SystemError) -> LinkMessages.Change {
        var change = LinkMessages.Change()
        if let master = link.master {
            let index = try indexes.index(of: master, for: operation)
            if seen.master != index { change.master = index }
        }
        if let mtu = link.mtu, seen.mtu != mtu { change.mtu = mtu }
        if let mac = link.mac, seen.mac != mac { change.mac = mac }
        // The macvlan of a VRRP group goes up and down with its state: never down from here.
        if link.isUp, !seen.isUp {
            change.isUp = true
            change.makesLinkLocal = link.ipv6 == .off ? false : nil
        }
        return change
    }

    private func addressChanges(
        _ objects: NamespaceObjects, _ observed: [UInt32: [InterfaceAddress]],
        _ indexes: LinkIndexes
    ) throws(SystemError) -> [NetlinkMessage] {
        var requests: [NetlinkMessage] = []
        for wanted in objects.addresses {
            let operation = "add \(wanted.address) to \(wanted.link) in \(objects.name)"
            let index = try indexes.index(of: wanted.link, for: operation)
            guard observed[index]?.contains(wanted.address) != true else { continue }
            requests.append(
                LinkMessages.address(wanted.address, on: index, adds: true, operation))
        }
        return requests
    }

    /// Moves the look-up of local addresses behind that of VRFs, for both families: at its usual
    /// place an address of the default VRF captures traffic of every VRF.
    private func ruleChanges(
        _ name: String, _ socket: NetlinkSocket
    ) throws(SystemError) -> [NetlinkMessage] {
        var requests: [NetlinkMessage] = []
        for family in AddressFamily.allCases {
            let observed = try socket.rules(family)
            let last = Rule(family: family, priority: 32765, table: 255)
            let first = Rule(family: family, priority: 0, table: 255)
            let operation = "move the local rule of IPv\(family.rawValue) in \(name)"
            if !observed.contains(last) {
                requests.append(LinkMessages.rule(last, adds: true, operation))
            }
            if observed.contains(first) {
                requests.append(LinkMessages.rule(first, adds: false, operation))
            }
        }
        return requests
    }

    private func neighbourChanges(
        _ objects: NamespaceObjects, _ socket: NetlinkSocket, _ indexes: LinkIndexes
    ) throws(SystemError) -> [NetlinkMessage] {
        guard !objects.neighbours.isEmpty else { return [] }
        var observed: Set<Neighbour> = []
        for family in AddressFamily.allCases {
            observed.formUnion(
                try socket.permanentNeighbours(family, names: indexes.nameByIndex))
        }
        var requests: [NetlinkMessage] = []
        for wanted in objects.neighbours where !observed.contains(wanted) {
            let operation = "add neighbour \(wanted.address) to \(wanted.link) in \(objects.name)"
            let index = try indexes.index(of: wanted.link, for: operation)
            requests.append(LinkMessages.neighbour(wanted, on: index, adds: true, operation))
        }
        return requests
    }

    private func writeSysctls(
        _ objects: NamespaceObjects, _ namespace: Namespace
    ) throws(SystemError) {
        var written: [String] = []
        try namespace.enter { () throws(SystemError) in
            for sysctl in objects.sysctls where try SysctlFile.write(sysctl) {
                written.append("set \(sysctl.path) to \(sysctl.value) in \(objects.name)")
            }
        }
        changes += written
    }
}
