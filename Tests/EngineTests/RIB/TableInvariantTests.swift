// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Whatever happened before, the tables, the kernel and the neighbors stand as they would had only
/// the final state ever been.
@Suite("RIB: invariants over random lives")
struct TableInvariantTests {
    @Test(arguments: UInt64(1)...24)
    func historyLeavesNoTrace(seed: UInt64) {
        var life = RandomLife(seed: seed)
        for _ in 0..<12 {
            for _ in 0..<10 { life.step() }
            let fresh = life.replayed()
            #expect(life.bench.kernel == fresh.kernel, "forwarding")
            #expect(life.bench.held == fresh.held, "neighbors")
            #expect(life.tables == RandomLife.tables(fresh), "tables")
        }
        #expect(life.bench.idleTalk == 0)
        #expect(life.disorder == 0)
    }

    /// The same with labels for unicast routes. Which labels this router gives depends on what was
    /// before; where they lead does not.
    @Test(arguments: UInt64(1)...24)
    func historyLeavesNoTraceInWhatLabelsCarry(seed: UInt64) {
        var life = RandomLife(seed: seed, isLabelled: true)
        for _ in 0..<12 {
            for _ in 0..<10 { life.step() }
            let fresh = life.replayed()
            #expect(life.bench.kernel.withoutLabels == fresh.kernel.withoutLabels, "forwarding")
            #expect(life.labelWays == RandomLife.labelWays(fresh, life.up), "labels")
            #expect(life.bench.held == fresh.held, "neighbors")
        }
        #expect(life.bench.idleTalk == 0)
        #expect(life.disorder == 0)
    }

    /// In some life a VPN route is carried by a labelled one, while some labels stand at neighbors.
    @Test func theLivesWithLabelsAreEventful() {
        let found = (1...24 as ClosedRange<UInt64>).first { seed in
            var life = RandomLife(seed: seed, isLabelled: true)
            return (0..<120).contains { _ in
                life.step()
                let red = life.bench.kernel.routes.filter { $0.key.vrf == "red" }.values
                let hops = red.flatMap { life.bench.kernel.resolved($0).nextHops }
                return hops.contains { $0.labels.count == 2 } && life.labelWays.count > 3
            }
        }
        #expect(found != nil)
    }

    @Test func theLivesAreEventful() {
        var life = RandomLife(seed: 1)
        for _ in 0..<240 { life.step() }
        #expect(life.bench.kernel.routes.count > 5)
        #expect(life.bench.held.values.contains { $0.count > 5 })
        #expect(life.counts.values.allSatisfy { $0 > 3 })
        #expect(life.counts.count == 5)
    }
}

/// A generator whose sequence depends on its seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A router of every kind of neighbor to which random things happen.
struct RandomLife {
    private(set) var bench: RouterBench
    /// Unicast routes of n1, n3 and n4 have labels.
    private let isLabelled: Bool
    private(set) var counts: [String: Int] = [:]
    /// Steps whose effects were not in the order promised.
    private(set) var disorder = 0
    private var generator: SeededGenerator
    /// What neighbors with a session have announced.
    private var announced: [String: [Route: Announcement]] = [:]
    private(set) var up: Set<String> = []
    private var linksDown: Set<String> = []

    private struct Route: Hashable {
        var rd: String?
        var prefix: String
    }

    private struct Announcement {
        var attributes: PathAttributes
        var label: UInt32?
    }

    private static let names = ["n1", "n2", "n3", "n4", "n5", "n6"]

    init(seed: UInt64, isLabelled: Bool = false) {
        generator = SeededGenerator(seed: seed)
        self.isLabelled = isLabelled
        bench = Self.make(isLabelled: isLabelled)
    }

    /// n1 and n2 external, n3 a client, n4 not, n5 and n6 customers.
    private static func make(isLabelled: Bool) -> RouterBench {
        let policies = [
            Policy(
                name: "in",
                terms: [
                    Policy.Term(
                        conditions: [
                            .prefix([PrefixMatch(prefix: value("10.101.0.0/16"), range: .orLonger)])
                        ], verdict: .reject),
                    Policy.Term(
                        conditions: [.community([value("65000:7")])],
                        actions: [.localPreference(120)]),
                ]),
            Policy(
                name: "via",
                terms: [
                    Policy.Term(
                        conditions: [
                            .prefix([PrefixMatch(prefix: value("10.104.0.0/15"), range: .orLonger)])
                        ], actions: [.transport("multi")])
                ]),
            Policy(
                name: "out",
                terms: [
                    Policy.Term(
                        conditions: [.source([.direct, .static])],
                        actions: [.med(3), .communityAdd([value("65000:9")])], verdict: .accept)
                ]),
        ]
        let unicast: [BGPFamily] = [.ipv4Unicast, .ipv6Unicast]
        let own: [BGPFamily] =
            isLabelled ? [.ipv4LabelledUnicast, .ipv6LabelledUnicast] : unicast
        let families: [BGPFamily] = own + [.vpnv4, .vpnv6]
        var vrf = VPNBench.vrf("red", "1:1")
        vrf.importTargets.append(value("target:1:2"))
        return RouterBench(
            [
                RouterBench.neighbor(1, 65001, families: own) { $0.importPolicy = ["in"] },
                RouterBench.neighbor(2, 65002) {
                    $0.exportPolicy = ["out"]
                    $0.medOut = 8
                },
                RouterBench.neighbor(3, 65000, families: families, client: true) {
                    $0.importPolicy = ["via"]
                },
                RouterBench.neighbor(4, 65000, families: families) { $0.isNextHopSelf = true },
                RouterBench.neighbor(5, 65005, vrf: "red", families: unicast) {
                    $0.isASOverride = true
                },
                RouterBench.neighbor(6, 65005, vrf: "red", families: unicast) {
                    $0.exportPolicy = ["out"]
                },
            ], policies: policies, vrfs: [vrf],
            statics: statics,
            tunnels: tunnels,
            interfaces: [
                InterfaceConfiguration(name: "multi", addresses: []),
                InterfaceConfiguration(
                    name: "red", vrf: "red", addresses: [value("10.77.0.1/32")], isLoopback: true),
            ],
            transports: [
                TransportConfiguration(
                    name: "multi", encapsulation: .mgre(interface: "multi"),
                    source: value("10.9.9.9"))
            ],
            choice: TransportChoice(pairs: [
                TransportChoice.Pair(endpoint: value("10.0.4.2"), transport: "multi")
            ]), isDualStack: true)
    }

    private static let statics: [StaticRouteConfiguration] = [
        StaticRouteConfiguration(
            prefix: value("10.255.0.0/24"), gateway: value("10.0.4.9"), source: .core,
            metric: 9),
        StaticRouteConfiguration(
            prefix: value("10.102.0.0/16"), gateway: value("10.0.2.9")),
        StaticRouteConfiguration(
            vrf: "red", prefix: value("10.103.0.0/16"), gateway: value("10.0.5.9")),
    ]

    private static let tunnels: [TunnelConfiguration] = [
        TunnelConfiguration(
            destination: value("10.0.3.2/32"),
            nextHop: LabelledNextHop(gateway: value("10.0.3.2"), interface: "eth3", labels: []),
            metric: 10),
        TunnelConfiguration(
            destination: value("10.0.4.2/32"),
            nextHop: LabelledNextHop(
                gateway: value("10.0.4.2"), interface: "eth4", labels: [Label(500)]),
            metric: 20),
    ]

    // MARK: Events

    mutating func step() {
        let name = Self.names.randomElement(using: &generator) ?? "n1"
        switch Int.random(in: 0..<20, using: &generator) {
        case 0...1: flip(link: "eth" + name.dropFirst())
        case 3: flip(link: "multi")
        case 2 where up.contains(name): goDown(name)
        default:
            guard up.contains(name) else {
                goUp(name)
                break
            }
            if Int.random(in: 0..<3, using: &generator) == 0 {
                withdraw(name)
            } else {
                announce(name)
            }
        }
        checkOrder()
    }

    private mutating func count(_ event: String) { counts[event, default: 0] += 1 }

    private mutating func flip(link: String) {
        let wasDown = linksDown.remove(link) != nil
        if !wasDown { linksDown.insert(link) }
        bench.link(link, isUp: wasDown)
        count("link")
    }

    private mutating func goUp(_ name: String) {
        up.insert(name)
        bench.up(name)
        count("up")
    }

    private mutating func goDown(_ name: String) {
        up.remove(name)
        announced[name] = nil
        bench.down(name)
        count("down")
    }

    private mutating func route(_ name: String) -> Route {
        let isVPN = (name == "n3" || name == "n4") && Bool.random(using: &generator)
        let rds = ["1:1", "7:7"]
        let number = Int.random(in: 100..<108, using: &generator)
        // n2 speaks IPv4 only.
        let isIPv6 = name != "n2" && Int.random(in: 0..<3, using: &generator) == 0
        let prefix = isIPv6 ? "2001:db8:\(number)::/48" : "10.\(number).0.0/16"
        return Route(rd: isVPN ? rds.randomElement(using: &generator) : nil, prefix: prefix)
    }

    private mutating func announce(_ name: String) {
        let route = route(name)
        let announcement = announcement(name, route)
        announced[name, default: [:]][route] = announcement
        Self.tell(&bench, name, route, announcement)
        count("announce")
    }

    private mutating func withdraw(_ name: String) {
        let route = route(name)
        announced[name]?[route] = nil
        bench.withdraw(name, [route.prefix], rd: route.rd)
        count("withdraw")
    }

    private mutating func announcement(_ name: String, _ route: Route) -> Announcement {
        let isVPN = route.rd != nil
        let isIPv6 = route.prefix.contains(":")
        let neighbor = bench.neighbor(name)
        let paths = ["7", "7 8", "9", "65000", "65005"]
        let path = paths.randomElement(using: &generator) ?? ""
        let own = neighbor.isInternal ? "" : neighbor.remoteAS.description + " "
        var attributes = PathAttributes(
            asPath: value(own + path),
            nextHop: RouterBench.nextHop(
                neighbor, isVPN ? .vpnv4 : isIPv6 ? .ipv6Unicast : .ipv4Unicast),
            med: [nil, 5, 10].randomElement(using: &generator) ?? nil,
            localPreference: neighbor.isInternal
                ? [100, 150].randomElement(using: &generator) : nil)
        attributes.communities =
            [[], [], [value("65000:7")], [.noExport]].randomElement(using: &generator) ?? []
        if neighbor.isInternal, !isVPN, !isIPv6, Bool.random(using: &generator) {
            attributes.nextHop = value("10.255.0.1")
        }
        if isVPN, isLabelled, Bool.random(using: &generator) {
            // Where labelled routes lead.
            attributes.nextHop = value("10.106.0.9")
        }
        if isVPN {
            let targets = ["target:1:1", "target:1:2", "target:9:9"]
            attributes.extendedCommunities = [
                value(targets.randomElement(using: &generator) ?? "")
            ]
            let ends = [nil, nil, "10.0.3.2", "10.0.4.2"]
            attributes.tunnelEncapsulation = (ends.randomElement(using: &generator) ?? nil).map {
                TransportBench.offer($0, key: nil)
            }
        }
        let hasLabel = isVPN || (isLabelled && ["n1", "n3", "n4"].contains(name))
        return Announcement(
            attributes: attributes,
            label: hasLabel ? UInt32.random(in: 30..<33, using: &generator) : nil)
    }

    private static func tell(
        _ bench: inout RouterBench, _ name: String, _ route: Route, _ announcement: Announcement
    ) {
        bench.announce(name, [route.prefix], rd: route.rd, label: announcement.label) {
            $0 = announcement.attributes
        }
    }

    /// New forwarding, messages, removals, the rest.
    private mutating func checkOrder() {
        let ranks = bench.outputs.map { output in
            switch output {
            case .forwarding(.setRoute), .forwarding(.setLabel), .forwarding(.setEndpoint),
                .forwarding(.setGroup):
                0
            case .message: 1
            case .forwarding: 2
            case .arm, .cancel, .report: 3
            }
        }
        if ranks != ranks.sorted() { disorder += 1 }
    }

    // MARK: The same state without the history

    /// A router that has only known the present state, told in another order.
    mutating func replayed() -> RouterBench {
        var fresh = Self.make(isLabelled: isLabelled)
        for name in up.shuffled(using: &generator) { fresh.up(name) }
        let routes = announced.sorted { $0.key < $1.key }.flatMap { name, routes in
            routes.sorted { ($0.key.rd ?? "", $0.key.prefix) < ($1.key.rd ?? "", $1.key.prefix) }
                .map { (name, $0.key, $0.value) }
        }
        for (name, route, announcement) in routes.shuffled(using: &generator) {
            Self.tell(&fresh, name, route, announcement)
        }
        for link in linksDown.sorted() { fresh.link(link, isUp: false) }
        return fresh
    }

    /// What becomes of packets with the labels that stand at neighbors.
    var labelWays: [String: LabelAction] { Self.labelWays(bench, up) }

    static func labelWays(_ bench: RouterBench, _ up: Set<String>) -> [String: LabelAction] {
        var ways: [String: LabelAction] = [:]
        for name in up.intersection(["n1", "n3", "n4"]) {
            let answer = bench.tables.show(.advertised(bench.neighbor(name).key), at: bench.now)
            for route in answer["routes"]?.array ?? [] {
                let rd = route["route-distinguisher"]?.string ?? ""
                let label = route["labels"]?[0]?.int.map { Label(UInt32($0)) }
                ways["\(name) \(rd) \(route["prefix"]?.string ?? "")"] =
                    label.flatMap { bench.kernel.labels[$0] }
            }
        }
        return ways
    }

    var tables: JSON { Self.tables(bench) }

    static func tables(_ bench: RouterBench) -> JSON {
        bench.tables.show(.routes(vrf: nil, prefix: nil, source: nil), at: bench.now)
    }
}

extension KernelModel {
    fileprivate var withoutLabels: KernelModel {
        var copy = self
        copy.labels = [:]
        return copy
    }
}
