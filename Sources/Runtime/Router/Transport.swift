// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives

/// The BGP and LDP connections of a router: listens where there may be peers, connects, reads and
/// writes.
///
/// It acts at once and tells what happened as events, which its owner hands to the engine.
final class Transport {
    /// TCP ports of BGP and of LDP.
    static let port: UInt16 = 179
    static let portOfLDP: UInt16 = 646
    /// How many connections a listener takes in one turn.
    private static let acceptedPerTurn = 16

    private struct Place: Hashable {
        var vrf: String?
        var family: AddressFamily
        var isLDP = false
    }

    private final class Listener {
        let socket: Socket
        let place: Place
        /// Of the VRF's device, which another may stand in for under the same name.
        let device: UInt32?
        let token: UInt64

        init(_ socket: consuming Socket, _ place: Place, device: UInt32?, token: UInt64) {
            self.socket = socket
            self.place = place
            self.device = device
            self.token = token
        }
    }

    private var neighbors: [NeighborKey: NeighborConfiguration]
    private var ldp: LDPConfiguration?
    /// VRF devices by VRF.
    private var devices: [String: String]
    private let poller: PollerBox
    private var listeners: [Listener] = []
    private var nextListener: UInt64 = 0
    private var connections: [ConnectionID: Connection] = [:]
    private var byToken: [UInt64: Connection] = [:]
    private var nextToken: UInt64 = 0
    private var nextAccepted: UInt64 = 1
    /// Connections to which something was queued since the last flush, in that order.
    private var dirty: [ConnectionID] = []
    /// Read buffer, shared by all: one is read at a time. What a flooding neighbor gets in a turn.
    private var space = [UInt8](repeating: 0, count: 16 << 10)

    init(_ configuration: RouterConfiguration, _ poller: PollerBox) {
        neighbors = Self.neighbors(configuration)
        ldp = configuration.ldp
        devices = Self.devices(configuration)
        self.poller = poller
    }

    private static func neighbors(
        _ configuration: RouterConfiguration
    ) -> [NeighborKey: NeighborConfiguration] {
        Dictionary(
            configuration.neighbors.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func devices(_ configuration: RouterConfiguration) -> [String: String] {
        Dictionary(
            configuration.vrfs.map { ($0.name, $0.device) }, uniquingKeysWith: { first, _ in first }
        )
    }

    /// Takes another configuration: listeners are closed where there are no neighbors any more, and
    /// opened where there were none. Connections are the engine's to close.
    func reconfigure(_ configuration: RouterConfiguration) throws(SystemError) {
        let before = neighbors
        // Sessions with another key cannot go on, nor can their listener.
        if ldp?.password != configuration.ldp?.password { closeListeners { $0.place.isLDP } }
        neighbors = Self.neighbors(configuration)
        ldp = configuration.ldp
        devices = Self.devices(configuration)
        try listen(replacing: before)
    }

    // MARK: Listening

    /// Opens a listener for every VRF and family that has neighbors, with their keys; those that
    /// are open and right stay.
    /// - Parameter before: the neighbors whose keys the open ones have.
    func listen(
        replacing before: [NeighborKey: NeighborConfiguration] = [:]
    ) throws(SystemError) {
        var places = Set(neighbors.keys.map { Place(vrf: $0.vrf, family: $0.address.family) })
        if ldp != nil { places.insert(Place(vrf: nil, family: .ipv4, isLDP: true)) }
        let indexes = LinkIndexes(try NetlinkSocket().links())
        for listener in listeners {
            if places.contains(listener.place), index(listener.place, indexes) == listener.device {
                try setKeys(listener, before)
            } else {
                closeListeners { $0 === listener }
            }
        }
        let sorted = places.sorted {
            ($0.isLDP ? 1 : 0, $0.vrf ?? "", $0.family)
                < ($1.isLDP ? 1 : 0, $1.vrf ?? "", $1.family)
        }
        for place in sorted where !listeners.contains(where: { $0.place == place }) {
            let listener = Listener(
                try openListener(place), place, device: index(place, indexes), token: nextListener)
            nextListener += 1
            let token = PollToken(.listener, listener.token)
            try poller.value.add(listener.socket.raw, token: token.rawValue)
            listeners.append(listener)
        }
    }

    private func closeListeners(_ isUnwanted: (Listener) -> Bool) {
        for listener in listeners where isUnwanted(listener) {
            try? poller.value.remove(listener.socket.raw)
        }
        listeners.removeAll(where: isUnwanted)
    }

    /// Of the device of a place's VRF.
    private func index(_ place: Place, _ indexes: LinkIndexes) -> UInt32? {
        place.vrf.flatMap { indexes.byName[devices[$0] ?? $0] }
    }

    /// Gives an open listener the keys that are other ones now.
    private func setKeys(
        _ listener: Listener, _ before: [NeighborKey: NeighborConfiguration]
    ) throws(SystemError) {
        for key in Set(before.keys).union(neighbors.keys).sorted()
        where Place(vrf: key.vrf, family: key.address.family) == listener.place {
            let (old, new) = (before[key]?.password, neighbors[key]?.password)
            guard old != new else { continue }
            if let new {
                try listener.socket.setMD5Key(new, for: key.address)
            } else {
                try? listener.socket.removeMD5Key(for: key.address)
            }
        }
    }

    private func openListener(_ place: Place) throws(SystemError) -> Socket {
        let socket = try Socket.open(.tcp, place.family)
        try socket.reuseAddress()
        if let vrf = place.vrf { try socket.bind(toDevice: devices[vrf] ?? vrf) }
        let port = place.isLDP ? Self.portOfLDP : Self.port
        try socket.bind(SocketAddress(.unspecified(place.family), port: port))
        if place.isLDP, let password = ldp?.password {
            try socket.setMD5Key(password, for: .unspecified(.ipv4), prefixLength: 0)
        }
        for key in neighbors.keys.sorted()
        where !place.isLDP && key.vrf == place.vrf && key.address.family == place.family {
            guard let password = neighbors[key]?.password else { continue }
            try socket.setMD5Key(password, for: key.address)
        }
        try socket.listen()
        return socket
    }

    /// Takes connections that wait; those of strangers are closed without a word.
    func accept(listener number: UInt64) -> [Event] {
        guard let listener = listeners.first(where: { $0.token == number }) else { return [] }
        var events: [Event] = []
        for _ in 0..<Self.acceptedPerTurn {
            do throws(SystemError) {
                let socket = try listener.socket.accept()
                let address = try socket.peerAddress().address
                guard let peer = peer(address, at: listener.place) else { continue }
                try prepare(socket, peer)
                let id = ConnectionID(isOutgoing: false, number: nextAccepted)
                nextAccepted += 1
                try add(
                    Connection(
                        id, token: takeToken(), socket, .open, isBGP: !listener.place.isLDP))
                events.append(.connection(id, .accepted(peer)))
            } catch {
                if error.isWouldBlock { break }
            }
        }
        return events
    }

    /// Whoever connected from an address; nil for strangers. Which LDP peers there are is not known
    /// before they say hello: the engine turns strangers away.
    private func peer(_ address: IPAddress, at place: Place) -> ConnectionPeer? {
        if place.isLDP { return address.v4.map { .ldp($0) } }
        let key = NeighborKey(vrf: place.vrf, address: address)
        return neighbors[key] == nil ? nil : .bgp(key)
    }

    private func prepare(
        _ socket: borrowing Socket, _ peer: ConnectionPeer
    ) throws(SystemError) {
        try socket.prepareForMessages(unsent: Connection.unsentInKernelMax)
        switch peer {
        case .bgp(let key):
            guard let neighbor = neighbors[key], !neighbor.isInternal else { return }
            try socket.set(hopLimit: neighbor.multihop)
        case .ldp: try socket.set(hopLimit: 255)
        }
    }

    private func takeToken() -> UInt64 {
        nextToken += 1
        return nextToken
    }

    private func add(_ connection: Connection) throws(SystemError) {
        try poller.value.add(
            connection.socket.raw, token: PollToken(.connection, connection.token).rawValue,
            connection.awaitsRoom ? [.read, .write] : .read)
        connections[connection.id] = connection
        byToken[connection.token] = connection
    }

    // MARK: What the engine wants

    /// Begins to connect.
    /// - Returns: the event of a connect that failed at once.
    func connect(_ id: ConnectionID, _ peer: ConnectionPeer) -> Event? {
        guard let way = way(to: peer) else {
            return .connection(id, .failed(reason: "no such neighbor is configured"))
        }
        do throws(SystemError) {
            let socket = try Socket.open(.tcp, way.remote.address.family)
            if let vrf = way.vrf { try socket.bind(toDevice: devices[vrf] ?? vrf) }
            if let password = way.password {
                try socket.setMD5Key(password, for: way.remote.address)
            }
            try prepare(socket, peer)
            try socket.bind(SocketAddress(way.local))
            try socket.connect(way.remote)
            var isBGP = false
            if case .bgp = peer { isBGP = true }
            try add(Connection(id, token: takeToken(), socket, .connecting, isBGP: isBGP))
            return nil
        } catch {
            return .connection(id, .failed(reason: error.description))
        }
    }

    private struct Way {
        var vrf: String?
        var local: IPAddress
        var remote: SocketAddress
        var password: String?
    }

    private func way(to peer: ConnectionPeer) -> Way? {
        switch peer {
        case .bgp(let key):
            neighbors[key].map {
                Way(
                    vrf: key.vrf, local: $0.localAddress,
                    remote: SocketAddress(key.address, port: Self.port), password: $0.password)
            }
        case .ldp(let address):
            ldp.map {
                Way(
                    local: IPAddress($0.routerID),
                    remote: SocketAddress(IPAddress(address), port: Self.portOfLDP),
                    password: $0.password)
            }
        }
    }

    /// Queues a message; `flush` writes it. What is sent to a connection that is gone is gone too.
    func send(_ id: ConnectionID, _ octets: [UInt8]) {
        guard let connection = connections[id], !connection.isClosing else { return }
        connection.output.append(octets)
        dirty.append(id)
    }

    /// Sends what is queued, then closes. Routes that still wait are left out: the session ends.
    func close(_ id: ConnectionID, at now: Instant) {
        guard let connection = connections[id] else { return }
        if case .connecting = connection.state { return drop(connection) }
        connection.output.dropUpdates()
        connection.state = .closing(until: now + Connection.closingTime)
        dirty.append(id)
    }

    /// Writes what was queued.
    /// - Returns: the ends of connections that broke.
    func flush() -> [Event] {
        let ids = dirty
        dirty.removeAll(keepingCapacity: true)
        return ids.compactMap { id in connections[id].flatMap { write($0) } }
    }

    private func write(_ connection: Connection) -> Event? {
        do throws(SystemError) {
            try connection.flush()
            if connection.output.isOverfull {
                return end(connection, "the neighbor does not read what is sent to it")
            }
            if connection.isClosing, connection.output.isEmpty {
                drop(connection)
                return nil
            }
            try setAwaitsRoom(connection, !connection.output.isEmpty)
            return nil
        } catch {
            return end(connection, error.description)
        }
    }

    private func setAwaitsRoom(_ connection: Connection, _ room: Bool) throws(SystemError) {
        guard connection.awaitsRoom != room else { return }
        connection.awaitsRoom = room
        try poller.value.modify(
            connection.socket.raw, token: PollToken(.connection, connection.token).rawValue,
            room ? [.read, .write] : .read)
    }

    // MARK: What the sockets have

    /// Takes what a ready connection has: at most one piece of its input.
    func handle(_ ready: Poller.Ready, token: UInt64) -> [Event] {
        guard let connection = byToken[token] else { return [] }
        if case .connecting = connection.state {
            return decide(connection).map { [$0] } ?? []
        }
        var events: [Event] = []
        if ready.canWrite, let event = write(connection) { events.append(event) }
        if ready.canRead, byToken[token] != nil, let event = read(connection) {
            events.append(event)
        }
        return events
    }

    private func decide(_ connection: Connection) -> Event? {
        if let error = connection.socket.pendingError("connect") {
            drop(connection)
            return .connection(connection.id, .failed(reason: error.description))
        }
        connection.state = .open
        do throws(SystemError) { try setAwaitsRoom(connection, !connection.output.isEmpty) } catch {
            drop(connection)
            return .connection(connection.id, .failed(reason: error.description))
        }
        return .connection(connection.id, .connected)
    }

    private func read(_ connection: Connection) -> Event? {
        do throws(SystemError) {
            let octets = try connection.socket.descriptor.read(into: &space)
            if octets.isEmpty { return end(connection, "the neighbor closed the connection") }
            return connection.isClosing ? nil : .connection(connection.id, .received(octets))
        } catch {
            return error.isWouldBlock ? nil : end(connection, error.description)
        }
    }

    /// Forgets a connection that is over, and says so unless the engine has closed it.
    private func end(_ connection: Connection, _ reason: String) -> Event? {
        drop(connection)
        return connection.isClosing ? nil : .connection(connection.id, .closed(reason: reason))
    }

    private func drop(_ connection: Connection) {
        // The descriptor may outlive this call in a copy of the object: it must not be polled.
        try? poller.value.remove(connection.socket.raw)
        connections[connection.id] = nil
        byToken[connection.token] = nil
    }

    // MARK: Closing

    /// When `expire` has something to do.
    var deadline: Instant? {
        connections.values.compactMap {
            if case .closing(let until) = $0.state { until } else { nil }
        }.min()
    }

    /// Drops closed connections whose neighbor did not take the last message in time.
    func expire(at now: Instant) {
        for connection in connections.values {
            if case .closing(let until) = connection.state, until <= now { drop(connection) }
        }
    }
}
