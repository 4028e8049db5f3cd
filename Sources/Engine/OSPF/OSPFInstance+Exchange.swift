// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// How two neighbors make their databases alike (RFC 2328 §10.6 to §10.9).
extension OSPFInstance {
    /// ExStart.
    mutating func beginExchange(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        set(peer, .exStart, reason: nil, &step)
        let sequence = UInt32(truncatingIfNeeded: jitter.next())
        update(peer) {
            $0.clearLists()
            $0.isMaster = false
            // Never the number of the exchange before.
            $0.sequence = sequence == $0.sequence ? sequence &+ 1 : sequence
        }
        guard let neighbor = neighbor(peer) else { return }
        send(
            OSPFDatabaseDescription(
                interfaceMTU: describedMTU(peer.position),
                options: options(interfaces[peer.position].area), isInitial: true, hasMore: true,
                isMaster: true, sequence: neighbor.sequence), to: peer, &step)
    }

    /// SeqNumberMismatch and BadLSReq: all over again.
    private mutating func restartExchange(
        _ peer: OSPFPeer, reason: String, _ step: inout ProtocolStep
    ) {
        reject(peer.position, "\(reason) from \(peer.router)")
        set(peer, .twoWay, reason: reason, &step)
        beginExchange(peer, &step)
    }

    /// What our Database Descriptions say: nothing over a sham link, as over virtual ones.
    private func describedMTU(_ position: Int) -> UInt16 {
        let interface = interfaces[position]
        return interface.sham == nil ? UInt16(clamping: interface.configuration.mtu) : 0
    }

    private mutating func send(
        _ description: OSPFDatabaseDescription, to peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        update(peer) { $0.lastSent = description }
        resendDescription(peer, &step)
    }

    /// Sends the last Database Description, also again.
    mutating func resendDescription(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer), let description = neighbor.lastSent else { return }
        send(
            .databaseDescription(description), to: unicast(neighbor, peer.position),
            peer.position, &step)
        // The slave only answers.
        guard neighbor.state == .exStart || description.isMaster else { return }
        armRetransmission("dd", peer, &step)
    }

    mutating func armRetransmission(
        _ name: String, _ peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        let interval = interfaces[peer.position].configuration.retransmitInterval
        step.emit(.arm(timer(name, peer.router, peer.position), at: step.now + interval))
    }

    // MARK: Database Descriptions

    mutating func take(
        _ description: OSPFDatabaseDescription, from peer: OSPFPeer,
        _ step: inout ProtocolStep
    ) {
        let interface = interfaces[peer.position]
        guard interface.sham != nil || description.interfaceMTU <= interface.configuration.mtu
        else {
            return reject(peer.position, "MTU \(description.interfaceMTU) of \(peer.router)")
        }
        becomeBidirectional(peer, &step)
        guard let neighbor = neighbor(peer) else { return }
        switch neighbor.state {
        case .initial, .twoWay: return
        case .exStart: negotiate(description, neighbor, peer, &step)
        case .exchange, .loading, .full: proceed(description, neighbor, peer, &step)
        }
    }

    /// Who is the master: the larger router ID.
    private mutating func negotiate(
        _ description: OSPFDatabaseDescription, _ neighbor: OSPFNeighbor, _ peer: OSPFPeer,
        _ step: inout ProtocolStep
    ) {
        let isFirst =
            description.isInitial && description.hasMore && description.isMaster
            && description.headers.isEmpty
        let isAnswer =
            !description.isInitial && !description.isMaster
            && description.sequence == neighbor.sequence
        if isFirst, peer.router > routerID {
            update(peer) {
                $0.isMaster = false
                $0.sequence = description.sequence
            }
        } else if isAnswer, peer.router < routerID {
            update(peer) { $0.isMaster = true }
        } else {
            return
        }
        step.emit(.cancel(timer("dd", peer.router, peer.position)))
        set(peer, .exchange, reason: nil, &step)
        describeDatabase(to: peer, &step)
        process(description, peer, &step)
    }

    /// NegotiationDone: all that there is will be described; what is on its way out is flooded.
    private mutating func describeDatabase(to peer: OSPFPeer, _ step: inout ProtocolStep) {
        var summary: [OSPFLSAHeader] = []
        for scope in scopes(of: peer.position) {
            for entry in databases[scope]?.inOrder ?? [] {
                let header = entry.header(at: step.now)
                if header.age >= OSPFLSAHeader.maximumAge {
                    let place = OSPFPlace(scope: scope, key: header.key)
                    expectAcknowledgment(
                        of: header, place, peer, until: step.now, &step)
                } else {
                    summary.append(header)
                }
            }
        }
        update(peer) { $0.summary = summary[...] }
    }

    private mutating func proceed(
        _ description: OSPFDatabaseDescription, _ neighbor: OSPFNeighbor, _ peer: OSPFPeer,
        _ step: inout ProtocolStep
    ) {
        if let last = neighbor.lastReceived, last.isInitial == description.isInitial,
            last.hasMore == description.hasMore, last.isMaster == description.isMaster,
            last.options == description.options, last.sequence == description.sequence
        {
            // A duplicate: the master knows it already, the slave's answer was lost.
            if !neighbor.isMaster { resendDescription(peer, &step) }
            return
        }
        let expected = neighbor.isMaster ? neighbor.sequence : neighbor.sequence &+ 1
        guard neighbor.state == .exchange, description.isMaster != neighbor.isMaster,
            !description.isInitial,
            neighbor.lastReceived.map({ $0.options == description.options }) ?? true,
            description.sequence == expected
        else { return restartExchange(peer, reason: "database description mismatch", &step) }
        process(description, peer, &step)
    }

    /// Takes what is described, and answers.
    private mutating func process(
        _ description: OSPFDatabaseDescription, _ peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        for header in description.headers {
            guard let place = place(of: header.key, peer.position) else {
                return restartExchange(peer, reason: "an LSA that has no place here", &step)
            }
            let known = entry(place)?.header(at: step.now)
            if known.map({ header.isNewer(than: $0) }) ?? true {
                guard let neighbor = neighbor(peer),
                    neighbor.requests.count < Self.advertisementsMax
                else { return }
                update(peer) { $0.requests[place] = header }
            }
        }
        update(peer) { $0.lastReceived = description }
        answer(description, peer, &step)
        ask(peer, &step)
    }

    private mutating func answer(
        _ description: OSPFDatabaseDescription, _ peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        guard let neighbor = neighbor(peer) else { return }
        if neighbor.isMaster {
            let isAllSent = neighbor.lastSent.map { !$0.isInitial && !$0.hasMore } ?? false
            if isAllSent, !description.hasMore { return endExchange(peer, &step) }
            update(peer) { $0.sequence &+= 1 }
            describeNext(to: peer, &step)
        } else {
            update(peer) { $0.sequence = description.sequence }
            describeNext(to: peer, &step)
            let isAllSent = self.neighbor(peer)?.lastSent?.hasMore == false
            if isAllSent, !description.hasMore { endExchange(peer, &step) }
        }
    }

    /// Sends as many headers as one packet holds.
    private mutating func describeNext(to peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer) else { return }
        let limit = max(1, (room(peer.position) - 12) / OSPFLSAHeader.octets)
        let headers = Array(neighbor.summary.prefix(limit))
        update(peer) { $0.summary = $0.summary.dropFirst(limit) }
        send(
            OSPFDatabaseDescription(
                interfaceMTU: describedMTU(peer.position),
                options: options(interfaces[peer.position].area), isInitial: false,
                hasMore: neighbor.summary.count > limit, isMaster: neighbor.isMaster,
                sequence: neighbor.sequence, headers: headers), to: peer, &step)
    }

    /// ExchangeDone.
    private mutating func endExchange(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        step.emit(.cancel(timer("dd", peer.router, peer.position)))
        set(peer, .loading, reason: nil, &step)
        finishLoading(peer, &step)
    }

    // MARK: Requests

    /// LoadingDone, if nothing is missing.
    private mutating func finishLoading(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer), neighbor.state == .loading,
            neighbor.requests.isEmpty
        else { return }
        set(peer, .full, reason: nil, &step)
    }

    /// Asks for the next LSAs, unless some are under way.
    private mutating func ask(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer), neighbor.requested.isEmpty,
            !neighbor.requests.isEmpty
        else { return }
        let limit = max(1, room(peer.position) / 12)
        let places = Array(neighbor.requests.keys.sorted().prefix(limit))
        update(peer) { $0.requested = Set(places) }
        resendRequest(peer, &step)
    }

    mutating func resendRequest(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer), !neighbor.requested.isEmpty else { return }
        send(
            .request(neighbor.requested.sorted().map(\.key)),
            to: unicast(neighbor, peer.position), peer.position, &step)
        armRetransmission("request", peer, &step)
    }

    /// What was asked for is there, or something newer.
    mutating func fulfil(_ place: OSPFPlace, _ peer: OSPFPeer) {
        update(peer) {
            $0.requests[place] = nil
            $0.requested.remove(place)
        }
    }

    /// After a Link State Update: asks for more, or is done.
    mutating func continueLoading(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer), neighbor.state >= .exchange else { return }
        if neighbor.requested.isEmpty {
            step.emit(.cancel(timer("request", peer.router, peer.position)))
        }
        ask(peer, &step)
        finishLoading(peer, &step)
    }

    /// Link State Request (§10.7).
    mutating func take(
        request keys: [OSPFLSAKey], from peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        guard let neighbor = neighbor(peer), neighbor.state >= .exchange else { return }
        var answer: [OSPFLSA] = []
        for key in keys {
            guard let place = place(of: key, peer.position), let entry = entry(place) else {
                return restartExchange(peer, reason: "a request for what is not here", &step)
            }
            answer.append(entry.outgoing(at: step.now))
        }
        send(answer, to: unicast(neighbor, peer.position), peer.position, &step)
    }

    /// An update holds what is older than what was described (§13 step 6).
    mutating func refuseUpdate(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        restartExchange(peer, reason: "an older LSA than it described", &step)
    }
}
