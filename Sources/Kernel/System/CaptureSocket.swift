// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import Primitives

/// A frame that passed a link.
package struct CapturedFrame: Hashable, Sendable {
    /// From the Ethernet header on, a VLAN tag included. A frame on its way out has no transport
    /// checksum yet, and may stand for several that the link would cut it into.
    package var octets: [UInt8]
    /// This end of the link sent it.
    package var isOutgoing: Bool
    /// When the kernel saw it; nil where that was not asked for.
    package var time: WallTime?
}

/// Sees all frames that pass one link, in both directions (AF_PACKET).
package struct CaptureSocket: ~Copyable {
    private let descriptor: FileDescriptor
    /// The link's own header is not known: frames begin with 16 octets in its place, as
    /// LINKTYPE_LINUX_SLL has them.
    package let isCooked: Bool
    package var raw: Int32 { descriptor.raw }

    /// Begins to capture: nothing that passes afterwards is missed, but for what `takeLost` counts.
    /// - Parameters:
    ///   - index: of the link.
    ///   - isCooked: for links that have no Ethernet header.
    ///   - withTime: frames say when they passed.
    package static func open(
        interface index: UInt32, isCooked: Bool = false, withTime: Bool = false
    ) throws(SystemError) -> CaptureSocket {
        // Protocol 0 keeps out what comes before the socket is bound to the link.
        let kind: SocketType = isCooked ? .datagram : .raw
        let flags = kind.union([.nonBlocking, .closeOnExec]).rawValue
        let raw = socket(AF_PACKET, flags, 0)
        guard raw >= 0 else { throw SystemError("open a packet socket") }
        let socket = CaptureSocket(
            descriptor: FileDescriptor(owning: raw), isCooked: isCooked)
        if withTime { try socket.set(SOL_SOCKET, timestamps, 1, "SO_TIMESTAMPNS") }
        // Beyond net.core.rmem_max only with a right over the machine, which rootless labs lack.
        do throws(SystemError) {
            try socket.set(SOL_SOCKET, SO_RCVBUFFORCE, bufferSize, "SO_RCVBUFFORCE")
        } catch {
            try socket.set(SOL_SOCKET, SO_RCVBUF, bufferSize, "SO_RCVBUF")
        }
        try socket.set(packetLevel, auxiliaryData, 1, "PACKET_AUXDATA")
        let name = name(interface: index)
        let result = name.withUnsafeBytes {
            bind(raw, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
        guard result == 0 else { throw SystemError("capture on link \(index)") }
        return socket
    }

    private init(descriptor: consuming FileDescriptor, isCooked: Bool) {
        self.descriptor = descriptor
        self.isCooked = isCooked
    }

    /// Octets that may wait to be read: some ten thousand packets.
    private static let bufferSize: Int32 = 64 << 20
    /// SOL_PACKET, PACKET_AUXDATA, PACKET_STATISTICS (linux/if_packet.h).
    private static let packetLevel: Int32 = 263
    private static let auxiliaryData: Int32 = 8
    private static let statistics: Int32 = 6
    /// SO_TIMESTAMPNS and SCM_TIMESTAMPNS of asm-generic/socket.h, with times of 64 bits.
    private static let timestamps: Int32 = 35

    private borrowing func set(
        _ level: Int32, _ option: Int32, _ value: Int32, _ name: String
    ) throws(SystemError) {
        var value = value
        guard setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
        else { throw SystemError("set \(name)") }
    }

    /// struct sockaddr_ll: family, protocol (all), index, hardware type, packet type, address.
    private static func name(interface index: UInt32) -> [UInt8] {
        let name =
            withUnsafeBytes(of: UInt16(AF_PACKET)) { Array($0) } + [0, UInt8(ETH_P_ALL)]
            + withUnsafeBytes(of: index) { Array($0) }
        return name + [UInt8](repeating: 0, count: 20 - name.count)
    }

    /// The next frame that waits; nil when there is none.
    package borrowing func receive() throws(SystemError) -> CapturedFrame? {
        guard let message = try receiveMessage() else { return nil }
        var frame = CapturedFrame(octets: message.octets, isOutgoing: false)
        // The packet type; PACKET_OUTGOING is 4.
        if message.name.count > 10 { frame.isOutgoing = message.name[10] == 4 }
        for entry in message.control {
            switch (entry.level, entry.type) {
            case (Self.packetLevel, Self.auxiliaryData) where !isCooked:
                if let tag = Self.tag(entry.data) { frame.insert(tag) }
            case (SOL_SOCKET, Self.timestamps): frame.time = Self.time(entry.data)
            default: break
            }
        }
        if isCooked { frame.octets = Self.cookedHeader(message.name) + frame.octets }
        return frame
    }

    /// struct timespec.
    private static func time(_ data: [UInt8]) -> WallTime? {
        guard data.count >= 16 else { return nil }
        return data.withUnsafeBytes { data in
            let seconds = data.loadUnaligned(as: Int64.self)
            let rest = data.loadUnaligned(fromByteOffset: 8, as: Int64.self)
            return WallTime(nanoseconds: seconds * 1_000_000_000 + rest)
        }
    }

    /// LINKTYPE_LINUX_SLL of a struct sockaddr_ll: packet type, hardware type, length and octets of
    /// the address, protocol, all in network order.
    private static func cookedHeader(_ name: [UInt8]) -> [UInt8] {
        guard name.count >= 20 else { return [UInt8](repeating: 0, count: 16) }
        return [0, name[10], name[9], name[8], 0, name[11]] + name[12..<20] + name[2..<4]
    }

    /// A link that goes down says so once; capturing goes on when it is up again.
    private borrowing func receiveMessage() throws(SystemError) -> ReceivedMessage? {
        do throws(SystemError) {
            return try ReceivedMessage.receive(raw, Self.frameMax)
        } catch  where error.code == ENETDOWN {
            return try ReceivedMessage.receive(raw, Self.frameMax)
        }
    }

    /// 64 KiB of a segment that is still to be cut up, and its headers.
    private static let frameMax = 66 << 10

    /// The VLAN tag that the kernel keeps beside a frame, as it is on the wire. struct
    /// tpacket_auxdata: status, two lengths, two offsets, TCI and TPID.
    private static func tag(_ data: [UInt8]) -> [UInt8]? {
        guard data.count >= 20, data[0] & 0x10 != 0 else { return nil }
        let hasType = data[0] & 0x40 != 0
        let type = hasType ? [data[19], data[18]] : [0x81, 0]
        return type + [data[17], data[16]]
    }

    /// How many packets were lost since the last call because the buffer was full.
    package borrowing func takeLost() throws(SystemError) -> Int {
        var value: [UInt32] = [0, 0]
        var length = socklen_t(8)
        guard getsockopt(raw, Self.packetLevel, Self.statistics, &value, &length) == 0 else {
            throw SystemError("get PACKET_STATISTICS")
        }
        return Int(value[1])
    }
}

extension CapturedFrame {
    /// Puts a VLAN tag where it belongs: after the two hardware addresses.
    fileprivate mutating func insert(_ tag: [UInt8]) {
        guard octets.count >= 12 else { return }
        octets.insert(contentsOf: tag, at: 12)
    }
}
