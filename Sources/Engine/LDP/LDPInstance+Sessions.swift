// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Sessions: connections, initialization, and how they end (RFC 5036 §2.5).
extension LDPInstance {
    /// Until another attempt after a connection that was not to be; doubled with each further one.
    private static let connectRetry = Duration.milliseconds(500)
    private static let connectRetryMax = Duration.seconds(15)
    /// After a rejected initialization (RFC 5036 §2.5.3).
    private static let rejectedRetry = Duration.seconds(15)
    private static let rejectedRetryMax = Duration.seconds(120)
    /// How long a connection waits for its peer's hello.
    private static let strangerPatience = Duration.seconds(15)

    private func peer(of connection: ConnectionID) -> LDPIdentifier? {
        peers.values.first { $0.session?.connection == connection }?.identifier
    }

    private func isActive(towards address: IPv4Address) -> Bool {
        configuration.routerID > address
    }

    // MARK: Connections

    /// Begins a session if there is none: connects if that is our part, else takes up a connection
    /// that waits.
    mutating func open(_ peer: LDPIdentifier, _ step: inout ProtocolStep) {
        guard let known = peers[peer], known.session == nil else { return }
        let address = known.transportAddress
        if isActive(towards: address) {
            let connection = step.connect(to: .ldp(address))
            begin(peer, connection, .connecting, &step)
        } else if let id = strangers.keys.sorted().last(where: {
            strangers[$0]?.address == address
        }) {
            adopt(id, &step, as: peer)
        }
    }

    private mutating func begin(
        _ peer: LDPIdentifier, _ connection: ConnectionID, _ state: LDPSession.State,
        _ step: inout ProtocolStep
    ) {
        peers[peer]?.session = LDPSession(
            connection, state, keepAliveTime: configuration.keepaliveTime, at: step.now)
        generation += 1
        if state != .connecting { armHold(peer, &step) }
    }

    private func armHold(_ peer: LDPIdentifier, _ step: inout ProtocolStep) {
        guard let session = peers[peer]?.session else { return }
        step.emit(.arm(Timers.hold(peer), at: session.lastReceived + session.keepAliveTime))
    }

    mutating func connected(_ id: ConnectionID, _ step: inout ProtocolStep) {
        guard let peer = peer(of: id) else { return step.emit(.close(id)) }
        peers[peer]?.session?.become(.openSent, at: step.now)
        peers[peer]?.session?.lastReceived = step.now
        armHold(peer, &step)
        sendInitialization(to: peer)
    }

    /// A peer that connects anew has lost its side of a session that we still have.
    mutating func accepted(
        _ id: ConnectionID, from address: IPv4Address, _ step: inout ProtocolStep
    ) {
        guard !isActive(towards: address), strangers.count < Limit.strangers else {
            return step.emit(.close(id))
        }
        strangers[id] = Stranger(address: address)
        guard
            let peer = peers.values.filter({ $0.transportAddress == address })
                .map(\.identifier).min()
        else {
            return step.emit(.arm(Timers.stranger(id), at: step.now + Self.strangerPatience))
        }
        end(peer, telling: LDPStatus(.shutdown), "the peer connected anew", &step)
        adopt(id, &step, as: peer)
    }

    private mutating func adopt(
        _ id: ConnectionID, _ step: inout ProtocolStep, as peer: LDPIdentifier
    ) {
        guard let stranger = strangers.removeValue(forKey: id) else { return }
        step.emit(.cancel(Timers.stranger(id)))
        begin(peer, id, .initialized, &step)
        if !stranger.octets.isEmpty { received(stranger.octets, on: id, &step) }
    }

    /// No hello came from whoever connected (RFC 5036 §2.5.3).
    mutating func turnAway(_ id: ConnectionID, _ step: inout ProtocolStep) {
        guard strangers.removeValue(forKey: id) != nil else { return }
        let message = LDPMessage(
            id: nextMessageID(), .notification(LDPStatus(.rejectedNoHello)))
        if let octets = try? LDPPDU(identifier: identifier, messages: [message]).encoded() {
            step.emit(.sendOctets(id, octets))
        }
        step.emit(.close(id))
    }

    /// The connection is gone.
    mutating func lost(_ id: ConnectionID, _ reason: String, _ step: inout ProtocolStep) {
        if strangers.removeValue(forKey: id) != nil {
            return step.emit(.cancel(Timers.stranger(id)))
        }
        guard let peer = peer(of: id) else { return }
        forget(peer, reason, &step)
        retry(peer, &step)
    }

    /// Arms another attempt, if connecting is our part.
    mutating func retry(
        _ peer: LDPIdentifier, isRejected: Bool = false, _ step: inout ProtocolStep
    ) {
        guard let known = peers[peer], isActive(towards: known.transportAddress) else { return }
        let (first, last) =
            isRejected
            ? (Self.rejectedRetry, Self.rejectedRetryMax)
            : (Self.connectRetry, Self.connectRetryMax)
        let delay = min(last, first * (1 << min(known.failures, 10)))
        peers[peer]?.failures += 1
        step.emit(.arm(Timers.connect(peer), at: step.now + delay))
    }

    /// Ends a session from our side.
    mutating func end(
        _ peer: LDPIdentifier, telling status: LDPStatus, _ reason: String,
        _ step: inout ProtocolStep
    ) {
        guard let session = peers[peer]?.session else { return }
        if session.state != .connecting {
            send(.notification(status), to: peer)
            flush(peer, &step)
        }
        step.emit(.close(session.connection))
        forget(peer, reason, &step)
    }

    /// A session that is gone leaves nothing behind: what its labels led to has to find another
    /// way, in this event or right after it.
    private mutating func forget(
        _ peer: LDPIdentifier, _ reason: String, _ step: inout ProtocolStep
    ) {
        guard let session = peers[peer]?.session else { return }
        peers[peer]?.session = nil
        peers[peer]?.lastError = reason
        generation += 1
        for timer in [Timers.hold(peer), Timers.keepAlive(peer), Timers.complete(peer)] {
            step.emit(.cancel(timer))
        }
        guard session.isOperational else { return }
        report(peer, "down", reason, &step)
        unsettle(session.bindings.keys.filter { fecs[$0] != nil }, &step)
    }

    private func report(
        _ peer: LDPIdentifier, _ state: String, _ reason: String?, _ step: inout ProtocolStep
    ) {
        step.emit(
            .report(
                .adjacency(
                    id, interface: nil, neighbor: "\(peer.routerID)", state: state,
                    reason: reason)))
    }

    // MARK: Messages

    /// Puts a message to those that go at the end of the event.
    mutating func send(_ body: LDPMessage.Body, to peer: LDPIdentifier) {
        guard peers[peer]?.session != nil else { return }
        let message = LDPMessage(id: nextMessageID(), body)
        peers[peer]?.session?.outgoing.append(message)
    }

    mutating func flush(_ peer: LDPIdentifier, _ step: inout ProtocolStep) {
        guard let session = peers[peer]?.session, !session.outgoing.isEmpty else { return }
        do throws(WireError) {
            let pdus = try LDPPDU.packed(
                session.outgoing, from: identifier, limit: session.lengthMax)
            step.emit(.sendOctets(session.connection, Array(pdus.joined())))
        } catch {
            lastError = "cannot send: \(error)"
        }
        peers[peer]?.session?.sentCount += UInt64(session.outgoing.count)
        peers[peer]?.session?.outgoing = []
        peers[peer]?.session?.lastSent = step.now
    }

    private mutating func sendInitialization(to peer: LDPIdentifier) {
        send(
            .initialization(
                LDPInitialization(
                    keepAliveTime: Self.wire(configuration.keepaliveTime), receiver: peer,
                    capabilities: [.typedWildcard, .unrecognizedNotification])), to: peer)
    }

    mutating func received(
        _ octets: [UInt8], on id: ConnectionID, _ step: inout ProtocolStep
    ) {
        if let waiting = strangers[id]?.octets.count {
            guard waiting + octets.count <= Limit.strangerOctets else { return turnAway(id, &step) }
            strangers[id]?.octets += octets
            return
        }
        guard let peer = peer(of: id), let output = peers[peer]?.session?.framer.feed(octets)
        else { return }
        peers[peer]?.session?.lastReceived = step.now
        for pdu in output.messages {
            take(pdu, from: peer, &step)
            guard peers[peer]?.session?.connection == id else { return }
        }
        if let failure = output.failure { reject(peer, failure.status, "\(failure)", &step) }
    }

    private mutating func take(
        _ octets: [UInt8], from peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        do throws(LDPFault) {
            let pdu = try LDPPDU(decoding: octets)
            guard pdu.identifier == peer else { throw LDPFault(.badLDPIdentifier) }
            for fault in pdu.faults {
                lastError = "\(fault) from \(peer)"
                send(.notification(fault.status), to: peer)
            }
            for message in pdu.messages where peers[peer]?.session != nil {
                peers[peer]?.session?.receivedCount += 1
                take(message, from: peer, &step)
            }
        } catch {
            reject(peer, error.status, "\(error)", &step)
        }
    }

    /// Ends a session for what the peer sent.
    private mutating func reject(
        _ peer: LDPIdentifier, _ status: LDPStatus, _ reason: String, _ step: inout ProtocolStep
    ) {
        lastError = "\(reason) from \(peer)"
        end(peer, telling: status, reason, &step)
        retry(peer, isRejected: true, &step)
    }

    private mutating func take(
        _ message: LDPMessage, from peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        guard let state = peers[peer]?.session?.state else { return }
        switch (state, message.body) {
        case (_, .notification(let status)): take(status, from: peer, &step)
        case (.initialized, .initialization(let proposal)),
            (.openSent, .initialization(let proposal)):
            take(proposal, message, from: peer, state, &step)
        case (.openReceived, .keepAlive): becomeOperational(peer, &step)
        case (.operational, .hello), (.operational, .initialization), (.connecting, _),
            (.initialized, _), (.openSent, _), (.openReceived, _):
            reject(peer, LDPStatus(.shutdown), "unexpected \(message.kind) message", &step)
        case (.operational, let body): take(body, message, from: peer, &step)
        }
    }

    /// A proposal is taken or rejected (RFC 5036 §3.5.3 and §2.5.3).
    private mutating func take(
        _ proposal: LDPInitialization, _ message: LDPMessage, from peer: LDPIdentifier,
        _ state: LDPSession.State, _ step: inout ProtocolStep
    ) {
        guard proposal.receiver == identifier else {
            return reject(peer, LDPStatus(.rejectedNoHello, about: message), "not for us", &step)
        }
        guard proposal.keepAliveTime != 0 else {
            return reject(
                peer, LDPStatus(.rejectedKeepAliveTime, about: message), "no keepalive time", &step)
        }
        peers[peer]?.session?.negotiate(proposal, ours: configuration.keepaliveTime)
        peers[peer]?.session?.become(.openReceived, at: step.now)
        generation += 1
        if state == .initialized { sendInitialization(to: peer) }
        send(.keepAlive, to: peer)
        armHold(peer, &step)
    }

    private mutating func take(
        _ status: LDPStatus, from peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        if status.known == .endOfLIB {
            peers[peer]?.session?.isComplete = true
            step.emit(.cancel(Timers.complete(peer)))
        }
        guard status.isFatal, let session = peers[peer]?.session else { return }
        step.emit(.close(session.connection))
        forget(peer, "\(status), says the peer", &step)
        retry(peer, isRejected: !session.isOperational, &step)
    }

    /// Both have agreed: addresses, then labels, then that these are all (RFC 5919).
    private mutating func becomeOperational(
        _ peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        guard let interval = peers[peer]?.session?.keepAliveInterval,
            let capabilities = peers[peer]?.session?.capabilities
        else { return }
        peers[peer]?.session?.become(.operational, at: step.now)
        peers[peer]?.failures = 0
        peers[peer]?.lastError = nil
        peers[peer]?.establishedCount += 1
        generation += 1
        report(peer, "up", nil, &step)
        step.emit(.arm(Timers.keepAlive(peer), at: step.now + interval))
        let addresses = configuration.addresses.map { IPAddress($0) }
        for start in stride(from: 0, to: addresses.count, by: Self.addressesPerMessage) {
            let end = min(addresses.count, start + Self.addressesPerMessage)
            send(.address(Array(addresses[start..<end])), to: peer)
        }
        sendBindings(to: peer)
        let tellsEnd: LDPCapabilities = [.typedWildcard, .unrecognizedNotification]
        if capabilities.isSuperset(of: tellsEnd) {
            send(.notification(LDPStatus(.endOfLIB, fec: [.prefixes(.ipv4)])), to: peer)
        }
        step.emit(.arm(Timers.complete(peer), at: step.now + Self.completionPatience))
    }

    /// They fit the least of longest PDUs.
    private static let addressesPerMessage = 50
    /// How long labels are awaited from a peer that has not said that it has told all.
    private static let completionPatience = Duration.seconds(1)

    // MARK: Synchronisation with the interior protocols

    /// An interface is synchronised when all bindings of a peer on it are known (RFC 5443 §2).
    mutating func settleSynchronisation(_ step: inout ProtocolStep) {
        let complete = peers.values.filter { $0.session?.isComplete == true }.map(\.identifier)
        for interface in configuration.interfaces {
            let name = interface.interface
            let isSynchronised = complete.contains {
                adjacencies[LDPAdjacency.Key(place: .link(name), peer: $0)] != nil
            }
            guard isSynchronised != synchronised.contains(name) else { continue }
            if isSynchronised { synchronised.insert(name) } else { synchronised.remove(name) }
            generation += 1
            step.emit(.synchronised(interface: name, isSynchronised))
        }
    }
}

extension LDPStatus {
    fileprivate init(_ code: LDPStatusCode, about message: LDPMessage) {
        self.init(code, messageID: message.id, messageType: message.kind.rawValue)
    }
}
