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
        var batch = AdvertisementBatch()
        for (destination, route) in neighbors[position].sent.sorted(by: { $0.key < $1.key })
        where destination.family == family {
            batch.announce(route, destination)
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
        var batch = AdvertisementBatch()
        for (table, destinations) in changes {
            for destination in destinations
            where session.negotiated.families.contains(destination.family) {
                let active = tables[table].active(destination)
                let wanted = active.flatMap { rules.route($0, destination) }
                let present = neighbors[position].sent[destination]
                guard wanted != present else { continue }
                neighbors[position].sent[destination] = wanted
                if let wanted {
                    batch.announce(wanted, destination, replacing: present != nil)
                } else {
                    batch.withdraw(destination)
                }
            }
        }
        let (messages, unsendable) = batch.pack(session.codec)
        for destination in unsendable { neighbors[position].sent[destination] = nil }
        let key = neighbors[position].configuration.key
        return messages.map { .message(key, $0) }
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
    /// Announced destinations of which the neighbor has an older announcement.
    private var replacing: Set<Destination> = []

    mutating func withdraw(_ destination: Destination) {
        withdrawn[destination.family, default: []].append(NLRI(destination))
    }

    mutating func announce(
        _ route: SentRoute, _ destination: Destination, replacing isReplacing: Bool = false
    ) {
        let group = Group(attributes: route.attributes, family: destination.family)
        if announced[group] == nil { order.append(group) }
        let labels = route.label.map { [$0] } ?? []
        announced[group, default: []].append(NLRI(destination, labels: labels))
        if isReplacing { replacing.insert(destination) }
    }

    /// The messages, withdrawals first.
    ///
    /// Routes whose attributes fill a message so that no room for a prefix is left cannot be sent
    /// (RFC 4271 §9.2); what the neighbor has of them from before is withdrawn.
    func pack(_ codec: BGPCodecContext) -> (messages: [[UInt8]], unsendable: [Destination]) {
        let packer = UpdatePacker(context: codec)
        var announcements: [[UInt8]] = []
        var unsendable: [Destination] = []
        for group in order {
            let nlri = announced[group] ?? []
            do throws(WireError) {
                announcements += try packer.announce(nlri, group.family, group.attributes.value)
            } catch {
                unsendable += nlri.map { Destination($0) }
            }
        }
        var withdrawn = withdrawn
        for destination in unsendable where replacing.contains(destination) {
            withdrawn[destination.family, default: []].append(NLRI(destination))
        }
        let withdrawals = BGPFamily.allCases.sorted().flatMap { family in
            withdrawn[family].flatMap { try? packer.withdraw($0, family) } ?? []
        }
        return (withdrawals + announcements, unsendable)
    }
}

extension NLRI {
    init(_ destination: Destination, labels: [Label] = []) {
        self.init(rd: destination.rd, labels: labels, prefix: destination.prefix)
    }
}
