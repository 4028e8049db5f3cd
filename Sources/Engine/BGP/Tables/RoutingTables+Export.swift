// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// From the tables to neighbors (RFC 4271 §9.1.3, §9.2).
extension RoutingTables {
    /// Tells a neighbor that has just come up everything, and of each family that this was all.
    mutating func synchronise(_ position: Int) -> [RoutingOutput] {
        let tables = tables(for: position)
        let all = tables.map { ($0, self.tables[$0].destinationsInOrder) }
        let messages = advertise(all, to: position)
        guard let session = neighbors[position].session else { return messages }
        let packer = UpdatePacker(context: session.codec)
        let ends = session.negotiated.families.compactMap { try? packer.endOfRIB($0) }
        let key = neighbors[position].configuration.key
        return messages + ends.map { .message(key, $0) }
    }

    /// Tells a neighbor what has changed.
    /// - Parameter changes: the touched destinations of each table, in order.
    mutating func advertise(_ changes: [[Destination]], to position: Int) -> [RoutingOutput] {
        let tables = tables(for: position).filter { !changes[$0].isEmpty }
        return tables.isEmpty ? [] : advertise(tables.map { ($0, changes[$0]) }, to: position)
    }

    /// The neighbor lost or changed its view and asks for all routes of a family again (RFC 2918).
    package mutating func refresh(
        _ key: NeighborKey, _ family: BGPFamily, at now: Instant
    ) -> [RoutingOutput] {
        guard let position = neighborPosition(key), let session = neighbors[position].session,
            session.negotiated.families.contains(family)
        else { return [] }
        generation += 1
        let neighbor = neighbors[position]
        var batch = AdvertisementBatch(session.negotiated, neighbor.configuration.families)
        for (key, route) in neighbor.sent.sorted(by: { $0.key < $1.key })
        where neighbor.family(of: key.destination) == family {
            batch.announce(route, key)
        }
        return batch.pack(session.codec).messages.map { .message(key, $0) }
    }

    /// The tables whose routes a neighbor gets.
    private func tables(for position: Int) -> [Int] {
        guard let session = neighbors[position].session,
            let unicast = tablePosition(vrf: neighbors[position].configuration.vrf)
        else { return [] }
        let families = session.negotiated.families
        return (families.contains { !$0.isVPN } ? [unicast] : [])
            + (families.contains(where: \.isVPN) ? [vpnTable] : [])
    }

    private mutating func advertise(
        _ changes: [(table: Int, destinations: [Destination])], to position: Int
    ) -> [RoutingOutput] {
        guard let session = neighbors[position].session else { return [] }
        var rules = ExportRules(self, to: position)
        let families = neighbors[position].configuration.families
        var batch = AdvertisementBatch(session.negotiated, families)
        for (table, destinations) in changes {
            for destination in destinations {
                let family = destination.family(among: families)
                guard session.negotiated.families.contains(family) else { continue }
                if session.negotiated.sendsPathIDs.contains(family) {
                    tellSeveral(destination, table, position, &rules, &batch)
                } else {
                    let wanted = rules.best(of: tables[table].entries[destination], destination)
                    tell(wanted, RouteKey(destination), position, &batch)
                }
            }
        }
        let (messages, unsendable) = batch.pack(session.codec)
        for key in unsendable { neighbors[position].sent[key] = nil }
        let key = neighbors[position].configuration.key
        return messages.map { .message(key, $0) }
    }

    /// Makes what stands at a neighbor what is wanted there.
    private mutating func tell(
        _ wanted: SentRoute?, _ key: RouteKey, _ position: Int, _ batch: inout AdvertisementBatch
    ) {
        let present = neighbors[position].sent[key]
        guard wanted != present else { return }
        neighbors[position].sent[key] = wanted
        if let wanted {
            batch.announce(wanted, key, replacing: present != nil)
        } else {
            batch.withdraw(key)
        }
    }

    /// The same for several paths to a destination (RFC 7911). A path keeps its identifier for as
    /// long as it is told; a new one gets the lowest that is free.
    private mutating func tellSeveral(
        _ destination: Destination, _ table: Int, _ position: Int, _ rules: inout ExportRules,
        _ batch: inout AdvertisementBatch
    ) {
        let count = Int(neighbors[position].configuration.addPath?.sendCount ?? 1)
        let wanted = rules.best(count, of: tables[table].entries[destination], destination)
        let present = neighbors[position].sentPaths[destination] ?? [:]
        let kept = present.filter { _, path in wanted.contains { $0.id == path } }
        for number in present.keys.sorted() where kept[number] == nil {
            tell(nil, RouteKey(destination, pathID: number), position, &batch)
        }
        var paths = kept
        for (id, route) in wanted {
            let number =
                kept.first { $0.value == id }?.key
                ?? (1...UInt32(wanted.count + present.count)).first { number in
                    paths[number] == nil && present[number] == nil
                } ?? 0
            paths[number] = .some(id)
            tell(route, RouteKey(destination, pathID: number), position, &batch)
        }
        neighbors[position].sentPaths[destination] = paths.isEmpty ? nil : paths
    }
}

/// What one neighbor is to be told in one go, sorted by what can share a message.
private struct AdvertisementBatch {
    private struct Group: Hashable {
        var attributes: SharedAttributes
        var family: BGPFamily
    }

    private var withdrawn: [BGPFamily: [NLRI]] = [:]
    private var announced: [Group: [NLRI]] = [:]
    /// The groups in the order in which they first appeared.
    private var order: [Group] = []
    /// Announced routes of which the neighbor has an older announcement.
    private var replacing: Set<RouteKey> = []
    /// The families whose routes have path identifiers.
    private let identified: Set<BGPFamily>
    /// What the neighbor's configuration has.
    private let families: [BGPFamily]

    init(_ session: NegotiatedSession, _ families: [BGPFamily]) {
        identified = session.sendsPathIDs
        self.families = families
    }

    private func family(_ key: RouteKey) -> BGPFamily { key.destination.family(among: families) }

    mutating func withdraw(_ key: RouteKey) {
        withdrawn[family(key), default: []].append(nlri(key))
    }

    mutating func announce(
        _ route: SentRoute, _ key: RouteKey, replacing isReplacing: Bool = false
    ) {
        let group = Group(attributes: route.attributes, family: family(key))
        if announced[group] == nil { order.append(group) }
        announced[group, default: []].append(nlri(key, labels: route.label.map { [$0] } ?? []))
        if isReplacing { replacing.insert(key) }
    }

    private func nlri(_ key: RouteKey, labels: [Label] = []) -> NLRI {
        let isIdentified = identified.contains(family(key))
        return NLRI(key.destination, labels: labels, pathID: isIdentified ? key.pathID : nil)
    }

    /// The messages, withdrawals first.
    ///
    /// Routes whose attributes fill a message so that no room for a prefix is left cannot be sent
    /// (RFC 4271 §9.2); what the neighbor has of them from before is withdrawn.
    func pack(_ codec: BGPCodecContext) -> (messages: [[UInt8]], unsendable: [RouteKey]) {
        let packer = UpdatePacker(context: codec)
        var announcements: [[UInt8]] = []
        var unsendable: [RouteKey] = []
        for group in order {
            let nlri = announced[group] ?? []
            do throws(WireError) {
                announcements += try packer.announce(nlri, group.family, group.attributes.value)
            } catch {
                unsendable += nlri.map { RouteKey($0) }
            }
        }
        var withdrawn = withdrawn
        for key in unsendable where replacing.contains(key) {
            withdrawn[family(key), default: []].append(nlri(key))
        }
        let withdrawals = BGPFamily.allCases.sorted().flatMap { family in
            withdrawn[family].flatMap { try? packer.withdraw($0, family) } ?? []
        }
        return (withdrawals + announcements, unsendable)
    }
}

extension NLRI {
    init(_ destination: Destination, labels: [Label] = [], pathID: UInt32? = nil) {
        self.init(
            rd: destination.rd, labels: labels, prefix: destination.prefix, pathID: pathID)
    }
}
