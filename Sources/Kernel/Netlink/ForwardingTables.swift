// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// The forwarding tables of one namespace: writes what is wanted, reads what is there.
package final class ForwardingTables {
    let socket: NetlinkSocket
    private(set) var indexes: LinkIndexes
    /// Indexes of multipoint GRE links.
    private(set) var multipoint: Set<UInt32>
    /// Whether the kernel has next hops and resilient groups as objects (Linux 5.13).
    package let hasGroups: Bool
    /// Links with a clsact hook that is known to exist.
    private var hooked: Set<UInt32> = []
    /// On which links each label has a decapsulating filter.
    private var filtered: [Label: Set<UInt32>] = [:]

    /// Opens them in the calling thread's namespace.
    package init() throws(SystemError) {
        socket = try NetlinkSocket()
        let links = try socket.links()
        indexes = LinkIndexes(links)
        multipoint = Self.multipoint(links)
        hasGroups = try Self.probeGroups(socket)
    }

    /// Lets the kernel name groups alone where it tells of their routes. Otherwise it tells of each
    /// route again when the group is replaced, which takes it a microsecond a route. In the calling
    /// thread's namespace, which must be that of the tables.
    package func quieten() throws(SystemError) {
        try SysctlFile.writeIfKnown(Sysctl("net/ipv4/nexthop_compat_mode", "0"))
    }

    /// Asks to remove what cannot be there: a kernel that knows resilient groups misses it, an
    /// older one does not know of what is spoken.
    private static func probeGroups(_ socket: NetlinkSocket) throws(SystemError) -> Bool {
        var request = NetlinkMessage("look for groups", type: Int(RTM_GETNEXTHOPBUCKET))
        request.append(nhmsg())
        request.attribute(Int(NHA_ID), UInt32.max)
        request.nest(Int(NHA_RES_BUCKET)) {
            $0.attribute(Int(NHA_RES_BUCKET_INDEX), UInt16(0))
        }
        return try socket.outcomes([request]).first?.1?.code == ENOENT
    }

    /// Asks for the links again; call it when some came or went.
    package func refreshLinks() throws(SystemError) {
        let links = try socket.links()
        indexes = LinkIndexes(links)
        multipoint = Self.multipoint(links)
        hooked.formIntersection(indexes.nameByIndex.keys)
    }

    private static func multipoint(_ links: [ObservedLink]) -> Set<UInt32> {
        Set(links.filter { $0.tunnel.map { $0.remote == nil } ?? false }.map(\.index))
    }

    /// Takes all decapsulating filters off these links: those of a router that was killed. Links
    /// that do not exist have none.
    package func removeFilters(on links: [String]) throws(SystemError) {
        let messages = links.compactMap { name in
            indexes.byName[name].map { FilterMessages.removeAll(on: $0, "unfilter \(name)") }
        }
        try socket.send(messages, tolerating: Self.absence)
        filtered = [:]
    }

    /// Whether the kernel can carry labels.
    package var hasLabels: Bool { access("/proc/sys/net/mpls", F_OK) == 0 }

    /// How the kernel says that there is nothing to remove, or nothing that it could have been in.
    private static let absence: Set<Int32> = [ESRCH, ENOENT, ENODEV, EINVAL, EOPNOTSUPP]

    /// A request, and what it means when it is refused.
    private struct Request {
        let message: NetlinkMessage
        /// These errors say that all is as it should be.
        var tolerated: Set<Int32> = []
        /// The link whose hook cannot be relied on after another error.
        var hooked: UInt32?
    }

    /// Carries out all changes, in order and in few system calls. One that fails keeps none of the
    /// others back; removing what is not there is no failure.
    /// - Returns: the changes that failed, each with its first error.
    package func apply(_ changes: [RouteChange]) throws(SystemError) -> [(RouteChange, SystemError)]
    {
        var requests: [(Int, Request)] = []
        var errors: [Int: SystemError] = [:]
        for (origin, change) in changes.enumerated() {
            do throws(SystemError) {
                requests += try self.requests(for: change).map { (origin, $0) }
            } catch { errors[origin] = error }
        }
        let outcomes = try socket.outcomes(requests.map(\.1.message))
        for ((origin, request), (_, error)) in zip(requests, outcomes) {
            guard let error, !request.tolerated.contains(error.code) else { continue }
            if let link = request.hooked { hooked.remove(link) }
            if errors[origin] == nil { errors[origin] = error }
        }
        return errors.sorted { $0.key < $1.key }.map { (changes[$0.key], $0.value) }
    }

    private func requests(for change: RouteChange) throws(SystemError) -> [Request] {
        switch change {
        case .set(let route):
            let operation = "set route \(route.key.prefix) in table \(route.key.table)"
            if case .forward(let hops) = route.action { try requireLinks(of: hops, operation) }
            return [Request(message: RouteMessages.replace(route, indexes.byName, operation))]
        case .remove(let key):
            let operation = "remove route \(key.prefix) from table \(key.table)"
            return [
                Request(message: RouteMessages.remove(key, operation), tolerated: Self.absence)
            ]
        case .setLabel(let route): return try requests(for: route)
        case .removeLabel(let label):
            let operation = "remove label \(label)"
            let plain = Request(
                message: RouteMessages.remove(label, operation), tolerated: Self.absence)
            return removeFilters(of: label, but: [], operation) + [plain]
        case .setNeighbour(let neighbour):
            return try requests(for: neighbour, adds: true)
        case .removeNeighbour(let link, let address):
            let neighbour = Neighbour(link: link, address: address, linkLayerAddress: [])
            return try requests(for: neighbour, adds: false)
        case .setNextHop(let object):
            let operation = "set next hop \(object.id) on \(object.hop.link)"
            let link = try indexes.index(of: object.hop.link, for: operation)
            return [Request(message: NextHopMessages.replace(object, on: link, operation))]
        case .setGroup(let group):
            return [Request(message: NextHopMessages.replace(group, "set group \(group.id)"))]
        case .removeNextHop(let id):
            let message = NextHopMessages.remove(id, "remove next hop \(id)")
            return [Request(message: message, tolerated: Self.absence)]
        }
    }

    private func requests(
        for neighbour: Neighbour, adds: Bool
    ) throws(SystemError) -> [Request] {
        let operation =
            "\(adds ? "set" : "remove") neighbour \(neighbour.address) on \(neighbour.link)"
        // With the link its neighbours went.
        if !adds, indexes.byName[neighbour.link] == nil { return [] }
        let index = try indexes.index(of: neighbour.link, for: operation)
        let message = LinkMessages.neighbour(neighbour, on: index, adds: adds, operation)
        return [Request(message: message, tolerated: adds ? [] : Self.absence)]
    }

    private func requireLinks(of hops: [RouteNextHop], _ operation: String) throws(SystemError) {
        for hop in hops { _ = try indexes.index(of: hop.link, for: operation) }
    }

    // MARK: Labels

    private func requests(for route: LabelRoute) throws(SystemError) -> [Request] {
        let operation = "set label \(route.label)"
        var hops: [RouteNextHop]
        var filters: [Request] = []
        var filteredLinks: Set<UInt32> = []
        switch route.action {
        case .forward(let nextHops):
            hops = nextHops
            try requireLinks(of: hops, operation)
        case .decapsulate(let vrf, let popDevice, let links, let family):
            // The plain route shows the label in the kernel's own table, and serves packets that
            // arrive on a link without the filter.
            hops = [RouteNextHop(via: nil, link: vrf)]
            try requireLinks(of: hops, operation)
            let popDevice = try indexes.index(of: popDevice, for: operation)
            let places = try links.map { name throws(SystemError) in
                (name, try indexes.index(of: name, for: operation))
            }
            for (name, link) in places {
                filters += self.filters(route.label, family, link, name, popDevice, operation)
                filteredLinks.insert(link)
            }
        }
        let plain = RouteMessages.replace(route.label, hops, indexes.byName, operation)
        let surplus = removeFilters(of: route.label, but: filteredLinks, operation)
        return [Request(message: plain)] + filters + surplus
    }

    private func filters(
        _ label: Label, _ family: AddressFamily, _ link: UInt32, _ name: String,
        _ popDevice: UInt32,
        _ operation: String
    ) -> [Request] {
        let message = FilterMessages.decapsulate(label, family, on: link, to: popDevice, operation)
        let filter = Request(message: message, hooked: link)
        filtered[label, default: []].insert(link)
        guard hooked.insert(link).inserted else { return [filter] }
        let hook = FilterMessages.addHook(link, "\(operation): hook into \(name)")
        return [Request(message: hook, hooked: link), filter]
    }

    private func removeFilters(
        of label: Label, but kept: Set<UInt32>, _ operation: String
    ) -> [Request] {
        let surplus = (filtered[label] ?? []).subtracting(kept)
        filtered[label] = kept.isEmpty ? nil : kept
        return surplus.sorted().map {
            Request(
                message: FilterMessages.remove(label, on: $0, operation), tolerated: Self.absence)
        }
    }
}
