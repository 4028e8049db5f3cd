// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives
import Wire

/// A TCP connection to a router, of a peer that keeps no rule but TCP's own.
final class BadPeer {
    private let descriptor: Int32
    private var isOpen = true

    /// Connects, in the namespace in which the process is.
    /// - Parameter receiving: how many octets the kernel may hold for it.
    init(_ target: SocketAddress, receiving: Int32? = nil) throws(SystemError) {
        let socket = try Socket.open(.tcp, target.address.family)
        if let receiving { try socket.set(SOL_SOCKET, SO_RCVBUF, receiving, "SO_RCVBUF") }
        try socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
        try socket.connect(target)
        let poller = try Poller()
        try poller.add(socket.raw, token: 0, .write)
        _ = try poller.wait(until: MonotonicClock.now + .seconds(20))
        if let error = socket.pendingError("connect") { throw error }
        descriptor = fcntl(socket.raw, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw SystemError("dup") }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
        // Waits from here on: what this end does, it does at once.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    }

    deinit { close() }

    /// Sends all, waiting where need be; throws where the router has closed.
    func send(_ octets: [UInt8]) throws(SystemError) {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SystemError("send") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends the octets over and over, reading what comes, until it is killed or cut off.
    func sendWithoutEnd(_ octets: [UInt8]) -> Int32 {
        var space = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            do throws(SystemError) { try send(octets) } catch { return 1 }
            while recv(descriptor, &space, space.count, Int32(MSG_DONTWAIT)) > 0 {}
        }
    }

    /// What the router says when it ends the connection; nil where it only closes it.
    func notification() throws -> String? {
        var framer = BGPFramer()
        var space = [UInt8](repeating: 0, count: 1 << 16)
        let context = BGPCodecContext(fourOctetAS: true, isInternal: false)
        while true {
            let count = recv(descriptor, &space, space.count, 0)
            guard count > 0 else { return nil }
            for octets in framer.feed(Array(space.prefix(count))).messages {
                guard
                    case .notification(let notification)? = try? BGPMessage(
                        decoding: octets, in: context)
                else { continue }
                return "\(notification)"
            }
        }
    }

    /// Ends the connection without a goodbye (RST).
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }
}
