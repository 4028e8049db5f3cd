// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives
import Testing

/// Groups of next hops as Weft writes them, iproute2 shows them, and packets take them.
@Suite struct NextHopGroupTests {
    let realiser = Realiser()
    let tables: ForwardingTables
    let witness: Witness
    let group: UInt32 = 1 << 31 | 7

    init() throws {
        _ = try realiser.realise(SampleLab.objects())
        let namespace = try #require(realiser.namespace("left"))
        tables = try namespace.enter { () throws(SystemError) in try ForwardingTables() }
        witness = Witness(namespace: namespace)
    }

    private func apply(_ changes: [RouteChange]) throws {
        for (change, error) in try tables.apply(changes) { Issue.record("\(change): \(error)") }
    }

    private func hop(_ id: UInt32, _ via: String, _ link: String) throws -> NextHopObject {
        let via: IPAddress = try value(via)
        return NextHopObject(
            id: id, family: via.family, hop: RouteNextHop(via: via, link: link, isOnLink: true))
    }

    private func legs(_ legs: (UInt32, NextHopGroup.Role)...) -> NextHopGroup {
        NextHopGroup(
            id: group, legs: legs.map { NextHopGroup.Leg(nextHop: $0.0, role: $0.1) })
    }

    private func route(_ prefix: String) throws -> Route {
        let prefix: IPPrefix = try value(prefix)
        let metric: UInt32 = prefix.family == .ipv6 ? 1024 : 20
        return Route(
            key: .init(table: RoutingTable.main, prefix: prefix, metric: metric),
            action: .group(group))
    }

    /// By which link the kernel would send to an address now.
    private func way(to address: String) throws -> JSON? {
        try witness.ip("route", "get", address).first?["dev"]
    }

    private func makeGroup() throws {
        try apply([
            .setNextHop(hop(1, "192.0.2.2", "cable")), .setNextHop(hop(2, "198.51.100.2", "lan")),
            .setGroup(legs((1, .primary), (2, .backup))), .set(route("203.0.113.0/24")),
            .set(route("203.0.113.7/32")),
        ])
    }

    @Test func `replacing a group moves its routes, and packets leave by its first leg alone`()
        throws
    {
        #expect(tables.hasGroups)
        try makeGroup()
        // Were packets spread over the legs by their weights, one in 18 would take the second.
        for last in 1...100 { #expect(try way(to: "203.0.113.\(last)") == "cable") }
        try apply([.setGroup(legs((2, .primary), (1, .backup)))])
        #expect(try way(to: "203.0.113.1") == "lan")
        #expect(try way(to: "203.0.113.7") == "lan")
        let shown = try witness.ip("nexthop", "show", "id", "\(group)").first
        #expect(shown?["type"] == "resilient")
        #expect(shown?["protocol"] == "77")
    }

    @Test func `when the primary's neighbor pulls the cable, the kernel takes the backup itself`()
        throws
    {
        try makeGroup()
        try realiser.witness("right").run("ip", "link", "set", "cable", "down")
        let monitor = try #require(realiser.namespace("left")).enter {
            () throws(SystemError) in try LinkMonitor()
        }
        let deadline = MonotonicClock.now + .seconds(10)
        while try way(to: "203.0.113.1") != "lan", MonotonicClock.now < deadline {
            _ = try monitor.events()
        }
        #expect(try way(to: "203.0.113.1") == "lan")
        // The kernel has forgotten the leg, and the routes are there.
        #expect(try tables.nextHops().hops.map(\.id) == [2])
        #expect(try tables.nextHops().groups == [legs((2, .backup))])
        #expect(try tables.routes(.ipv4, .own).count == 2)
        // It comes back as it was told first.
        try realiser.witness("right").run("ip", "link", "set", "cable", "up")
        try apply([
            .setNextHop(hop(1, "192.0.2.2", "cable")),
            .setGroup(legs((1, .primary), (2, .backup))),
        ])
        #expect(try way(to: "203.0.113.1") == "cable")
    }

    @Test(arguments: [2, 3, 4])
    func `several primary legs share the packets, and a lesser one gets none`(_ count: Int) throws {
        let primary = try (1...count).map { try hop(UInt32($0), "9.9.9.\($0)", "cable") }
        let backup = try hop(9, "198.51.100.2", "lan")
        let parked = try hop(10, "9.9.9.9", "lan")
        let legs =
            primary.map { NextHopGroup.Leg(nextHop: $0.id, role: .primary) } + [
                NextHopGroup.Leg(nextHop: 9, role: .backup),
                NextHopGroup.Leg(nextHop: 10, role: .parked),
            ]
        let group = NextHopGroup(id: group, legs: legs)
        try apply((primary + [backup, parked]).map { .setNextHop($0) } + [.setGroup(group)])
        let buckets = try witness.ip("nexthop", "bucket", "show", "id", "\(self.group)")
        let used = buckets.compactMap { $0["bucket", "nhid"]?.int }
        #expect(used.count == Int(NextHopGroup.bucketCount))
        #expect(Set(used) == Set((1...count).map(Int64.init)), "\(used)")
        // With every primary gone the backup has all, and the parked leg none.
        try apply((1...count).map { .removeNextHop(UInt32($0)) })
        let left = try witness.ip("nexthop", "bucket", "show", "id", "\(self.group)")
        #expect(Set(left.compactMap { $0["bucket", "nhid"]?.int }) == [9])
    }

    @Test func `what is read is what was written, in both families`() throws {
        try makeGroup()
        let mapped = NextHopObject(
            id: 5, family: .ipv6,
            hop: RouteNextHop(via: try value("192.0.2.2"), link: "cable", isOnLink: true))
        let sixth = NextHopGroup(
            id: group + 1, legs: [NextHopGroup.Leg(nextHop: 5, role: .primary)])
        var second = try route("2001:db8:1::/48")
        second.action = .group(sixth.id)
        try apply([.setNextHop(mapped), .setGroup(sixth), .set(second)])
        let (hops, groups) = try tables.nextHops()
        #expect(
            try hops == [hop(1, "192.0.2.2", "cable"), hop(2, "198.51.100.2", "lan"), mapped])
        #expect(groups == [legs((1, .primary), (2, .backup)), sixth])
        #expect(
            try Set(tables.routes(.ipv4, .own))
                == [route("203.0.113.0/24"), route("203.0.113.7/32")])
        #expect(try tables.routes(.ipv6, .own) == [second])
    }

    @Test func `next hops of others are neither listed nor in the way`() throws {
        try witness.run("ip", "nexthop", "add", "id", "3", "via", "192.0.2.2", "dev", "cable")
        #expect(try tables.nextHops().hops == [])
        try makeGroup()
        #expect(try tables.nextHops().hops.map(\.id) == [1, 2])
    }

    @Test func `removing is done once, and a route to a group that is not there is refused`()
        throws
    {
        try makeGroup()
        try apply([
            .remove(route("203.0.113.0/24").key), .removeNextHop(group), .removeNextHop(1),
            .removeNextHop(1),
        ])
        #expect(try tables.nextHops().hops.map(\.id) == [2])
        // With a group go its routes.
        #expect(try tables.routes(.ipv4, .own) == [])
        #expect(try tables.apply([.set(route("203.0.113.0/24"))]).count == 1)
    }
}
