// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What one event leads to, kept apart until its order can be made.
struct StepOutputs {
    var install: [ForwardingChange] = []
    var messages: [RoutingOutput] = []
    var remove: [ForwardingChange] = []
    var timers: [RoutingOutput] = []
    var reports: [RoutingOutput] = []

    var isEmpty: Bool { install.isEmpty && remove.isEmpty && timers.isEmpty }

    /// New forwarding before the messages that advertise it; withdrawals before the removal of what
    /// they withdraw; reports when there is something to see.
    var inOrder: [RoutingOutput] {
        install.map { .forwarding($0) } + messages + remove.map { .forwarding($0) } + timers
            + reports
    }
}

extension RoutingTables {
    /// Ends an event: compares forwarding and neighbors with the tables, where they were touched.
    /// - Parameters:
    ///   - position: a neighbor that has just come up and must be told everything.
    ///   - interface: an interface that has just come up and whose routes the kernel may have lost.
    ///   - expired: labels that nobody can be using any more.
    mutating func finish(
        at now: Instant, synchronising position: Int? = nil, restoring interface: String? = nil,
        removing expired: [Label] = []
    ) -> [RoutingOutput] {
        generation += 1
        resolveWhatMoved(at: now)
        var outputs = pending
        pending = StepOutputs()
        settleLabels(at: now, &outputs)
        for label in expired
        where !transit.holds(label) && !vrfs.contains(where: { $0.labels.values.contains(label) }) {
            outputs.remove += forwarding.remove(label)
        }
        settleLabelSwitches(&outputs)
        let changes = touched.map { $0.sorted() }
        for table in tables.indices { touched[table].removeAll() }
        settleTransit(changes, at: now, &outputs)
        settleQuarantine(&outputs)
        for table in 0..<vpnTable { settle(changes[table], in: table, at: now, &outputs) }
        settleGroups(&outputs)
        let endpoints = forwarding.settleEndpoints()
        outputs.install = endpoints.set + outputs.install
        outputs.remove += endpoints.remove
        if let interface {
            outputs.install += forwarding.restored(interface, but: outputs.install)
        }
        for neighbor in neighbors.indices where neighbors[neighbor].session != nil {
            outputs.messages +=
                neighbor == position ? synchronise(neighbor) : advertise(changes, to: neighbor)
        }
        report(&outputs)
        return outputs.inOrder
    }

    /// Brings the forwarding table up to date for some destinations.
    mutating func settle(
        _ destinations: [Destination], in table: Int, at now: Instant,
        _ outputs: inout StepOutputs
    ) {
        let vrf = vrfName(ofTable: table)
        for destination in destinations {
            let prefix = destination.prefix
            let paths = tables[table].entries[destination] ?? []
            let active = paths.first.flatMap { $0.isUsable ? $0 : nil }
            var route = active.flatMap { forwardingRoute($0, prefix, table) }
            // What discards has no next hop to share.
            if route?.nextHops.isEmpty == false,
                let group = group(of: paths, destination, table, &outputs)
            {
                route?.group = group
                route?.nextHops = []
            }
            let change = forwarding.set(
                route, carrier: active?.resolution.carrier, to: prefix, in: table, vrf: vrf,
                at: now)
            switch change {
            case .setRoute?: outputs.install += change.map { [$0] } ?? []
            case .removeRoute?: outputs.remove += change.map { [$0] } ?? []
            default: break
            }
        }
    }

    /// Wakes whoever watches the tables, once for each prefix of a VRF. Of the VPN table it is told
    /// as of the default VRF.
    mutating func report(_ outputs: inout StepOutputs) {
        for table in tables.indices where !noticed[table].isEmpty {
            let vrf = table == vpnTable ? nil : vrfName(ofTable: table)
            for prefix in Set(noticed[table].map(\.prefix)).sorted() {
                outputs.reports.append(.report(.route(vrf: vrf, prefix: prefix)))
            }
            noticed[table].removeAll()
        }
    }

    /// nil for direct routes, which the kernel has of its own.
    private func forwardingRoute(_ path: Path, _ prefix: IPPrefix, _ table: Int)
        -> ForwardingRoute?
    {
        guard path.source != .direct else { return nil }
        var source: IPAddress?
        if case .imported = path.id {
            source = vrfs[table - 1].configuration.sourceAddresses.first {
                $0.family == prefix.family
            }
        }
        return ForwardingRoute(
            vrf: vrfName(ofTable: table), prefix: prefix, nextHops: path.forwardingNextHops,
            source: source)
    }

    /// Transit entries of static label switched paths, as far as their interfaces are up.
    mutating func settleLabelSwitches(_ outputs: inout StepOutputs) {
        for entry in configuration.labelSwitches {
            guard resolver.interfaces.isUp(entry.nextHop.interface) == true else {
                outputs.remove += forwarding.remove(entry.label)
                continue
            }
            let hop = ForwardingNextHop(
                gateway: entry.nextHop.gateway, interface: entry.nextHop.interface,
                labels: entry.nextHop.labels)
            outputs.install += forwarding.set(entry.label, .forward([hop]))
        }
    }
}

extension Path {
    /// The way of its packets: transport labels on top, the VPN label below. Those of labelled
    /// unicast routes stand in the resolution already.
    var forwardingNextHops: [ForwardingNextHop] {
        resolution.forwardingNextHops(below: pushedLabel)
    }

    /// The label below those of the way to the next hop.
    var pushedLabel: Label? {
        if case .imported = id { label } else { nil }
    }
}

extension Resolution {
    /// The same with one more label to push, at the bottom.
    func pushing(_ label: Label) -> Resolution {
        guard case .resolved(_, let metric, let carrier) = self, label != .implicitNull else {
            return self
        }
        return .resolved(
            nextHops: forwardingNextHops(below: label), metric: metric, carrier: carrier)
    }

    /// The next hops with one more label to push, at the bottom.
    func forwardingNextHops(below label: Label?) -> [ForwardingNextHop] {
        guard let label else { return nextHops }
        return nextHops.map { hop in
            ForwardingNextHop(
                gateway: hop.gateway, interface: hop.interface, labels: hop.labels + [label])
        }
    }
}
