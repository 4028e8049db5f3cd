// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine
@testable import Wire

/// IS-IS routers joined by links and LANs, in virtual time.
struct ISISNetwork {
    /// A link of two ends, or a LAN of more.
    struct Segment {
        var ends: [(node: Int, interface: String)]
        var metric: UInt32
        var isUp = true
        /// One in so many packets is lost.
        var loss: UInt64 = 0
        var delay: Duration = .milliseconds(1)
    }

    struct Node {
        var configuration: ISISConfiguration
        var instance: ISISInstance?
        var timers: [RoutingTimer: Instant] = [:]
        var routes: [IPPrefix: ProtocolRoute] = [:]
        var watched: Set<BFDKey> = []
        var reports: [Report] = []
        var sent = 0
    }

    private struct Delivery {
        var at: Instant
        var number: Int
        var node: Int
        var packet: RoutingPacket
    }

    var nodes: [Node] = []
    var segments: [Segment] = []
    var now = Instant(nanoseconds: 1_000_000_000)
    private var deliveries: [Delivery] = []
    private var number = 0
    private var random: UInt64 = 7
    /// What an onlooker sees of every packet.
    var log: [String] = []
    var keepsLog = false
    /// How often routes changed.
    private(set) var changes = 0
    /// A router that has just come back, and need not know all the others yet.
    var isNew: Int?

    static func system(_ node: Int) -> SystemID { SystemID(bits: 0x1000_0000_0000 + UInt64(node)) }
    static func loopback(_ node: Int) -> IPPrefix {
        IPPrefix(
            host: IPAddress(
                family: .ipv4, bits: 0x0a00_0000 + UInt128(node / 250 * 256 + node % 250)))
    }
    static func loopback6(_ node: Int) -> IPPrefix {
        IPPrefix(host: IPAddress(family: .ipv6, bits: 0x2001_0db8 << 96 | UInt128(node)))
    }
    static func mac(_ node: Int, _ segment: Int) -> MACAddress {
        MACAddress(bits: 0x0200_0000_0000 | UInt64(node) << 16 | UInt64(segment))
    }

    // MARK: Building

    mutating func addNode(
        levels: ISISLevels = .level2, area: String = "49.0001",
        _ change: (inout ISISConfiguration) -> Void = { _ in }
    ) {
        let node = nodes.count
        let loopbacks = [Self.loopback(node), Self.loopback6(node)].map {
            InterfaceAddress($0.address, length: $0.length)
        }
        let lo = ISISCircuitConfiguration(
            interface: "lo", addresses: loopbacks, levels: levels, isPassive: true, metric: 0)
        var configuration = ISISConfiguration(
            systemID: Self.system(node), areas: [AreaAddress(area)!], levels: levels,
            hostname: "r\(node)", routerID: Self.loopback(node).address.v4!, circuits: [lo],
            families: [.ipv4, .ipv6])
        change(&configuration)
        nodes.append(Node(configuration: configuration, instance: nil))
    }

    /// Joins routers: two make a point-to-point link unless it is said to be a LAN.
    @discardableResult
    mutating func join(
        _ members: [Int], metric: UInt32 = 10, isLAN: Bool = false, levels: ISISLevels? = nil,
        _ change: (Int, inout ISISCircuitConfiguration) -> Void = { _, _ in }
    ) -> Int {
        let segment = segments.count
        var ends: [(node: Int, interface: String)] = []
        for (place, node) in members.enumerated() {
            let subnet = UInt128(0x0b00_0000 + segment * 256)
            var circuit = ISISCircuitConfiguration(
                interface: "s\(segment)", mac: Self.mac(node, segment),
                addresses: [
                    InterfaceAddress(
                        IPAddress(family: .ipv4, bits: subnet + UInt128(place) + 1), length: 24)
                ],
                levels: levels ?? nodes[node].configuration.levels,
                isPointToPoint: !isLAN && members.count == 2, metric: metric,
                helloInterval: .seconds(1))
            change(node, &circuit)
            nodes[node].configuration.circuits.append(circuit)
            ends.append((node, "s\(segment)"))
        }
        segments.append(Segment(ends: ends, metric: metric))
        return segment
    }

    // MARK: Events

    mutating func start() { for node in nodes.indices { start(node) } }

    /// Gives a router a new life.
    mutating func start(_ node: Int) {
        nodes[node].instance = ISISInstance(nodes[node].configuration)
        nodes[node].timers = [:]
        nodes[node].routes = [:]
        run(node) { $0.start(&$1) }
        run(node) { $0.interface("lo", isUp: true, &$1) }
        for segment in segments where segment.isUp {
            for end in segment.ends where end.node == node {
                run(node) { $0.interface(end.interface, isUp: true, &$1) }
            }
        }
    }

    /// Ends a router without a word.
    mutating func kill(_ node: Int) {
        nodes[node].instance = nil
        nodes[node].timers = [:]
        nodes[node].routes = [:]
    }

    mutating func set(_ segment: Int, isUp: Bool) {
        segments[segment].isUp = isUp
        for end in segments[segment].ends {
            run(end.node) { $0.interface(end.interface, isUp: isUp, &$1) }
        }
    }

    @discardableResult
    mutating func run(
        _ node: Int, _ body: (inout ISISInstance, inout ProtocolStep) -> Void
    ) -> [ProtocolOutput] {
        guard nodes[node].instance != nil else { return [] }
        var step = ProtocolStep(at: now)
        body(&nodes[node].instance!, &step)
        for output in step.outputs { take(output, of: node) }
        return step.outputs
    }

    private mutating func take(_ output: ProtocolOutput, of node: Int) {
        switch output {
        case .send(let packet): send(packet, from: node)
        case .arm(let timer, let moment):
            #expect(moment >= now, "\(timer) of \(node) is armed for the past")
            nodes[node].timers[timer] = moment
        case .cancel(let timer): nodes[node].timers[timer] = nil
        case .setRoute(let route):
            nodes[node].routes[route.prefix] = route
            changes += 1
        case .removeRoute(let prefix):
            nodes[node].routes[prefix] = nil
            changes += 1
        case .watch(let key, _): nodes[node].watched.insert(key)
        case .unwatch(let key): nodes[node].watched.remove(key)
        case .report(let report): nodes[node].reports.append(report)
        default: Issue.record("IS-IS has no use for \(output)")
        }
    }

    private mutating func send(_ packet: RoutingPacket, from node: Int) {
        nodes[node].sent += 1
        guard
            let segment = segments.first(where: { segment in
                segment.ends.contains { $0.node == node && $0.interface == packet.interface }
            })
        else {
            Issue.record("there is no \(packet.interface ?? "")")
            return
        }
        if keepsLog {
            log.append("\(now) \(node) \(packet.payload.count) \(Hexadecimal.text(packet.payload))")
        }
        guard segment.isUp else { return }
        for end in segment.ends where end.node != node {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if segment.loss > 0, (random >> 33) % segment.loss == 0 { continue }
            var copy = packet
            copy.interface = end.interface
            number += 1
            deliveries.append(
                Delivery(at: now + segment.delay, number: number, node: end.node, packet: copy))
        }
    }

    /// Lets time pass.
    mutating func run(for duration: Duration) {
        let end = now + duration
        while runNext(until: end) {}
    }

    /// Lets happen what is due next.
    /// - Returns: false where nothing is before `end`, which is then now.
    mutating func runNext(until end: Instant) -> Bool {
        guard let moment = next, moment <= end else {
            now = end
            return false
        }
        now = max(now, moment)
        let due = deliveries.filter { $0.at <= now }.sorted { $0.number < $1.number }
        deliveries.removeAll { $0.at <= now }
        for delivery in due { run(delivery.node) { $0.received(delivery.packet, &$1) } }
        for node in nodes.indices {
            let timers = nodes[node].timers.filter { $0.value <= now }.keys.sorted()
            for timer in timers where nodes[node].timers[timer].map({ $0 <= now }) ?? false {
                nodes[node].timers[timer] = nil
                run(node) { $0.timer(timer, &$1) }
            }
        }
        return true
    }

    private var next: Instant? {
        let timers = nodes.compactMap { $0.timers.values.min() }.min()
        let packets = deliveries.map(\.at).min()
        return [timers, packets].compactMap { $0 }.min()
    }

    // MARK: What must hold

    func adjacencies(_ node: Int) -> [ISISAdjacency] {
        nodes[node].instance?.circuits.flatMap(\.adjacencies) ?? []
    }

    func database(_ node: Int, _ level: ISISLevel = .two) -> ISISDatabase {
        nodes[node].instance?.levels[level].database ?? ISISDatabase()
    }

    /// The least distance between any two routers by the links that are up: Floyd and Warshall.
    func distances() -> [[UInt32?]] {
        let count = nodes.count
        var far = [[UInt32?]](repeating: [UInt32?](repeating: nil, count: count), count: count)
        for node in 0..<count where nodes[node].instance != nil { far[node][node] = 0 }
        for segment in segments where segment.isUp {
            for a in segment.ends where nodes[a.node].instance != nil {
                for b in segment.ends where a.node != b.node && nodes[b.node].instance != nil {
                    far[a.node][b.node] = min(far[a.node][b.node] ?? .max, segment.metric)
                }
            }
        }
        for middle in 0..<count {
            for a in 0..<count {
                guard let first = far[a][middle] else { continue }
                for b in 0..<count {
                    guard let second = far[middle][b] else { continue }
                    if first + second < far[a][b] ?? .max { far[a][b] = first + second }
                }
            }
        }
        return far
    }

    /// The ways out of a router on its shortest paths to another: (interface, gateway).
    func ways(from: Int, to: Int, _ far: [[UInt32?]]) -> Set<String> {
        guard let total = far[from][to] else { return [] }
        var ways: Set<String> = []
        for (number, segment) in segments.enumerated() where segment.isUp {
            guard segment.ends.contains(where: { $0.node == from }) else { continue }
            for (place, end) in segment.ends.enumerated() where end.node != from {
                guard nodes[end.node].instance != nil, let rest = far[end.node][to],
                    segment.metric + rest == total
                else { continue }
                let gateway = IPAddress(
                    family: .ipv4, bits: UInt128(0x0b00_0000 + number * 256 + place + 1))
                ways.insert("\(end.interface) \(gateway)")
            }
        }
        return ways
    }

    /// Every router's routes to every other's loopback are the shortest ones, all of them.
    func expectShortestPaths(
        _ comment: Comment = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let far = distances()
        for from in nodes.indices where nodes[from].instance != nil {
            for to in nodes.indices where to != from {
                let routes = [Self.loopback(to), Self.loopback6(to)].map { nodes[from].routes[$0] }
                #expect(
                    routes.map { $0?.metric } == [far[from][to], far[from][to]],
                    "\(comment): \(from) to \(to)", sourceLocation: sourceLocation)
                let hops = Set(
                    routes[0]?.nextHops.map { "\($0.interface) \($0.gateway)" } ?? [])
                #expect(
                    hops == ways(from: from, to: to, far), "\(comment): ways of \(from) to \(to)",
                    sourceLocation: sourceLocation)
                #expect(
                    Set(routes[1]?.nextHops.map(\.interface) ?? [])
                        == Set(routes[0]?.nextHops.map(\.interface) ?? []),
                    "\(comment): IPv6 of \(from) to \(to)", sourceLocation: sourceLocation)
            }
        }
    }

    /// All routers have the same packets.
    func expectSameDatabases(
        _ level: ISISLevel = .two, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        func packets(_ node: Int) -> [String] {
            database(node, level).all.filter { !$0.isPurged }.map {
                "\($0.packet.id) \($0.packet.sequence) \($0.checksum)"
            }
        }
        let living = nodes.indices.filter { nodes[$0].instance != nil }
        for node in living.dropFirst() {
            #expect(
                packets(node) == packets(living[0]), "databases of \(node) and \(living[0])",
                sourceLocation: sourceLocation)
        }
    }
}
