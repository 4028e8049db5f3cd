// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Unicast routes with labels (RFC 8277). They stand in the default VRF's table beside those
/// without, and while one is active, its way is a label switched path to its prefix: VPN routes,
/// whose next hops may be in another AS, are carried by it (RFC 4364 §10 c).
extension RoutingTables {
    /// Tells the resolver of the active route to a destination, if that is a labelled one.
    mutating func carryLabelled(_ destination: Destination) {
        let prefix = destination.prefix
        guard labelled.contains(destination) || resolver.labelledRoutes[prefix] != nil else {
            return
        }
        let paths = tables[0].entries[destination] ?? []
        if !paths.contains(where: { $0.label != nil }) { labelled.remove(destination) }
        guard let path = paths.first, path.label != nil, !path.resolution.nextHops.isEmpty else {
            return resolver.setLabelledRoute(nil, to: prefix)
        }
        resolver.setLabelledRoute(
            LabelSwitchedPath(
                destination: prefix, nextHops: path.resolution.nextHops,
                metric: path.resolution.metric),
            to: prefix)
    }

    /// Looks anew for the ways that labels of unicast routes stand for, where these have moved.
    mutating func resolveLabelled(_ moved: Set<NextHopResolver.Key>, at now: Instant) {
        for destination in labelled.sorted() {
            let paths = tables[0].entries[destination] ?? []
            guard paths.contains(where: { has($0, in: 0, movedBy: moved) }) else { continue }
            resolveAgain(destination, paths, 0, at: now)
        }
        // Neighbors are told of other routes with a label only while these have a labelled way.
        guard !labelledNeighbors.isEmpty else { return }
        for case (.labelled, let nextHop) in moved.map({ ($0.scope, $0.nextHop) }) {
            let destination = Destination(prefix: IPPrefix(host: nextHop))
            if tables[0].entries[destination] != nil { touched[0].insert(destination) }
        }
    }

    /// Brings labels up to date for some destinations of the default VRF: those that some neighbor
    /// is to have with a label of this router.
    mutating func settleLabelled(_ destinations: [Destination], _ outputs: inout StepOutputs) {
        guard !labelledNeighbors.isEmpty, !destinations.isEmpty else { return }
        var rules = labelledNeighbors.map { ExportRules(self, to: $0) }
        for destination in destinations {
            let path = tables[0].active(destination)
            var way = path.flatMap { $0.labelledWay(to: destination.prefix) }
            if let path, let found = way {
                let isWanted = rules.indices.contains { rules[$0].needsLabel(path, destination) }
                let resolution = resolver.resolve(found.nextHop, in: found.scope)
                if !isWanted || resolution.nextHops.isEmpty { way = nil }
            }
            settleTransit(way, of: destination, &outputs)
        }
    }
}

extension Path {
    /// Where packets go on that come with this router's label for a unicast route. Of routes that
    /// have no label themselves those to hosts do so by a label switched path to the host; nil for
    /// others, and where packets end here.
    func labelledWay(to prefix: IPPrefix) -> TransitWay? {
        guard source == .bgp else {
            guard source != .direct, prefix.isHost else { return nil }
            return TransitWay(
                nextHop: prefix.address, label: nil, scope: .labelled(TransportRequest()))
        }
        guard case .neighbor = id, let label, let nextHop = attributes.value.nextHop else {
            return nil
        }
        return TransitWay(
            nextHop: nextHop, label: label == .implicitNull ? nil : label,
            scope: .labelled(transportRequest))
    }
}
