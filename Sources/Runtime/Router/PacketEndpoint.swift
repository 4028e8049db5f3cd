// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Wire

/// A socket of a packet channel, bound to an interface or a VRF.
final class PacketEndpoint {
    private enum Way {
        case frames(FrameHolder)
        case raw(SocketHolder)
        /// What is sent goes by another socket where the source port may not be the channel's.
        case udp(SocketHolder, sender: SocketHolder?)
    }

    /// Descriptors that an enumeration can hold.
    private final class SocketHolder {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }

    private final class FrameHolder {
        let socket: FrameSocket
        init(_ socket: consuming FrameSocket) { self.socket = socket }
    }

    /// Octets of the largest packet.
    private let sizeMax: Int

    let listener: PacketListener
    /// Of the device that it is bound to.
    let index: UInt32?
    private let way: Way

    init(
        _ listener: PacketListener, device: String?, index: UInt32?
    ) throws(SystemError) {
        self.listener = listener
        self.index = index
        sizeMax = listener.channel.sizeMax
        switch listener.channel {
        case .isis:
            let groups = listener.groups.compactMap(\.mac)
            let socket = try FrameSocket.open(
                interface: index ?? 0, accessPoint: 0xfe, groups: groups)
            way = .frames(FrameHolder(socket))
        case .ospf:
            way = .raw(try Self.open(.raw(ipProtocol: 89), port: nil, listener, device, index))
        case .rip, .ripng, .ldp, .bfd, .bfdMultihop:
            let isBFD = listener.channel == .bfd || listener.channel == .bfdMultihop
            let receiver = try Self.open(.udp, port: listener.channel.port, listener, device, index)
            way = .udp(receiver, sender: isBFD ? try Self.openSender(listener, device) : nil)
        }
    }

    var raw: Int32 {
        switch way {
        case .frames(let holder): holder.socket.raw
        case .raw(let holder), .udp(let holder, _): holder.socket.raw
        }
    }

    private static func open(
        _ kind: Socket.Kind, port: UInt16?, _ listener: PacketListener, _ device: String?,
        _ index: UInt32?
    ) throws(SystemError) -> SocketHolder {
        let socket = try Socket.open(kind, listener.family)
        if let device { try socket.bind(toDevice: device) }
        if let port {
            try socket.reuseAddress()
            try socket.bind(SocketAddress(.unspecified(listener.family), port: port))
        }
        if let index, listener.interface != nil {
            for group in listener.groups.compactMap(\.ip) {
                try socket.join(group, interface: index)
            }
            try socket.setMulticast(interface: index, hopLimit: 1)
        }
        try socket.receiveHopLimit()
        try socket.receiveInterface()
        if listener.channel == .ospf, listener.family == .ipv6 {
            try socket.checksumInKernel(at: 12)
        }
        return SocketHolder(socket)
    }

    /// From a port that RFC 5881 §4 allows.
    private static func openSender(
        _ listener: PacketListener, _ device: String?
    ) throws(SystemError) -> SocketHolder {
        let socket = try Socket.open(.udp, listener.family)
        if let device { try socket.bind(toDevice: device) }
        var port: UInt16 = 49152
        while true {
            do throws(SystemError) {
                try socket.bind(SocketAddress(.unspecified(listener.family), port: port))
                try socket.receiveNothing()
                return SocketHolder(socket)
            } catch {
                guard port < 50151 else { throw error }
                port += 1
            }
        }
    }

    // MARK: Packets

    /// The next packet that waits; nil when there is none. What is no packet of the channel has no
    /// payload.
    func receive() throws(SystemError) -> RoutingPacket? {
        switch way {
        case .frames(let holder):
            return try holder.socket.receive().map { frame in
                packet(
                    .mac(frame.source), .mac(frame.destination), hopLimit: 255, frame.payload)
            }
        case .raw(let holder):
            return try holder.socket.receive(sizeMax).map(rawPacket)
        case .udp(let holder, _):
            return try holder.socket.receive(sizeMax).map { datagram in
                packet(
                    .ip(datagram.source.address),
                    .ip(datagram.destination ?? .unspecified(listener.family)),
                    hopLimit: datagram.hopLimit ?? 0, datagram.octets)
            }
        }
    }

    private func rawPacket(_ datagram: Datagram) -> RoutingPacket {
        let source = PacketAddress.ip(datagram.source.address)
        guard listener.family == .ipv4 else {
            return packet(
                source, .ip(datagram.destination ?? .unspecified(.ipv6)),
                hopLimit: datagram.hopLimit ?? 0, datagram.octets)
        }
        var reader = WireReader(datagram.octets)
        guard let header = try? IPv4Header(decoding: &reader, isQuoted: true) else {
            return packet(source, source, hopLimit: 0, [])
        }
        return packet(
            source, .ip(IPAddress(header.destination)), hopLimit: header.timeToLive,
            reader.readRest())
    }

    private func packet(
        _ source: PacketAddress, _ destination: PacketAddress, hopLimit: UInt8, _ payload: [UInt8]
    ) -> RoutingPacket {
        RoutingPacket(
            listener.channel, vrf: listener.vrf, interface: listener.interface, source: source,
            destination: destination, hopLimit: hopLimit, payload: payload)
    }

    func send(_ packet: RoutingPacket) throws(SystemError) {
        guard let destination = packet.destination.ip else { return }
        let scope = destination.isLinkLocal || listener.interface != nil ? index ?? 0 : 0
        let holder: SocketHolder
        switch way {
        case .frames: return
        case .raw(let socket): holder = socket
        case .udp(let socket, let sender): holder = sender ?? socket
        }
        let port = listener.channel.port ?? 0
        try holder.socket.send(
            packet.payload, to: SocketAddress(destination, port: port, scope: scope),
            from: packet.source.ip, interface: listener.interface == nil ? 0 : scope,
            hopLimit: packet.hopLimit)
    }

    func send(_ packet: RoutingPacket, fromMAC own: MACAddress) throws(SystemError) {
        guard case .frames(let holder) = way, let destination = packet.destination.mac else {
            return
        }
        try holder.socket.send(packet.payload, from: own, to: destination)
    }
}

extension PacketChannel {
    /// UDP; nil for what is not in UDP.
    fileprivate var port: UInt16? {
        switch self {
        case .isis, .ospf: nil
        case .rip: 520
        case .ripng: 521
        case .ldp: 646
        case .bfd: 3784
        case .bfdMultihop: 4784
        }
    }

    /// BFD's are short and many; OSPF's are as long as IP has them.
    fileprivate var sizeMax: Int {
        switch self {
        case .bfd, .bfdMultihop: 256
        case .isis, .ospf, .rip, .ripng, .ldp: 64 << 10
        }
    }
}
