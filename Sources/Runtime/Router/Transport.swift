// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives

/// The BGP connections of a router: listens where neighbors exist, connects, reads and writes.
///
/// It acts at once and tells what happened as events, which its owner hands to the engine.
final class Transport {
    /// TCP port of BGP.
    static let port: UInt16 = 179
    /// How many connections a listener takes in one turn.
    private static let acceptedPerTurn = 16

    private struct Place: Hashable {
        var vrf: String?
        var family: AddressFamily
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
        neighbors = Self.neighbors(configuration)
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
        let places = Set(neighbors.keys.map { Place(vrf: $0.vrf, family: $0.address.family) })
        let indexes = LinkIndexes(try NetlinkSocket().links())
        for listener in listeners {
            if places.contains(listener.place), index(listener.place, indexes) == listener.device {
                try setKeys(listener, before)
            } else {
                try? poller.value.remove(listener.socket.raw)
                listeners.removeAll { $0 === listener }
            }
        }
        let sorted = places.sorted { ($0.vrf ?? "", $0.family) < ($1.vrf ?? "", $1.family) }
        for place in sorted where !listeners.contains(where: { $0.place == place }) {
            let listener = Listener(
                try openListener(place), place, device: index(place, indexes), token: nextListener)
            nextListener += 1
            let token = PollToken(.listener, listener.token)
            try poller.value.add(listener.socket.raw, token: token.rawValue)
            listeners.append(listener)
        }
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
        try socket.bind(SocketAddress(.unspecified(place.family), port: Self.port))
        for key in neighbors.keys.sorted()
        where key.vrf == place.vrf && key.address.family == place.family {
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
                let key = NeighborKey(vrf: listener.place.vrf, address: address)
                guard let neighbor = neighbors[key] else { continue }
                try prepare(socket, neighbor)
                let id = ConnectionID(isOutgoing: false, number: nextAccepted)
                nextAccepted += 1
                try add(Connection(id, token: takeToken(), socket, .open))
                events.append(.connection(id, .accepted(key)))
            } catch {
                if error.isWouldBlock { break }
            }
        }
        return events
    }

    private func prepare(
        _ socket: borrowing Socket, _ neighbor: NeighborConfiguration
    ) throws(SystemError) {
        try socket.prepareForMessages(unsent: Connection.unsentInKernelMax)
        if !neighbor.isInternal { try socket.set(hopLimit: neighbor.multihop) }
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
    func connect(_ id: ConnectionID, _ key: NeighborKey) -> Event? {
        guard let neighbor = neighbors[key] else {
            return .connection(id, .failed(reason: "no neighbor \(key) is configured"))
        }
        do throws(SystemError) {
            let socket = try Socket.open(.tcp, key.address.family)
            if let vrf = key.vrf { try socket.bind(toDevice: devices[vrf] ?? vrf) }
            if let password = neighbor.password {
                try socket.setMD5Key(password, for: key.address)
            }
            try prepare(socket, neighbor)
            try socket.bind(SocketAddress(neighbor.localAddress))
            try socket.connect(SocketAddress(key.address, port: Self.port))
            try add(Connection(id, token: takeToken(), socket, .connecting))
            return nil
        } catch {
            return .connection(id, .failed(reason: error.description))
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
