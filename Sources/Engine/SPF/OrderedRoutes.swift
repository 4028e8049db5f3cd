// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The routes that an interior protocol offers, changed in an order that leads no packet astray
/// where something gets better.
///
/// A router that knows of a better way before its neighbor does may send the neighbor packets that
/// come straight back (RFC 5715 §1). Where something is lost that cannot be helped, and every
/// moment counts; but where something is gained the old ways still lead everywhere, so there is
/// time. A better way to a destination is taken the later the more routers lie before it: when a
/// router takes it, all those behind have (the order of RFC 6976 §4, for each destination by
/// itself, so that no more is to be known than the shortest paths).
package struct OrderedRoutes: Sendable {
    /// What the router was given, by prefix.
    package private(set) var offered: [IPPrefix: ProtocolRoute] = [:]
    private var waiting: [IPPrefix: Waiting] = [:]
    /// When the latest news came that better ways follow from.
    private var since = Instant.zero
    /// What is offered now follows from something that was lost, so that nothing may wait.
    private var isUrgent = false

    private struct Waiting: Hashable, Sendable {
        var route: ProtocolRoute
        /// How many routers lie before the destination.
        var hops: Int
    }

    /// In which news gets to all routers, and they have computed what follows, as seldom as they
    /// may.
    private let spreading: Duration
    /// The part of it that flooding takes.
    static let flooding = Duration.milliseconds(300)
    /// In which a router puts its routes in place, and more than its clock is behind another's
    /// hearing of the news.
    static let turn = Duration.milliseconds(100)
    /// What is farther away waits no longer.
    static let hopsMax = 30

    /// - Parameter throttle: how seldom paths are computed, by all routers alike.
    package init(_ throttle: SPFThrottle) { spreading = Self.flooding + throttle.maximumInterval }

    /// What it offers, in the order of prefixes.
    package var inOrder: [ProtocolRoute] { offered.values.sorted { $0.prefix < $1.prefix } }

    /// When the first of those that wait has its turn; nil when none does.
    package var due: Instant? { waiting.values.map(turn).min() }

    private func turn(of waiting: Waiting) -> Instant {
        since + spreading + Self.turn * min(waiting.hops, Self.hopsMax)
    }

    /// Shortest paths were computed, and what `set` and `remove` say next follows from that.
    /// - Parameter news: when the network last changed, if nothing in it got worse: then old ways
    ///   are good for as long as new ones wait. nil where something did.
    package mutating func begin(_ news: Instant?) {
        isUrgent = news == nil
        since = max(since, news ?? since)
    }

    /// All was said. What waited for its turn may be what is needed where something got worse.
    package mutating func end(_ step: inout ProtocolStep) {
        if isUrgent { take(Array(waiting.values), &step) }
    }

    /// Offers a route, now or when it is its turn.
    /// - Parameter hops: how many routers lie before the destination, by the longest of the
    ///   shortest paths.
    package mutating func set(_ route: ProtocolRoute, hops: Int, _ step: inout ProtocolStep) {
        let prefix = route.prefix
        waiting[prefix] = nil
        guard let old = offered[prefix], old != route else {
            if offered[prefix] == nil { offer(route, &step) }
            return
        }
        guard !isUrgent, leadsElsewhere(old, route) else { return offer(route, &step) }
        waiting[prefix] = Waiting(route: route, hops: hops)
    }

    /// By a next hop that was none before, on a way that is no longer.
    private func leadsElsewhere(_ old: ProtocolRoute, _ new: ProtocolRoute) -> Bool {
        old.preference == new.preference && new.metric <= old.metric
            && !new.nextHops.allSatisfy(old.nextHops.contains)
    }

    private mutating func offer(_ route: ProtocolRoute, _ step: inout ProtocolStep) {
        offered[route.prefix] = route
        step.emit(.setRoute(route))
    }

    /// Takes a route back.
    package mutating func remove(_ prefix: IPPrefix, _ step: inout ProtocolStep) {
        waiting[prefix] = nil
        if offered.removeValue(forKey: prefix) != nil { step.emit(.removeRoute(prefix)) }
    }

    package mutating func removeAll(_ step: inout ProtocolStep) {
        for prefix in offered.keys.sorted() { remove(prefix, &step) }
    }

    /// Offers those whose turn it is.
    /// - Returns: whether there were any.
    package mutating func advance(_ step: inout ProtocolStep) -> Bool {
        let next = waiting.values.filter { turn(of: $0) <= step.now }
        take(next, &step)
        return !next.isEmpty
    }

    private mutating func take(_ next: [Waiting], _ step: inout ProtocolStep) {
        for route in next.map(\.route).sorted(by: { $0.prefix < $1.prefix }) {
            waiting[route.prefix] = nil
            offer(route, &step)
        }
    }
}
