// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Sends UDP datagrams with small hop limits and learns from the ICMP errors who dropped them.
///
/// Every datagram has a destination port of its own, which the error quotes: that tells which hop
/// has answered, in whatever order answers come.
final class TracerouteProbe {
    private let path: ProbePath
    private var search: TracerouteSearch
    private let port: ProbePort
    private let sender: Socket
    private let receiver: Socket
    /// Where nobody listens, by custom.
    private static let firstPort: UInt16 = 33434
    private static let payload = [UInt8](repeating: 0x77, count: 32)

    init(_ path: ProbePath, _ search: TracerouteSearch, _ port: ProbePort) throws(SystemError) {
        self.path = path
        self.search = search
        self.port = port
        sender = try Socket.open(.udp, path.family)
        if let device = path.device { try sender.bind(toDevice: device) }
        let source = path.source ?? .unspecified(path.family)
        try sender.bind(SocketAddress(source))
        // Errors come back to the source, whichever interface that is on.
        receiver = try Socket.openICMP(
            ProbePath(device: path.device, destination: path.destination))
    }

    func run() throws(SystemError) {
        let source = try sender.localAddress().port
        try port.watch(receiver.raw)
        while !port.isClosed {
            let now = MonotonicClock.now
            search.expire(at: now)
            while let probe = search.next(at: now) {
                if let refusal = try send(probe) {
                    return port.send(["result": refusal])
                }
            }
            if search.isDone { break }
            try port.wait(until: search.deadline)
            try receive(source)
        }
        port.send(["result": search.result])
    }

    /// - Returns: the result, where the kernel knows no way to the destination.
    private func send(_ probe: TracerouteSearch.Probe) throws(SystemError) -> JSON? {
        try sender.set(hopLimit: UInt8(clamping: probe.hop))
        let destination = SocketAddress(
            path.destination, port: Self.firstPort + UInt16(probe.number))
        do throws(SystemError) {
            try sender.send(Self.payload, to: destination)
            return nil
        } catch {
            // A full queue loses a probe, which is then repeated.
            if error.isWouldBlock { return nil }
            return ["hops": [], "reached": false, "text": .string(error.reason)]
        }
    }

    private func receive(_ source: UInt16) throws(SystemError) {
        while let datagram = try receiver.receive() {
            guard let answer = ProbeAnswer(datagram),
                case .udp(source, let destination, path.destination) = answer.subject,
                destination >= Self.firstPort
            else { continue }
            let meaning: TracerouteSearch.Answer? =
                switch answer.kind {
                case .echoReply: nil
                case .timeExceeded: .timeExceeded
                case .unreachable(isPort: true): .reached
                case .unreachable, .tooBig: .unreachable(type: answer.type, code: answer.code)
                }
            guard let meaning else { continue }
            search.take(
                meaning, to: Int(destination - Self.firstPort), from: answer.from,
                at: MonotonicClock.now)
        }
    }
}
