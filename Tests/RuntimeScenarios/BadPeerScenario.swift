// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Glibc
import Kernel
import Primitives
import Runtime
import Wire

/// A router between two good neighbors, `left` and `right`, and a third peer that misbehaves in
/// every way that one can. While it does, a route of `left` goes and comes; `right` must have it
/// each time, and the two sessions must never be lost.
final class BadPeerScenario {
    /// The peer's number in addresses and AS numbers.
    private static let bad: UInt32 = 3
    /// More routes than a peer that does not read leaves room for.
    private static let routes = 20_000
    private static let context = BGPCodecContext(fourOctetAS: true, isInternal: false)

    private let nodes: [Node]
    private let router: RouterHandle
    private let left: RouterHandle
    private let right: RouterHandle
    private var result: [JSON.Member] = []
    /// How the sessions of the good neighbors were when last looked at.
    private var known: [JSON] = []

    static func run() throws -> JSON {
        let scenario = try BadPeerScenario()
        try scenario.runAll()
        return .object(scenario.result)
    }

    // MARK: The lab

    private init() throws {
        // The router, left, right, and the peer.
        nodes = try ["r", "left", "right", "bad"].map { try Node($0) }
        for number in 1...3 {
            try Node.join(
                (nodes[0], "eth\(number)", "10.\(number).0.100/24"),
                (nodes[number], "eth0", "10.\(number).0.\(number)/24"))
        }
        try nodes[1].ip("link add lan type veth peer name lan-end")
        try nodes[1].ip("address add 10.50.0.1/24 dev lan")
        try nodes[1].ip("link set lan-end up")
        try nodes[1].ip("link set lan up")
        router = try RouterHandle(nodes[0], try Self.routerConfiguration())
        left = try RouterHandle(nodes[1], try Self.neighborConfiguration("left", 1))
        right = try RouterHandle(nodes[2], try Self.neighborConfiguration("right", 2))
    }

    private static func routerConfiguration() throws -> RouterConfiguration {
        var neighbors = try (1...3 as ClosedRange<UInt32>).map { number in
            NeighborConfiguration(
                name: ["left", "right", "bad"][Int(number) - 1],
                address: try address("10.\(number).0.\(number)"),
                localAddress: try address("10.\(number).0.100"),
                remoteAS: ASNumber(65000 + number), localAS: ASNumber(65100),
                families: [.ipv4Unicast], holdTime: 30, importPolicy: ["accept"],
                exportPolicy: ["learned"])
        }
        neighbors[2].isPassive = true
        neighbors[2].exportPolicy = ["accept"]
        neighbors[2].maximumPrefixes = 5_000
        let interfaces = try (1...3).map {
            InterfaceConfiguration(
                name: "eth\($0)", addresses: [try interfaceAddress("10.\($0).0.100/24")])
        }
        return RouterConfiguration(
            name: "r", routerID: IPv4Address(bits: 100), autonomousSystem: ASNumber(65100),
            interfaces: interfaces,
            staticRoutes: try (0..<routes).map { number in
                StaticRouteConfiguration(
                    prefix: try prefix("172.16.\(number >> 8 & 255).\(number & 255)/32"),
                    gateway: nil)
            },
            neighbors: neighbors,
            policies: [
                Policy(
                    name: "learned",
                    terms: [
                        .init(conditions: [.source([.bgp])], verdict: .accept),
                        .init(verdict: .reject),
                    ])
            ])
    }

    private static func neighborConfiguration(
        _ name: String, _ number: UInt32
    ) throws -> RouterConfiguration {
        var interfaces = [
            InterfaceConfiguration(
                name: "eth0", addresses: [try interfaceAddress("10.\(number).0.\(number)/24")])
        ]
        if number == 1 {
            interfaces.append(
                InterfaceConfiguration(
                    name: "lan", addresses: [try interfaceAddress("10.50.0.1/24")]))
        }
        return RouterConfiguration(
            name: name, routerID: IPv4Address(bits: number),
            autonomousSystem: ASNumber(65000 + number), interfaces: interfaces,
            neighbors: [
                NeighborConfiguration(
                    name: "r", address: try address("10.\(number).0.100"),
                    localAddress: try address("10.\(number).0.\(number)"),
                    remoteAS: ASNumber(65100), localAS: ASNumber(65000 + number),
                    families: [.ipv4Unicast], holdTime: 30, importPolicy: ["accept"],
                    exportPolicy: ["accept"])
            ])
    }

    // MARK: The good neighbors

    /// The route goes and comes; `right` has what `left` has, in its kernel too.
    private func converge(_ what: String) throws {
        for isUp in [false, true] {
            try nodes[1].ip("link set lan-end \(isUp ? "up" : "down")")
            try waitForRoute(isUp, what)
        }
    }

    private func waitForRoute(_ isThere: Bool, _ what: String) throws {
        let deadline = MonotonicClock.now + .seconds(60)
        while MonotonicClock.now < deadline {
            let route = try nodes[2].ip("route show 10.50.0.0/24")
            if route.isEmpty != isThere { return }
            usleep(20_000)
        }
        throw Failure("\(what): right has \(isThere ? "no" : "still the") route")
    }

    /// How a neighbor of the router is.
    private func neighbor(_ name: String) throws -> JSON {
        try router.forget()
        let neighbors = try router.ask(.show, [.init("query", "neighbors")])["neighbors"]?.array
        guard let one = neighbors?.first(where: { $0["name"]?.string == name }) else {
            throw Failure("no neighbor \(name)")
        }
        return one
    }

    private func waitForBad(_ what: String, _ fits: (JSON) -> Bool) throws {
        let deadline = MonotonicClock.now + .seconds(60)
        while MonotonicClock.now < deadline {
            if fits(try neighbor("bad")) { return }
            usleep(20_000)
        }
        throw Failure("\(what): the peer's session is \(try neighbor("bad").text)")
    }

    // MARK: The course

    private func runAll() throws {
        try converge("before")
        known = try ["left", "right"].map { try neighbor($0) }
        let before = try router.privateMemory()
        try phase("stalls", stall)
        try phase("floods", flood)
        try phase("resets", resets)
        try phase("trickles", trickle)
        try phase("crowds", crowd)
        try phase("garbage", garbage)
        try phase("exceeds", exceed)
        result.append(.init("growth-kb", JSON(try router.privateMemory() - before)))
        for handle in [left, right, router] {
            ChildProcess.signal(handle.pid, SIGKILL)
            _ = handle.reap()
        }
    }

    /// A misbehaviour, and the good neighbors after it.
    private func phase(_ name: String, _ body: () throws -> JSON) throws {
        let seen = try body()
        try converge("after \(name)")
        let sessions = try ["left", "right"].map { try neighbor($0) }
        // Before the first session there were attempts that failed.
        let lost = zip(sessions, known).filter { now, before in
            now["last-error"] != before["last-error"]
                || now["uptime"]?.int ?? -1 < before["uptime"]?.int ?? 0
        }
        known = sessions
        result.append(
            .init(
                name,
                [
                    "seen": seen, "states": JSON(sessions.map { $0["state"] ?? .null }),
                    "lost": JSON(lost.map(\.0)),
                ]))
    }

    private func connect(receiving: Int32? = nil) throws -> BadPeer {
        let target = SocketAddress(try address("10.3.0.100"), port: 179)
        return try nodes[3].namespace.enter { () throws(SystemError) in
            try BadPeer(target, receiving: receiving)
        }
    }

    private func open(holdTime: UInt16 = 90) throws -> [UInt8] {
        try BGPMessage.open(
            BGPOpen(
                asNumber: ASNumber(65000 + Self.bad), holdTime: holdTime,
                identifier: IPv4Address(bits: Self.bad), families: [.ipv4Unicast])
        ).encoded(in: Self.context)
    }

    private func keepalive() throws -> [UInt8] {
        try BGPMessage.keepalive.encoded(in: Self.context)
    }

    private func establish(receiving: Int32? = nil, holdTime: UInt16 = 90) throws -> BadPeer {
        let peer = try connect(receiving: receiving)
        try peer.send(try open(holdTime: holdTime) + keepalive())
        try waitForBad("establish") { $0["state"] == "established" }
        return peer
    }

    /// Announces prefixes 20.A.B.0/24, as few messages as hold them.
    private func announcements(_ count: Int, from first: Int = 0) throws -> [[UInt8]] {
        let attributes = PathAttributes(
            asPath: ASPath([ASNumber(65000 + Self.bad)]), nextHop: try address("10.3.0.3"))
        let packer = UpdatePacker(context: Self.context)
        return try packer.announce(
            prefixes(first..<first + count), .ipv4Unicast, attributes)
    }

    private func prefixes(_ numbers: Range<Int>) throws -> [NLRI] {
        try numbers.map { number in
            NLRI(
                prefix: try prefix("\(20 + number >> 16).\(number >> 8 & 255).\(number & 255).0/24")
            )
        }
    }

    /// (a) It never reads, and says nothing more: the hold time ends its session.
    private func stall() throws -> JSON {
        let peer = try establish(receiving: 2048, holdTime: 5)
        try converge("while it stalls")
        try waitForBad("stall") { $0["state"] != "established" }
        peer.close()
        return try neighbor("bad")["last-error"] ?? .null
    }

    /// (b) It announces and withdraws the same routes without end.
    private func flood() throws -> JSON {
        let peer = try establish()
        let round = try (0..<20).flatMap { try announcements(100, from: $0 * 100) }
        let packer = UpdatePacker(context: Self.context)
        let end = try packer.withdraw(prefixes(0..<2000), .ipv4Unicast)
        let octets = (round + end).flatMap { $0 }
        let pid = try ChildProcess.fork { peer.sendWithoutEnd(octets) }
        let first = try neighbor("bad")["messages-received"]?.int ?? 0
        for _ in 0..<3 { try converge("while it floods") }
        // What it took in is more than any buffer holds.
        while (try neighbor("bad")["messages-received"]?.int ?? 0) - first < 500 { usleep(50_000) }
        try converge("while it still floods")
        let state = try neighbor("bad")["state"] ?? .null
        ChildProcess.signal(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        peer.reset()
        try waitForBad("the flood's end") { $0["state"] != "established" }
        return state
    }

    /// (c) It resets the connection after every octet of a conversation.
    private func resets() throws -> JSON {
        let talk = try open() + keepalive() + announcements(1).joined() + keepalive()
        for count in 0...talk.count {
            let peer = try connect()
            try peer.send(Array(talk.prefix(count)))
            peer.reset()
        }
        try waitForBad("the last reset") { $0["state"] == "active" }
        return JSON(talk.count)
    }

    /// (d) It sends the longest message an octet at a time.
    private func trickle() throws -> JSON {
        let peer = try establish()
        guard let longest = try announcements(1200).max(by: { $0.count < $1.count }) else {
            throw Failure("no announcement")
        }
        for (index, octet) in longest.enumerated() {
            try peer.send([octet])
            if index % 1024 == 512 { try converge("while it trickles") }
        }
        try waitForBad("the trickled routes") { ($0["received"]?.int ?? 0) > 900 }
        peer.reset()
        return JSON(longest.count)
    }

    /// (e) It opens hundreds of connections, says nothing on them, and keeps them.
    private func crowd() throws -> JSON {
        let before = try descriptors()
        var peers: [BadPeer] = []
        for _ in 0..<400 { peers.append(try connect()) }
        try converge("in the crowd")
        let held = try descriptors() - before
        for peer in peers { peer.reset() }
        return JSON(held)
    }

    private func descriptors() throws -> Int {
        try FileSystem.names(in: "/proc/\(router.pid)/fd").count
    }

    /// (f) It says what is no BGP, and then has a session like anyone.
    private func garbage() throws -> JSON {
        let ones = [UInt8](repeating: 0xff, count: 16)
        let all: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\nHost: r\r\n\r\n".utf8), [UInt8](repeating: 0, count: 1000),
            [UInt8](repeating: 0xff, count: 1000), ones + [0, 18, 1], ones + [0xff, 0xff, 1],
            ones + [0, 19, 9], ones + [0, 29, 1, 9, 0, 1, 0, 90, 1, 1, 1, 1, 0], try keepalive(),
            try announcements(1).flatMap { $0 },
        ]
        var answers: [JSON] = []
        for octets in all {
            let peer = try connect()
            try? peer.send(octets)
            answers.append(JSON(try peer.notification() ?? "none"))
            peer.reset()
        }
        let peer = try establish()
        peer.reset()
        return .array(answers)
    }

    /// (g) It announces more than its `maximum-prefixes`.
    private func exceed() throws -> JSON {
        let peer = try establish()
        for message in try announcements(6_000) { try? peer.send(message) }
        try waitForBad("too many prefixes") { $0["deactivated"] == true }
        let said = try peer.notification()
        peer.close()
        return ["said": JSON(said), "error": try neighbor("bad")["last-error"] ?? .null]
    }
}
