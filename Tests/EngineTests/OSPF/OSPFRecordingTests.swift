// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

/// Two whole routers with OSPF and a link, whose events are kept as lines of a recording.
private struct RecordedPair {
    private(set) var routers: [Router] = []
    private(set) var events: [[RecordedEvent]] = [[], []]
    /// What each event led to, as text.
    private(set) var effects: [[[String]]] = [[], []]
    private var timers: [[TimerID: Instant]] = [[:], [:]]
    private var queue: [(at: Instant, router: Int, packet: RoutingPacket)] = []
    private var now = Instant.zero

    init(_ family: AddressFamily) {
        routers = [0, 1].map { Router(Self.configuration(family, $0)) }
    }

    /// The plan of OSPFNetwork with one link, with the rest of a router around it; the first router
    /// also tells of a static route.
    static func configuration(_ family: AddressFamily, _ router: Int) -> RouterConfiguration {
        var plan = OSPFNetwork.Plan()
        plan.version = .init(family)
        plan.link(0, 1)
        var ospf = OSPFNetwork.configuration(plan, router)
        ospf.exportPolicy = ["accept"]
        let far = prefix(family == .ipv4 ? "198.51.100.0/24" : "2001:db8:5::/48")
        return RouterConfiguration(
            name: "r\(router)", routerID: OSPFNetwork.routerID(router),
            interfaces: ospf.interfaces.map {
                InterfaceConfiguration(
                    name: $0.interface, addresses: $0.addresses, isLoopback: $0.isPassive)
            },
            staticRoutes: router == 0
                ? [StaticRouteConfiguration(prefix: far, gateway: nil)] : [],
            protocols: [.ospf(ospf)])
    }

    mutating func live() {
        for router in 0...1 { perform(router, .start) }
        for router in 0...1 { perform(router, .link(interface: "0-1-0", isUp: true)) }
        run(until: .zero + .seconds(10))
        perform(0, .link(interface: "0-1-0", isUp: false))
        run(until: .zero + .seconds(11))
        perform(0, .link(interface: "0-1-0", isUp: true))
        run(until: .zero + .seconds(20))
    }

    private mutating func perform(_ router: Int, _ event: Event) {
        events[router].append(RecordedEvent(at: now, event: event))
        let effects = routers[router].step(event, at: now)
        self.effects[router].append(effects.map(\.json.text))
        for effect in effects {
            switch effect {
            case .arm(let timer, let moment): timers[router][timer] = moment
            case .cancel(let timer): timers[router][timer] = nil
            case .packet(let packet):
                queue.append((now + .milliseconds(1), 1 - router, packet))
            default: break
            }
        }
    }

    private mutating func run(until end: Instant) {
        while true {
            let timer = (0...1).flatMap { router in
                timers[router].map { (at: $0.value, router: router, timer: $0.key) }
            }.min { ($0.at, $0.router, $0.timer) < ($1.at, $1.router, $1.timer) }
            if let first = queue.first, first.at <= end, first.at <= timer?.at ?? first.at {
                queue.removeFirst()
                now = first.at
                perform(first.router, .packet(first.packet))
            } else if let timer, timer.at <= end {
                now = max(now, timer.at)
                timers[timer.router][timer.timer] = nil
                perform(timer.router, .timer(timer.timer))
            } else {
                break
            }
        }
        now = end
    }
}

@Suite("The life of a router with OSPF, recorded")
struct OSPFRecordingTests {
    @Test(arguments: [AddressFamily.ipv4, .ipv6])
    func replayedItDoesTheSame(family: AddressFamily) throws {
        var pair = RecordedPair(family)
        pair.live()
        for router in 0...1 {
            let lines = pair.events[router].map(\.json.text)
            #expect(lines.count > 40)
            var again = Router(RecordedPair.configuration(family, router))
            for (line, expected) in zip(lines, pair.effects[router]) {
                let event = try #require(RecordedEvent(json: try JSON(parsing: line)), "\(line)")
                let effects = again.step(event.event, at: event.at).map(\.json.text)
                #expect(effects == expected, "\(line)")
            }
        }
    }

    @Test(arguments: [AddressFamily.ipv4, .ipv6])
    func aTableHasOSPFsRoutesAndOSPFTheTables(family: AddressFamily) throws {
        var pair = RecordedPair(family)
        pair.live()
        let shown = pair.routers[1].show(
            .routes(vrf: nil, prefix: nil, source: .ospf), at: .zero + .seconds(20))
        let tables = shown["tables"]?.array ?? []
        let prefixes = tables.flatMap { $0["entries"]?.array ?? [] }
            .compactMap { $0["prefix"]?.string }
        let far = family == .ipv4 ? "198.51.100.0/24" : "2001:db8:5::/48"
        let loopback = OSPFNetwork.loopback(.init(family), 0).description
        #expect(Set(prefixes) == [far, loopback])
        // The lost link took them out, and they came back: set, removed, set.
        let changes = pair.effects[1].joined().filter { $0.contains(far) }
        #expect(changes.contains { $0.contains("set-route") })
    }
}
