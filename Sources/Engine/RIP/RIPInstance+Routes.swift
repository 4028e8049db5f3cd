// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension RIPInstance {
    // MARK: What is told

    /// All prefixes that there is something to tell of, in order.
    var everything: [IPPrefix] {
        Set(direct.keys).union(redistributed.keys).union(learned.keys).union(gone.keys).sorted()
    }

    /// What is told of a prefix where no horizon is split: the subnet's own metric is 1.
    func advertised(_ prefix: IPPrefix) -> RIPEntry? {
        if direct[prefix] != nil { return RIPEntry(prefix: prefix, metric: 1) }
        if let route = redistributed[prefix] {
            return RIPEntry(prefix: prefix, metric: route.metric)
        }
        if let route = learned[prefix] {
            return RIPEntry(prefix: prefix, metric: route.metric, tag: route.tag)
        }
        return gone[prefix] == nil ? nil : RIPEntry(prefix: prefix, metric: RIPPacket.infinity)
    }

    /// The same on an interface: what was learned there is poisoned, so that two routers cannot
    /// count to infinity with each other (RFC 2453 §3.4.3); its own subnets everyone there has.
    func advertised(
        _ prefix: IPPrefix, on interface: RIPInterfaceConfiguration
    ) -> RIPEntry? {
        guard var entry = advertised(prefix) else { return nil }
        if direct[prefix] != nil { return direct[prefix] == interface.interface ? nil : entry }
        if let route = redistributed[prefix] {
            if let nextHop = route.nextHop, nextHop.interface == interface.interface,
                interface.isOn(nextHop.gateway)
            {
                entry.nextHop = nextHop.gateway
            }
        } else if learned[prefix]?.interface == interface.interface {
            entry.metric = RIPPacket.infinity
        }
        return entry
    }

    // MARK: What is learned

    /// Takes a route that a neighbor told (RFC 2453 §3.9.2).
    mutating func take(
        _ entry: RIPEntry, from source: IPAddress, on interface: RIPInterfaceConfiguration,
        _ step: inout ProtocolStep
    ) {
        var gateway = source
        if let other = entry.nextHop, interface.isOn(other) { gateway = other }
        // A route by way of ourselves is none.
        guard !interface.isOwn(gateway) else { return }
        let heard = RIPRoute(
            metric: min(RIPPacket.infinity, entry.metric + interface.cost), tag: entry.tag,
            gateway: gateway, interface: interface.interface, source: source,
            expires: step.now + configuration.timeout)
        guard let present = learned[entry.prefix] else {
            if heard.metric < RIPPacket.infinity { learn(heard, entry.prefix, &step) }
            return
        }
        let isItsOwn = present.source == source && present.interface == interface.interface
        if heard.metric == RIPPacket.infinity {
            if isItsOwn { forget(entry.prefix, &step) }
        } else if isItsOwn || heard.metric < present.metric
            || (heard.metric == present.metric && isGettingOld(present, at: step.now))
        {
            learn(heard, entry.prefix, &step)
        }
    }

    /// Another router's equal route is taken before this one is dead (RFC 2453 §3.9.2).
    private func isGettingOld(_ route: RIPRoute, at now: Instant) -> Bool {
        route.expires - now <= configuration.timeout / 2
    }

    private mutating func learn(
        _ route: RIPRoute, _ prefix: IPPrefix, _ step: inout ProtocolStep
    ) {
        let before = learned[prefix]
        guard before != nil || learned.count < Self.routesMax else {
            lastError = "more than \(Self.routesMax) routes"
            return
        }
        learned[prefix] = route
        armAge(route.expires, &step)
        let isSame =
            before?.metric == route.metric && before?.tag == route.tag
            && before?.gateway == route.gateway && before?.interface == route.interface
        guard !isSame else { return }
        generation += 1
        appeared(prefix)
        step.emit(.setRoute(offer(route, prefix)))
    }

    /// A learned route is none any more.
    mutating func forget(_ prefix: IPPrefix, _ step: inout ProtocolStep) {
        guard learned.removeValue(forKey: prefix) != nil else { return }
        generation += 1
        step.emit(.removeRoute(prefix))
        vanished(prefix, &step)
    }

    /// There is something new to tell of a prefix.
    mutating func appeared(_ prefix: IPPrefix) {
        gone[prefix] = nil
        changed.insert(prefix)
    }

    /// One way to a prefix is gone, if not all.
    mutating func vanished(_ prefix: IPPrefix, _ step: inout ProtocolStep) {
        changed.insert(prefix)
        guard direct[prefix] == nil, redistributed[prefix] == nil, learned[prefix] == nil else {
            return
        }
        let until = step.now + configuration.garbageInterval
        gone[prefix] = until
        armAge(until, &step)
    }

    // MARK: What the router is offered

    private func offer(_ route: RIPRoute, _ prefix: IPPrefix) -> ProtocolRoute {
        ProtocolRoute(
            prefix: prefix, source: .rip,
            nextHops: [ForwardingNextHop(gateway: route.gateway, interface: route.interface)],
            metric: UInt32(route.metric),
            attributes: PathAttributes(nextHop: route.gateway, med: UInt32(route.metric)))
    }

    package var contribution: [ProtocolOutput] {
        learned.sorted { $0.key < $1.key }.map { .setRoute(offer($0.value, $0.key)) }
    }
}

extension RIPEntry {
    /// Whether a prefix may be told of at all (RFC 2453 §3.9.2, RFC 2080 §2.4.2).
    static func isRoutable(_ prefix: IPPrefix) -> Bool {
        if prefix.length == 0 { return true }
        let address = prefix.address
        guard !address.isMulticast, !address.isLoopback, !address.isLinkLocal else { return false }
        // Net 0 and the experimental class E.
        return address.family == .ipv6 || !(address.bits >> 24 == 0 || address.bits >> 28 == 0xf)
    }
}
