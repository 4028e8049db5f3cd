// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// A socket that never waits: what would wait throws (`isWouldBlock`) or says so.
package struct Socket: ~Copyable, Sendable {
    package let descriptor: FileDescriptor
    package let family: AddressFamily

    package var raw: Int32 { descriptor.raw }

    package enum Kind: Sendable {
        case tcp
        case udp
        /// Raw IP with this protocol number; needs CAP_NET_RAW. What is sent begins after the IP
        /// header; what is received begins with it in IPv4 and after it in IPv6.
        case raw(ipProtocol: UInt8)
    }

    package static func open(
        _ kind: Kind, _ family: AddressFamily
    ) throws(SystemError) -> Socket {
        let (type, number) =
            switch kind {
            case .tcp: (SocketType.stream, Int32(IPPROTO_TCP))
            case .udp: (.datagram, Int32(IPPROTO_UDP))
            case .raw(let number): (.raw, Int32(number))
            }
        let flags = type.union([.nonBlocking, .closeOnExec]).rawValue
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        let raw = Glibc.socket(domain, flags, number)
        guard raw >= 0 else { throw SystemError("socket") }
        let socket = Socket(owning: raw, family)
        if case .raw = kind { return socket }
        if family == .ipv6 { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1, "IPV6_V6ONLY") }
        return socket
    }

    private init(owning raw: Int32, _ family: AddressFamily) {
        descriptor = FileDescriptor(owning: raw)
        self.family = family
    }

    /// Sets an option whose value is an integer.
    package borrowing func set(
        _ level: Int32, _ option: Int32, _ value: Int32, _ name: String
    ) throws(SystemError) {
        var value = value
        guard setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
        else { throw SystemError("set \(name) to \(value)") }
    }

    /// Sets an option whose value is a structure.
    borrowing func set(
        _ level: Int32, _ option: Int32, octets: [UInt8], _ name: String
    ) throws(SystemError) {
        let result = octets.withUnsafeBytes {
            setsockopt(raw, level, option, $0.baseAddress, socklen_t($0.count))
        }
        guard result == 0 else { throw SystemError("set \(name)") }
    }

    /// Lets the socket see and use one interface only (SO_BINDTODEVICE). For a VRF device that is
    /// the VRF with all its interfaces.
    package borrowing func bind(toDevice name: String) throws(SystemError) {
        try set(SOL_SOCKET, SO_BINDTODEVICE, octets: Array(name.utf8), "SO_BINDTODEVICE to \(name)")
    }

    package borrowing func bind(_ address: SocketAddress) throws(SystemError) {
        guard address.withPointer({ Glibc.bind(raw, $0, $1) }) == 0 else {
            throw SystemError("bind to \(address)")
        }
    }

    /// Lets an IPv6 socket bind to an address that its device does not have (IPV6_FREEBIND): a
    /// link-local address belongs to one link alone, and an IPv4 one to the node.
    package borrowing func bindToForeignAddresses() throws(SystemError) {
        try set(Int32(IPPROTO_IPV6), Self.freeBind, 1, "IPV6_FREEBIND")
    }

    private static var freeBind: Int32 { 78 }

    /// Lets a listener bind while old connections of the same port still linger.
    package borrowing func reuseAddress() throws(SystemError) {
        try set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
    }

    /// The address that the socket is bound to.
    package borrowing func localAddress() throws(SystemError) -> SocketAddress {
        var octets = [UInt8](repeating: 0, count: 128)
        var length = socklen_t(octets.count)
        let result = octets.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: sockaddr.self) {
                getsockname(raw, $0.baseAddress, &length)
            }
        }
        guard result == 0, let address = SocketAddress(octets: octets[..<Int(length)]) else {
            throw SystemError("getsockname")
        }
        return address
    }

    /// How many routers a packet may pass: TTL or hop limit.
    package borrowing func set(hopLimit: UInt8) throws(SystemError) {
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_TTL, Int32(hopLimit), "IP_TTL")
        case .ipv6:
            try set(Int32(IPPROTO_IPV6), IPV6_UNICAST_HOPS, Int32(hopLimit), "IPV6_UNICAST_HOPS")
        }
    }
}

// MARK: - TCP

extension Socket {
    package borrowing func listen(backlog: Int32 = 64) throws(SystemError) {
        guard Glibc.listen(raw, backlog) == 0 else { throw SystemError("listen") }
    }

    /// Takes a connection that waits. The new socket does not wait either.
    /// - Throws: also when none waits (`isWouldBlock`).
    package borrowing func accept() throws(SystemError) -> Socket {
        let accepted = retrying {
            weft_accept(raw, SocketType([.nonBlocking, .closeOnExec]).rawValue)
        }
        guard accepted >= 0 else { throw SystemError("accept") }
        return Socket(owning: accepted, family)
    }

    /// The address at the other end of a connection.
    package borrowing func peerAddress() throws(SystemError) -> SocketAddress {
        var octets = [UInt8](repeating: 0, count: 128)
        var length = socklen_t(octets.count)
        let result = octets.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: sockaddr.self) {
                getpeername(raw, $0.baseAddress, &length)
            }
        }
        guard result == 0, let address = SocketAddress(octets: octets[..<Int(length)]) else {
            throw SystemError("getpeername")
        }
        return address
    }

    /// Begins to connect. The socket can be written once it is decided; then ask `pendingError`.
    package borrowing func connect(_ address: SocketAddress) throws(SystemError) {
        let result = address.withPointer { Glibc.connect(raw, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            throw SystemError("connect to \(address)")
        }
    }

    /// The error that the socket has to tell, which it then forgets; nil when there is none.
    package borrowing func pendingError(_ operation: String) -> SystemError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(raw, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            return SystemError(operation)
        }
        return code == 0 ? nil : SystemError(operation, code)
    }

    /// Sends octets of a stream. Returns how many were taken; none when it would wait.
    package borrowing func send(_ octets: [UInt8]) throws(SystemError) -> Int {
        let sent = octets.withUnsafeBytes { buffer in
            retrying { Glibc.send(raw, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL)) }
        }
        if sent >= 0 { return sent }
        let error = SystemError("send")
        if error.isWouldBlock { return 0 }
        throw error
    }

    /// For a TCP socket that carries messages: no delay of small ones, and at most `unsent` octets
    /// taken that have not left yet, so that what is urgent need not wait in the kernel.
    package borrowing func prepareForMessages(unsent: Int32) throws(SystemError) {
        try set(Int32(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
        try set(Int32(IPPROTO_TCP), Self.notSentLowWater, unsent, "TCP_NOTSENT_LOWAT")
    }

    private static var notSentLowWater: Int32 { 25 }

    /// Sets the key that segments from and to a peer are signed with (RFC 2385), before the socket
    /// listens or connects. A socket bound to a VRF device needs no more to know its own peers.
    /// - Parameter length: of a prefix that holds all peers; nil for one peer.
    package borrowing func setMD5Key(
        _ key: String, for peer: IPAddress, prefixLength length: UInt8? = nil
    ) throws(SystemError) {
        let octets = Array(key.utf8)
        guard octets.count <= 80 else {
            throw SystemError("set MD5 key for \(peer)", EINVAL)
        }
        // struct tcp_md5sig: sockaddr_storage, flags, prefix length, key length, ifindex, key.
        var value = SocketAddress(peer).octets
        value += [UInt8](repeating: 0, count: 128 - value.count)
        value += [length == nil ? 0 : Self.md5Prefix, length ?? 0]
        value += [UInt8(octets.count), 0, 0, 0, 0, 0] + octets
        value += [UInt8](repeating: 0, count: 80 - octets.count)
        let option = length == nil ? Self.md5Signature : Self.md5SignatureExtended
        try set(Int32(IPPROTO_TCP), option, octets: value, "MD5 key for \(peer)")
    }

    /// Connections with the peer need no key any more.
    package borrowing func removeMD5Key(for peer: IPAddress) throws(SystemError) {
        try setMD5Key("", for: peer)
    }

    /// TCP_MD5SIG, TCP_MD5SIG_EXT, TCP_MD5SIG_FLAG_PREFIX (linux/tcp.h).
    private static var md5Signature: Int32 { 14 }
    private static var md5SignatureExtended: Int32 { 32 }
    private static var md5Prefix: UInt8 { 1 }
}
