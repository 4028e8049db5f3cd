// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// Takes in the clients that connect to a lab's socket. One that comes while no descriptor is left
/// is told so, instead of waiting for ever.
final class ClientListener {
    private let socket: FileDescriptor
    private let loop: EventLoop
    private var onClient: (Int32) -> Void = { _ in }
    /// Given up for a moment to take in a client that is to be refused.
    private var spare: HeldDescriptor?

    /// Where even the spare one is gone.
    private static let pause: Duration = .milliseconds(200)
    private static let refusal = "the lab has no file descriptors left for another client"

    init(_ socket: consuming FileDescriptor, _ loop: EventLoop) throws(SystemError) {
        self.socket = socket
        self.loop = loop
        spare = try Self.makeSpare()
        try self.socket.setNonBlocking()
    }

    private static func makeSpare() throws(SystemError) -> HeldDescriptor {
        HeldDescriptor(try FileDescriptor.open("/dev/null"))
    }

    /// - Parameter body: takes over the socket of every client that comes.
    func start(_ body: @escaping (Int32) -> Void) throws(SystemError) {
        onClient = body
        try loop.watch(socket.raw) { [unowned self] _ in accept() }
    }

    private func accept() {
        do throws(SystemError) {
            while let client = try UnixSocket.accept(at: socket) { onClient(client.release()) }
        } catch { refuse() }
    }

    private func refuse() {
        spare?.close()
        if let client = try? UnixSocket.accept(at: socket) {
            try? FrameChannel(client).send(.message(["error": .string(Self.refusal)]))
        }
        spare = try? Self.makeSpare()
        if spare == nil { pause() }
    }

    private func pause() {
        loop.setInterest(socket.raw, [])
        loop.call(at: loop.now + Self.pause) { [unowned self] in
            spare = try? Self.makeSpare()
            loop.setInterest(socket.raw, .read)
        }
    }
}
