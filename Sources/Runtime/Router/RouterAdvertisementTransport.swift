// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Wire

/// The router advertisements that a router sends, and the solicitations that it hears.
final class RouterAdvertisementTransport {
    private let configurations: [RouterAdvertisementConfiguration]
    private let poller: PollerBox
    private let senders = MulticastSenders()
    private var indexes = LinkIndexes([])
    private var receivers: [InterfaceReceiver] = []

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

    private func listen(_ interface: String) throws(SystemError) {
        let index = try indexes.index(of: interface, for: "hear router solicitations")
        let token = PollToken(.routerSolicitation, UInt64(receivers.count))
        receivers.append(
            try InterfaceReceiver(
                ipProtocol: NeighborDiscovery.ipProtocol, group: .allRouters, on: interface, index,
                token, poller
            ) { socket throws(SystemError) in
                try socket.receiveICMPv6(type: RouterSolicitation.type)
            })
    }

    /// The solicitations that wait at a receiver.
    func receive(_ number: UInt64) -> [Event] {
        guard receivers.indices.contains(Int(number)) else { return [] }
        let receiver = receivers[Int(number)]
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
