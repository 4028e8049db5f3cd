// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Wire

/// The router advertisements that a router sends, and the solicitations that it hears.
final class RouterAdvertisementTransport {
    private var configurations: [RouterAdvertisementConfiguration]
    private let poller: PollerBox
    private var senders = MulticastSenders()
    private var indexes = LinkIndexes([])
    private var receivers = InterfaceReceivers()

    init(_ configurations: [RouterAdvertisementConfiguration], _ poller: PollerBox) {
        self.configurations = configurations
        self.poller = poller
    }

    /// Listens for solicitations.
    func open() throws(SystemError) {
        guard !configurations.isEmpty else { return }
        let netlink = try NetlinkSocket()
        indexes = LinkIndexes(try netlink.links())
        for name in Set(configurations.map(\.interface)).sorted() { try listen(name) }
    }

    /// Takes other configurations, and listens where they say.
    func reconfigure(
        _ configurations: [RouterAdvertisementConfiguration]
    ) throws(SystemError) {
        self.configurations = configurations
        senders = MulticastSenders()
        let netlink = try NetlinkSocket()
        indexes = LinkIndexes(try netlink.links())
        receivers.close(indexes) { receiver in
            configurations.contains { $0.interface == receiver.interface }
        }
        for name in Set(configurations.map(\.interface)).sorted() { try listen(name) }
    }

    private func listen(_ interface: String) throws(SystemError) {
        guard !receivers.has(interface, .ipv6) else { return }
        let index = try indexes.index(of: interface, for: "hear router solicitations")
        try receivers.open { [poller] number throws(SystemError) in
            try InterfaceReceiver(
                ipProtocol: NeighborDiscovery.ipProtocol, group: .allRouters, on: interface, index,
                PollToken(.routerSolicitation, number), poller
            ) { socket throws(SystemError) in
                try socket.receiveICMPv6(type: RouterSolicitation.type)
            }
        }
    }

    /// The solicitations that wait at a receiver.
    func receive(_ number: UInt64) -> [Event] {
        guard let receiver = receivers[number] else { return [] }
        return receiver.packets().compactMap { packet in
            packet.hopLimit.map {
                .routerSolicitation(
                    interface: receiver.interface, source: packet.source.address, hopLimit: $0,
                    payload: packet.octets)
            }
        }
    }

    func send(
        _ payload: [UInt8], by device: String, from source: IPAddress
    ) throws(SystemError) {
        let index = try indexes.index(of: device, for: "send a router advertisement")
        try senders.send(
            payload, ipProtocol: NeighborDiscovery.ipProtocol, from: source, to: .allNodes,
            by: device, index)
    }
}
