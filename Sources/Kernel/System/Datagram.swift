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
    /// The address that it was sent to; nil unless `receiveInterface` was asked for.
    package var destination: IPAddress?

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

    /// Lets only messages of one type into a raw ICMPv6 socket (RFC 3542 §3.2).
    package borrowing func receiveICMPv6(type: UInt8) throws(SystemError) {
        // struct icmp6_filter: a bit for each type, in words of host order; a set one keeps out.
        var words = [UInt32](repeating: .max, count: 8)
        words[Int(type >> 5)] &= ~(1 << UInt32(type & 31))
        let octets = words.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
        try set(Int32(IPPROTO_ICMPV6), Self.icmpv6Filter, octets: octets, "ICMP6_FILTER")
    }

    private static var icmpv6Filter: Int32 { 1 }

    /// Has the kernel write and check the checksum of a raw IPv6 socket's protocol (RFC 3542 §3.1).
    /// - Parameter offset: of the checksum in the payload; even.
    package borrowing func checksumInKernel(at offset: Int32) throws(SystemError) {
        try set(Int32(IPPROTO_IPV6), Self.ipv6Checksum, offset, "IPV6_CHECKSUM")
    }

    private static var ipv6Checksum: Int32 { 7 }

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
        guard let message = try ReceivedMessage.receive(raw, sizeMax) else { return nil }
        guard let source = SocketAddress(octets: message.name[...]) else {
            throw SystemError("receive", EAFNOSUPPORT)
        }
        var datagram = Datagram(octets: message.octets, source: source)
        datagram.take(message.control)
        return datagram
    }
}

extension Datagram {
    fileprivate mutating func take(_ control: [ReceivedMessage.Control]) {
        for entry in control {
            switch (entry.level, entry.type) {
            case (Int32(IPPROTO_IP), IP_TTL), (Int32(IPPROTO_IPV6), IPV6_HOPLIMIT):
                hopLimit = entry.word(at: 0).map { UInt8(truncatingIfNeeded: $0) }
            case (Int32(IPPROTO_IP), IP_PKTINFO):
                interface = entry.word(at: 0)
                destination = IPAddress(bytes: entry.data.dropFirst(8).prefix(4))
            case (Int32(IPPROTO_IPV6), IPV6_PKTINFO):
                interface = entry.word(at: 16)
                destination = IPAddress(bytes: entry.data.prefix(16))
            default: break
            }
        }
    }
}
