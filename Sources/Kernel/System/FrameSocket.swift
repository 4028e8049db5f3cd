// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import Primitives

/// Sends and receives IEEE 802.2 frames of one service access point by one link (AF_PACKET): what
/// IS-IS travels in (ISO 10589 §8).
package struct FrameSocket: ~Copyable, Sendable {
    private let descriptor: FileDescriptor
    private let interface: UInt32
    private let accessPoint: UInt8
    package var raw: Int32 { descriptor.raw }

    /// A frame that came in.
    package struct Frame: Hashable, Sendable {
        package var source: MACAddress
        package var destination: MACAddress
        /// After the 802.2 header, without padding.
        package var payload: [UInt8]
    }

    /// Destination, source, length; DSAP, SSAP, control.
    private static let headerSize = 17
    /// Unnumbered information.
    private static let control: UInt8 = 3
    private static let frameMax = 16 << 10
    /// SOL_PACKET, PACKET_ADD_MEMBERSHIP and PACKET_MR_MULTICAST (linux/if_packet.h); ETH_P_802_2.
    private static let packetLevel: Int32 = 263
    private static let addMembership: Int32 = 1
    private static let multicast: UInt8 = 0
    private static let protocol8022: UInt16 = 4

    /// - Parameters:
    ///   - accessPoint: both source and destination.
    ///   - groups: multicast addresses to hear.
    package static func open(
        interface index: UInt32, accessPoint: UInt8, groups: [MACAddress]
    ) throws(SystemError) -> FrameSocket {
        // Protocol 0 keeps out what comes before the socket is bound to the link.
        let flags = SocketType([.raw, .nonBlocking, .closeOnExec]).rawValue
        let raw = socket(AF_PACKET, flags, 0)
        guard raw >= 0 else { throw SystemError("open a packet socket") }
        let socket = FrameSocket(
            descriptor: FileDescriptor(owning: raw), interface: index, accessPoint: accessPoint)
        for group in groups { try socket.join(group) }
        let name = socket.name
        let result = name.withUnsafeBytes {
            bind(raw, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
        guard result == 0 else { throw SystemError("hear frames on link \(index)") }
        return socket
    }

    /// struct packet_mreq: index, type, length of the address, address.
    private borrowing func join(_ group: MACAddress) throws(SystemError) {
        let request =
            withUnsafeBytes(of: interface) { Array($0) } + [Self.multicast, 0, 6, 0]
            + group.bytes + [0, 0]
        let result = request.withUnsafeBytes {
            setsockopt(
                raw, Self.packetLevel, Self.addMembership, $0.baseAddress, socklen_t($0.count))
        }
        guard result == 0 else { throw SystemError("membership of \(group)") }
    }

    /// struct sockaddr_ll: family, protocol, index, hardware type, packet type, address.
    private var name: [UInt8] {
        let name =
            withUnsafeBytes(of: UInt16(AF_PACKET)) { Array($0) }
            + withUnsafeBytes(of: Self.protocol8022.bigEndian) { Array($0) }
            + withUnsafeBytes(of: interface) { Array($0) }
        return name + [UInt8](repeating: 0, count: 20 - name.count)
    }

    package borrowing func send(
        _ payload: [UInt8], from source: MACAddress, to destination: MACAddress
    ) throws(SystemError) {
        let length = UInt16(payload.count + 3)
        let frame =
            destination.bytes + source.bytes + [UInt8(length >> 8), UInt8(length & 0xff)]
            + [accessPoint, accessPoint, Self.control] + payload
        let name = name
        let sent = frame.withUnsafeBytes { frame in
            name.withUnsafeBytes { name in
                retrying {
                    sendto(
                        raw, frame.baseAddress, frame.count, 0,
                        name.assumingMemoryBound(to: sockaddr.self).baseAddress,
                        socklen_t(name.count))
                }
            }
        }
        guard sent >= 0 else { throw SystemError("send a frame") }
    }

    /// The next frame of the access point that waits; nil when there is none.
    package borrowing func receive() throws(SystemError) -> Frame? {
        while let message = try receiveMessage() {
            let octets = message.octets
            guard octets.count >= Self.headerSize, octets[14] == accessPoint,
                octets[15] == accessPoint, octets[16] == Self.control,
                let destination = MACAddress(bytes: octets[0..<6]),
                let source = MACAddress(bytes: octets[6..<12])
            else { continue }
            let length = Int(octets[12]) << 8 | Int(octets[13])
            guard length >= 3, 14 + length <= octets.count else { continue }
            return Frame(
                source: source, destination: destination,
                payload: Array(octets[Self.headerSize..<14 + length]))
        }
        return nil
    }

    /// A link that goes down says so once; frames come again when it is up.
    private borrowing func receiveMessage() throws(SystemError) -> ReceivedMessage? {
        do throws(SystemError) {
            return try ReceivedMessage.receive(raw, Self.frameMax)
        } catch  where error.code == ENETDOWN {
            return try ReceivedMessage.receive(raw, Self.frameMax)
        }
    }
}
