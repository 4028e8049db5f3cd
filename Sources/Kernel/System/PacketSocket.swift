// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Sends whole Ethernet frames by one link (AF_PACKET). It receives nothing.
package struct PacketSocket: ~Copyable, Sendable {
    private let descriptor: FileDescriptor
    private let interface: UInt32

    /// - Parameter index: of the link.
    package init(interface index: UInt32) throws(SystemError) {
        let flags = SocketType([.raw, .nonBlocking, .closeOnExec]).rawValue
        let raw = socket(AF_PACKET, flags, 0)
        guard raw >= 0 else { throw SystemError("open a packet socket") }
        descriptor = FileDescriptor(owning: raw)
        interface = index
    }

    /// Sends a frame that begins with its Ethernet header.
    package borrowing func send(frame: [UInt8]) throws(SystemError) {
        // struct sockaddr_ll: family, protocol, index, hardware type, packet type, address.
        var name = withUnsafeBytes(of: UInt16(AF_PACKET)) { Array($0) } + [0, 0]
        name += withUnsafeBytes(of: interface) { Array($0) }
        name += [UInt8](repeating: 0, count: 20 - name.count)
        let sent = frame.withUnsafeBytes { frame in
            name.withUnsafeBytes { name in
                retrying {
                    sendto(
                        descriptor.raw, frame.baseAddress, frame.count, 0,
                        name.assumingMemoryBound(to: sockaddr.self).baseAddress,
                        socklen_t(name.count))
                }
            }
        }
        guard sent >= 0 else { throw SystemError("send a frame") }
    }
}
