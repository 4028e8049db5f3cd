// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What this router has asked its kernel to forward by.
package struct ForwardingTable: Sendable {
    /// By unicast table.
    package private(set) var routes: [[IPPrefix: ForwardingRoute]]
    package private(set) var labels: [Label: LabelAction] = [:]
    package private(set) var endpoints = EndpointTable()
    package private(set) var groups: [ForwardingGroup.ID: ForwardingGroup] = [:]
    /// How many routes point to each group.
    private var groupUses: [ForwardingGroup.ID: Int] = [:]
    /// Those that no route points to.
    private var idleGroups: Set<ForwardingGroup.ID> = []
    /// How many routes point to any.
    private(set) var groupedRouteCount = 0
    /// What carries routes, by unicast table; for those that tunnels carry.
    private var carriers: [[IPPrefix: Carrier]]

    init(vrfCount: Int) {
        routes = Array(repeating: [:], count: vrfCount + 1)
        carriers = Array(repeating: [:], count: vrfCount + 1)
    }

    /// - Returns: the change that leads to `route`, if one is needed.
    mutating func set(
        _ route: ForwardingRoute?, carrier: Carrier?, to prefix: IPPrefix, in table: Int,
        vrf: String?, at now: Instant
    ) -> ForwardingChange? {
        let before = carriers[table][prefix]
        let after = route == nil || carrier?.endpoint == nil ? nil : carrier
        if before != after {
            if let after { endpoints.use(after, at: now) }
            if let before { endpoints.leave(before) }
            carriers[table][prefix] = after
        }
        let old = routes[table][prefix]
        guard old != route else { return nil }
        if old?.group != route?.group { count(old?.group, route?.group) }
        routes[table][prefix] = route
        return route.map { .setRoute($0) } ?? .removeRoute(vrf: vrf, prefix: prefix)
    }

    private mutating func count(_ before: ForwardingGroup.ID?, _ after: ForwardingGroup.ID?) {
        if let after {
            groupUses[after, default: 0] += 1
            groupedRouteCount += 1
            idleGroups.remove(after)
        }
        if let before {
            groupUses[before, default: 0] -= 1
            groupedRouteCount -= 1
            if groupUses[before] == 0 { idleGroups.insert(before) }
        }
    }

    mutating func set(_ group: ForwardingGroup) -> [ForwardingChange] {
        guard groups[group.id] != group else { return [] }
        groups[group.id] = group
        return [.setGroup(group)]
    }

    /// Takes out the groups that no route points to any more.
    mutating func takeIdleGroups() -> [ForwardingGroup.ID] {
        defer { idleGroups.removeAll() }
        for id in idleGroups {
            groups[id] = nil
            groupUses[id] = nil
        }
        return idleGroups.sorted()
    }

    mutating func set(_ label: Label, _ action: LabelAction) -> [ForwardingChange] {
        guard labels[label] != action else { return [] }
        labels[label] = action
        return [.setLabel(label, action)]
    }

    mutating func remove(_ label: Label) -> [ForwardingChange] {
        labels.removeValue(forKey: label) == nil ? [] : [.removeLabel(label)]
    }

    mutating func settleEndpoints() -> (set: [ForwardingChange], remove: [ForwardingChange]) {
        endpoints.settle()
    }

    /// What has been in use all along is as old as it was.
    mutating func inheritAges(from old: ForwardingTable) {
        endpoints.inheritAges(from: old.endpoints)
    }

    /// What makes this table of another one, in a fixed order.
    func difference(
        from old: ForwardingTable
    ) -> (install: [ForwardingChange], remove: [ForwardingChange]) {
        let (before, after) = (old.routesByPlace, routesByPlace)
        let ends = endpoints.difference(from: old.endpoints)
        let set = after.filter { before[$0.key] != $0.value }.sorted { $0.key < $1.key }
        let gone = before.keys.filter { after[$0] == nil }.sorted()
        let switched = labels.filter { old.labels[$0.key] != $0.value }
            .sorted { $0.key < $1.key }
        let unknown = old.labels.keys.filter { labels[$0] == nil }.sorted()
        let moved = groups.filter { old.groups[$0.key] != $0.value }.sorted { $0.key < $1.key }
        let idle = old.groups.keys.filter { groups[$0] == nil }.sorted()
        return (
            ends.set + moved.map { .setGroup($0.value) }
                + switched.map { .setLabel($0.key, $0.value) }
                + set.map { .setRoute($0.value) },
            gone.map { .removeRoute(vrf: $0.vrf, prefix: $0.prefix) }
                + unknown.map { .removeLabel($0) } + idle.map { .removeGroup($0) } + ends.remove
        )
    }

    /// What makes this table of an empty one.
    var all: [ForwardingChange] {
        difference(from: ForwardingTable(vrfCount: routes.count - 1)).install
    }

    /// Where a route stands, whatever the order of VRFs in a configuration.
    private struct Place: Hashable, Comparable {
        var vrf: String?
        var prefix: IPPrefix

        static func < (a: Self, b: Self) -> Bool {
            (a.vrf ?? "", a.prefix) < (b.vrf ?? "", b.prefix)
        }
    }

    private var routesByPlace: [Place: ForwardingRoute] {
        let places = routes.lazy.flatMap(\.values).map {
            (Place(vrf: $0.vrf, prefix: $0.prefix), $0)
        }
        return Dictionary(places) { first, _ in first }
    }

    /// Sets again all that leaves by an interface, in a fixed order, but for what is in `done`.
    func restored(_ interface: String, but done: [ForwardingChange]) -> [ForwardingChange] {
        let done = Set(done)
        let all = routes.flatMap { table in
            table.values.filter { $0.nextHops.contains { $0.interface == interface } }
                .sorted { $0.prefix < $1.prefix }.map { ForwardingChange.setRoute($0) }
        }
        let switched = labels.filter { $0.value.leaves(by: interface) }
            .sorted { $0.key < $1.key }.map { ForwardingChange.setLabel($0.key, $0.value) }
        // Routes of a group outlive its next hops.
        let shared = groups.values.filter { group in
            (group.nextHops + group.backup).contains { $0.interface == interface }
        }.sorted { $0.id < $1.id }.map { ForwardingChange.setGroup($0) }
        return (endpoints.restored(interface) + shared + all + switched)
            .filter { !done.contains($0) }
    }
}

extension LabelAction {
    fileprivate func leaves(by interface: String) -> Bool {
        guard case .forward(let nextHops) = self else { return false }
        return nextHops.contains { $0.interface == interface }
    }
}
