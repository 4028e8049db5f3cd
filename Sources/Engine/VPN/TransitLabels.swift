// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Where packets of others' labelled routes go on, and the label that they go on with: all that a
/// label of this router has to stand for, where it passes such routes on under its own name.
package struct TransitWay: Hashable, Sendable {
    package var nextHop: IPAddress
    /// What the next hop gave; nil where this router's label is popped: the next hop asked for that
    /// (implicit null), or it is the end of a label switched path.
    package var label: Label?
    package var scope: NextHopResolver.Scope
}

/// The labels of a router for others' routes that it passes on under its own name: an AS border
/// router's for VPN routes (RFC 4364 §10 b), and those of labelled unicast routes (RFC 8277 §3).
/// One for each way, whatever the number of its routes.
struct TransitLabels: Sendable {
    private(set) var labels: [TransitWay: Label] = [:]
    /// Which way each route goes.
    private var ways: [Destination: TransitWay] = [:]
    private var uses: [TransitWay: Int] = [:]

    func holds(_ label: Label) -> Bool { labels.values.contains(label) }

    /// In the order of labels.
    var inOrder: [(way: TransitWay, label: Label)] {
        labels.sorted { $0.value < $1.value }.map { ($0.key, $0.value) }
    }

    /// Notes the way of a route; nil for one that is not passed on.
    mutating func note(_ way: TransitWay?, for destination: Destination) {
        let before = ways[destination]
        guard before != way else { return }
        ways[destination] = way
        if let before { uses[before, default: 0] -= 1 }
        if let way { uses[way, default: 0] += 1 }
    }

    mutating func set(_ label: Label?, for way: TransitWay) { labels[way] = label }

    /// The ways that no route goes any more, in the order of their labels.
    mutating func takeIdle() -> [(way: TransitWay, label: Label)] {
        let idle = inOrder.filter { uses[$0.way] ?? 0 <= 0 }
        for (way, _) in idle {
            labels[way] = nil
            uses[way] = nil
        }
        return idle
    }

    /// The same labels, with no route yet.
    var forgettingRoutes: TransitLabels {
        var fresh = TransitLabels()
        fresh.labels = labels
        return fresh
    }
}

extension RoutingTables {
    /// Whether this router passes others' VPN routes on under its own name to anybody.
    static func isBorderRouter(_ configuration: RouterConfiguration) -> Bool {
        configuration.neighbors.contains {
            $0.vrf == nil && !$0.isInternal && $0.families.contains(where: \.isVPN)
                && ($0.isAcrossBorder || $0.isNextHopSelf)
        }
    }

    /// Brings the labels of ways up to date for some destinations of each table, and their
    /// forwarding. Labels that are not used any more rest in quarantine, as those of VRFs do.
    mutating func settleTransit(
        _ destinations: [[Destination]], at now: Instant, _ outputs: inout StepOutputs
    ) {
        if isBorderRouter {
            for destination in destinations[vpnTable] {
                let way = tables[vpnTable].active(destination).flatMap { $0.transitWay }
                settleTransit(way, of: destination, &outputs)
            }
        }
        settleLabelled(destinations[0], &outputs)
        for (way, label) in transit.takeIdle() {
            labels.release(label, from: .transit(way), at: now)
        }
    }

    /// The same for one destination, whose packets go this way now.
    mutating func settleTransit(
        _ way: TransitWay?, of destination: Destination, _ outputs: inout StepOutputs
    ) {
        transit.note(way, for: destination)
        guard let way, transit.labels[way] == nil,
            let label = labels.allocate(for: .transit(way))
        else { return }
        transit.set(label, for: way)
        outputs.install += forward(label, way)
    }

    /// Leads the packets of all ways where the network leads them now.
    mutating func moveTransit() -> [ForwardingChange] {
        transit.inOrder.flatMap { forward($0.label, $0.way) }
    }

    /// Swap, or pop; nothing is changed while there is no way.
    mutating func forward(_ label: Label, _ way: TransitWay) -> [ForwardingChange] {
        let resolution = resolver.resolve(way.nextHop, in: way.scope)
        let nextHops = resolution.forwardingNextHops(below: way.label)
        return nextHops.isEmpty ? [] : forwarding.set(label, .forward(nextHops))
    }
}

extension Path {
    /// Where the next hop of a VPN route from across the border is looked for; nil for others.
    var transitScope: NextHopResolver.Scope? {
        speaker?.isAcrossBorder == true ? .connected(vrf: nil) : nil
    }

    /// Of a VPN route that a neighbor sent; nil for this router's own.
    var transitWay: TransitWay? {
        guard case .neighbor = id, let label, let nextHop = attributes.value.nextHop,
            let speaker
        else { return nil }
        return TransitWay(
            nextHop: nextHop, label: label,
            scope: speaker.isAcrossBorder ? .connected(vrf: nil) : .tunnel(transportRequest))
    }
}
