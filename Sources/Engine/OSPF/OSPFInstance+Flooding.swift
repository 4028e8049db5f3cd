// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The flooding procedure (RFC 2328 §13).
extension OSPFInstance {
    /// How long an acknowledgment waits for others.
    private static let acknowledgmentDelay = Duration.milliseconds(100)

    // MARK: Updates

    mutating func take(
        _ advertisements: [OSPFLSA], from peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        var direct: [OSPFLSAHeader] = []
        for advertisement in advertisements {
            guard let neighbor = neighbor(peer), neighbor.state >= .exchange else { break }
            guard advertisement.hasValidChecksum(version),
                let place = place(of: advertisement.key, peer.position)
            else {
                reject(peer.position, "an LSA that is broken, from \(peer.router)")
                continue
            }
            var advertisement = advertisement
            advertisement.header.age = min(advertisement.header.age, OSPFLSAHeader.maximumAge)
            take(advertisement, place, from: peer, &direct, &step)
        }
        if let neighbor = neighbor(peer) {
            acknowledge(direct, to: unicast(neighbor, peer.position), peer.position, &step)
        }
        continueLoading(peer, &step)
    }

    private mutating func take(
        _ advertisement: OSPFLSA, _ place: OSPFPlace, from peer: OSPFPeer,
        _ direct: inout [OSPFLSAHeader], _ step: inout ProtocolStep
    ) {
        let known = entry(place)
        let header = advertisement.header
        if known == nil, header.age >= OSPFLSAHeader.maximumAge, !isExchanging {
            // Nobody here has it: there is nothing to take out (§13 step 4).
            direct.append(header)
            return
        }
        let old = known?.header(at: step.now)
        if old.map({ header.isNewer(than: $0) }) ?? true {
            takeNewer(advertisement, known, place, from: peer, &step)
        } else if neighbor(peer)?.requests[place] != nil {
            refuseUpdate(peer, &step)
        } else if let old, header.isSameInstance(as: old) {
            takeDuplicate(header, place, from: peer, &direct)
        } else if let known {
            replyWithNewer(known, place, to: peer, &step)
        }
    }

    /// §13 step 5.
    private mutating func takeNewer(
        _ advertisement: OSPFLSA, _ known: OSPFEntry?, _ place: OSPFPlace, from peer: OSPFPeer,
        _ step: inout ProtocolStep
    ) {
        let arrivals = (known?.arrivals ?? []).filter { step.now - $0 < arrivalInterval }
        guard arrivals.count < arrivalsMax else { return }
        guard known != nil || count < Self.advertisementsMax else {
            return reject(peer.position, "the database is full")
        }
        let entry = OSPFEntry(
            advertisement, version, at: step.now, arrivals: arrivals + [step.now])
        let isBack = flood(entry, place, from: peer, &step)
        install(entry, place, &step)
        if isOwn(place) {
            contested.insert(place)
            isTopologyDirty = true
            isDerivedDirty = true
        }
        let interface = interfaces[peer.position]
        let isFromDesignated = neighbor(peer)?.designation == interface.designatedRouter
        // Table 19: what goes out again by the same interface acknowledges itself.
        if !isBack, interface.state != .backup || isFromDesignated {
            delayAcknowledgment(advertisement.header, peer.position, &step)
        }
    }

    /// §13 step 7.
    private mutating func takeDuplicate(
        _ header: OSPFLSAHeader, _ place: OSPFPlace, from peer: OSPFPeer,
        _ direct: inout [OSPFLSAHeader]
    ) {
        guard let neighbor = neighbor(peer) else { return }
        guard neighbor.retransmissions[place] != nil else {
            direct.append(header)
            return
        }
        // An implied acknowledgment, which the designated router wants an answer to.
        update(peer) { $0.retransmissions[place] = nil }
        let interface = interfaces[peer.position]
        if interface.state == .backup, neighbor.designation == interface.designatedRouter {
            interfaces[peer.position].acknowledgments.append(header)
        }
    }

    /// §13 step 8: the neighbor is behind, and is told so, but not too often.
    private mutating func replyWithNewer(
        _ known: OSPFEntry, _ place: OSPFPlace, to peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        let isWrapping =
            known.isMaxAge(at: step.now)
            && known.lsa.header.sequence == OSPFLSAHeader.maximumSequence
        guard !isWrapping, let neighbor = neighbor(peer),
            neighbor.lastReply[place].map({ step.now - $0 >= arrivalInterval }) ?? true
        else { return }
        update(peer) { $0.lastReply[place] = step.now }
        send(
            [known.outgoing(at: step.now)], to: unicast(neighbor, peer.position), peer.position,
            &step)
    }

    /// All LSAs of all databases.
    private var count: Int { databases.values.reduce(0) { $0 + $1.count } }

    private var isExchanging: Bool {
        interfaces.contains { interface in
            interface.neighbors.values.contains { $0.state == .exchange || $0.state == .loading }
        }
    }

    // MARK: Acknowledgments

    private mutating func delayAcknowledgment(
        _ header: OSPFLSAHeader, _ position: Int, _ step: inout ProtocolStep
    ) {
        if interfaces[position].acknowledgments.isEmpty {
            step.emit(
                .arm(timer("ack", position), at: step.now + Self.acknowledgmentDelay))
        }
        interfaces[position].acknowledgments.append(header)
    }

    mutating func sendAcknowledgments(_ position: Int, _ step: inout ProtocolStep) {
        let headers = interfaces[position].acknowledgments
        interfaces[position].acknowledgments = []
        guard interfaces[position].isActive else { return }
        acknowledge(headers, to: multicast(position), position, &step)
    }

    /// §13.7.
    mutating func take(acknowledgment headers: [OSPFLSAHeader], from peer: OSPFPeer) {
        guard let neighbor = neighbor(peer), neighbor.state >= .exchange else { return }
        for header in headers {
            guard let place = place(of: header.key, peer.position),
                let waiting = neighbor.retransmissions[place],
                header.isSameInstance(as: waiting.header)
            else { continue }
            update(peer) { $0.retransmissions[place] = nil }
        }
    }

    // MARK: Flooding

    /// Puts an LSA on the lists of all who should have it (§13.3).
    /// - Returns: whether it goes out by the interface that it came in by.
    @discardableResult
    mutating func flood(
        _ entry: OSPFEntry, _ place: OSPFPlace, from source: OSPFPeer?,
        _ step: inout ProtocolStep
    ) -> Bool {
        var isBack = false
        for position in interfaces.indices
        where interfaces[position].isActive && self.place(of: place.key, position) == place {
            guard enlist(entry, place, position, from: source, &step) else { continue }
            if let source, source.position == position {
                let interface = interfaces[position]
                let designation = neighbor(source)?.designation
                let isDesignated =
                    designation == interface.designatedRouter || designation == interface.backup
                // The designated router has told them; the backup leaves it to that one.
                if !interface.isPointToPoint, isDesignated || interface.state == .backup {
                    continue
                }
                isBack = true
            }
            interfaces[position].flood(place)
        }
        return isBack
    }

    /// §13.3 step 1.
    /// - Returns: whether anybody on the interface has to get it.
    private mutating func enlist(
        _ entry: OSPFEntry, _ place: OSPFPlace, _ position: Int, from source: OSPFPeer?,
        _ step: inout ProtocolStep
    ) -> Bool {
        let header = entry.header(at: step.now)
        var isNeeded = false
        for neighbor in interfaces[position].neighborsInOrder where neighbor.state >= .exchange {
            let peer = OSPFPeer(position: position, router: neighbor.routerID)
            // Older instances need no answer any more.
            let older = neighbor.retransmissions[place]
            if older != nil { update(peer) { $0.retransmissions[place] = nil } }
            if let wanted = neighbor.requests[place] {
                if wanted.isNewer(than: header) { continue }
                fulfil(place, peer)
                if wanted.isSameInstance(as: header) { continue }
            }
            if peer == source { continue }
            let due = step.now + retransmitInterval(peer, after: 0)
            expectAcknowledgment(
                of: header, place, peer, until: min(older?.due ?? due, due), &step)
            isNeeded = true
        }
        return isNeeded
    }

    /// Sends what this event floods.
    mutating func sendFlooding(_ step: inout ProtocolStep) {
        for position in interfaces.indices where !interfaces[position].flooding.isEmpty {
            let places = interfaces[position].takeFlooding()
            let advertisements = places.compactMap { entry($0)?.outgoing(at: step.now) }
            send(advertisements, to: multicast(position), position, &step)
        }
    }

    // MARK: The databases

    /// Puts an LSA into its database, in the place of an older instance.
    mutating func install(_ entry: OSPFEntry, _ place: OSPFPlace, _ step: inout ProtocolStep) {
        let old = self.entry(place)
        databases[place.scope, default: OSPFDatabase()].install(entry)
        let isMaxAge = entry.isMaxAge(at: step.now)
        if isMaxAge { expiring.insert(place) } else { expiring.remove(place) }
        if isOwn(place), !isMaxAge { own.insert(place) } else { own.remove(place) }
        if entry.differs(from: old, at: step.now) { noteChange(place, at: step.now) }
        noteAging(of: entry, place, &step)
    }

    /// Whether an LSA is of this router, or of its former self (§13.4).
    func isOwn(_ place: OSPFPlace) -> Bool {
        if place.key.advertisingRouter == routerID { return true }
        guard version == .v2, place.key.type == .network else { return false }
        return interfaces.contains { $0.isUp && $0.address?.v4 == place.key.linkStateID }
    }

    private mutating func noteChange(_ place: OSPFPlace, at now: Instant) {
        generation += 1
        news = now
        switch place.scope {
        case .link: isTopologyDirty = true
        case .area, .autonomousSystem: areRoutesDirty = true
        }
    }

    mutating func removeDatabase(_ scope: OSPFScope) {
        guard databases.removeValue(forKey: scope) != nil else { return }
        own = own.filter { $0.scope != scope }
        expiring = expiring.filter { $0.scope != scope }
        contested = contested.filter { $0.scope != scope }
        originations = originations.filter { $0.key.scope != scope }
        topology = topology.filter { $0.key.scope != scope }
    }

    /// Takes out what is of MaxAge and acknowledged by all (§14).
    mutating func removeExpired(at now: Instant) {
        guard !expiring.isEmpty, !isExchanging else { return }
        for place in expiring.sorted() {
            let isWaiting = interfaces.contains { interface in
                interface.neighbors.values.contains { $0.retransmissions[place] != nil }
            }
            guard !isWaiting else { continue }
            expiring.remove(place)
            databases[place.scope]?.remove(place.key)
            // A sequence that ran out begins anew (§12.1.6).
            if topology[place] != nil { isTopologyDirty = true } else { isDerivedDirty = true }
        }
    }
}
