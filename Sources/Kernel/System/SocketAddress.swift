// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// An IP address and a port, as sockets take them.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    package var port: UInt16
    /// The interface index of a link-local IPv6 address; 0 for others.
    package var scope: UInt32

    package init(_ address: IPAddress, port: UInt16 = 0, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }

    package var description: String { port == 0 ? "\(address)" : "\(address) port \(port)" }

    /// The octets of sockaddr_in or sockaddr_in6: the family in host order, all else in network
    /// order but the scope.
    var octets: [UInt8] {
        let isIPv4 = address.family == .ipv4
        let family = UInt16(isIPv4 ? AF_INET : AF_INET6)
        var octets = withUnsafeBytes(of: family) { Array($0) }
        octets += [UInt8(port >> 8), UInt8(port & 0xff)]
        if isIPv4 { return octets + address.bytes + [UInt8](repeating: 0, count: 8) }
        octets += [0, 0, 0, 0] + address.bytes
        return octets + withUnsafeBytes(of: scope) { Array($0) }
    }

    /// Reads what the kernel filled in; nil for other families.
    init?(octets: ArraySlice<UInt8>) {
        let octets = Array(octets)
        guard octets.count >= 8 else { return nil }
        let family = Int32(UInt16(octets[0]) | UInt16(octets[1]) << 8)
        let port = UInt16(octets[2]) << 8 | UInt16(octets[3])
        if family == AF_INET, let address = IPAddress(bytes: octets[4..<8]) {
            self.init(address, port: port)
        } else if family == AF_INET6, octets.count >= 28,
            let address = IPAddress(bytes: octets[8..<24])
        {
            let scope = octets[24..<28].reversed().reduce(0) { $0 << 8 | UInt32($1) }
            self.init(address, port: port, scope: scope)
        } else {
            return nil
        }
    }

    /// Lends the octets as the C library wants them.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let octets = octets
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: octets) }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(octets.count))
            }
        }
    }
}
