// SPDX-License-Identifier: Apache-2.0

import Kernel

/// The connection to an IKE daemon's control interface. Requests are answered in order, one at a
/// time.
final class ViciConnection {
    /// Why the daemon did not do what it was asked, in words.
    struct Refusal: Error {
        var text: String
    }

    typealias Answer = (Result<ViciMessage, Refusal>) -> Void

    private struct Request {
        var packet: ViciPacket
        var answer: Answer
    }

    private let socket: FileDescriptor
    private let loop: EventLoop
    private var incoming: [UInt8] = []
    /// The first has been sent.
    private var requests: [Request] = []
    private var isClosed = false

    private static let pieceSize = 64 << 10

    init(_ socket: consuming FileDescriptor, _ loop: EventLoop) throws(SystemError) {
        self.socket = socket
        self.loop = loop
        try loop.watch(self.socket.raw) { [unowned self] _ in self.receive() }
    }

    func ask(_ command: String, _ message: ViciMessage, _ answer: @escaping Answer) {
        guard !isClosed else { return answer(.failure(Self.gone)) }
        requests.append(Request(packet: .request(command, message), answer: answer))
        if requests.count == 1 { sendFirst() }
    }

    /// To be called before the connection is let go of. Open requests fail.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(socket.raw)
        let open = requests
        requests = []
        for request in open { request.answer(.failure(Self.gone)) }
    }

    private static let gone = Refusal(text: "the IKE daemon has gone")

    /// A request is small, and nothing else waits in the socket: it goes out whole, or the daemon
    /// is beyond help.
    private func sendFirst() {
        guard let octets = requests.first?.packet.octets else { return }
        let count = try? UnixSocket.send(socket, octets, from: 0)
        if count != octets.count { close() }
    }

    private func receive() {
        do throws(SystemError) {
            let octets = try UnixSocket.receive(socket, Self.pieceSize)
            if octets.isEmpty { return close() }
            incoming += octets
        } catch {
            return error.isWouldBlock ? () : close()
        }
        while !isClosed {
            switch ViciPacket.next(&incoming) {
            case .incomplete: return
            case .malformed: return close()
            case .packet(let packet): take(packet)
            }
        }
    }

    private func take(_ packet: ViciPacket) {
        guard !requests.isEmpty else { return close() }
        let answer = requests.removeFirst().answer
        sendFirst()
        guard case .response(let message) = packet else {
            return answer(.failure(Refusal(text: "the IKE daemon does not know the request")))
        }
        if message.text("success") == "no" {
            return answer(.failure(Refusal(text: message.text("errmsg") ?? "refused")))
        }
        answer(.success(message))
    }
}
