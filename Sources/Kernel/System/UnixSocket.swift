// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Stream sockets with a name in the file system.
package enum UnixSocket {
    /// Listens at a path that must not exist yet; only this user can connect.
    package static func listen(at path: String) throws(SystemError) -> FileDescriptor {
        let socket = try make(path)
        let raw = socket.raw
        try withAddress(path) { bind(raw, $0, $1) }
        guard chmod(path, 0o600) == 0, Glibc.listen(raw, 64) == 0 else {
            throw SystemError("listen at \(path)")
        }
        try socket.setNonBlocking()
        return socket
    }

    package static func connect(to path: String) throws(SystemError) -> FileDescriptor {
        let socket = try make(path)
        let raw = socket.raw
        try withAddress(path) { Glibc.connect(raw, $0, $1) }
        return socket
    }

    /// The next connection that waits at a listening socket; nil when none does.
    package static func accept(
        at listener: borrowing FileDescriptor
    ) throws(SystemError) -> FileDescriptor? {
        let raw = weft_accept(listener.raw, SocketType.closeOnExec.rawValue)
        if raw >= 0 { return FileDescriptor(owning: raw) }
        let transient = [EAGAIN, EINTR, ECONNABORTED]
        if transient.contains(errno) { return nil }
        throw SystemError("accept")
    }

    /// Receives what has arrived, without waiting; none at the end.
    package static func receive(
        _ socket: borrowing FileDescriptor, _ count: Int
    ) throws(SystemError) -> [UInt8] {
        var result = 0
        let raw = socket.raw
        let octets = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            result = retrying { recv(raw, buffer.baseAddress, count, Int32(MSG_DONTWAIT)) }
            used = max(0, result)
        }
        guard result >= 0 else { throw SystemError("receive") }
        return octets
    }

    /// Sends what the socket takes now, without waiting and without SIGPIPE.
    package static func send(
        _ socket: borrowing FileDescriptor, _ octets: [UInt8], from offset: Int
    ) throws(SystemError) -> Int {
        let raw = socket.raw
        let sent = octets.withUnsafeBytes { buffer in
            retrying {
                Glibc.send(
                    raw, buffer.baseAddress.map { $0 + offset }, buffer.count - offset,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
        }
        guard sent >= 0 else { throw SystemError("send") }
        return sent
    }

    private static func make(_ path: String) throws(SystemError) -> FileDescriptor {
        let type = SocketType([.stream, .closeOnExec]).rawValue
        let raw = socket(AF_UNIX, type, 0)
        guard raw >= 0 else { throw SystemError("open a socket for \(path)") }
        return FileDescriptor(owning: raw)
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw SystemError("use \(path)", ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
        guard result == 0 else { throw SystemError("use \(path)") }
    }
}

extension SystemError {
    /// Nobody listens where we wanted to connect.
    package var isNobodyThere: Bool { code == ENOENT || code == ECONNREFUSED }
}

extension Poller {
    /// Waits for one descriptor, once, until it is ready or the deadline passes.
    package static func wait(
        for raw: Int32, _ interest: Interest, until deadline: Instant?
    ) throws(SystemError) -> Bool {
        try wait(forAny: [(raw, interest)], until: deadline).contains(true)
    }

    /// Waits, once, until any of a few descriptors is ready or the deadline passes; an interrupting
    /// signal ends the wait as well. Files are taken too, and are always ready.
    /// - Returns: for each whether it is ready or broken.
    package static func wait(
        forAny descriptors: [(raw: Int32, interest: Interest)], until deadline: Instant?
    ) throws(SystemError) -> [Bool] {
        var milliseconds: Int32 = -1
        if let deadline {
            let rest = (deadline - MonotonicClock.now).nanoseconds
            milliseconds = Int32(clamping: max(0, (rest + 999_999) / 1_000_000))
        }
        var wanted = descriptors.map { raw, interest in
            let events =
                (interest.contains(.read) ? POLLIN : 0)
                | (interest.contains(.write) ? POLLOUT : 0)
            return pollfd(fd: raw, events: Int16(events), revents: 0)
        }
        let count = poll(&wanted, nfds_t(wanted.count), milliseconds)
        if count < 0, errno != EINTR { throw SystemError("poll") }
        return wanted.map { count > 0 && $0.revents != 0 }
    }
}

extension UnixSocket {
    /// Says that no more octets will be sent; receiving goes on.
    package static func finish(_ socket: borrowing FileDescriptor) {
        _ = shutdown(socket.raw, Int32(SHUT_WR))
    }
}
