// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects

/// For kernels without resilient groups: each route of a group has the group's next hops itself,
/// and is written again when they change.
struct InlineGroups {
    private var groups: [ForwardingGroup.ID: ForwardingGroup] = [:]
    private var routes: [ForwardingGroup.ID: [ForwardingKey: ForwardingRoute]] = [:]
    private var members: [ForwardingKey: ForwardingGroup.ID] = [:]

    /// - Returns: the routes that are to be written again, in order: all of them, since the kernel
    ///   may have lost them with their links.
    mutating func set(_ group: ForwardingGroup) -> [ForwardingRoute] {
        groups[group.id] = group
        return (routes[group.id] ?? [:]).sorted { $0.key < $1.key }.map { resolved($0.value) }
    }

    mutating func remove(_ id: ForwardingGroup.ID) { groups[id] = nil }

    /// Notes where a route points to now; nil for one that is gone.
    /// - Returns: the route with next hops of its own.
    mutating func note(_ route: ForwardingRoute?, _ key: ForwardingKey) -> ForwardingRoute? {
        if let before = members.removeValue(forKey: key) {
            routes[before]?[key] = nil
            if routes[before]?.isEmpty == true { routes[before] = nil }
        }
        if let route, let id = route.group {
            members[key] = id
            routes[id, default: [:]][key] = route
        }
        return route.map(resolved)
    }

    private func resolved(_ route: ForwardingRoute) -> ForwardingRoute {
        guard let id = route.group else { return route }
        var route = route
        route.group = nil
        route.nextHops = groups[id]?.nextHops ?? []
        return route
    }
}
