// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// One session on a bench: events go in with their moment, outputs come out in words.
struct SessionBench {
    var session: BGPSession
    var now = Instant.zero
    var numbers = ConnectionNumbers()
    /// What the latest event gave.
    var outputs: [SessionOutput] = []

    static let local = IPv4Address("10.0.0.1") ?? IPv4Address(bits: 0)
    static let higher = IPv4Address("10.0.0.2") ?? IPv4Address(bits: 0)
    static let lower = IPv4Address("10.0.0.0") ?? IPv4Address(bits: 0)

    init(_ change: (inout NeighborConfiguration) -> Void = { _ in }) {
        var neighbor = NeighborConfiguration(
            name: "peer", address: address("192.0.2.2"), localAddress: address("192.0.2.1"),
            remoteAS: ASNumber(65002), localAS: ASNumber(65001), families: [.ipv4Unicast])
        change(&neighbor)
        session = BGPSession(neighbor, routerID: Self.local)
    }

    // MARK: Events

    mutating func step(_ body: (inout BGPSession, inout SessionStep) -> Void) {
        var step = SessionStep(at: now, numbers: numbers)
        body(&session, &step)
        numbers = step.numbers
        outputs = step.outputs
    }

    mutating func start() { step { $0.start(&$1) } }

    mutating func event(_ id: ConnectionID, _ event: ConnectionEvent) {
        step { $0.connection(id, event, &$1) }
    }

    mutating func timer(_ id: TimerID) { step { $0.timer(id, &$1) } }

    mutating func receive(_ messages: [BGPMessage], on id: ConnectionID) {
        event(id, .received(messages.flatMap { octets($0) }))
    }

    mutating func wait(_ duration: Duration) { now = now + duration }

    // MARK: The way up

    var key: NeighborKey { session.key }

    func open(
        _ identifier: IPv4Address = Self.higher, asNumber: UInt32 = 65002, holdTime: UInt16 = 90,
        families: [BGPFamily] = [.ipv4Unicast]
    ) -> BGPMessage {
        .open(
            BGPOpen(
                asNumber: ASNumber(asNumber), holdTime: holdTime, identifier: identifier,
                families: families))
    }

    /// Starts and connects; the session is then in OpenSent.
    mutating func connect() -> ConnectionID {
        start()
        let id = outgoing
        event(id, .connected)
        return id
    }

    /// All the way to Established.
    mutating func establish(holdTime: UInt16 = 90) -> ConnectionID {
        let id = connect()
        receive([open(holdTime: holdTime), .keepalive], on: id)
        return id
    }

    /// The connection that the latest event asked for.
    var outgoing: ConnectionID {
        for case .effect(.connect(let id, _)) in outputs { return id }
        return ConnectionID(isOutgoing: true, number: 0)
    }

    func incoming(_ number: UInt64 = 1) -> ConnectionID {
        ConnectionID(isOutgoing: false, number: number)
    }

    // MARK: What came out

    var state: String { session.stateName }

    /// Messages sent on a connection by the latest event.
    func sent(on id: ConnectionID) -> [BGPMessage] {
        outputs.compactMap {
            guard case .effect(.send(id, let octets)) = $0 else { return nil }
            return try? BGPMessage(
                decoding: octets, in: BGPCodecContext(fourOctetAS: true, isInternal: false))
        }
    }

    /// The NOTIFICATION sent on a connection by the latest event, in words.
    func notification(on id: ConnectionID) -> String? {
        for case .notification(let notification) in sent(on: id) {
            return notification.description
        }
        return nil
    }

    func closes(_ id: ConnectionID) -> Bool { outputs.contains(.effect(.close(id))) }

    /// When the latest event wants a timer to run out.
    func armed(_ id: TimerID) -> Duration? {
        for case .effect(.arm(id, let moment)) in outputs.reversed() { return moment - now }
        return nil
    }

    func cancels(_ id: TimerID) -> Bool { outputs.contains(.effect(.cancel(id))) }

    var isDown: Bool { outputs.contains(.down) }

    var up: NegotiatedSession? {
        for case .up(let session) in outputs { return session }
        return nil
    }

    var malformed: [String] {
        outputs.compactMap {
            guard case .effect(.report(.malformed(_, let text))) = $0 else { return nil }
            return text
        }
    }
}

func octets(_ message: BGPMessage) -> [UInt8] {
    let context = BGPCodecContext(fourOctetAS: true, isInternal: false)
    return (try? message.encoded(in: context)) ?? []
}

func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else {
        Issue.record("no address: \(text)")
        return .unspecified(.ipv4)
    }
    return address
}

func prefix(_ text: String) -> IPPrefix {
    guard let prefix = IPPrefix(text) else {
        Issue.record("no prefix: \(text)")
        return .zero(.ipv4)
    }
    return prefix
}
