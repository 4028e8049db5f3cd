// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

@testable import Engine

/// OSPF routers joined by links, in virtual time: every packet takes a millisecond, or is lost.
struct OSPFNetwork {
    /// One end of a link or LAN.
    struct End: Hashable {
        var router: Int
        var interface: String
        var address: IPAddress
    }

    /// What there is to be built.
    struct Plan {
        struct Segment {
            var name: String
            var routers: [Int]
            var cost: UInt16
            var area: String
            var isPointToPoint: Bool
            /// By router; 1 for those that are not in it.
            var priorities: [Int: UInt8]
        }

        var version = OSPFVersion.v2
        var routerCount = 0
        var segments: [Segment] = []
        var areas: [String: OSPFAreaConfiguration.Kind] = [:]
        /// The area of loopbacks, if not the backbone.
        var loopbackAreas: [Int: String] = [:]
        /// Who has a provider edge's part.
        var edges: [Int: OSPFConfiguration.ProviderEdge] = [:]
        var authentication: Authentication?
        var bfd: BFDParameters?
        var isLDPSynchronised = false
        var externalMetricType = OSPFConfiguration.ExternalMetricType.type2
        var throttle = SPFThrottle()

        mutating func link(
            _ a: Int, _ b: Int, cost: UInt16 = 10, area: String = "0.0.0.0"
        ) {
            segments.append(
                Segment(
                    name: "\(a)-\(b)-\(segments.count)", routers: [a, b], cost: cost, area: area,
                    isPointToPoint: true, priorities: [:]))
            routerCount = max(routerCount, a + 1, b + 1)
        }

        mutating func lan(
            _ routers: [Int], cost: UInt16 = 10, area: String = "0.0.0.0",
            priorities: [Int: UInt8] = [:]
        ) {
            segments.append(
                Segment(
                    name: "lan-\(segments.count)", routers: routers, cost: cost, area: area,
                    isPointToPoint: false, priorities: priorities))
            routerCount = max(routerCount, (routers.max() ?? 0) + 1)
        }
    }

    let plan: Plan
    private(set) var now = Instant.zero
    /// nil is a router that is not there.
    var routers: [OSPFInstance?]
    /// What tables were given.
    private(set) var tables: [[IPPrefix: ProtocolRoute]]
    private(set) var reports: [(at: Instant, router: Int, report: Report)] = []
    private(set) var watches: [[BFDKey: BFDParameters]]
    private(set) var packetCount = 0
    /// When a router's table changed last.
    private(set) var lastChange: [Instant]
    /// Whether what one router sends arrives at another.
    var arrives: (_ from: Int, _ to: Int) -> Bool = { _, _ in true }
    /// What passed by, if it is to be kept.
    var isTapped = false
    private(set) var tap: [RoutingPacket] = []

    private let ends: [String: [End]]
    private var timers: [[RoutingTimer: Instant]]
    private var queue: [(at: Instant, router: Int, packet: RoutingPacket)] = []
    /// Segments that carry nothing.
    private var cut: Set<String> = []

    init(_ plan: Plan) {
        self.plan = plan
        var ends: [String: [End]] = [:]
        for (number, segment) in plan.segments.enumerated() {
            ends[segment.name] = segment.routers.map { router in
                End(
                    router: router, interface: segment.name,
                    address: Self.address(plan.version, number, router))
            }
        }
        self.ends = ends
        routers = (0..<plan.routerCount).map { OSPFInstance(Self.configuration(plan, $0)) }
        tables = Array(repeating: [:], count: plan.routerCount)
        watches = Array(repeating: [:], count: plan.routerCount)
        timers = Array(repeating: [:], count: plan.routerCount)
        lastChange = Array(repeating: .zero, count: plan.routerCount)
    }

    // MARK: Addresses and configurations

    static func routerID(_ router: Int) -> IPv4Address {
        IPv4Address(bits: 0x0a00_0000 + UInt32(router + 1))
    }

    /// What the packets of a router's end of a segment come from.
    static func address(_ version: OSPFVersion, _ segment: Int, _ router: Int) -> IPAddress {
        let host = UInt128(router + 1)
        return version == .v2
            ? IPAddress(family: .ipv4, bits: 0x0a80_0000 + UInt128(segment) << 8 + host)
            : IPAddress(family: .ipv6, bits: 0xfe80 << 112 + UInt128(segment) << 16 + host)
    }

    static func subnet(_ version: OSPFVersion, _ segment: Int) -> IPPrefix {
        version == .v2
            ? IPPrefix(address(.v2, segment, 0), length: 24)
            : IPPrefix(
                IPAddress(family: .ipv6, bits: 0x2001_0db8 << 96 + UInt128(segment + 1) << 64),
                length: 64)
    }

    static func loopback(_ version: OSPFVersion, _ router: Int) -> IPPrefix {
        version == .v2
            ? IPPrefix(host: IPAddress(routerID(router)))
            : IPPrefix(
                host: IPAddress(
                    family: .ipv6, bits: 0x2001_0db8_ffff << 80 + UInt128(router + 1)))
    }

    private static func addresses(
        _ plan: Plan, _ segment: Int, _ router: Int
    ) -> [InterfaceAddress] {
        let own = address(plan.version, segment, router)
        guard plan.version == .v3 else { return [InterfaceAddress(own, length: 24)] }
        let subnet = subnet(.v3, segment)
        let global = subnet.address(at: UInt128(router + 1)) ?? subnet.address
        return [InterfaceAddress(own, length: 64), InterfaceAddress(global, length: 64)]
    }

    private static func id(_ text: String) -> IPv4Address {
        guard let id = IPv4Address(text) else { preconditionFailure("an area from \(text)") }
        return id
    }

    static func configuration(_ plan: Plan, _ router: Int) -> OSPFConfiguration {
        var interfaces = [
            OSPFInterfaceConfiguration(
                interface: "lo",
                addresses: [
                    InterfaceAddress(
                        loopback(plan.version, router).address,
                        length: UInt8(plan.version.family.bitWidth))
                ], area: id(plan.loopbackAreas[router] ?? "0.0.0.0"), isPassive: true)
        ]
        for (number, segment) in plan.segments.enumerated()
        where segment.routers.contains(router) {
            interfaces.append(
                OSPFInterfaceConfiguration(
                    interface: segment.name, addresses: addresses(plan, number, router),
                    area: id(segment.area), isPointToPoint: segment.isPointToPoint,
                    cost: segment.cost, priority: segment.priorities[router] ?? 1,
                    helloInterval: .seconds(1), deadInterval: .seconds(4),
                    authentication: plan.authentication, bfd: plan.bfd,
                    isLDPSynchronised: plan.isLDPSynchronised))
        }
        let areas = Set(interfaces.map(\.area)).sorted().map {
            OSPFAreaConfiguration(id: $0, kind: plan.areas["\($0)"] ?? .normal)
        }
        return OSPFConfiguration(
            family: plan.version.family, routerID: routerID(router), areas: areas,
            interfaces: interfaces, throttle: plan.throttle, exportPolicy: ["all"],
            externalMetricType: plan.externalMetricType, providerEdge: plan.edges[router])
    }

    // MARK: What happens

    /// All routers start, and all links come up.
    mutating func start() {
        for router in routers.indices { start(router) }
    }

    /// A router begins, with all its links.
    mutating func start(_ router: Int) {
        perform(router) { $0.start(&$1) }
        let names = Self.configuration(plan, router).interfaces.map(\.interface)
        for name in names where !cut.contains(name) {
            perform(router) { $0.interface(name, isUp: true, &$1) }
        }
    }

    /// A router begins a new life, and remembers nothing of the last one.
    mutating func restart(_ router: Int) {
        routers[router] = OSPFInstance(Self.configuration(plan, router))
        timers[router] = [:]
        tables[router] = [:]
        watches[router] = [:]
        start(router)
    }

    /// A router falls silent, without a word.
    mutating func kill(_ router: Int) {
        routers[router] = nil
        timers[router] = [:]
    }

    /// Puts an event to a router, and does what it asks for.
    mutating func perform(
        _ router: Int, _ body: (inout OSPFInstance, inout ProtocolStep) -> Void
    ) {
        guard var instance = routers[router] else { return }
        var step = ProtocolStep(at: now)
        body(&instance, &step)
        routers[router] = instance
        for output in step.outputs { take(output, router) }
    }

    private mutating func take(_ output: ProtocolOutput, _ router: Int) {
        switch output {
        case .send(let packet): transmit(packet, router)
        case .arm(let timer, let moment): timers[router][timer] = max(moment, now)
        case .cancel(let timer): timers[router][timer] = nil
        case .setRoute(let route):
            tables[router][route.prefix] = route
            lastChange[router] = now
        case .removeRoute(let prefix):
            tables[router][prefix] = nil
            lastChange[router] = now
        case .watch(let key, let parameters): watches[router][key] = parameters
        case .unwatch(let key): watches[router][key] = nil
        case .report(let report): reports.append((now, router, report))
        default: break
        }
    }

    private mutating func transmit(_ packet: RoutingPacket, _ router: Int) {
        packetCount += 1
        if isTapped { tap.append(packet) }
        guard let interface = packet.interface else { return transmitSham(packet) }
        guard !cut.contains(interface), let destination = packet.destination.ip else { return }
        for end in ends[interface] ?? [] where end.router != router {
            guard destination.isMulticast || destination == end.address,
                arrives(router, end.router)
            else {
                continue
            }
            queue.append((now + .milliseconds(1), end.router, packet))
        }
    }

    /// Over the VPN, from one end of a sham link to the other.
    private mutating func transmitSham(_ packet: RoutingPacket) {
        for (router, edge) in plan.edges where isVPNUp {
            for sham in edge.shamLinks where packet.destination.ip == sham.local {
                queue.append((now + .milliseconds(3), router, packet))
            }
        }
    }

    var isVPNUp = true

    /// A link's carrier goes or comes, for all its ends.
    mutating func set(_ segment: Int, isUp: Bool) {
        let name = plan.segments[segment].name
        if isUp { cut.remove(name) } else { cut.insert(name) }
        for end in ends[name] ?? [] {
            perform(end.router) { $0.interface(name, isUp: isUp, &$1) }
        }
    }

    /// A link carries nothing any more, and nobody is told.
    mutating func silence(_ segment: Int, _ isSilent: Bool = true) {
        let name = plan.segments[segment].name
        if isSilent { cut.insert(name) } else { cut.remove(name) }
    }

    // MARK: Time

    /// Lets time pass; events of one moment in the order in which they were asked for.
    mutating func run(for duration: Duration) {
        let end = now + duration
        while step(before: end) {}
        now = end
    }

    /// Lets happen what is next.
    /// - Returns: false where nothing is before `end`.
    mutating func step(before end: Instant) -> Bool {
        let packet = queue.indices.min { queue[$0].at < queue[$1].at }
        var timer: (at: Instant, router: Int, timer: RoutingTimer)?
        for router in timers.indices {
            for (name, at) in timers[router] {
                if let least = timer, (least.at, least.router, least.timer) < (at, router, name) {
                    continue
                }
                timer = (at, router, name)
            }
        }
        if let packet, queue[packet].at <= end, queue[packet].at <= timer?.at ?? queue[packet].at {
            let event = queue.remove(at: packet)
            now = event.at
            perform(event.router) { $0.received(event.packet, &$1) }
            return true
        }
        guard let timer, timer.at <= end else { return false }
        now = max(now, timer.at)
        timers[timer.router][timer.timer] = nil
        perform(timer.router) { $0.timer(timer.timer, &$1) }
        return true
    }

    // MARK: What came of it

    func neighborStates(_ router: Int, _ segment: Int) -> [Int: OSPFNeighbor.State] {
        let name = plan.segments[segment].name
        let neighbors = routers[router]?.interfaces.first { $0.name == name }?.neighbors ?? [:]
        return Dictionary(
            neighbors.map { (Int($0.key.bits & 0xff_ffff) - 1, $0.value.state) },
            uniquingKeysWith: { first, _ in first })
    }

    func interfaceState(_ router: Int, _ segment: Int) -> OSPFInterface.State? {
        let name = plan.segments[segment].name
        return routers[router]?.interfaces.first { $0.name == name }?.state
    }

    func route(_ router: Int, to destination: Int) -> ProtocolRoute? {
        tables[router][Self.loopback(plan.version, destination)]
    }

    /// The routers that a router sends what is for another to.
    func nextRouters(_ router: Int, to destination: Int) -> Set<Int> {
        Set(
            (route(router, to: destination)?.nextHops ?? []).compactMap { hop in
                ends[hop.interface]?.first { $0.address == hop.gateway }?.router
            })
    }
}
