// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import KernelObjects
import KernelWitness
import Primitives
import Testing

/// Routes as Weft writes them, iproute2 shows them, and Weft reads them back.
@Suite struct ForwardingTablesTests {
    let realiser = Realiser()
    let tables: ForwardingTables
    let witness: Witness

    init() throws {
        _ = try realiser.realise(SampleLab.objects())
        let namespace = try #require(realiser.namespace("left"))
        tables = try namespace.enter { () throws(SystemError) in try ForwardingTables() }
        witness = Witness(namespace: namespace)
    }

    func hop(_ via: String?, _ link: String, isOnLink: Bool = false) throws -> RouteNextHop {
        RouteNextHop(via: try via.map { try value($0) }, link: link, isOnLink: isOnLink)
    }

    func route(
        _ prefix: String, table: UInt32 = RoutingTable.main, metric: UInt32 = 0,
        _ action: Route.Action, source: String? = nil
    ) throws -> Route {
        Route(
            key: .init(table: table, prefix: try value(prefix), metric: metric), action: action,
            preferredSource: try source.map { try value($0) })
    }

    /// Writes, and fails the test where the kernel refuses.
    func apply(_ changes: RouteChange...) throws {
        for (change, error) in try tables.apply(changes) { Issue.record("\(change): \(error)") }
    }

    func expect(_ family: AddressFamily, _ wanted: [Route]) throws {
        let seen = try tables.routes(family, .own).sorted { $0.key < $1.key }
        #expect(seen.count == wanted.count)
        for (seen, wanted) in zip(seen, wanted) { #expect(seen == wanted) }
    }

    @Test func `a route is as written, with our protocol number`() throws {
        try apply(.set(route("203.0.113.0/24", .forward([hop("192.0.2.2", "cable")]))))
        let shown = try #require(try witness.ip("route", "show", "203.0.113.0/24").first)
        #expect(
            shown.only("type", "gateway", "dev", "protocol")
                == ["type": "unicast", "gateway": "192.0.2.2", "dev": "cable", "protocol": "77"])
    }

    @Test func `setting again replaces, and removing removes`() throws {
        let first = try route("203.0.113.0/24", .forward([hop("192.0.2.2", "cable")]))
        let second = try route(
            "203.0.113.0/24", .forward([hop("198.51.100.2", "lan")]), source: "10.0.0.1")
        try apply(.set(first), .set(second))
        let shown = try witness.ip("route", "show", "203.0.113.0/24")
        #expect(
            shown.map { $0.only("gateway", "dev", "prefsrc") } == [
                ["gateway": "198.51.100.2", "dev": "lan", "prefsrc": "10.0.0.1"]
            ])
        try apply(.remove(first.key))
        #expect(try witness.ip("route", "show", "203.0.113.0/24") == [])
        try apply(.remove(first.key))
    }

    @Test func `one route has several next hops of equal cost, for both families`() throws {
        try apply(
            .set(
                route(
                    "203.0.113.0/24",
                    .forward([hop("192.0.2.2", "cable"), hop("198.51.100.2", "lan")]))),
            .set(
                route(
                    "2001:db8:1::/48", metric: 1024,
                    .forward([hop("2001:db8::2", "cable"), hop("fe80::9", "lan")]))))
        let v4 = try witness.ip("route", "show", "203.0.113.0/24").first?["nexthops"]?.array ?? []
        #expect(
            v4.map { $0.only("gateway", "dev") } == [
                ["gateway": "192.0.2.2", "dev": "cable"],
                ["gateway": "198.51.100.2", "dev": "lan"],
            ])
        let v6 = try witness.ip("-6", "route", "show", "2001:db8:1::/48").first?["nexthops"]
        #expect(v6?.array.count == 2)
    }

    @Test func `blackhole and unreachable routes drop, each in its own way`() throws {
        try apply(
            .set(route("203.0.113.0/25", .blackhole)),
            .set(route("203.0.113.128/25", .unreachable)))
        #expect(try witness.ip("route", "show", "203.0.113.0/25").first?["type"] == "blackhole")
        #expect(
            try witness.ip("route", "show", "203.0.113.128/25").first?["type"] == "unreachable")
        let silent = try witness.result(of: ["ping", "-c1", "-W1", "203.0.113.1"])
        let told = try witness.result(of: ["ping", "-c1", "-W1", "203.0.113.129"])
        #expect(silent.text.contains("Invalid argument"))
        #expect(told.text.contains("No route to host"))
    }

    @Test func `tables do not mix, whatever their number`() throws {
        for table: UInt32 in [100, 1001, 70000] {
            try apply(.set(route("203.0.113.0/24", table: table, .blackhole)))
            #expect(try witness.ip("route", "show", "table", "\(table)").count == 1)
        }
        try apply(.remove(.init(table: 1001, prefix: value("203.0.113.0/24"))))
        #expect(try witness.ip("route", "show", "table", "1001") == [])
        #expect(try witness.ip("route", "show", "table", "70000").count == 1)
        #expect(try witness.ip("route", "show", "203.0.113.0/24") == [])
    }

    @Test func `routes that are read are those that were written`() throws {
        let v4 = [
            try route("0.0.0.0/0", .forward([hop("192.0.2.2", "cable")])),
            try route("203.0.113.0/24", .forward([hop("192.0.2.2", "cable")]), source: "10.0.0.1"),
            try route("203.0.113.7/32", .forward([hop("9.9.9.9", "lan", isOnLink: true)])),
            try route("203.0.113.8/32", .forward([hop(nil, "cable")])),
            try route(
                "203.0.113.9/32",
                .forward([
                    hop("9.9.9.9", "lan", isOnLink: true), hop("192.0.2.2", "cable"),
                ])),
            try route("203.0.113.10/32", .forward([hop("2001:db8::2", "cable")])),
            try route("203.0.113.0/24", table: 1001, metric: 7, .blackhole),
            try route("203.0.113.0/24", table: 70000, .unreachable),
        ].sorted { $0.key < $1.key }
        let v6 = [
            try route("2001:db8:1::/48", metric: 1024, .forward([hop("2001:db8::2", "cable")])),
            try route(
                "2001:db8:2::/48", metric: 9,
                .forward([hop("fe80::9", "lan"), hop("fe80::8", "cable")])),
            try route("2001:db8:3::/48", table: 1001, metric: 1024, .unreachable),
            try route("2001:db8:4::/48", table: 1001, metric: 1024, .blackhole),
            try route(
                "2001:db8:5::/48", metric: 1024,
                .forward([hop("2001:db8:ffff::1", "cable", isOnLink: true)])),
        ].sorted { $0.key < $1.key }
        for (change, error) in try tables.apply((v4 + v6).map { .set($0) }) {
            Issue.record("\(change): \(error)")
        }
        try expect(.ipv4, v4)
        try expect(.ipv6, v6)
        #expect(try tables.labels(.own).isEmpty)
    }

    @Test func `an on-link flag without a gateway is left out, for the kernel would refuse it`()
        throws
    {
        try apply(.set(route("203.0.113.8/32", .forward([hop(nil, "cable", isOnLink: true)]))))
        #expect(try witness.ip("route", "show", "203.0.113.8/32").first?["dev"] == "cable")
    }

    @Test func `a neighbour is replaced, and removing one twice or with its link is no failure`()
        throws
    {
        let address: IPAddress = try value("192.0.2.9")
        func neighbour(_ last: UInt8) -> Neighbour {
            Neighbour(link: "cable", address: address, linkLayerAddress: [2, 0, 0, 0, 0, last])
        }
        try apply(.setNeighbour(neighbour(8)), .setNeighbour(neighbour(9)))
        let shown = try witness.ip("neighbour", "show", "192.0.2.9")
        #expect(
            shown.map { $0.only("lladdr", "state") } == [
                ["lladdr": "02:00:00:00:00:09", "state": ["PERMANENT"]]
            ])
        let removal = RouteChange.removeNeighbour(link: "cable", address: address)
        try apply(removal, removal, .removeNeighbour(link: "nowhere", address: address))
        #expect(try witness.ip("neighbour", "show", "192.0.2.9") == [])
        let lost = Neighbour(
            link: "nowhere", address: address, linkLayerAddress: [2, 0, 0, 0, 0, 8])
        #expect(try tables.apply([.setNeighbour(lost)]).count == 1)
    }

    @Test func `routes of others are listed only when asked for, and not removed`() throws {
        try witness.run("ip", "route", "add", "203.0.113.0/24", "via", "192.0.2.2")
        #expect(try tables.routes(.ipv4, .own) == [])
        let all = try tables.routes(.ipv4, .all)
        #expect(all.contains { $0.key.prefix.description == "203.0.113.0/24" })
        #expect(all.contains { $0.key.prefix.description == "192.0.2.0/30" })
        try apply(.remove(.init(table: RoutingTable.main, prefix: value("203.0.113.0/24"))))
        #expect(try witness.ip("route", "show", "203.0.113.0/24").count == 1)
    }

    @Test func `a change that fails is told and keeps no other back`() throws {
        let good = try route("203.0.113.0/24", .forward([hop("192.0.2.2", "cable")]))
        let deaf = try route("203.0.113.1/32", .forward([hop("9.9.9.9", "cable")]))
        let lost = try route("203.0.113.2/32", .forward([hop("192.0.2.2", "nowhere")]))
        let last = try route("203.0.113.3/32", .blackhole)
        let failures = try tables.apply([.set(good), .set(deaf), .set(lost), .set(last)])
        #expect(Set(failures.map(\.0)) == [.set(deaf), .set(lost)])
        let errors = Dictionary(uniqueKeysWithValues: failures.map { ($0.0, $0.1.description) })
        #expect(
            errors[.set(deaf)] == "set route 203.0.113.1/32 in table 254: Network is unreachable "
                + "(Nexthop has invalid gateway)")
        #expect(
            errors[.set(lost)]
                == "set route 203.0.113.2/32 in table 254: nowhere: No such device")
        #expect(Set(try tables.routes(.ipv4, .own)) == [good, last])
    }

    @Test func `a link that is made again is found under its new index`() throws {
        try witness.run("ip", "link", "add", "fleeting", "type", "bridge")
        try tables.refreshLinks()
        try witness.run("ip", "link", "del", "fleeting")
        try witness.run("ip", "link", "add", "fleeting", "up", "type", "bridge")
        try tables.refreshLinks()
        try apply(.set(route("203.0.113.8/32", .forward([hop(nil, "fleeting")]))))
        #expect(try witness.ip("route", "show", "203.0.113.8/32").first?["dev"] == "fleeting")
    }
}
