// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Wire

/// The packets of routing protocols: a socket for each channel, interface and family.
///
/// What is heard is handed on as it came, with its addresses and hop limit: whether it is to be
/// believed is the engine's to say.
final class PacketTransport {
    /// How many packets a socket may bring in one turn. Of BFD's, which come one by one and often,
    /// one: asking for a second that is not there would cost as much as the first.
    private static func packetsPerTurn(_ channel: PacketChannel) -> Int {
        channel.isDetection ? 1 : 64
    }

    private var sockets: [UInt64: PacketEndpoint] = [:]
    private var next: UInt64 = 0
    private let poller: PollerBox
    private var links: [UInt32: ObservedLink] = [:]
    private var indexes = LinkIndexes([])
    /// VRF devices by VRF.
    private var devices: [String: String] = [:]
    /// By socket: packets whose source address was not there yet, oldest first. A link that comes
    /// up has its link-local address a moment later.
    private var early: [UInt64: EarlyPackets] = [:]

    private struct EarlyPackets {
        /// When the first of them was refused.
        var since: Instant
        var packets: [RoutingPacket] = []

        static let countMax = 16
        /// An address that is not there after so long does not come.
        static let patience = Duration.milliseconds(500)
    }

    init(_ poller: PollerBox) { self.poller = poller }

    /// Opens what a configuration needs and closes what it does not; what is open and right stays.
    func open(_ configuration: RouterConfiguration) throws(SystemError) {
        let wanted = configuration.packetListeners
        guard !(wanted.isEmpty && sockets.isEmpty) else { return }
        devices = Dictionary(
            configuration.vrfs.map { ($0.name, $0.device) }, uniquingKeysWith: { first, _ in first }
        )
        let observed = try NetlinkSocket().links()
        indexes = LinkIndexes(observed)
        links = Dictionary(observed.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        for (number, socket) in sockets
        where !wanted.contains(socket.listener) || index(socket.listener) != socket.index {
            try? poller.value.remove(socket.raw)
            sockets[number] = nil
            early[number] = nil
        }
        for listener in wanted where !sockets.values.contains(where: { $0.listener == listener }) {
            try open(listener)
        }
    }

    private func open(_ listener: PacketListener) throws(SystemError) {
        let device = device(listener)
        let link = try device.map { name throws(SystemError) in
            try indexes.index(of: name, for: "hear \(listener.channel)")
        }
        let endpoint = try PacketEndpoint(listener, device: device, index: link)
        let kind: PollToken.Kind = listener.channel.isDetection ? .detection : .packets
        try poller.value.add(endpoint.raw, token: PollToken(kind, next).rawValue)
        sockets[next] = endpoint
        next += 1
    }

    private func device(_ listener: PacketListener) -> String? {
        listener.interface ?? listener.vrf.map { devices[$0] ?? $0 }
    }

    private func index(_ listener: PacketListener) -> UInt32? {
        device(listener).flatMap { indexes.byName[$0] }
    }

    // MARK: Receiving

    /// The packets that wait at a socket.
    func receive(_ number: UInt64) -> [Event] {
        guard let socket = sockets[number] else { return [] }
        var events: [Event] = []
        for _ in 0..<Self.packetsPerTurn(socket.listener.channel) {
            guard let packet = try? socket.receive() else { break }
            if packet.payload.isEmpty { continue }
            events.append(.packet(packet))
        }
        return events
    }

    // MARK: Sending

    /// Sends a packet by the socket of its channel and interface.
    func send(_ packet: RoutingPacket) throws(SystemError) {
        guard let (number, socket) = socket(for: packet) else {
            throw SystemError.missing("a socket for \(packet.channel.rawValue)")
        }
        if case .mac = packet.destination {
            guard let index = socket.index, let own = links[index]?.mac else { return }
            return try socket.send(packet, fromMAC: own)
        }
        do throws(SystemError) { try socket.send(packet) } catch {
            // What BFD is there to find out is no problem of this router.
            if packet.channel.isDetection, error.isUnreachable { return }
            guard error.isSourceMissing, keep(packet, number) else { throw error }
        }
    }

    /// Puts a packet by until there is another address.
    /// - Returns: false for one that is not worth it.
    private func keep(_ packet: RoutingPacket, _ number: UInt64) -> Bool {
        guard !packet.channel.isDetection, packet.source.ip?.isLinkLocal == true else {
            return false
        }
        let now = MonotonicClock.now
        let kept = early[number] ?? EarlyPackets(since: now)
        guard now - kept.since < EarlyPackets.patience,
            kept.packets.count < EarlyPackets.countMax
        else {
            early[number] = nil
            return false
        }
        early[number] = EarlyPackets(since: kept.since, packets: kept.packets + [packet])
        return true
    }

    /// An address has come: sends what waits for it.
    func sendEarly() throws(SystemError) {
        for number in early.keys.sorted() {
            guard let kept = early[number], let socket = sockets[number] else { continue }
            do throws(SystemError) {
                for packet in kept.packets { try socket.send(packet) }
                early[number] = nil
            } catch {
                // It was another address.
                guard error.isSourceMissing, MonotonicClock.now - kept.since < EarlyPackets.patience
                else {
                    early[number] = nil
                    throw error
                }
            }
        }
    }

    private func socket(for packet: RoutingPacket) -> (UInt64, PacketEndpoint)? {
        let family = packet.destination.ip?.family ?? .ipv4
        return sockets.first { _, socket in
            let listener = socket.listener
            return listener.channel == packet.channel && listener.vrf == packet.vrf
                && listener.interface == packet.interface && listener.family == family
        }.map { ($0.key, $0.value) }
    }
}

extension PacketChannel {
    /// Its packets are waited for by the millisecond.
    fileprivate var isDetection: Bool { self == .bfd || self == .bfdMultihop }
}
