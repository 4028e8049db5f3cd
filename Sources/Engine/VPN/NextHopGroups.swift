// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What leads a route's packets on, as far as its BGP path says it: where its next hop is to be
/// looked for, and the label below. What the network makes of it may change, this does not.
struct ForwardingWay: Hashable, Sendable {
    var scope: NextHopResolver.Scope
    var nextHop: IPAddress
    /// The label that the egress PE gave.
    var label: Label?
}

/// Which routes of VRFs share their next hops: those whose best paths lead the same way, and whose
/// second best do. When either way changes, or the first is lost, so it is for all of them.
struct NextHopGroups: Sendable {
    struct Key: Hashable, Sendable {
        var family: AddressFamily
        var primary: ForwardingWay
        /// Of the path that the decision process would take next.
        var backup: ForwardingWay?
    }

    private var ids: [Key: ForwardingGroup.ID] = [:]
    private var keys: [ForwardingGroup.ID: Key] = [:]
    private var last: UInt32 = 0

    var inOrder: [(id: ForwardingGroup.ID, key: Key)] {
        keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    mutating func id(of key: Key) -> ForwardingGroup.ID {
        if let id = ids[key] { return id }
        last += 1
        let id = ForwardingGroup.ID(last)
        ids[key] = id
        keys[id] = key
        return id
    }

    mutating func forget(_ id: ForwardingGroup.ID) {
        if let key = keys.removeValue(forKey: id) { ids[key] = nil }
    }

    /// Forgets all groups but some.
    mutating func keep(_ used: some Collection<ForwardingGroup.ID>) {
        for id in Set(keys.keys).subtracting(used) { forget(id) }
    }
}

extension RoutingTables {
    /// As many routes are looked at in the event that moved their next hops. Where there are more,
    /// groups move in that event, and routes follow in the next.
    static let promptRouteCountMax = 1_000

    /// The group that a destination's routes belong to; nil for routes that have next hops of their
    /// own: all but BGP routes of VRFs.
    mutating func group(
        of paths: [Path], _ destination: Destination, _ table: Int, _ outputs: inout StepOutputs
    ) -> ForwardingGroup.ID? {
        guard table > 0, let primary = paths.first.flatMap({ way(of: $0, table) }) else {
            return nil
        }
        let second = paths.dropFirst().first { $0.isUsable }
        let key = NextHopGroups.Key(
            family: destination.prefix.family, primary: primary,
            backup: second.flatMap { way(of: $0, table) })
        let id = groups.id(of: key)
        if forwarding.groups[id] == nil, let group = group(id, key) {
            outputs.install += forwarding.set(group)
        }
        return id
    }

    /// Sends the packets of all groups where the network leads them now. This is the whole of what
    /// has to be done when a next hop is lost, before any route is looked at.
    mutating func moveGroups() -> [ForwardingChange] {
        var changes: [ForwardingChange] = []
        for (id, key) in groups.inOrder {
            guard let group = group(id, key) else { continue }
            changes += forwarding.set(group)
        }
        return changes
    }

    /// Removes groups that no route points to any more.
    mutating func settleGroups(_ outputs: inout StepOutputs) {
        for id in forwarding.takeIdleGroups() {
            groups.forget(id)
            outputs.remove.append(.removeGroup(id))
        }
    }

    /// The group with the next hops that its ways lead to now: those of the backup where the first
    /// is lost. nil where both are: then its routes are about to go.
    private mutating func group(
        _ id: ForwardingGroup.ID, _ key: NextHopGroups.Key
    ) -> ForwardingGroup? {
        var backup = key.backup.map { ($0, resolver.resolve($0.nextHop, in: $0.scope)) }
        // The kernel is told of a tunnel's end when a route uses it, and not before.
        if backup?.1.carrier?.isMultipoint == true || backup?.1.isResolved == false { backup = nil }
        let spare = backup.map { $0.1.forwardingNextHops(below: $0.0.label) } ?? []
        let resolution = resolver.resolve(key.primary.nextHop, in: key.primary.scope)
        if resolution.isResolved {
            return ForwardingGroup(
                id: id, family: key.family,
                nextHops: resolution.forwardingNextHops(below: key.primary.label), backup: spare)
        }
        return backup == nil ? nil : ForwardingGroup(id: id, family: key.family, nextHops: spare)
    }

    private func way(of path: Path, _ table: Int) -> ForwardingWay? {
        guard path.source == .bgp, let nextHop = path.attributes.value.nextHop,
            let scope = scope(of: path, in: table)
        else { return nil }
        return ForwardingWay(scope: scope, nextHop: nextHop, label: path.pushedLabel)
    }
}
