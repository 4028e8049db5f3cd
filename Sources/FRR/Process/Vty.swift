// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Why a daemon of FRR could not be asked, or what it said instead of an answer.
struct FRRError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A daemon's socket for vtysh: a command and a zero go there; what it prints, three zeros and a
/// status octet come back.
struct Vty: ~Copyable {
    private let socket: FileDescriptor
    private let daemon: FRRDaemon

    /// Where every daemon has its sockets, process numbers and configuration: in a node's own /run.
    static let folder = "/run/frr"
    /// How long a daemon may take to answer.
    private static let patience = Duration.seconds(15)
    /// The most that one command may print: octets.
    private static let limit = 16 << 20
    /// CMD_SUCCESS; CMD_SUCCESS_DAEMON and CMD_WARNING are as good.
    private static let failures: Set<UInt8> = [2, 4, 13, 14]

    init(_ daemon: FRRDaemon) throws(SystemError) {
        self.daemon = daemon
        socket = try UnixSocket.connect(to: "\(Self.folder)/\(daemon.rawValue).vty")
    }

    /// What a daemon prints for the last of some commands, each given where the one before led.
    static func ask(_ daemon: FRRDaemon, _ commands: [String]) throws(FRRError) -> String {
        var refusal: String?
        var output = ""
        do throws(SystemError) {
            let vty = try Vty(daemon)
            for command in ["enable"] + commands where refusal == nil {
                let (text, status) = try vty.run(command)
                if failures.contains(status) { refusal = "refuses '\(command)': \(text)" }
                output = text
            }
        } catch {
            throw FRRError("\(daemon.rawValue): \(error)")
        }
        if let refusal { throw FRRError("\(daemon.rawValue) \(refusal)") }
        return output
    }

    private borrowing func run(_ command: String) throws(SystemError) -> (String, UInt8) {
        try socket.write(Array(command.utf8) + [0], to: daemon.rawValue)
        return try answer(until: MonotonicClock.now + Self.patience)
    }

    private borrowing func answer(until deadline: Instant) throws(SystemError) -> (String, UInt8) {
        var octets: [UInt8] = []
        while true {
            if octets.count >= 4, octets.suffix(4).prefix(3).allSatisfy({ $0 == 0 }) {
                return (
                    String(decoding: octets.dropLast(4), as: UTF8.self), octets[octets.count - 1]
                )
            }
            guard octets.count < Self.limit else { throw SystemError.tooLarge("read an answer") }
            guard try Poller.wait(for: socket.raw, .read, until: deadline) else {
                guard MonotonicClock.now < deadline else {
                    throw SystemError.missing("an answer in time")
                }
                continue
            }
            let piece = try UnixSocket.receive(socket, 64 << 10)
            guard !piece.isEmpty else { throw SystemError.missing("an answer") }
            octets += piece
        }
    }
}
