// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// A packet that came in by a datagram or raw socket.
package struct Datagram: Hashable, Sendable {
    package var octets: [UInt8]
    package var source: SocketAddress
    /// TTL or hop limit as it arrived; nil unless `receiveHopLimit` was asked for.
    package var hopLimit: UInt8?
    /// The index of the interface by which it came; nil unless `receiveInterface` was asked for.
    package var interface: UInt32?

    package init(
        octets: [UInt8], source: SocketAddress, hopLimit: UInt8? = nil, interface: UInt32? = nil
    ) {
        self.octets = octets
        self.source = source
        self.hopLimit = hopLimit
        self.interface = interface
    }
}

extension Socket {
    /// Asks for the hop limit of what arrives.
    package borrowing func receiveHopLimit() throws(SystemError) {
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_RECVTTL, 1, "IP_RECVTTL")
        case .ipv6:
            try set(Int32(IPPROTO_IPV6), IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT")
        }
    }

    /// Asks for the interface of what arrives.
    package borrowing func receiveInterface() throws(SystemError) {
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_PKTINFO, 1, "IP_PKTINFO")
        case .ipv6: try set(Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO")
        }
    }

    /// Joins a multicast group on an interface.
    package borrowing func join(
        _ group: IPAddress, interface index: UInt32
    ) throws(SystemError) {
        // struct group_req: the index, padding to 8 octets, sockaddr_storage.
        var value = withUnsafeBytes(of: index) { Array($0) } + [0, 0, 0, 0]
        value += SocketAddress(group).octets
        value += [UInt8](repeating: 0, count: 8 + 128 - value.count)
        let level = Int32(family == .ipv4 ? IPPROTO_IP : IPPROTO_IPV6)
        try set(level, MCAST_JOIN_GROUP, octets: value, "membership of \(group)")
    }

    /// Chooses the interface and hop limit of multicasts, which do not come back to the sender.
    package borrowing func setMulticast(
        interface index: UInt32, hopLimit: UInt8
    ) throws(SystemError) {
        switch family {
        case .ipv4:
            // struct ip_mreqn: group, address, index.
            let value = [UInt8](repeating: 0, count: 8) + withUnsafeBytes(of: index) { Array($0) }
            let level = Int32(IPPROTO_IP)
            try set(level, IP_MULTICAST_IF, octets: value, "IP_MULTICAST_IF")
            try set(level, IP_MULTICAST_TTL, Int32(hopLimit), "IP_MULTICAST_TTL")
            try set(level, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP")
        case .ipv6:
            let level = Int32(IPPROTO_IPV6)
            try set(level, IPV6_MULTICAST_IF, Int32(bitPattern: index), "IPV6_MULTICAST_IF")
            try set(level, IPV6_MULTICAST_HOPS, Int32(hopLimit), "IPV6_MULTICAST_HOPS")
            try set(level, IPV6_MULTICAST_LOOP, 0, "IPV6_MULTICAST_LOOP")
        }
    }

    /// For a socket that only sends: keeps what arrives from taking up memory.
    package borrowing func receiveNothing() throws(SystemError) {
        try set(SOL_SOCKET, SO_RCVBUF, 1, "SO_RCVBUF")
    }

    package borrowing func send(
        _ octets: [UInt8], to address: SocketAddress
    ) throws(SystemError) {
        let sent = octets.withUnsafeBytes { buffer in
            address.withPointer { pointer, length in
                retrying {
                    sendto(
                        raw, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL),
                        pointer, length)
                }
            }
        }
        guard sent >= 0 else { throw SystemError("send to \(address)") }
    }

    /// The next packet that waits; nil when there is none.
    package borrowing func receive(_ sizeMax: Int = 2048) throws(SystemError) -> Datagram? {
        var name = [UInt8](repeating: 0, count: 128)
        var control = [UInt64](repeating: 0, count: 32)
        var header = msghdr()
        var count = 0
        let octets = [UInt8](unsafeUninitializedCapacity: sizeMax) { buffer, used in
            count = Self.receive(raw, buffer, &name, &control, &header)
            used = max(0, count)
        }
        guard count >= 0 else {
            let error = SystemError("receive")
            if error.isWouldBlock { return nil }
            throw error
        }
        guard let source = SocketAddress(octets: name[..<Int(header.msg_namelen)]) else {
            throw SystemError("receive", EAFNOSUPPORT)
        }
        var datagram = Datagram(octets: octets, source: source)
        datagram.takeControl(control.withUnsafeBytes { Array($0.prefix(header.msg_controllen)) })
        return datagram
    }

    private static func receive(
        _ raw: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>, _ name: inout [UInt8],
        _ control: inout [UInt64], _ header: inout msghdr
    ) -> Int {
        var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return name.withUnsafeMutableBytes { name in
            control.withUnsafeMutableBytes { control in
                withUnsafeMutablePointer(to: &vector) { vector in
                    header.msg_name = name.baseAddress
                    header.msg_namelen = socklen_t(name.count)
                    header.msg_iov = vector
                    header.msg_iovlen = 1
                    header.msg_control = control.baseAddress
                    header.msg_controllen = control.count
                    return retrying { recvmsg(raw, &header, 0) }
                }
            }
        }
    }
}

extension Datagram {
    /// Reads control messages: each has its length (8 octets, header included), level, type, data,
    /// and padding to 8 octets.
    fileprivate mutating func takeControl(_ control: [UInt8]) {
        func word(_ offset: Int) -> UInt32 {
            control[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        var offset = 0
        while offset + 20 <= control.count {
            let length = Int(word(offset))
            guard length >= 20, offset + length <= control.count else { return }
            let data = offset + 16
            switch (Int32(word(offset + 8)), Int32(word(offset + 12))) {
            case (Int32(IPPROTO_IP), IP_TTL), (Int32(IPPROTO_IPV6), IPV6_HOPLIMIT):
                hopLimit = UInt8(truncatingIfNeeded: word(data))
            case (Int32(IPPROTO_IP), IP_PKTINFO): interface = word(data)
            case (Int32(IPPROTO_IPV6), IPV6_PKTINFO) where length >= 36:
                interface = word(data + 16)
            default: break
            }
            offset += (length + 7) & ~7
        }
    }
}
