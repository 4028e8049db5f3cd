// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// One end of a session on a bench; the test is the other end, packet by packet.
struct BFDBench {
    var sessions = BFDSessions()
    var now = Instant.zero
    let key: BFDKey
    /// What the latest event gave.
    var outputs: [BFDOutput] = []
    /// Timers that are armed.
    private(set) var timers: [RoutingTimer: Instant] = [:]

    static let client = BFDClient.bgp(NeighborKey(vrf: nil, address: address("10.0.0.2")))

    init(
        _ parameters: BFDParameters = BFDParameters(transmitInterval: .milliseconds(300)),
        key: BFDKey = BFDKey(
            interface: "eth1", local: address("10.0.0.1"), remote: address("10.0.0.2"))
    ) {
        self.key = key
        step { $0.interface("eth1", isUp: true, &$1) }
        watch(parameters)
    }

    mutating func step(_ body: (inout BFDSessions, inout BFDStep) -> Void) {
        var step = BFDStep(at: now)
        body(&sessions, &step)
        outputs = step.outputs
        for output in outputs {
            switch output {
            case .arm(let timer, let moment): timers[timer] = moment
            case .cancel(let timer): timers[timer] = nil
            case .send, .changed, .report: break
            }
        }
    }

    mutating func watch(_ parameters: BFDParameters, for client: BFDClient = client) {
        step { [key] in $0.watch(key, parameters, for: client, &$1) }
    }

    mutating func unwatch(_ client: BFDClient = client) {
        step { [key] in $0.unwatch(key, for: client, &$1) }
    }

    /// Lets time pass. What was sent meanwhile stands in the result, with its moment.
    @discardableResult
    mutating func wait(_ duration: Duration) -> [(at: Instant, packet: BFDPacket)] {
        let end = now + duration
        var sent: [(at: Instant, packet: BFDPacket)] = []
        while let next = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
            next.value <= end
        {
            now = next.value
            timers[next.key] = nil
            step { $0.timer(next.key, &$1) }
            sent += packets.map { (now, $0) }
        }
        now = end
        return sent
    }

    func armed(_ name: String) -> Duration? {
        timers.first { $0.key.name == name }.map { $0.value - now }
    }

    // MARK: The other end

    /// A packet as the other end would send it now.
    func packet(_ state: BFDPacket.State, _ change: (inout BFDPacket) -> Void = { _ in })
        -> BFDPacket
    {
        var packet = BFDPacket(
            state: state, detectMultiplier: 3, myDiscriminator: 77,
            yourDiscriminator: session?.discriminator ?? 0, desiredMinTxInterval: 300_000,
            requiredMinRxInterval: 300_000)
        change(&packet)
        return packet
    }

    mutating func hear(
        _ state: BFDPacket.State, _ change: (inout BFDPacket) -> Void = { _ in }
    ) {
        hear((try? packet(state, change).encoded()) ?? [])
    }

    mutating func hear(_ payload: [UInt8], _ change: (inout RoutingPacket) -> Void = { _ in }) {
        var packet = RoutingPacket(
            key.interface == nil ? .bfdMultihop : .bfd, vrf: key.vrf, interface: key.interface,
            source: .ip(key.remote), destination: .ip(key.local), hopLimit: 255, payload: payload)
        change(&packet)
        step { $0.received(packet, &$1) }
    }

    /// Comes up by Down, Init, and an answered Poll.
    mutating func comeUp(_ change: (inout BFDPacket) -> Void = { _ in }) {
        hear(.down, change)
        hear(.up, change)
        hear(.up) {
            change(&$0)
            $0.isFinal = true
        }
    }

    // MARK: What came of it

    /// The one session.
    var session: BFDSession? { sessions.sessions.first }
    var state: BFDPacket.State? { session?.state }

    /// What the latest event sent.
    var packets: [BFDPacket] {
        outputs.compactMap {
            if case .send(let packet) = $0 { try? BFDPacket(decoding: packet.payload) } else { nil }
        }
    }

    /// What clients were told by the latest event.
    var told: [Bool] {
        outputs.compactMap { if case .changed(_, let isUp, _) = $0 { isUp } else { nil } }
    }

    func member(_ name: String) -> JSON? { sessions.show(at: now)["sessions"]?[0]?[name] }
}

/// Two ends of a link in virtual time.
struct BFDLink {
    var now = Instant.zero
    private(set) var ends: [BFDSessions] = [BFDSessions(), BFDSessions()]
    private var timers: [[RoutingTimer: Instant]] = [[:], [:]]
    private var flights: [(at: Instant, to: Int, packet: RoutingPacket)] = []
    /// What arrives; by the sender.
    var carries: (Int) -> Bool = { _ in true }
    var delay = Duration.milliseconds(1)
    /// Moment, end, and what its client was told.
    private(set) var told: [(at: Instant, end: Int, isUp: Bool)] = []
    /// All that was sent, with its moment, in words.
    private(set) var record: [String] = []

    static let keys = [
        BFDKey(interface: "eth1", local: address("10.0.0.1"), remote: address("10.0.0.2")),
        BFDKey(interface: "eth1", local: address("10.0.0.2"), remote: address("10.0.0.1")),
    ]

    init(_ parameters: BFDParameters, _ others: BFDParameters? = nil) {
        for end in 0...1 {
            step(end) { $0.interface("eth1", isUp: true, &$1) }
            watch(end, end == 0 ? parameters : others ?? parameters)
        }
    }

    mutating func watch(_ end: Int, _ parameters: BFDParameters) {
        step(end) { $0.watch(Self.keys[end], parameters, for: BFDBench.client, &$1) }
    }

    mutating func step(_ end: Int, _ body: (inout BFDSessions, inout BFDStep) -> Void) {
        var step = BFDStep(at: now)
        body(&ends[end], &step)
        for output in step.outputs {
            record.append("\(now) \(end) \(output)")
            switch output {
            case .arm(let timer, let moment): timers[end][timer] = moment
            case .cancel(let timer): timers[end][timer] = nil
            case .send(let packet) where carries(end):
                flights.append((now + delay, 1 - end, packet))
            case .changed(_, let isUp, _): told.append((now, end, isUp))
            case .send, .report: break
            }
        }
    }

    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while let due = next, due.at <= end {
            now = due.at
            due.run(&self)
        }
        now = end
    }

    /// Packets before timers, as the runtime has it.
    private var next: (at: Instant, run: (inout BFDLink) -> Void)? {
        let flight = flights.indices.min { flights[$0].at < flights[$1].at }
        let timer = (0...1).flatMap { end in timers[end].map { (end, $0.key, $0.value) } }
            .min { ($0.2, $0.0, $0.1) < ($1.2, $1.0, $1.1) }
        if let flight, timer.map({ flights[flight].at <= $0.2 }) ?? true {
            return (
                flights[flight].at,
                { link in
                    let landed = link.flights.remove(at: flight)
                    link.step(landed.to) { $0.received(landed.packet, &$1) }
                }
            )
        }
        return timer.map { end, timer, moment in
            (
                moment,
                { link in
                    link.timers[end][timer] = nil
                    link.step(end) { $0.timer(timer, &$1) }
                }
            )
        }
    }

    func state(_ end: Int) -> BFDPacket.State? { ends[end].sessions.first?.state }
    var areUp: Bool { state(0) == .up && state(1) == .up }
}
