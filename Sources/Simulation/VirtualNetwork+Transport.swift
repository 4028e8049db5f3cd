// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// A TCP connection between two routers. Side 0 opened it.
struct Transport {
    var ends: [End]
    /// What each side has sent and the other not yet got.
    var pipes: [Pipe] = [Pipe(), Pipe()]
    /// Side 1 has accepted.
    var isAccepted = false

    struct End {
        let node: Int
        /// The node's life that the end belongs to.
        let life: Int
        let id: ConnectionID
        let vrf: String?
        let address: IPAddress
        /// Whom this side has at the other end.
        let peer: ConnectionPeer
        /// false when this side has closed, or has been told of the end.
        var isOpen = true
    }

    struct Pipe {
        var queue: [Item] = []
        /// Waiting for a retransmission.
        var isStalled = false
    }

    enum Item {
        case octets([UInt8])
        case end
    }
}

extension VirtualNetwork {
    /// The least time until anything is heard back, e.g. that there is no route.
    private static let localDelay = Duration.microseconds(10)
    /// The first retransmission timeout, of Linux; doubled each time up to `retransmitMax`.
    private static let retransmitMin = Duration.milliseconds(200)
    private static let retransmitMax = Duration.seconds(120)

    // MARK: Opening

    /// What a socket of one of the two protocols is bound to.
    private struct Binding {
        var peer: ConnectionPeer
        var vrf: String?
        var local: IPAddress
        var remote: IPAddress
        var password: String?
    }

    private func binding(_ node: Int, _ peer: ConnectionPeer) -> Binding? {
        let configuration = nodes[node].configuration
        switch peer {
        case .bgp(let key):
            return configuration.neighbors.first { $0.key == key }.map {
                Binding(
                    peer: peer, vrf: key.vrf, local: $0.localAddress, remote: key.address,
                    password: $0.password)
            }
        case .ldp(let address):
            return configuration.ldp.map {
                Binding(
                    peer: peer, local: IPAddress($0.routerID), remote: IPAddress(address),
                    password: $0.password)
            }
        }
    }

    /// The socket that listens at an address for what comes from another.
    private func listener(
        _ node: Int, _ vrf: String?, at address: IPAddress, from remote: IPAddress, isLDP: Bool
    ) -> Binding? {
        let peer: ConnectionPeer? =
            isLDP ? remote.v4.map { .ldp($0) } : .bgp(NeighborKey(vrf: vrf, address: remote))
        guard let binding = peer.flatMap({ binding(node, $0) }), binding.vrf == vrf,
            binding.local == address
        else { return nil }
        return binding
    }

    mutating func connect(_ node: Int, _ id: ConnectionID, _ peer: ConnectionPeer) {
        guard let binding = binding(node, peer) else { return }
        let end = Transport.End(
            node: node, life: nodes[node].life, id: id, vrf: binding.vrf,
            address: binding.local, peer: peer)
        var packet = Packet(node: node, vrf: binding.vrf, destination: binding.remote)
        if case .noRoute = walk(&packet), packet.passed.count == 1 {
            let failure = ConnectionEvent.failed(reason: "no route to host")
            put(.connection(id, failure), to: node, after: Self.localDelay)
            return
        }
        nodes[node].sockets[id] = .init(transport: transports.count, side: 0)
        agenda.put(
            .connect(transport: transports.count, attempt: 0),
            at: now + max(packet.delay, Self.localDelay))
        // The other end becomes known when the first segment arrives.
        let other = Transport.End(
            node: node, life: 0, id: id, vrf: nil, address: binding.remote, peer: peer,
            isOpen: false)
        transports.append(Transport(ends: [end, other]))
    }

    /// A SYN has had time to arrive.
    mutating func connectArrives(_ number: Int, _ attempt: Int) {
        let client = transports[number].ends[0]
        guard client.isOpen, isAlive(client) else { return }
        var packet = Packet(
            node: client.node, vrf: client.vrf,
            destination: transports[number].ends[1].address)
        guard case .arrived(let vrf) = walk(&packet), packet.node != client.node,
            let back = delay(from: packet.node, vrf: vrf, to: client)
        else {
            connectAgain(number, attempt)
            return
        }
        var isLDP = false
        if case .ldp = client.peer { isLDP = true }
        let listener = listener(
            packet.node, vrf, at: packet.destination, from: client.address, isLDP: isLDP)
        guard let listener else {
            end(number, side: 0, .failed(reason: "connection refused"), after: back)
            return
        }
        // A segment with another MD5 key is dropped without a word (RFC 2385 §2).
        guard listener.password == binding(client.node, client.peer)?.password else {
            connectAgain(number, attempt)
            return
        }
        accept(number, at: packet.node, listener, back: back)
    }

    private mutating func connectAgain(_ number: Int, _ attempt: Int) {
        guard attempt < 6 else {
            end(number, side: 0, .failed(reason: "connection timed out"), after: .zero)
            return
        }
        agenda.put(
            .connect(transport: number, attempt: attempt + 1),
            at: now + .seconds(1 << attempt))
    }

    private mutating func accept(
        _ number: Int, at node: Int, _ binding: Binding, back: Duration
    ) {
        nodes[node].acceptedCount += 1
        let id = ConnectionID(isOutgoing: false, number: nodes[node].acceptedCount)
        transports[number].ends[1] = .init(
            node: node, life: nodes[node].life, id: id, vrf: binding.vrf, address: binding.local,
            peer: binding.peer)
        transports[number].isAccepted = true
        nodes[node].sockets[id] = .init(transport: number, side: 1)
        put(.connection(id, .accepted(binding.peer)), to: node)
        let client = transports[number].ends[0]
        put(.connection(client.id, .connected), to: client.node, after: back)
    }

    // MARK: Carrying

    /// What a kernel does for a process that died.
    mutating func resetConnections(of node: Int) {
        let sockets = nodes[node].sockets.values.sorted { $0.transport < $1.transport }
        for socket in sockets where transports[socket.transport].isAccepted {
            let ends = transports[socket.transport].ends
            let (from, to) = (ends[socket.side], ends[1 - socket.side])
            guard let delay = delay(from: node, vrf: from.vrf, to: to) else { continue }
            end(
                socket.transport, side: 1 - socket.side,
                .closed(reason: "connection reset by peer"), after: delay)
        }
    }

    mutating func send(_ node: Int, _ id: ConnectionID, _ octets: [UInt8]) {
        guard let socket = nodes[node].sockets[id] else { return }
        enqueue(.octets(octets), socket)
    }

    /// The side that closes hears nothing more; what it has sent still arrives.
    mutating func close(_ node: Int, _ id: ConnectionID) {
        guard let socket = nodes[node].sockets.removeValue(forKey: id) else { return }
        transports[socket.transport].ends[socket.side].isOpen = false
        if transports[socket.transport].isAccepted { enqueue(.end, socket) }
    }

    private mutating func enqueue(_ item: Transport.Item, _ socket: VirtualNode.Socket) {
        let ends = transports[socket.transport].ends
        transports[socket.transport].pipes[socket.side].queue.append(item)
        let (from, to) = (ends[socket.side], ends[1 - socket.side])
        let delay = delay(from: from.node, vrf: from.vrf, to: to) ?? Self.localDelay
        agenda.put(
            .deliver(transport: socket.transport, from: socket.side), at: now + delay)
    }

    /// What is first in the pipe has had time to arrive.
    mutating func deliver(_ number: Int, from side: Int) {
        let pipe = transports[number].pipes[side]
        guard !pipe.isStalled, !pipe.queue.isEmpty else { return }
        guard hand(number, from: side) else {
            transports[number].pipes[side].isStalled = true
            agenda.put(
                .retransmit(transport: number, from: side, attempt: 0),
                at: now + Self.retransmitMin)
            return
        }
    }

    mutating func retransmit(_ number: Int, from side: Int, _ attempt: Int) {
        while !transports[number].pipes[side].queue.isEmpty {
            guard hand(number, from: side) else {
                let delay = Self.retransmitMin * (1 << min(attempt + 1, 16))
                agenda.put(
                    .retransmit(transport: number, from: side, attempt: attempt + 1),
                    at: now + min(delay, Self.retransmitMax))
                return
            }
        }
        transports[number].pipes[side].isStalled = false
    }

    /// Hands the first item over to the other side.
    /// - Returns: false if it cannot get there now. What nobody will ever take is dropped.
    private mutating func hand(_ number: Int, from side: Int) -> Bool {
        let (from, to) = (transports[number].ends[side], transports[number].ends[1 - side])
        guard isAlive(from) else {
            transports[number].pipes[side].queue = []
            return true
        }
        guard let delay = delay(from: from.node, vrf: from.vrf, to: to) else { return false }
        let item = transports[number].pipes[side].queue.removeFirst()
        guard isAlive(to), to.isOpen else {
            // Nobody knows the connection there any more.
            transports[number].pipes[side].queue = []
            end(number, side: side, .closed(reason: "connection reset by peer"), after: delay)
            return true
        }
        switch item {
        case .octets(let octets): put(.connection(to.id, .received(octets)), to: to.node)
        case .end:
            end(number, side: 1 - side, .closed(reason: "closed by peer"), after: .zero)
        }
        return true
    }

    /// Tells a side of the end, if it has not closed itself.
    private mutating func end(
        _ number: Int, side: Int, _ event: ConnectionEvent, after delay: Duration
    ) {
        let end = transports[number].ends[side]
        guard end.isOpen, isAlive(end) else { return }
        transports[number].ends[side].isOpen = false
        nodes[end.node].sockets[end.id] = nil
        put(.connection(end.id, event), to: end.node, after: delay)
    }

    private func isAlive(_ end: Transport.End) -> Bool {
        nodes[end.node].life == end.life && nodes[end.node].router != nil
    }

    /// The time to the other end's address; nil if there is no way to its node. The node may have
    /// died and come back since: then it is reached, and answers with a reset.
    private func delay(from node: Int, vrf: String?, to end: Transport.End) -> Duration? {
        var packet = Packet(node: node, vrf: vrf, destination: end.address)
        guard case .arrived = walk(&packet) else { return nil }
        return max(packet.delay, Self.localDelay)
    }
}
