// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// From a neighbor into the tables (RFC 4271 §9.1).
extension RoutingTables {
    /// A session came up: the neighbor gets every route that its export rules let through, and then
    /// an End-of-RIB for each family.
    package mutating func sessionUp(
        _ key: NeighborKey, _ negotiated: NegotiatedSession, at now: Instant
    ) -> [RoutingOutput] {
        guard let position = neighborPosition(key) else { return [] }
        precondition(neighbors[position].session == nil, "a session goes down before it comes up")
        let configuration = neighbors[position].configuration
        let speaker = Speaker(
            neighbor: position, address: key.address, isInternal: configuration.isInternal,
            isAcrossBorder: configuration.isAcrossBorder, routerID: negotiated.routerID)
        neighbors[position].session = NeighborTables.Session(
            negotiated: negotiated, speaker: speaker,
            codec: negotiated.codec(isInternal: configuration.isInternal))
        return finish(at: now, synchronising: position)
    }

    /// A session went down: whatever it brought goes, and the neighbor is told nothing more.
    package mutating func sessionDown(_ key: NeighborKey, at now: Instant) -> [RoutingOutput] {
        guard let position = neighborPosition(key) else { return [] }
        let received = neighbors[position].received
        neighbors[position].session = nil
        neighbors[position].received = [:]
        neighbors[position].receivedCounts = [:]
        neighbors[position].sent = [:]
        neighbors[position].sentPaths = [:]
        neighbors[position].acceptedCount = 0
        for (key, route) in received {
            let table = table(of: key.destination, position)
            noticed[table].insert(key.destination)
            guard route.rejection == nil else { continue }
            let id = Path.ID.neighbor(position, path: key.pathID)
            remove(id, from: key.destination, in: table, at: now)
        }
        return finish(at: now)
    }

    /// An UPDATE from an established neighbor. Routes of families that were not negotiated are
    /// passed over.
    package mutating func received(
        _ update: BGPUpdate, from key: NeighborKey, at now: Instant
    ) -> [RoutingOutput] {
        guard let position = neighborPosition(key), let session = neighbors[position].session
        else { return [] }
        let families = session.negotiated.families
        for withdrawal in update.withdrawn where families.contains(withdrawal.family) {
            for nlri in withdrawal.nlri { withdraw(RouteKey(nlri), position, at: now) }
        }
        for announcement in update.announced where families.contains(announcement.family) {
            guard let attributes = update.attributes(for: announcement) else { continue }
            var arrival = Arrival(position, session.speaker, SharedAttributes(attributes), now)
            for nlri in announcement.nlri { accept(nlri, &arrival) }
        }
        return finish(at: now)
    }

    /// Takes routes in that an established neighbor sent under another configuration, as it sent
    /// them and as of then.
    mutating func takeAgain(_ received: [RouteKey: ReceivedRoute], from position: Int) {
        guard let session = neighbors[position].session else { return }
        var arrivals: [ObjectIdentifier: Arrival] = [:]
        for (key, route) in received.sorted(by: { $0.key < $1.key }) {
            let id = ObjectIdentifier(route.attributes)
            var arrival =
                arrivals[id] ?? Arrival(position, session.speaker, route.attributes, route.since)
            arrival.now = route.since
            let labels = route.label.map { [$0] } ?? []
            accept(NLRI(key.destination, labels: labels, pathID: key.pathID), &arrival)
            arrivals[id] = arrival
        }
    }

    /// The table that a neighbor's route to a destination belongs in.
    func table(of destination: Destination, _ neighbor: Int) -> Int {
        if destination.rd != nil { return vpnTable }
        return tablePosition(vrf: neighbors[neighbor].configuration.vrf) ?? 0
    }

    private mutating func withdraw(_ key: RouteKey, _ position: Int, at now: Instant) {
        guard let route = neighbors[position].received.removeValue(forKey: key) else { return }
        let destination = key.destination
        let family = neighbors[position].family(of: destination)
        neighbors[position].receivedCounts[family, default: 0] -= 1
        let table = table(of: destination, position)
        noticed[table].insert(destination)
        guard route.rejection == nil else { return }
        neighbors[position].acceptedCount -= 1
        remove(
            .neighbor(position, path: key.pathID), from: destination, in: table, at: now)
    }

    private mutating func accept(_ nlri: NLRI, _ arrival: inout Arrival) {
        let (key, position) = (RouteKey(nlri), arrival.position)
        let destination = key.destination
        let label = nlri.labels.first
        let before = neighbors[position].received[key]
        if let before, before.label == label, before.attributes == arrival.attributes { return }
        let outcome = evaluate(destination, &arrival)
        let id = Path.ID.neighbor(position, path: key.pathID)
        let table = table(of: destination, position)
        var route = ReceivedRoute(
            attributes: arrival.attributes, label: label, rejection: nil, since: arrival.now)
        let wasAccepted = before.map { $0.rejection == nil } ?? false
        switch outcome {
        case .failure(let rejection):
            route.rejection = rejection.reason
            noticed[table].insert(destination)
            if wasAccepted { remove(id, from: destination, in: table, at: arrival.now) }
        case .success(let accepted):
            var path = Path(
                id: id, source: .bgp, attributes: accepted.attributes, speaker: arrival.speaker,
                label: label, transport: accepted.transport,
                isNextHopSelf: accepted.isNextHopSelf, resolution: .unresolved(.missing),
                since: arrival.now)
            resolve(&path, to: destination, in: table)
            set(path, to: destination, in: table)
        }
        neighbors[position].acceptedCount +=
            (route.rejection == nil ? 1 : 0) - (wasAccepted ? 1 : 0)
        neighbors[position].received[key] = route
        if before == nil {
            let family = neighbors[position].family(of: destination)
            neighbors[position].receivedCounts[family, default: 0] += 1
        }
    }

    /// The family of which a neighbor has sent more prefixes than it may (RFC 4271 §6.7).
    package func excess(of key: NeighborKey) -> BGPFamily? {
        guard let position = neighborPosition(key),
            let limit = neighbors[position].configuration.maximumPrefixes
        else { return nil }
        let counts = neighbors[position].receivedCounts
        return BGPFamily.allCases.first { counts[$0] ?? 0 > Int(limit) }
    }

    /// Loop checks and import policy.
    private func evaluate(
        _ destination: Destination, _ arrival: inout Arrival
    ) -> Result<Arrival.Accepted, Arrival.Rejected> {
        if let outcome = arrival.outcome { return outcome }
        let chain = neighbors[arrival.position].importChain
        var outcome: Result<Arrival.Accepted, Arrival.Rejected>
        if let loop = loop(in: arrival.attributes.value, arrival.position) {
            outcome = .failure(Arrival.Rejected(reason: loop))
            arrival.outcome = outcome
        } else if chain.isTransparentForBGP {
            outcome = .success(Arrival.Accepted(attributes: arrival.attributes))
        } else {
            var route = PolicyRoute(
                source: .bgp, prefix: destination.prefix, attributes: arrival.attributes.value)
            switch chain.evaluate(&route) {
            case .accepted:
                let attributes = arrival.shared(route.attributes)
                outcome = .success(
                    Arrival.Accepted(
                        attributes: attributes, transport: route.transport,
                        isNextHopSelf: route.nextHopChoice == .itself))
            case .rejected(let why): outcome = .failure(Arrival.Rejected(reason: .policy(why)))
            }
        }
        if !chain.dependsOnPrefix { arrival.outcome = outcome }
        return outcome
    }

    private func loop(in attributes: PathAttributes, _ position: Int) -> ImportRejection? {
        let neighbor = neighbors[position].configuration
        if attributes.asPath.count(of: neighbor.localAS) > Int(neighbor.allowASIn) {
            return .asLoop
        }
        guard neighbor.isInternal else { return nil }
        if attributes.originatorID == configuration.routerID { return .originatorLoop }
        return attributes.clusterList.contains(clusterID) ? .clusterLoop : nil
    }

    /// RFC 4456 §8: the router ID where none is configured.
    var clusterID: IPv4Address { configuration.clusterID ?? configuration.routerID }
}

/// The routes of one announcement while they are taken in; they share attributes, and mostly share
/// what policy makes of them.
private struct Arrival {
    struct Rejected: Error {
        var reason: ImportRejection
    }

    /// What import policy made of a route.
    struct Accepted {
        var attributes: SharedAttributes
        var transport: String?
        var isNextHopSelf = false
    }

    let position: Int
    let speaker: Speaker
    let attributes: SharedAttributes
    var now: Instant
    /// What became of every route, once that is known not to depend on the prefix.
    var outcome: Result<Accepted, Rejected>?
    /// What policy last made of the attributes.
    private var last: SharedAttributes?

    init(_ position: Int, _ speaker: Speaker, _ attributes: SharedAttributes, _ now: Instant) {
        self.position = position
        self.speaker = speaker
        self.attributes = attributes
        self.now = now
    }

    /// The changed attributes, as few objects as possible.
    mutating func shared(_ changed: PathAttributes) -> SharedAttributes {
        if changed == attributes.value { return attributes }
        if let last, changed == last.value { return last }
        let new = SharedAttributes(changed)
        last = new
        return new
    }
}
