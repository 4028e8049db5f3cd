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
    private var groups: [VRRPConfiguration]
    private let poller: PollerBox
    private let netlink: NetlinkSocket
    private var indexes: LinkIndexes
    private var receivers = InterfaceReceivers()
    private var senders = MulticastSenders()

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

    /// Takes other groups. What devices hold is the engine's to say.
    func reconfigure(_ groups: [VRRPConfiguration]) throws(SystemError) {
        self.groups = groups
        indexes = LinkIndexes(try netlink.links())
        senders = MulticastSenders()
        receivers.close(indexes) { receiver in
            groups.contains {
                $0.interface == receiver.interface
                    && $0.primaryAddress.family == receiver.family
            }
        }
        for group in groups { try listen(group.interface, group.primaryAddress.family) }
    }

    private func listen(_ interface: String, _ family: AddressFamily) throws(SystemError) {
        guard !receivers.has(interface, family) else { return }
        let index = try indexes.index(of: interface, for: "open VRRP")
        try receivers.open { [poller] number throws(SystemError) in
            try InterfaceReceiver(
                ipProtocol: VRRPAdvertisement.ipProtocol,
                group: VRRPAdvertisement.multicastGroup(family), on: interface, index,
                PollToken(.vrrp, number), poller)
        }
    }

    // MARK: Receiving

    /// The packets that wait at a receiver. What is no IP packet is left out.
    func receive(_ number: UInt64) -> [Event] {
        guard let receiver = receivers[number] else { return [] }
        return receiver.packets().compactMap { Self.event($0, on: receiver.interface) }
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
        let index = try indexes.index(of: device, for: "send a VRRP advertisement")
        try senders.send(
            payload, ipProtocol: VRRPAdvertisement.ipProtocol, from: source,
            to: VRRPAdvertisement.multicastGroup(source.family), by: device, index)
    }

    private func takeOver(_ device: String, _ addresses: [IPAddress]) throws(SystemError) {
        let index = try indexes.index(of: device, for: "take over virtual addresses")
        try netlink.set(link: index, device, isUp: true)
        for address in addresses {
            // Errors about what comes in by the device are sent from an address of the device, if
            // it may be chosen: then nobody could tell which router answers.
            try netlink.add(
                Self.onDevice(address), to: index, device, isPreferred: address.family == .ipv4)
        }
        for address in addresses { try announce(address, on: index, device) }
    }

    private func release(_ device: String, _ addresses: [IPAddress]) throws(SystemError) {
        let index = try indexes.index(of: device, for: "release virtual addresses")
        for address in addresses {
            try netlink.remove(Self.onDevice(address), from: index, device)
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
        let mac = MACAddress.virtualRouter(group.group, address.family)
        guard let v4 = address.v4 else {
            return try announceIPv6(address, at: mac, on: index, device)
        }
        let socket = try PacketSocket(interface: index)
        let request = ARPPacket.gratuitous(v4, at: mac)
        var reply = request
        reply.operation = .reply
        reply.targetMAC = .broadcast
        try socket.send(frame: request.broadcastFrame)
        try socket.send(frame: reply.broadcastFrame)
    }

    private func announceIPv6(
        _ address: IPAddress, at mac: MACAddress, on index: UInt32, _ device: String
    ) throws(SystemError) {
        let everybody = IPAddress.allNodes
        let octets = NeighborAdvertisement.unsolicited(address, at: mac)
            .encoded(source: address, destination: everybody)
        try senders.send(
            octets, ipProtocol: NeighborDiscovery.ipProtocol, from: address, to: everybody,
            by: device, index)
    }

    /// A virtual address stands alone, since its subnet is the interface's; but a link-local one
    /// has the subnet of its own link, to be answered from.
    private static func onDevice(_ address: IPAddress) -> InterfaceAddress {
        let length = address.isLinkLocal ? 64 : address.family.bitWidth
        return InterfaceAddress(address, length: UInt8(length))
    }
}
