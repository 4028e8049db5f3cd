// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives

/// In the provider's core: routes of a VRF that share next hops with labels, and what becomes of
/// them when the core link goes and comes back.
struct GroupRun {
    let pe: (tables: ForwardingTables, witness: Witness)
    let p: (tables: ForwardingTables, witness: Witness)
    let ce: Witness
    private(set) var found: [JSON.Member] = []

    init(
        pe: (tables: ForwardingTables, witness: Witness),
        p: (tables: ForwardingTables, witness: Witness), ce: Witness
    ) {
        self.pe = pe
        self.p = p
        self.ce = ce
    }

    private static let number: UInt32 = 1 << 31
    private static let parked = NextHopObject(
        id: 3, family: .ipv4,
        hop: RouteNextHop(via: value("192.0.0.8"), link: "pop", isOnLink: true))
    private static let parkedIPv6 = NextHopObject(
        id: 4, family: .ipv6,
        hop: RouteNextHop(via: value("100::1"), link: "pop", isOnLink: true))

    private static func hop(
        _ id: UInt32, _ family: AddressFamily, _ labels: [UInt32]
    ) -> NextHopObject {
        let hop = RouteNextHop(
            via: value("172.16.1.2"), link: "p", labels: labels.map { Label($0) }, isOnLink: true)
        return NextHopObject(id: id, family: family, hop: hop)
    }

    private static func group(_ id: UInt32, _ first: UInt32, parked: UInt32) -> NextHopGroup {
        NextHopGroup(
            id: number | id,
            legs: [
                NextHopGroup.Leg(nextHop: first, role: .primary),
                NextHopGroup.Leg(nextHop: parked, role: .parked),
            ])
    }

    private static func route(
        _ prefix: String, _ group: UInt32, metric: UInt32, source: String? = nil
    ) -> Route {
        Route(
            key: .init(table: 1001, prefix: value(prefix), metric: metric),
            action: .group(number | group), preferredSource: source.map { value($0) })
    }

    mutating func run() throws {
        try make()
        try lookAtPackets()
        try loseLink()
        try shareLabels()
    }

    private mutating func note(_ name: String, _ value: JSON) {
        found.append(.init(name, value))
    }

    private func apply(_ tables: ForwardingTables, _ changes: [RouteChange]) throws {
        for (change, error) in try tables.apply(changes) {
            throw WitnessFailure("\(change): \(error)")
        }
    }

    private mutating func make() throws {
        let hops = [
            Self.hop(1, .ipv4, [102, 502]), Self.hop(2, .ipv6, [102, 503]), Self.parked,
            Self.parkedIPv6,
        ]
        let groups = [Self.group(1, 1, parked: 3), Self.group(2, 2, parked: 4)]
        let routes = [
            Self.route("2.2.2.2/32", 1, metric: 20, source: "10.1.0.2"),
            Self.route("2001:db8::/32", 2, metric: 1024),
        ]
        note("group-support", .bool(pe.tables.hasGroups))
        try apply(
            pe.tables,
            hops.map { .setNextHop($0) } + groups.map { .setGroup($0) }
                + routes.map { .set($0) })
        let read = try pe.tables.nextHops()
        note("group-hops-equal", .bool(read.hops == hops))
        note("groups-equal", .bool(read.groups == groups))
        let all = try pe.tables.routes(.ipv4, .own) + pe.tables.routes(.ipv6, .own)
        note("group-routes-equal", .bool(routes.allSatisfy(all.contains)))
        note("group-route", JSON(try pe.witness.ip("route", "show", "2.2.2.2", "vrf", "red")))
    }

    private func reaches() throws -> Bool {
        let ping = ["ping", "-c2", "-i0.2", "-W1", "-I", "1.1.1.1", "2.2.2.2"]
        return try ce.result(of: ping).text.contains(" 0% packet loss")
    }

    private mutating func lookAtPackets() throws {
        note("group-reaches", .bool(try reaches()))
        // The same group with another label in it is another way for the same route.
        try apply(
            pe.tables,
            [
                .setNextHop(Self.hop(5, .ipv4, [102, 999])),
                .setGroup(Self.group(1, 5, parked: 3)),
            ])
        note("group-moved-away", .bool(try !reaches()))
        try apply(pe.tables, [.setGroup(Self.group(1, 1, parked: 3)), .removeNextHop(5)])
        note("group-moved-back", .bool(try reaches()))
    }

    /// The link to the core goes: the kernel drops every plain route by it, but not those of the
    /// group, and the group works again as soon as it is told its next hop again.
    private mutating func loseLink() throws {
        try pe.witness.run("ip", "link", "set", "p", "down")
        let left = try pe.tables.routes(.ipv4, .own).map(\.key.prefix.description)
        note("group-route-stays", .bool(left.contains("2.2.2.2/32")))
        note("plain-route-goes", .bool(!left.contains("10.9.0.2/32")))
        let sixth = try pe.tables.routes(.ipv6, .own).map(\.key.prefix.description)
        note("group-route-stays-6", .bool(sixth.contains("2001:db8::/32")))
        note("hops-left", JSON(try pe.tables.nextHops().hops.map { JSON($0.id) }))
        try pe.witness.run("ip", "link", "set", "p", "up")
        while try pe.witness.ip("link", "show", "p").first?["operstate"] != "UP" {}
        try apply(
            pe.tables,
            [
                .setNextHop(Self.hop(1, .ipv4, [102, 502])),
                .setGroup(Self.group(1, 1, parked: 3)),
            ])
        note("group-restored", .bool(try reaches()))
    }

    /// A label route of several next hops.
    private mutating func shareLabels() throws {
        let hops = [204, 205].map { (label: UInt32) in
            RouteNextHop(via: value("172.16.2.1"), link: "pe2", labels: [Label(label)])
        }
        try apply(p.tables, [.setLabel(LabelRoute(label: Label(104), action: .forward(hops)))])
        let shown = try p.witness.ip("-f", "mpls", "route", "show", "104").first
        note("label-hops", JSON((shown?["nexthops"]?.array ?? []).map { $0["to"] ?? .null }))
        let read = try p.tables.labels(.own).first { $0.0 == Label(104) }
        note("label-hops-equal", .bool(read?.1 == hops))
        try apply(p.tables, [.removeLabel(Label(104))])
    }
}
