// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Testing

@testable import Lab

/// Relays on both sides of a socket pair that stands for the port.
@Suite("Relay")
struct RelayLoopTests {
    /// One end of a connection, read and written without waiting.
    final class End {
        let socket: FileDescriptor
        var received: [UInt8] = []
        var isAtEnd = false

        init(_ raw: Int32) { socket = FileDescriptor(owning: raw) }

        func receive() {
            while let bytes = try? UnixSocket.receive(socket, 1 << 16) {
                received += bytes
                isAtEnd = isAtEnd || bytes.isEmpty
                if bytes.isEmpty { return }
            }
        }

        /// How much of it was taken.
        func send(_ bytes: ArraySlice<UInt8>) -> Int {
            (try? UnixSocket.send(socket, Array(bytes.prefix(1 << 16)), from: 0)) ?? 0
        }
    }

    /// The host's and the guest's relay in one loop, and what they are joined to.
    final class Rig {
        let loop: EventLoop
        let host: Relay
        let guest: Relay
        /// The supervisor's ends, in the order of the channels.
        var servers: [End] = []
        var news: [RelayDelivery] = []

        init() throws {
            loop = try EventLoop()
            let (hostPort, guestPort) = try DescriptorPair.socketPair().split()
            host = try Relay(port: FileDescriptor(owning: hostPort), loop)
            guest = try Relay(port: FileDescriptor(owning: guestPort), loop)
            guest.onOpen = { [unowned self] _ in
                guard let pair = try? DescriptorPair.socketPair().split() else { return nil }
                servers.append(End(pair.1))
                return FileDescriptor(owning: pair.0)
            }
            host.onNews = { [unowned self] in news.append($0) }
        }

        /// A client, and the supervisor's end of its connection.
        func connect() throws -> (client: End, server: End) {
            let pair = try DescriptorPair.socketPair().split()
            let count = servers.count
            host.attach(FileDescriptor(owning: pair.0))
            try run { servers.count > count }
            return (End(pair.1), servers[count])
        }

        /// Turns the loop, letting `body` act between the turns, until it returns true.
        func run(until body: () -> Bool) throws {
            let deadline = loop.now + .seconds(60)
            while !body() {
                try #require(loop.now < deadline, "the relay does not get on")
                // One turn: all that is ready is served, then the timer comes.
                var isTurned = false
                loop.call(at: loop.now) { isTurned = true }
                try loop.run { isTurned }
            }
        }
    }

    private static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    @Test func aMegabyteGoesThroughBothWaysUnchanged() throws {
        let rig = try Rig()
        let (client, server) = try rig.connect()
        let bytes = Self.pattern(1 << 20)
        var (sent, echoed) = (0, 0)
        try rig.run {
            sent += client.send(bytes[sent...])
            server.receive()
            echoed += server.send(server.received[echoed...])
            client.receive()
            return client.received.count == bytes.count
        }
        #expect(client.received == bytes)
    }

    @Test func oneSidesEndLeavesTheOtherSideOpen() throws {
        let rig = try Rig()
        let (client, server) = try rig.connect()
        _ = client.send([1, 2])
        UnixSocket.finish(client.socket)
        try rig.run {
            server.receive()
            return server.isAtEnd
        }
        #expect(server.received == [1, 2])
        _ = server.send([3])
        UnixSocket.finish(server.socket)
        try rig.run {
            client.receive()
            return client.isAtEnd
        }
        #expect(client.received == [3])
        #expect(rig.host.isSilent && rig.guest.isSilent)
    }

    @Test func aClientThatDoesNotReadHoldsNobodyUp() throws {
        let rig = try Rig()
        let (stalled, flood) = try rig.connect()
        let (client, server) = try rig.connect()
        let bytes = Self.pattern(4 << 20)
        var sent = 0
        // The supervisor sends to the first client until every buffer on the way is full.
        var idleTurns = 0
        try rig.run {
            let count = flood.send(bytes[sent...])
            sent += count
            idleTurns = count == 0 ? idleTurns + 1 : 0
            return idleTurns == 100
        }
        #expect(sent < bytes.count)
        var (asked, echoed) = (0, 0)
        let question = Self.pattern(300_000)
        try rig.run {
            asked += client.send(question[asked...])
            server.receive()
            echoed += server.send(server.received[echoed...])
            client.receive()
            return client.received.count == question.count
        }
        #expect(client.received == question)
        try rig.run {
            sent += flood.send(bytes[sent...])
            stalled.receive()
            return stalled.received.count == bytes.count
        }
        #expect(stalled.received == bytes)
    }

    @Test func aClientThatGoesAwayIsToldToTheSupervisor() throws {
        let rig = try Rig()
        var pair: (client: End, server: End)? = try rig.connect()
        let server = try #require(pair?.server)
        pair = nil
        try rig.run {
            server.receive()
            return server.isAtEnd
        }
        #expect(server.received == [])
    }

    @Test func clientsGetTheLastWordsOfAGuestThatEnds() throws {
        let rig = try Rig()
        let (client, server) = try rig.connect()
        _ = server.send([9, 9])
        UnixSocket.finish(server.socket)
        rig.guest.announce(.note("going"))
        rig.guest.announce(.finished(4))
        try rig.run { rig.news.contains(.finished(4)) }
        try rig.run {
            client.receive()
            return client.received.count == 2
        }
        #expect(rig.news == [.note("going"), .finished(4)])
    }

    @Test func garbageOnThePortEndsTheRelayWithAReason() throws {
        let loop = try EventLoop()
        let (port, other) = try DescriptorPair.socketPair().split()
        let relay = try Relay(port: FileDescriptor(owning: port), loop)
        let garbage = End(other)
        var reason: String?
        relay.onClose = { reason = $0 }
        _ = garbage.send([0, 0, 0, 1, 99, 0, 0, 0, 0])
        try loop.run { relay.isClosed }
        #expect(reason == RelayError.unknownKind(99).description)
    }
}
