// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// From one configuration to another.
///
/// Nothing is changed in place. Tables are made anew from the new configuration, are told again
/// all that the old ones know (interfaces, and what kept neighbors sent, as it came), and take over
/// what stands outside: at neighbors, in the kernel, and as labels that others use. What is said is
/// then the difference between the two, and the state is that of a router which never had another
/// configuration.
extension RoutingTables {
    /// What a protocol that goes on has asked for.
    package typealias Contribution = (id: RoutingProtocolID, outputs: [ProtocolOutput])

    /// - Parameters:
    ///   - kept: the neighbors whose established sessions go on.
    ///   - contributions: of the protocols that go on.
    package mutating func reconfigure(
        _ new: RouterConfiguration, keeping kept: Set<NeighborKey>,
        _ contributions: [Contribution] = [], at now: Instant
    ) -> [RoutingOutput] {
        var fresh = RoutingTables(new)
        for contribution in contributions { fresh.inherit(contribution, at: now) }
        fresh.inherit(from: self, keeping: kept, at: now)
        let outputs = fresh.finishReconfiguration(from: self, at: now)
        self = fresh
        return outputs
    }

    private mutating func inherit(
        from old: RoutingTables, keeping kept: Set<NeighborKey>, at now: Instant
    ) {
        generation = old.generation
        // The same ways keep their groups.
        groups = old.groups
        let up = configuration.interfaces.map(\.name).filter {
            old.resolver.interfaces.isUp($0) == true
        }
        resolver.setUp(up)
        for interface in up { refreshProtocolRoutes(by: interface, at: now) }
        _ = resolver.set(dead: old.resolver.interfaces.dead)
        inheritLabels(from: old, at: now)
        for position in localRoutes.indices { refreshLocalRoute(position, at: now) }
        for position in neighbors.indices where kept.contains(neighbors[position].configuration.key)
        {
            inheritNeighbor(position, from: old)
        }
        resolveInherited(at: now)
        for table in tables.indices { compare(table, with: old) }
        for table in 0..<vpnTable { offerAgain(table, with: old) }
    }

    /// What was taken in before the labelled routes that carry it has its way by now.
    private mutating func resolveInherited(at now: Instant) {
        while resolver.isStale {
            moved = resolver.takeChangedAnswers()
            resolveAgain(at: now)
        }
    }

    /// Protocols hear of what there is no route to any more, too.
    private mutating func offerAgain(_ table: Int, with old: RoutingTables) {
        guard !exportChains.isEmpty,
            let before = old.tablePosition(vrf: vrfName(ofTable: table))
        else { return }
        offered[table].formUnion(old.tables[before].entries.keys)
    }

    private mutating func inherit(_ contribution: Contribution, at now: Instant) {
        for output in contribution.outputs {
            switch output {
            case .setRoute(let route): set(route, of: contribution.id, at: now)
            case .setPath(let path): set(path, to: path.destination)
            case .setLabel(let label, let action): set(label, action)
            default: break
            }
        }
        // All of it is in the difference between the two tables.
        pending = StepOutputs()
    }

    private mutating func inheritNeighbor(_ position: Int, from old: RoutingTables) {
        let configuration = neighbors[position].configuration
        guard let before = old.neighborPosition(configuration.key),
            let session = old.neighbors[before].session
        else { return }
        let speaker = Speaker(
            neighbor: position, address: configuration.address,
            isInternal: configuration.isInternal, isAcrossBorder: configuration.isAcrossBorder,
            routerID: session.speaker.routerID)
        neighbors[position].session = NeighborTables.Session(
            negotiated: session.negotiated, speaker: speaker, codec: session.codec)
        neighbors[position].sent = old.neighbors[before].sent
        neighbors[position].sentPaths = inherited(old.neighbors[before].sentPaths, from: old)
        takeAgain(old.neighbors[before].received, from: position)
    }

    /// VRFs keep their labels. Those of VRFs that are gone rest in quarantine, and mean nothing any
    /// more. From another range all labels are other ones.
    private mutating func inheritLabels(from old: RoutingTables, at now: Instant) {
        quarantineTimer = old.quarantineTimer
        guard configuration.labelRange == old.configuration.labelRange else { return }
        labels = old.labels
        transit = old.transit.forgettingRoutes
        for vrf in old.vrfs {
            let name = vrf.configuration.name
            for family in AddressFamily.allCases {
                guard let label = vrf.labels[family] else { continue }
                if let table = tablePosition(vrf: name) {
                    vrfs[table - 1].labels[family] = label
                } else {
                    labels.release(label, from: .vrf(name, family), at: now)
                }
            }
        }
        for (label, action) in old.forwarding.labels {
            guard case .lookUp(let vrf, _) = action, tablePosition(vrf: vrf) != nil else {
                continue
            }
            _ = forwarding.set(label, action)
        }
    }

    /// Identifiers stay with paths, which may stand elsewhere in the configuration now.
    private func inherited(
        _ sent: [Destination: [UInt32: Path.ID?]], from old: RoutingTables
    ) -> [Destination: [UInt32: Path.ID?]] {
        sent.mapValues { paths in
            paths.mapValues { before in before.flatMap { id($0, from: old) } }
        }
    }

    private func id(_ id: Path.ID, from old: RoutingTables) -> Path.ID? {
        func position(_ before: Int) -> Int? {
            neighborPosition(old.neighbors[before].configuration.key)
        }
        switch id {
        case .neighbor(let before, let path):
            return position(before).map { .neighbor($0, path: path) }
        case .imported(let rd, let before, let path):
            return position(before).map { .imported(rd, neighbor: $0, path: path) }
        case .exported(let vrf):
            return tablePosition(vrf: old.vrfs[vrf].configuration.name).map {
                .exported(vrf: $0 - 1)
            }
        case .local(let before):
            return localRoutes.firstIndex(of: old.localRoutes[before]).map { .local($0) }
        case .routing: return id
        }
    }

    // MARK: What is news

    /// A path's source, by what it is and not by where it stands in a configuration.
    private enum Source: Hashable {
        case local(LocalRoute)
        case neighbor(NeighborKey, UInt32)
        case imported(RouteDistinguisher, NeighborKey, UInt32)
        case exported(String)
        case routing(RoutingProtocolID.Kind)
    }

    private func source(_ id: Path.ID) -> Source {
        switch id {
        case .local(let position): .local(localRoutes[position])
        case .neighbor(let position, let path):
            .neighbor(neighbors[position].configuration.key, path)
        case .imported(let rd, let position, let path):
            .imported(rd, neighbors[position].configuration.key, path)
        case .exported(let position): .exported(vrfs[position].configuration.name)
        case .routing(let kind): .routing(kind)
        }
    }

    /// Gives paths that are as they were their age back, and notes the destinations at which an
    /// onlooker sees something new.
    private mutating func compare(_ table: Int, with old: RoutingTables) {
        noticed[table].removeAll()
        let vrf = table == vpnTable ? nil : vrfName(ofTable: table)
        guard let before = table == vpnTable ? old.vpnTable : old.tablePosition(vrf: vrf) else {
            noticed[table] = Set(tables[table].entries.keys)
            return
        }
        let entries = old.tables[before].entries
        noticed[table] = Set(entries.keys.filter { tables[table].entries[$0] == nil })
        for (destination, paths) in tables[table].entries {
            let was = entries[destination] ?? []
            let same = paths.map { path in
                was.first { path.isLike($0) && source(path.id) == old.source($0.id) }
            }
            let verdicts = zip(paths, same).allSatisfy { $0.verdict == $1?.verdict }
            if was.count != paths.count || !verdicts { noticed[table].insert(destination) }
            guard zip(paths, same).contains(where: { $0.since != ($1?.since ?? $0.since) }) else {
                continue
            }
            _ = tables[table].change(destination) { paths in
                for index in paths.indices {
                    paths[index].since = same[index]?.since ?? paths[index].since
                }
            }
        }
    }

    // MARK: What is said

    private mutating func finishReconfiguration(
        from old: RoutingTables, at now: Instant
    ) -> [RoutingOutput] {
        generation += 1
        var outputs = StepOutputs()
        settleLabels(at: now, &outputs)
        settleLabelSwitches(&outputs)
        let everything = destinations
        settleTransit(everything, at: now, &outputs)
        _ = moveTransit()
        for table in 0..<vpnTable { settle(everything[table], in: table, at: now, &outputs) }
        settleGroups(&outputs)
        groups.keep(forwarding.groups.keys)
        _ = forwarding.settleEndpoints()
        forwarding.inheritAges(from: old.forwarding)
        (outputs.install, outputs.remove) = forwarding.difference(from: old.forwarding)
        for neighbor in neighbors.indices where neighbors[neighbor].session != nil {
            outputs.messages += advertise(everything, to: neighbor)
        }
        for table in tables.indices { touched[table].removeAll() }
        report(&outputs)
        return outputs.inOrder
    }

    /// By table: all that there is a path to, and all that stands at a neighbor.
    private var destinations: [[Destination]] {
        var all = tables.map { Set($0.entries.keys) }
        for position in neighbors.indices {
            for destination in neighbors[position].sent.keys.lazy.map(\.destination) {
                all[table(of: destination, position)].insert(destination)
            }
        }
        return all.map { $0.sorted() }
    }
}

extension Path {
    /// Whether nothing differs but where sources stand in a configuration.
    fileprivate func isLike(_ other: Path) -> Bool {
        source == other.source && label == other.label && transport == other.transport
            && isNextHopSelf == other.isNextHopSelf && resolution == other.resolution
            && speaker?.routerID == other.speaker?.routerID && attributes == other.attributes
    }
}
