// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

extension Socket {
    /// Sends a packet with a source address, an interface and a hop limit of its own, whatever the
    /// socket's are.
    /// - Parameters:
    ///   - source: an address of this node; nil leaves it to the kernel.
    ///   - index: of the interface; 0 leaves it to the kernel's routes.
    package borrowing func send(
        _ octets: [UInt8], to address: SocketAddress, from source: IPAddress?,
        interface index: UInt32, hopLimit: UInt8
    ) throws(SystemError) {
        var control = Self.information(source, index, family)
        control += Self.hopLimit(hopLimit, family)
        var vector = iovec()
        var header = msghdr()
        let sent = octets.withUnsafeBytes { payload in
            address.withPointer { name, length in
                control.withUnsafeMutableBytes { control in
                    withUnsafeMutablePointer(to: &vector) { vector in
                        vector.pointee.iov_base = UnsafeMutableRawPointer(
                            mutating: payload.baseAddress)
                        vector.pointee.iov_len = payload.count
                        header.msg_name = UnsafeMutableRawPointer(mutating: name)
                        header.msg_namelen = length
                        header.msg_iov = vector
                        header.msg_iovlen = 1
                        header.msg_control = control.baseAddress
                        header.msg_controllen = control.count
                        return retrying { sendmsg(raw, &header, Int32(MSG_NOSIGNAL)) }
                    }
                }
            }
        }
        guard sent >= 0 else { throw SystemError("send to \(address)") }
    }

    /// struct in_pktinfo: index, source, destination; struct in6_pktinfo: source, index.
    private static func information(
        _ source: IPAddress?, _ index: UInt32, _ family: AddressFamily
    ) -> [UInt8] {
        let own = withUnsafeBytes(of: index) { Array($0) }
        let address =
            source?.bytes ?? [UInt8](repeating: 0, count: family.bitWidth / 8)
        switch family {
        case .ipv4:
            return control(Int32(IPPROTO_IP), IP_PKTINFO, own + address + [0, 0, 0, 0])
        case .ipv6:
            return control(Int32(IPPROTO_IPV6), IPV6_PKTINFO, address + own)
        }
    }

    private static func hopLimit(_ value: UInt8, _ family: AddressFamily) -> [UInt8] {
        let data = withUnsafeBytes(of: Int32(value)) { Array($0) }
        return switch family {
        case .ipv4: control(Int32(IPPROTO_IP), IP_TTL, data)
        case .ipv6: control(Int32(IPPROTO_IPV6), IPV6_HOPLIMIT, data)
        }
    }

    /// A control message: length (8 octets, header included), level, type, data, padding.
    private static func control(_ level: Int32, _ type: Int32, _ data: [UInt8]) -> [UInt8] {
        var octets = withUnsafeBytes(of: UInt64(16 + data.count)) { Array($0) }
        octets += withUnsafeBytes(of: level) { Array($0) }
        octets += withUnsafeBytes(of: type) { Array($0) }
        octets += data
        return octets + [UInt8](repeating: 0, count: (8 - octets.count % 8) % 8)
    }
}
