// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Discovery: hellos and the adjacencies that they keep up (RFC 5036 §2.4).
extension LDPInstance {
    /// Of what is sent to 224.0.0.2, which no router passes on; and of what is sent to targets.
    private static let linkHopLimit: UInt8 = 1
    private static let targetHopLimit: UInt8 = 255
    /// Where a hello says that the default counts (RFC 5036 §3.5.2).
    private static let linkHoldTime = Duration.seconds(15)
    private static let targetedHoldTime = Duration.seconds(45)

    // MARK: Sending

    /// Says hello to a link and arms the next one.
    mutating func sendHello(on name: String, _ step: inout ProtocolStep) {
        guard interfacesUp.contains(name),
            let interface = configuration.interfaces.first(where: { $0.interface == name })
        else { return }
        send(
            LDPHello(
                holdTime: Self.wire(configuration.helloHoldTime),
                transportAddress: configuration.routerID),
            by: name, from: interface.address, to: LDPPDU.allRouters,
            hopLimit: Self.linkHopLimit, &step)
        let interval = helloInterval(at: .link(name), configuration.helloInterval)
        step.emit(.arm(Timers.hello(name), at: step.now + interval))
    }

    /// Says hello to a target and arms the next one.
    mutating func sendHello(to target: IPv4Address, _ step: inout ProtocolStep) {
        send(
            LDPHello(
                holdTime: Self.wire(configuration.targetedHelloHoldTime), isTargeted: true,
                requestsTargeted: true, transportAddress: configuration.routerID),
            by: nil, from: configuration.routerID, to: IPAddress(target),
            hopLimit: Self.targetHopLimit, &step)
        let interval = helloInterval(
            at: .target(target), configuration.targetedHelloHoldTime / 3)
        step.emit(.arm(Timers.targetedHello(target), at: step.now + interval))
    }

    /// Three hellos go within the hold time of each neighbor at a place, and the third of them
    /// before it is over: or two may be lost with a link that falls silent, and the third come just
    /// too late when traffic is back.
    private mutating func helloInterval(at place: LDPPlace, _ configured: Duration) -> Duration {
        let longest = adjacencies.reduce(configured) { least, entry in
            guard entry.key.place == place, let hold = entry.value.holdTime else { return least }
            return min(least, hold / 3)
        }
        return jitter.shorten(longest * 9 / 10, byUpTo: 10)
    }

    private mutating func send(
        _ hello: LDPHello, by interface: String?, from source: IPv4Address,
        to destination: IPAddress, hopLimit: UInt8, _ step: inout ProtocolStep
    ) {
        let pdu = LDPPDU(
            identifier: identifier, messages: [LDPMessage(id: nextMessageID(), .hello(hello))])
        do throws(WireError) {
            let packet = RoutingPacket(
                .ldp, interface: interface, source: .ip(IPAddress(source)),
                destination: .ip(destination), hopLimit: hopLimit, payload: try pdu.encoded())
            step.emit(.send(packet))
        } catch {
            lastError = "cannot send: \(error)"
        }
    }

    mutating func nextMessageID() -> UInt32 {
        lastMessageID &+= 1
        return lastMessageID
    }

    /// Whole seconds, at least one, as the wire has them.
    static func wire(_ duration: Duration) -> UInt16 {
        UInt16(clamping: max(1, duration.components.seconds))
    }

    // MARK: Receiving

    mutating func receivedHello(_ packet: RoutingPacket, _ step: inout ProtocolStep) {
        guard let source = packet.source.ip?.v4 else { return }
        do throws(LDPFault) {
            let pdu = try LDPPDU(decoding: packet.payload)
            guard pdu.identifier.routerID != configuration.routerID else { return }
            guard pdu.identifier.labelSpace == 0 else { throw LDPFault(.badLDPIdentifier) }
            if let fault = pdu.faults.first { lastError = "\(fault) from \(source)" }
            for case .hello(let hello) in pdu.messages.map(\.body) {
                guard let place = place(of: hello, packet, source) else { continue }
                take(hello, from: pdu.identifier, source, at: place, &step)
            }
        } catch {
            lastError = "\(error) from \(source)"
        }
    }

    /// Where a hello was said, if it is to be listened to there: on a link to all its routers, or
    /// by one of our targets to us.
    private func place(
        of hello: LDPHello, _ packet: RoutingPacket, _ source: IPv4Address
    ) -> LDPPlace? {
        let destination = packet.destination.ip
        if hello.isTargeted {
            let isOurs = destination == IPAddress(configuration.routerID)
            return isOurs && configuration.targets.contains(source) ? .target(source) : nil
        }
        guard destination == LDPPDU.allRouters, let interface = packet.interface,
            interfacesUp.contains(interface)
        else { return nil }
        return .link(interface)
    }

    private mutating func take(
        _ hello: LDPHello, from peer: LDPIdentifier, _ source: IPv4Address, at place: LDPPlace,
        _ step: inout ProtocolStep
    ) {
        let key = LDPAdjacency.Key(place: place, peer: peer)
        let transport = hello.transportAddress ?? source
        let isNew = adjacencies[key] == nil
        guard !isNew || adjacencies.count < Limit.adjacencies else { return }
        if let known = peers[peer], known.transportAddress != transport {
            guard isOnly(key) else {
                lastError = "\(peer) has two transport addresses"
                return
            }
            end(peer, telling: LDPStatus(.shutdown), "another transport address", &step)
            peers[peer]?.transportAddress = transport
        }
        let holdTime = holdTime(hello)
        let expiry = holdTime.map { step.now + $0 }
        adjacencies[key] = LDPAdjacency(source: source, holdTime: holdTime, expiry: expiry)
        if let expiry {
            step.emit(.arm(Timers.adjacency(key), at: expiry))
        } else {
            step.emit(.cancel(Timers.adjacency(key)))
        }
        if isNew { found(key, transport, &step) }
    }

    /// Whether a peer is heard at no other place.
    private func isOnly(_ key: LDPAdjacency.Key) -> Bool {
        !adjacencies.keys.contains { $0.peer == key.peer && $0 != key }
    }

    /// The lesser of both; nil never ends (RFC 5036 §3.5.2).
    private func holdTime(_ hello: LDPHello) -> Duration? {
        let (ours, fallback) =
            hello.isTargeted
            ? (configuration.targetedHelloHoldTime, Self.targetedHoldTime)
            : (configuration.helloHoldTime, Self.linkHoldTime)
        let mine = Self.wire(ours)
        let theirs = hello.holdTime == 0 ? Self.wire(fallback) : hello.holdTime
        let least = min(mine, theirs)
        return least == .max ? nil : .seconds(Int64(least))
    }

    /// A new neighbor is told at once that we are here, so that neither waits for the other's next
    /// hello.
    private mutating func found(
        _ key: LDPAdjacency.Key, _ transport: IPv4Address, _ step: inout ProtocolStep
    ) {
        generation += 1
        switch key.place {
        case .link(let interface): sendHello(on: interface, &step)
        case .target(let target): sendHello(to: target, &step)
        }
        if peers[key.peer] == nil {
            peers[key.peer] = LDPPeer(identifier: key.peer, transportAddress: transport)
        }
        open(key.peer, &step)
    }

    /// A peer's hellos are heard no more at a place; at none, and its session ends
    /// (RFC 5036 §2.5.5).
    mutating func loseAdjacency(
        _ key: LDPAdjacency.Key, _ reason: String, _ step: inout ProtocolStep
    ) {
        guard adjacencies.removeValue(forKey: key) != nil else { return }
        generation += 1
        guard !adjacencies.keys.contains(where: { $0.peer == key.peer }) else { return }
        end(key.peer, telling: LDPStatus(.holdTimerExpired), reason, &step)
        step.emit(.cancel(Timers.connect(key.peer)))
        peers[key.peer] = nil
    }
}
