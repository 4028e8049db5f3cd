// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc

/// A netlink socket of the namespace in which it was opened; it stays there wherever the process
/// goes. Replies are matched by sequence number, so one that was given up on harms nobody.
package final class NetlinkSocket {
    private let socket: OpaquePointer
    private var sequence: UInt32 = 0

    /// What the kernel fills a datagram of a dump to, at most.
    private static let datagramSizeMax = 64 << 10
    /// Room for what the kernel has said and we have not read yet.
    private static let queueSize: Int32 = 1 << 20
    /// The most bytes and messages sent at once: all acks of one batch wait in the receive queue,
    /// and each takes less than a KiB of it.
    private static let batchSizeMax = 32 << 10
    private static let batchCountMax = 128

    /// - Parameter protocol: NETLINK_ROUTE unless said otherwise.
    package init(protocol number: Int32 = NETLINK_ROUTE) throws(SystemError) {
        guard let socket = mnl_socket_open2(number, SocketType.closeOnExec.rawValue) else {
            throw SystemError("open a netlink socket", errno)
        }
        self.socket = socket
        guard mnl_socket_bind(socket, 0, pid_t(MNL_SOCKET_AUTOPID)) == 0 else {
            throw SystemError("bind a netlink socket", errno)
        }
        setQueueSize()
        enable(NETLINK_EXT_ACK)
        enable(NETLINK_CAP_ACK)
        enable(NETLINK_GET_STRICT_CHK)
    }

    deinit { mnl_socket_close(socket) }

    package var descriptor: Int32 { mnl_socket_get_fd(socket) }

    /// Only the machine's root may go beyond its limit; the limit itself holds every batch's acks.
    private func setQueueSize() {
        var size = Self.queueSize
        let length = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, length) != 0 {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, length)
        }
    }

    /// Older kernels lack some options; what they add is comfort, so absence is no error.
    private func enable(_ option: Int32) {
        var one: Int32 = 1
        _ = mnl_socket_setsockopt(socket, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: Requests

    /// Sends requests in as few system calls as fit, and waits for all acks.
    /// - Throws: the first error, unless `tolerating` names its number.
    package func send(
        _ messages: [NetlinkMessage], tolerating: Set<Int32> = []
    ) throws(SystemError) {
        var first: SystemError?
        for (message, error) in try outcomes(messages) {
            guard let error, first == nil, !tolerating.contains(error.code) else { continue }
            first = SystemError(message.operation, error.code, detail: error.detail)
        }
        if let first { throw first }
    }

    /// Sends one request and waits for its ack.
    package func send(
        _ message: NetlinkMessage, tolerating: Set<Int32> = []
    ) throws(SystemError) {
        try send([message], tolerating: tolerating)
    }

    /// Sends all requests; every one with its error or nil, in order.
    package func outcomes(
        _ messages: [NetlinkMessage]
    ) throws(SystemError) -> [(NetlinkMessage, SystemError?)] {
        var results: [(NetlinkMessage, SystemError?)] = []
        results.reserveCapacity(messages.count)
        var rest = messages[...]
        while !rest.isEmpty {
            let first = sequence &+ 1
            let (batch, bytes) = nextBatch(&rest)
            try transmit(bytes)
            results += zip(batch, try acks(from: first, of: batch)).map { ($0, $1) }
        }
        return results
    }

    /// Takes as many messages as may be sent at once, numbered, and joins their bytes.
    private func nextBatch(
        _ rest: inout ArraySlice<NetlinkMessage>
    ) -> (ArraySlice<NetlinkMessage>, [UInt8]) {
        var bytes: [UInt8] = []
        var end = rest.startIndex
        repeat {
            sequence &+= 1
            var message = rest[end]
            message.setSequence(sequence)
            bytes += message.bytes
            end += 1
        } while end < rest.endIndex && end - rest.startIndex < Self.batchCountMax
            && bytes.count + rest[end].bytes.count <= Self.batchSizeMax
        let batch = rest[..<end]
        rest = rest[end...]
        return (batch, bytes)
    }

    private func transmit(_ bytes: [UInt8]) throws(SystemError) {
        let count = bytes.withUnsafeBytes { mnl_socket_sendto(socket, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw SystemError("send to netlink", errno) }
    }

    private func acks(
        from first: UInt32, of batch: ArraySlice<NetlinkMessage>
    ) throws(SystemError) -> [SystemError?] {
        var errors = [SystemError?](repeating: nil, count: batch.count)
        var missing = batch.count
        while missing > 0 {
            for reply in try receive() where reply.type == UInt16(NLMSG_ERROR) {
                let index = Int(reply.sequence &- first)
                guard errors.indices.contains(index) else { continue }
                missing -= 1
                errors[index] = reply.error(of: batch[batch.startIndex + index].operation)
            }
        }
        return errors
    }

    // MARK: Dumps

    /// All objects that a dump request lists; asked again when the kernel says that the list
    /// changed under it.
    package func dump(_ request: NetlinkMessage) throws(SystemError) -> [NetlinkReply] {
        while true {
            var message = request
            sequence &+= 1
            message.setSequence(sequence)
            try transmit(message.bytes)
            if let replies = try collectDump(request.operation) { return replies }
        }
    }

    /// nil where the dump was interrupted.
    private func collectDump(_ operation: String) throws(SystemError) -> [NetlinkReply]? {
        var replies: [NetlinkReply] = []
        var isInterrupted = false
        while true {
            for reply in try receive() where reply.sequence == sequence {
                isInterrupted = isInterrupted || reply.flags & UInt16(NLM_F_DUMP_INTR) != 0
                if reply.type == UInt16(NLMSG_DONE) { return isInterrupted ? nil : replies }
                if reply.type == UInt16(NLMSG_ERROR) {
                    if let error = reply.error(of: operation) { throw error }
                    continue
                }
                replies.append(reply)
            }
        }
    }

    // MARK: Notifications

    /// Joins a multicast group (RTNLGRP_…).
    package func join(_ group: Int) throws(SystemError) {
        var group = Int32(group)
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, size) == 0 else {
            throw SystemError("join netlink group \(group)", errno)
        }
    }

    /// Makes `receive` fail with EAGAIN where it would wait.
    package func setNonBlocking() throws(SystemError) {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) >= 0 else {
            throw SystemError("fcntl", errno)
        }
    }

    /// Messages that wait; blocks where the descriptor is blocking.
    /// - Throws: ENOBUFS when the kernel dropped notifications.
    package func receive() throws(SystemError) -> [NetlinkReply] {
        var sender = sockaddr_nl()
        var count = 0
        let descriptor = descriptor
        let datagram = [UInt8](unsafeUninitializedCapacity: Self.datagramSizeMax) { space, used in
            count = retrying { Self.receive(descriptor, space, &sender) }
            used = min(max(0, count), space.count)
        }
        guard count >= 0 else { throw SystemError("receive from netlink") }
        guard count <= datagram.count else { throw SystemError("receive from netlink", EMSGSIZE) }
        // Whoever may administer this namespace could write to us; only the kernel has number 0.
        guard sender.nl_pid == 0 else { return [] }
        return NetlinkReply.parse(datagram[...])
    }

    /// - Returns: the datagram's whole length, even where the space was too small.
    private static func receive(
        _ descriptor: Int32, _ space: UnsafeMutableBufferPointer<UInt8>, _ sender: inout sockaddr_nl
    ) -> Int {
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        return withUnsafeMutablePointer(to: &sender) { sender in
            sender.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(
                    descriptor, space.baseAddress, space.count, Int32(MSG_TRUNC), $0,
                    &length)
            }
        }
    }
}
