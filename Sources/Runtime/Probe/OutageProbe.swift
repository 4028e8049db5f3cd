// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Wire

/// The packet of an outage meter: which measurement it belongs to, and its number in it.
struct OutagePacket: Hashable {
    var measurement: UInt64
    var number: UInt32

    var octets: [UInt8] {
        var writer = WireWriter(capacity: 12)
        writer.write(measurement)
        writer.write(number)
        return writer.octets
    }

    init(measurement: UInt64, number: UInt32) {
        self.measurement = measurement
        self.number = number
    }

    /// nil for what is no such packet.
    init?(_ octets: [UInt8]) {
        var reader = WireReader(octets)
        guard let measurement = try? reader.read(UInt64.self, "measurement"),
            let number = try? reader.read(UInt32.self, "number"), reader.isEmpty
        else { return nil }
        self.init(measurement: measurement, number: number)
    }
}

/// The ticks of a rhythm that never drifts: a tick that was missed is left out, not made up for.
struct Rhythm {
    let start: Instant
    let interval: Duration

    /// The first tick after a moment.
    func tick(after now: Instant) -> Instant {
        let interval = max(1, self.interval.nanoseconds)
        let passed = max(0, (now - start).nanoseconds / interval)
        return start + .nanoseconds((passed + 1) * interval)
    }
}

/// The sending end of an outage meter.
final class OutageProbe {
    private let path: ProbePath
    private let destination: SocketAddress
    private let interval: Duration
    private let port: ProbePort
    private let socket: Socket
    private let measurement: UInt64
    private var ledger = OutageLedger()

    /// How long to wait for a first answer.
    private static let patience = Duration.seconds(2)
    /// How long an answer may take after the last probe; measuring lost probes costs this once.
    private static let grace = Duration.milliseconds(500)

    init(
        _ path: ProbePath, _ number: UInt16, _ interval: Duration, _ port: ProbePort
    ) throws(SystemError) {
        self.path = path
        self.interval = interval
        self.port = port
        destination = SocketAddress(path.destination, port: number)
        measurement = UInt64(bitPattern: MonotonicClock.now.nanoseconds)
        socket = try Socket.open(.udp, path.family)
        if let device = path.device { try socket.bind(toDevice: device) }
        if let source = path.source { try socket.bind(SocketAddress(source)) }
        try port.watch(socket.raw)
    }

    func run() throws(SystemError) {
        let end = try sendUntilStopped()
        let limit = end + Self.grace
        while !ledger.isComplete, !port.isClosed, MonotonicClock.now < limit {
            try port.wait(until: limit)
            try receive()
        }
        port.send(["result": ledger.report(until: end)])
    }

    /// - Returns: when probing ended.
    private func sendUntilStopped() throws(SystemError) -> Instant {
        let rhythm = Rhythm(start: MonotonicClock.now, interval: interval)
        var next = rhythm.start
        while !port.isStopped, !port.isClosed {
            let now = MonotonicClock.now
            if now >= next {
                send(at: now)
                next = rhythm.tick(after: now)
            }
            let wasStarted = ledger.hasStarted
            let wasAnswered = ledger.firstAnswered != nil
            if !wasStarted, now >= rhythm.start + Self.patience { ledger.start() }
            try port.wait(until: next)
            try receive()
            if !wasStarted, ledger.hasStarted { port.send(["progress": ["started": true]]) }
            if !wasAnswered, let first = ledger.firstAnswered {
                port.send(["progress": ["answered": true, "sent-at": JSON(first.nanoseconds)]])
            }
        }
        return MonotonicClock.now
    }

    /// A probe that the kernel refuses to send, for want of a route, is lost like any other.
    private func send(at now: Instant) {
        let number = ledger.send(at: now)
        let packet = OutagePacket(measurement: measurement, number: number)
        try? socket.send(packet.octets, to: destination)
    }

    private func receive() throws(SystemError) {
        while let datagram = try socket.receive() {
            guard let packet = OutagePacket(datagram.octets), packet.measurement == measurement
            else { continue }
            ledger.answer(packet.number, at: MonotonicClock.now)
        }
    }
}

/// The answering end of an outage meter: sends every packet back, and remembers which came.
final class OutageAnswer {
    private let socket: Socket
    private let port: ProbePort
    private var measurement: UInt64?
    private var seen = SequenceSet()

    init(
        _ device: String?, _ address: IPAddress, _ port: ProbePort
    ) throws(SystemError) {
        self.port = port
        socket = try Socket.open(.udp, address.family)
        if let device { try socket.bind(toDevice: device) }
        try socket.bind(SocketAddress(address))
        try port.watch(socket.raw)
    }

    func run() throws(SystemError) {
        port.send(["progress": ["port": JSON(try socket.localAddress().port)]])
        while !port.isStopped, !port.isClosed {
            try port.wait(until: nil)
            try answer()
        }
        port.send(["result": ["seen": seen.json]])
    }

    private func answer() throws(SystemError) {
        while let datagram = try socket.receive() {
            guard let packet = OutagePacket(datagram.octets) else { continue }
            if measurement == nil { measurement = packet.measurement }
            if packet.measurement == measurement { seen.insert(packet.number) }
            try? socket.send(datagram.octets, to: datagram.source)
        }
    }
}
