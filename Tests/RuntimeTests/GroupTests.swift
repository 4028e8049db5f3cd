// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives
import Testing

@testable import Runtime

/// Groups of the engine as next hops and groups of the kernel.
@Suite struct GroupTests {
    private let id = ForwardingGroup.ID(3)
    private let number: UInt32 = 1 << 31 | 3
    private let prefix: IPPrefix
    private let via: [IPAddress]
    private let core = InterfaceConfiguration(name: "core0", addresses: [], carriesMPLS: true)

    init() throws {
        prefix = try #require(IPPrefix("10.0.0.3/32"))
        via = try ["4.0.0.49", "4.0.0.53", "4.0.0.57"].map { try #require(IPAddress($0)) }
    }

    private func translation(hasGroups: Bool = true) throws -> ForwardingTranslation {
        let target = try #require(ExtendedCommunity("target:1:1"))
        let vrf = VRFConfiguration(
            name: "red", table: 10, device: "vrf-red", popDevice: "dec-red",
            routeDistinguisher: try #require(RouteDistinguisher("1:1")),
            importTargets: [target], exportTargets: [target])
        let configuration = RouterConfiguration(
            name: "pe", routerID: IPv4Address(bits: 1), interfaces: [core], vrfs: [vrf])
        return ForwardingTranslation(configuration, hasGroups: hasGroups)
    }

    private func hop(_ index: Int, labels: [Label] = [Label(100), Label(16)]) -> ForwardingNextHop {
        ForwardingNextHop(gateway: via[index], interface: "core\(index)", labels: labels)
    }

    private func group(_ nextHops: [Int], backup: [Int] = [], family: AddressFamily = .ipv4)
        -> ForwardingChange
    {
        .setGroup(
            ForwardingGroup(
                id: id, family: family, nextHops: nextHops.map { hop($0) },
                backup: backup.map { hop($0) }))
    }

    private func object(_ id: UInt32, _ index: Int) -> ForwardingEntry {
        let own = hop(index)
        return .nextHop(
            NextHopObject(
                id: id, family: .ipv4,
                hop: RouteNextHop(
                    via: own.gateway, link: own.interface, labels: own.labels, isOnLink: true)))
    }

    private func legs(_ legs: (UInt32, NextHopGroup.Role)...) -> ForwardingEntry {
        .group(
            NextHopGroup(
                id: number, legs: legs.map { NextHopGroup.Leg(nextHop: $0.0, role: $0.1) }))
    }

    private func parked(_ id: UInt32) -> ForwardingEntry {
        .nextHop(
            NextHopObject(
                id: id, family: .ipv4,
                hop: RouteNextHop(
                    via: IPAddress("192.0.0.8"), link: "dec-red", isOnLink: true)))
    }

    @Test func `a group is its next hops, its backup and a leg that discards, set in this order`()
        throws
    {
        var translation = try translation()
        let pairs = translation.translate(group([0], backup: [1]))
        #expect(
            pairs.map(\.entry) == [
                object(1, 0), object(2, 1), parked(3),
                legs((1, .primary), (2, .backup), (3, .parked)),
            ])
        let route = ForwardingRoute(vrf: "red", prefix: prefix, group: id)
        let wanted = Route(
            key: Route.Key(table: 10, prefix: prefix, metric: 20), action: .group(number))
        #expect(translation.translate(.setRoute(route)).map(\.entry) == [.route(wanted)])
    }

    @Test func `to move to a next hop that is there is one change`() throws {
        var translation = try translation()
        _ = translation.translate(group([0], backup: [1]))
        let moved = translation.translate(group([1], backup: [0]))
        #expect(moved.map(\.entry) == [legs((2, .primary), (1, .backup), (3, .parked))])
        // What is left behind goes, after the group has left it.
        let alone = translation.translate(group([1]))
        #expect(alone.map(\.key) == [.group(number), .nextHop(1)])
        #expect(alone.map(\.entry) == [legs((2, .primary), (3, .parked)), nil])
    }

    @Test func `next hops of a link that went down are set again with the next group`() throws {
        var translation = try translation()
        _ = translation.translate(group([0], backup: [1]))
        translation.lose(link: "core0")
        let again = translation.translate(group([0], backup: [1]))
        #expect(again.map(\.key) == [.nextHop(1), .group(number)])
        translation.lose(.nextHop(2))
        #expect(
            translation.translate(group([0], backup: [1])).map(\.key)
                == [.nextHop(2), .group(number)])
    }

    @Test func `equal next hops of two groups are one object, and the last to leave removes it`()
        throws
    {
        var translation = try translation()
        _ = translation.translate(group([0]))
        let other = ForwardingGroup(
            id: ForwardingGroup.ID(4), family: .ipv4, nextHops: [hop(0)])
        #expect(translation.translate(.setGroup(other)).map(\.key) == [.group(number + 1)])
        #expect(translation.translate(.removeGroup(id)).map(\.key) == [.group(number)])
        #expect(
            translation.translate(.removeGroup(other.id)).map(\.key)
                == [.group(number + 1), .nextHop(1), .nextHop(2)])
        #expect(translation.translate(.removeGroup(other.id)).isEmpty)
    }

    @Test func `an IPv6 group has next hops of its own, and a group without any discards`() throws {
        var translation = try translation()
        _ = translation.translate(group([0]))
        let sixth = translation.translate(group([], family: .ipv6))
        guard case .nextHop(let object)? = sixth.first?.entry else {
            Issue.record("\(sixth)")
            return
        }
        #expect(object.family == .ipv6)
        #expect(object.hop.via == IPAddress("100::1"))
        #expect(sixth.dropFirst().first?.entry == legs((3, .parked)))
    }

    @Test func `more next hops of equal cost than there are buckets are left out`() throws {
        var translation = try translation()
        let hops = (0..<6).map { hop(0, labels: [Label(100 + UInt32($0))]) }
        let pairs = translation.translate(
            .setGroup(ForwardingGroup(id: id, family: .ipv4, nextHops: hops)))
        guard case .group(let group)? = pairs.last?.entry else {
            Issue.record("\(pairs)")
            return
        }
        #expect(group.legs.map(\.role) == [.primary, .primary, .primary, .primary, .parked])
    }

    @Test func `another configuration keeps numbers, and sets only what differs`() throws {
        var translation = try translation()
        let changes: [ForwardingChange] = [
            group([0], backup: [1]),
            .setRoute(ForwardingRoute(vrf: "red", prefix: prefix, group: id)),
        ]
        var desired = DesiredForwarding()
        for (key, entry) in changes.flatMap({ translation.translate($0) }) {
            desired.want(entry, for: key)
        }
        let target = try #require(ExtendedCommunity("target:1:1"))
        let vrf = VRFConfiguration(
            name: "red", table: 11, device: "vrf-red", popDevice: "dec-red",
            routeDistinguisher: try #require(RouteDistinguisher("1:1")),
            importTargets: [target], exportTargets: [target])
        var other = translation.reconfigured(
            RouterConfiguration(
                name: "pe", routerID: IPv4Address(bits: 1), interfaces: [core], vrfs: [vrf]))
        var wanted: [ForwardingKey: ForwardingEntry] = [:]
        for (key, entry) in changes.flatMap({ other.translate($0) }) { wanted[key] = entry }
        let step = desired.replace(by: wanted)
        let new = Route.Key(table: 11, prefix: prefix, metric: 20)
        let old = Route.Key(table: 10, prefix: prefix, metric: 20)
        #expect(
            step.before
                == ForwardingChanges(set: [.route(Route(key: new, action: .group(number)))]))
        #expect(step.after == ForwardingChanges(remove: [.route(old)]))
    }

    @Test func `next hops stand before groups and these before routes, and go after them`() throws {
        var translation = try translation()
        var step = ForwardingStep()
        let route = ForwardingRoute(vrf: "red", prefix: prefix, group: id)
        for change in [.setRoute(route), group([0])] {
            for (key, entry) in translation.translate(change) { step.add(key, entry) }
        }
        #expect(step.before.set.map(\.key.phase) == [1, 1, 2, 3])
        var end = ForwardingStep()
        for change: ForwardingChange in [
            .removeGroup(id), .removeRoute(vrf: "red", prefix: prefix),
        ] {
            for (key, entry) in translation.translate(change) { end.add(key, entry) }
        }
        #expect(end.after.remove.map(\.phase) == [3, 2, 1, 1])
    }

    @Test func `a router on which no labels arrive has no link to park packets on`() throws {
        let target = try #require(ExtendedCommunity("target:1:1"))
        let vrf = VRFConfiguration(
            name: "red", table: 10, device: "vrf-red", popDevice: "dec-red",
            routeDistinguisher: try #require(RouteDistinguisher("1:1")),
            importTargets: [target], exportTargets: [target])
        var translation = ForwardingTranslation(
            RouterConfiguration(name: "pe", routerID: IPv4Address(bits: 1), vrfs: [vrf]))
        #expect(
            translation.translate(group([0], backup: [1])).last?.entry
                == legs((1, .primary), (2, .backup)))
    }

    @Test func `a kernel without groups gets each route with the next hops of its group`() throws {
        var translation = try translation(hasGroups: false)
        func hops(_ pairs: [ForwardingPair]) -> [String] {
            pairs.map { pair in
                guard case .route(let route)? = pair.entry else { return "\(pair)" }
                guard case .forward(let hops) = route.action else { return "discard" }
                return hops.map(\.link).joined(separator: " ")
            }
        }
        #expect(translation.translate(group([0], backup: [1])).isEmpty)
        let route = ForwardingRoute(vrf: "red", prefix: prefix, group: id)
        #expect(hops(translation.translate(.setRoute(route))) == ["core0"])
        #expect(hops(translation.translate(group([1, 2]))) == ["core1 core2"])
        #expect(hops(translation.translate(group([1, 2], backup: [0]))) == ["core1 core2"])
        #expect(hops(translation.translate(group([]))) == ["discard"])
        #expect(translation.translate(.removeRoute(vrf: "red", prefix: prefix)).count == 1)
        #expect(translation.translate(group([0])).isEmpty)
    }
}
