// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Kernel
import Primitives
import Runtime
import Wire

/// A router with many routes, and a neighbor that does not read them for longer than the time
/// between two KEEPALIVE messages.
enum SlowNeighborScenario {
    private static let context = BGPCodecContext(fourOctetAS: true, isInternal: false)

    static func run() throws -> JSON {
        let (nodeA, nodeB) = try BGPScenarios.nodes()
        var configuration = try BGPScenarios.configuration("a", 1, peer: 2)
        configuration.neighbors[0].holdTime = 3
        configuration.neighbors[0].isPassive = true
        configuration.staticRoutes = try (0..<20_000).map { number in
            let prefix = try prefix(
                "172.\(16 + number >> 16).\(number >> 8 & 255).\(number & 255)/32")
            return StaticRouteConfiguration(prefix: prefix, gateway: nil)
        }
        let router = try RouterHandle(nodeA, configuration)
        let socket = try connect(nodeB)
        try send(
            .open(
                BGPOpen(
                    asNumber: ASNumber(65002), holdTime: 3, identifier: IPv4Address(bits: 2),
                    families: [.ipv4Unicast])), socket)
        try send(.keepalive, socket)
        try router.report("session", [("state", "established")])
        // RFC 4271 §10: a third of the hold time between two KEEPALIVE messages.
        let poller = try Poller()
        _ = try poller.wait(until: MonotonicClock.now + .milliseconds(1500))
        try send(.keepalive, socket)
        let messages = try readAll(socket)
        let result = judge(messages, startTime: router.startTime)
        ChildProcess.signal(router.pid, SIGKILL)
        _ = router.reap()
        return result
    }

    private static func connect(_ node: Node) throws -> SocketBox {
        let socket = try node.namespace.enter { () throws(SystemError) in
            SocketBox(try Socket.open(.tcp, .ipv4))
        }
        try socket.value.set(SOL_SOCKET, SO_RCVBUF, 4096, "SO_RCVBUF")
        try socket.value.connect(SocketAddress(try address("10.1.0.1"), port: 179))
        let poller = try Poller()
        try poller.add(socket.value.raw, token: 0, .write)
        _ = try poller.wait(until: MonotonicClock.now + .seconds(5))
        if let error = socket.value.pendingError("connect") { throw error }
        return socket
    }

    private final class SocketBox {
        let value: Socket
        init(_ value: consuming Socket) { self.value = value }
    }

    private static func send(_ message: BGPMessage, _ socket: SocketBox) throws {
        _ = try socket.value.send(try message.encoded(in: context))
    }

    /// Everything up to the End-of-RIB marker.
    private static func readAll(_ socket: SocketBox) throws -> [BGPMessage] {
        var framer = BGPFramer()
        var messages: [BGPMessage] = []
        let poller = try Poller()
        try poller.add(socket.value.raw, token: 0)
        let deadline = MonotonicClock.now + .seconds(20)
        while MonotonicClock.now < deadline {
            guard try !poller.wait(until: deadline).isEmpty else { break }
            let octets = try socket.value.descriptor.read(1 << 16)
            guard !octets.isEmpty else { throw Failure("the router closed the connection") }
            for message in framer.feed(octets).messages {
                messages.append(try BGPMessage(decoding: message, in: context))
                if message.count == 23 { return messages }
            }
        }
        throw Failure("no End-of-RIB")
    }

    private static func judge(_ messages: [BGPMessage], startTime: Duration) -> JSON {
        var updates = 0
        var prefixes = 0
        var beforeKeepalive = 0
        for message in messages {
            switch message {
            case .update(let update):
                guard update.endOfRIB == nil else { continue }
                updates += 1
                prefixes += update.announced.reduce(0) { $0 + $1.nlri.count }
            case .keepalive: beforeKeepalive = updates
            default: break
            }
        }
        return [
            "updates": JSON(updates), "prefixes": JSON(prefixes),
            "updates-before-keepalive": JSON(beforeKeepalive),
            "start-us": JSON(startTime.nanoseconds / 1000),
        ]
    }
}
