// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Wire

/// Sends echo requests and hears the answers: replies, and errors from anybody on the way.
final class PingProbe {
    private let path: ProbePath
    private var ledger: PingLedger
    private let port: ProbePort
    private let socket: Socket
    /// Tells our requests from those of other pings in the namespace.
    private let identifier: UInt16

    init(_ path: ProbePath, _ ledger: PingLedger, _ port: ProbePort) throws(SystemError) {
        self.path = path
        self.ledger = ledger
        self.port = port
        identifier = UInt16(truncatingIfNeeded: ChildProcess.pid)
        socket = try Socket.openICMP(path)
    }

    func run() throws(SystemError) {
        try port.watch(socket.raw)
        while !port.isClosed {
            let now = MonotonicClock.now
            while let sequence = ledger.next(at: now) { send(sequence) }
            if ledger.isDone(at: now) { break }
            try port.wait(until: ledger.deadline)
            try receive()
        }
        port.send(["result": ledger.result])
    }

    private func send(_ sequence: Int) {
        let request = ICMPMessage.echoRequest(
            identifier: identifier, sequence: UInt16(truncatingIfNeeded: sequence),
            payload: [UInt8](repeating: 0x77, count: 56))
        do throws(SystemError) {
            try socket.send(request.octets(path.family), to: SocketAddress(path.destination))
        } catch {
            ledger.error(sequence, ["text": .string(error.reason)])
        }
    }

    private func receive() throws(SystemError) {
        while let datagram = try socket.receive() {
            guard let answer = ProbeAnswer(datagram),
                case .echo(identifier, let sequence) = answer.subject
            else { continue }
            switch answer.kind {
            case .echoReply: ledger.reply(Int(sequence), at: MonotonicClock.now)
            case .timeExceeded, .unreachable, .tooBig:
                ledger.error(
                    Int(sequence),
                    [
                        "from": JSON(answer.from), "type": JSON(answer.type),
                        "code": JSON(answer.code),
                    ])
            }
        }
    }
}

extension Socket {
    /// A raw ICMP socket at the beginning of a path.
    static func openICMP(_ path: ProbePath) throws(SystemError) -> Socket {
        let number = ICMPMessage.ipProtocol(path.family)
        let socket = try Socket.open(.raw(ipProtocol: number), path.family)
        if let device = path.device { try socket.bind(toDevice: device) }
        if let source = path.source { try socket.bind(SocketAddress(source)) }
        return socket
    }
}
