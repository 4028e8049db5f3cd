// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Wire

/// The adverts of a router's VRRP groups, and the devices that hold their virtual addresses.
///
/// Adverts are received on the interface itself and sent by way of the group's macvlan, so that
/// they carry the virtual MAC address and switches learn where it is (RFC 9568 §7.3).
final class VRRPTransport {
    /// How many packets an interface may bring in one turn.
    private static let packetsPerTurn = 32

    private final class Receiver {
        let interface: String
        let socket: Socket

        init(_ interface: String, _ socket: consuming Socket) {
            self.interface = interface
            self.socket = socket
        }
    }

    private final class Sender {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }

    private let groups: [VRRPConfiguration]
    private let poller: PollerBox
    private let netlink: NetlinkSocket
    private var indexes: LinkIndexes
    private var receivers: [Receiver] = []
    /// By device and source.
    private var senders: [String: Sender] = [:]

    init(_ groups: [VRRPConfiguration], _ poller: PollerBox) throws(SystemError) {
        self.groups = groups
        self.poller = poller
        netlink = try NetlinkSocket()
        indexes = LinkIndexes([])
    }

    /// Listens on the groups' interfaces, and takes back what a router that was killed left on the
    /// devices.
    func open() throws(SystemError) {
        guard !groups.isEmpty else { return }
        indexes = LinkIndexes(try netlink.links())
        let addresses = try netlink.addresses()
        for group in groups {
            try listen(group.interface, group.primaryAddress.family)
            let index = try indexes.index(of: group.device, for: "open VRRP")
            for address in addresses[index] ?? [] {
                try netlink.remove(address, from: index, group.device)
            }
            try netlink.set(link: index, group.device, isUp: false)
        }
    }

    private func listen(_ interface: String, _ family: AddressFamily) throws(SystemError) {
        let isOpen = receivers.contains {
            $0.interface == interface && $0.socket.family == family
        }
        guard !isOpen else { return }
        let index = try indexes.index(of: interface, for: "open VRRP")
        let socket = try Socket.open(.raw(ipProtocol: VRRPAdvertisement.ipProtocol), family)
        try socket.bind(toDevice: interface)
        try socket.join(VRRPAdvertisement.multicastGroup(family), interface: index)
        try socket.receiveHopLimit()
        let token = PollToken(.vrrp, UInt64(receivers.count))
        try poller.value.add(socket.raw, token: token.rawValue)
        receivers.append(Receiver(interface, socket))
    }

    // MARK: Receiving

    /// The packets that wait at a receiver. What is no IP packet is left out.
    func receive(_ number: UInt64) -> [Event] {
        guard receivers.indices.contains(Int(number)) else { return [] }
        let receiver = receivers[Int(number)]
        var events: [Event] = []
        for _ in 0..<Self.packetsPerTurn {
            guard let datagram = try? receiver.socket.receive() else { break }
            if let event = Self.event(datagram, on: receiver.interface) { events.append(event) }
        }
        return events
    }

    private static func event(_ datagram: Datagram, on interface: String) -> Event? {
        guard datagram.source.address.family == .ipv4 else {
            return datagram.hopLimit.map {
                .vrrp(
                    interface: interface, source: datagram.source.address, hopLimit: $0,
                    payload: datagram.octets)
            }
        }
        var reader = WireReader(datagram.octets)
        guard let header = try? IPv4Header(decoding: &reader, isQuoted: true) else { return nil }
        return .vrrp(
            interface: interface, source: IPAddress(header.source),
            hopLimit: header.timeToLive, payload: reader.readRest())
    }

    // MARK: What the engine wants

    /// Carries an effect out.
    func perform(_ effect: VRRPEffect) throws(SystemError) {
        switch effect {
        case .send(_, let device, let source, let payload):
            try send(payload, by: device, from: source)
        case .takeOver(let device, let addresses): try takeOver(device, addresses)
        case .release(let device, let addresses): try release(device, addresses)
        }
    }

    private func send(
        _ payload: [UInt8], by device: String, from source: IPAddress
    ) throws(SystemError) {
        let name = "\(device) \(source)"
        let sender: Sender
        if let open = senders[name] {
            sender = open
        } else {
            sender = Sender(try openSender(device, source))
            senders[name] = sender
        }
        let group = VRRPAdvertisement.multicastGroup(source.family)
        let index = indexes.byName[device] ?? 0
        try sender.socket.send(payload, to: SocketAddress(group, scope: index))
    }

    private func openSender(
        _ device: String, _ source: IPAddress
    ) throws(SystemError) -> Socket {
        let index = try indexes.index(of: device, for: "send a VRRP advertisement")
        let ipProtocol = VRRPAdvertisement.ipProtocol
        let socket = try Socket.open(.raw(ipProtocol: ipProtocol), source.family)
        try socket.bind(toDevice: device)
        try socket.bind(SocketAddress(source, scope: source.isLinkLocal ? index : 0))
        try socket.setMulticast(
            interface: index, hopLimit: VRRPAdvertisement.timeToLive)
        try socket.receiveNothing()
        return socket
    }

    private func takeOver(_ device: String, _ addresses: [IPAddress]) throws(SystemError) {
        let index = try indexes.index(of: device, for: "take over virtual addresses")
        try netlink.set(link: index, device, isUp: true)
        for address in addresses {
            try netlink.add(InterfaceAddress(host: address), to: index, device)
        }
        for address in addresses { try announce(address, on: index, device) }
    }

    private func release(_ device: String, _ addresses: [IPAddress]) throws(SystemError) {
        let index = try indexes.index(of: device, for: "release virtual addresses")
        for address in addresses {
            try netlink.remove(InterfaceAddress(host: address), from: index, device)
        }
        try netlink.set(link: index, device, isUp: false)
    }

    // MARK: Telling the neighbours

    /// A gratuitous ARP request and reply, since some hosts heed only one of them, or an
    /// unsolicited neighbor advertisement (RFC 9568 §8.1.2, §8.2.2).
    private func announce(
        _ address: IPAddress, on index: UInt32, _ device: String
    ) throws(SystemError) {
        guard let group = groups.first(where: { $0.device == device }) else { return }
        let mac = VRRPAdvertisement.virtualMAC(group.group, address.family)
        guard let v4 = address.v4 else { return try announceIPv6(address, at: mac, on: index) }
        let socket = try PacketSocket(interface: index)
        let request = ARPPacket.gratuitous(v4, at: mac)
        var reply = request
        reply.operation = .reply
        reply.targetMAC = .broadcast
        try socket.send(frame: request.broadcastFrame)
        try socket.send(frame: reply.broadcastFrame)
    }

    private func announceIPv6(
        _ address: IPAddress, at mac: MACAddress, on index: UInt32
    ) throws(SystemError) {
        let ipProtocol = NeighborAdvertisement.ipProtocol
        let socket = try Socket.open(.raw(ipProtocol: ipProtocol), .ipv6)
        try socket.bind(SocketAddress(address, scope: address.isLinkLocal ? index : 0))
        try socket.setMulticast(interface: index, hopLimit: NeighborAdvertisement.hopLimit)
        let everybody = NeighborAdvertisement.allNodes
        let octets = NeighborAdvertisement.unsolicited(address, at: mac)
            .encoded(source: address, destination: everybody)
        try socket.send(octets, to: SocketAddress(everybody, scope: index))
    }
}

extension InterfaceAddress {
    /// An address alone: /32 or /128.
    fileprivate init(host address: IPAddress) {
        self.init(address, length: UInt8(address.family.bitWidth))
    }
}
