// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import Primitives

/// A namespace with two links, and routes by either.
final class GroupLab {
    private static let group: UInt32 = 1 << 31
    private static let table: UInt32 = 1001

    private let family: AddressFamily
    private let realiser = Realiser()
    private let namespace: Namespace
    private let tables: ForwardingTables

    init(_ family: AddressFamily) throws {
        self.family = family
        // Without an address of its own a namespace takes nothing for a gateway.
        let near = NamespaceObjects(
            name: "near", links: [Link(name: "lo", kind: .loopback)] + Self.links(to: "far"))
        let far = NamespaceObjects(name: "far", links: Self.links(to: "near"))
        _ = try realiser.realise(LabObjects(namespaces: [near, far]))
        guard let namespace = realiser.namespace("near") else { throw Failure("no namespace") }
        self.namespace = namespace
        tables = try namespace.enter { () throws(SystemError) in try ForwardingTables() }
        guard tables.hasGroups else { throw Failure("this kernel has no resilient groups") }
    }

    private static func links(to other: String) -> [Link] {
        ["core0", "core1"].map { name in
            Link(name: name, kind: .veth(peer: LinkEnd(namespace: other, link: name)))
        }
    }

    /// By 192.0.2.1 or .2, mapped where the routes are of IPv6.
    private func hop(_ number: Int) -> RouteNextHop {
        let gateway =
            family == .ipv4
            ? IPAddress(family: .ipv4, bits: 0xc000_0201 + UInt128(number))
            : IPAddress(family: .ipv6, bits: 0xfe80 << 112 | UInt128(number + 1))
        return RouteNextHop(via: gateway, link: "core\(number)", isOnLink: true)
    }

    private func key(_ number: Int) -> Route.Key {
        let prefix =
            family == .ipv4
            ? IPPrefix(
                IPAddress(family: .ipv4, bits: 0x1400_0000 + UInt128(number) << 8), length: 24)
            : IPPrefix(
                IPAddress(
                    family: .ipv6, bits: 0x2001_0db8 << 96 | UInt128(number) << 64), length: 64)
        return Route.Key(
            table: Self.table, prefix: prefix, metric: family == .ipv4 ? 20 : 1024)
    }

    private func routes(_ action: Route.Action) -> [RouteChange] {
        (0..<GroupBench.prefixCount).map { .set(Route(key: key($0), action: action)) }
    }

    private func apply(_ changes: [RouteChange]) throws {
        if let (change, error) = try tables.apply(changes).first {
            throw Failure("\(change): \(error)")
        }
    }

    private func time(_ changes: [RouteChange]) throws -> Duration {
        let start = MonotonicClock.now
        try apply(changes)
        return MonotonicClock.now - start
    }

    func makePlainRoutes() throws { try apply(routes(.forward([hop(0)]))) }

    func replaceEach(to number: Int) throws -> Duration {
        try time(routes(.forward([hop(number)])))
    }

    func makeGroupedRoutes() throws {
        let hops = [0, 1].map { number in
            NextHopObject(id: UInt32(number + 1), family: family, hop: hop(number))
        }
        try apply(hops.map { .setNextHop($0) } + [change(to: 0)])
        try apply(routes(.group(Self.group)))
    }

    private func change(to number: Int) -> RouteChange {
        let ids = [UInt32(number + 1), UInt32(2 - number)]
        return .setGroup(
            NextHopGroup(
                id: Self.group,
                legs: [
                    NextHopGroup.Leg(nextHop: ids[0], role: .primary),
                    NextHopGroup.Leg(nextHop: ids[1], role: .backup),
                ]))
    }

    func replaceGroup(to number: Int) throws -> Duration { try time([change(to: number)]) }

    /// As a router does that has so many routes.
    func quieten() throws {
        try namespace.enter { () throws(SystemError) in try tables.quieten() }
    }
}
