// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Topology
import Wire

extension FuzzTarget {
    static let router = FuzzTarget(
        "router", sizeMax: 2048, words: attributeWords + RouterStory.words, cost: 20, routerStory)

    /// A router's life: the input is a script of what its neighbors, its links, the clock and the
    /// operator do. It never traps, says only what can be read, and does the same again.
    @Sendable private static func routerStory(_ input: [UInt8]) throws(Finding) {
        var story = RouterStory(input)
        try story.run()
        var again = RouterStory(input)
        try again.run()
        try require(story.effects == again.effects, "the same events, other effects")
    }
}

/// One life of one of the routers of a small lab.
struct RouterStory {
    static let words: [[UInt8]] =
        [
            [0, 0, 3, 0, 4, 0], [0, 1, 3, 0, 4, 0], [0, 0, 3, 0, 4, 0, 4, 0], [5, 3], [6, 0],
            [7, 90],
        ]
        + [[2, 0, 2, 40, 0, 0], [8, 0], [9, 0], [10, 20, 0x31, 1, 100, 1]]

    private static let configurations: [RouterConfiguration] = {
        guard let topology = try? Topology.parse(Array(lab.utf8)) else {
            preconditionFailure("the lab of the router's stories is right")
        }
        return LabPlan(topology).routers.filter { ["pe", "ce", "border"].contains($0.name) }
    }()

    private static let lab = """
        name: fuzz
        policies:
          all: [{match: {protocol: [direct, core, bgp]}, then: accept}]
          primary:
            - match: {protocol: bgp, as-path: "^65500 .* 1?$", community: "65000:1"}
              set: {local-preference: 150, community: {add: "origin:1:1"}, as-path-prepend: 1}
              then: accept
            - {match: {prefix: [10.0.0.0/8 upto 24]}, then: accept}
        nodes:
          pe:
            role: pe
            loopback: 10.0.0.1
            bgp: {as: 1, neighbors: {rr: {families: [ipv4-unicast, vpnv4, vpnv6]}}}
            vrfs:
              red:
                rd: 1:1
                target: 1:1
                static: {10.9.0.0/16: discard}
                bgp: {neighbors: {ce: {passive: true, as-override: true, med-out: 10,
                                       import: [primary, accept], export: accept}}}
          rr:
            role: rr
            loopback: 10.0.0.2
            bgp: {as: 1, neighbors: {pe: {route-reflector-client: true,
                                          families: [ipv4-unicast, vpnv4, vpnv6]}}}
          ce:
            role: ce
            loopback: 10.0.0.3
            bgp: {as: 65500, neighbors: {pe: {import: accept, export: accept, hold-time: 10}}}
            vrrp: [{lan: site, group: 1, virtual-address: 192.168.1.1, priority: 200,
                    track: {session: pe, priority-cost: 150}}]
          user: {role: host, static: {0.0.0.0/0: 192.168.1.1}}
          border:
            role: pe
            loopback: 10.0.0.4
            bgp: {as: 2, neighbors: {inner: {families: [ipv4-labeled-unicast, vpnv4]},
                                     outer: {families: [ipv4-labeled-unicast, vpnv4],
                                             import: accept, export: all}}}
            vrfs: {red: {rd: 2:1, target: 1:1, static: {10.8.0.0/16: discard}}}
          inner:
            role: pe
            loopback: 10.0.0.5
            bgp: {as: 2, neighbors: {border: {families: [ipv4-labeled-unicast, vpnv4]}}}
          outer:
            role: pe
            loopback: 10.0.0.6
            bgp: {as: 3, neighbors: {border: {families: [ipv4-labeled-unicast, vpnv4]}}}
        links:
          - {endpoints: [pe, rr], subnet: 172.16.0.0/30}
          - {endpoints: [pe, ce], subnet: 172.16.1.0/30, vrf: red}
          - {endpoints: [border, inner], subnet: 172.16.2.0/30}
          - {endpoints: [border, outer], subnet: 172.16.3.0/30}
        lans:
          site: {endpoints: {ce: 192.168.1.3/24, user: 192.168.1.9/24}}
        """

    private var script: Script
    private var router: Router
    private var now = Instant(nanoseconds: 0)
    private var timers: [TimerID: Instant] = [:]
    private var connections: [(id: ConnectionID, key: NeighborKey)] = []
    /// What the router's octets on each connection come to.
    private var framers: [ConnectionID: BGPFramer] = [:]
    private var accepted: UInt64 = 0
    /// All that the router wanted.
    private(set) var effects: [Effect] = []
    /// A life has an end, even that of a script that makes much of few octets.
    private static let effectsMax = 2000

    init(_ input: [UInt8]) {
        script = Script(input)
        let choice = Int(script.octet()) % Self.configurations.count
        router = Router(Self.configurations[choice])
    }

    mutating func run() throws(Finding) {
        try step(.start)
        for interface in router.configuration.interfaces where !interface.isLoopback {
            try step(.link(interface: interface.name, isUp: true))
        }
        while !script.isEmpty, effects.count < Self.effectsMax { try act() }
        try step(.command(.shutDown))
        let effects = router.step(.link(interface: "lo", isUp: true), at: now)
        try require(effects.isEmpty, "a router that is shut down acts")
    }

    private mutating func step(_ event: Event) throws(Finding) {
        for effect in router.step(event, at: now) {
            effects.append(effect)
            switch effect {
            case .connect(let id, .bgp(let key)): connections.append((id, key))
            case .send(let id, let octets):
                let output = framers[id, default: BGPFramer()].feed(octets)
                try require(output.failure == nil, "it sends what is no message")
                for message in output.messages { try check(message) }
            case .close(let id): framers[id] = nil
            case .arm(let id, let moment): timers[id] = moment
            case .cancel(let id): timers[id] = nil
            case .connect, .packet, .forwarding, .vrrp, .routerAdvertisement, .report: break
            }
        }
    }

    /// Every message that goes out can be read on some type of session, and without a fault.
    private func check(_ octets: [UInt8]) throws(Finding) {
        let isFine = [true, false].contains { isInternal in
            let context = BGPCodecContext(fourOctetAS: true, isInternal: isInternal)
            let short = BGPCodecContext(fourOctetAS: false, isInternal: isInternal)
            return [context, short].contains { context in
                guard let message = try? BGPMessage(decoding: octets, in: context) else {
                    return false
                }
                if case .update(let update) = message { return update.faults.isEmpty }
                return true
            }
        }
        try require(isFine, "it sends a message with a fault")
    }

    private mutating func act() throws(Finding) {
        switch script.octet() % 12 {
        case 0: try accept()
        case 1: try onConnection { _ in .connected }
        case 2: try receiveFramed()
        case 3: try receiveOpen()
        case 4: try receive(.keepalive)
        case 5:
            let octets = script.octets(Int(script.octet()))
            guard !octets.isEmpty else { return }
            try onConnection { _ in .received(octets) }
        case 6: try onConnection { _ in .closed(reason: "fuzz") }
        case 7: try advance(Duration.seconds(Int(script.octet())))
        case 8: try changeLink()
        case 9: try command()
        case 10: try receiveVRRP()
        default: try onConnection { _ in .failed(reason: "fuzz") }
        }
    }

    private mutating func neighbor() -> NeighborConfiguration? {
        let neighbors = router.configuration.neighbors
        return neighbors.isEmpty ? nil : neighbors[Int(script.octet()) % neighbors.count]
    }

    private mutating func accept() throws(Finding) {
        guard let key = neighbor()?.key else { return }
        accepted += 1
        let id = ConnectionID(isOutgoing: false, number: accepted)
        connections.append((id, key))
        try step(.connection(id, .accepted(.bgp(key))))
    }

    private mutating func onConnection(
        _ event: (NeighborKey) -> ConnectionEvent
    ) throws(Finding) {
        guard !connections.isEmpty else { return }
        let (id, key) = connections[connections.count - 1 - Int(script.octet()) % connections.count]
        try step(.connection(id, event(key)))
    }

    /// A message of a type and a length that are right, whatever is in it.
    private mutating func receiveFramed() throws(Finding) {
        let type = script.octet()
        let body = script.octets(Int(script.octet()))
        let header = [UInt8](repeating: 0xff, count: 16) + [0, UInt8(truncatingIfNeeded: 19)]
        var octets = header + [type] + body
        octets[16] = UInt8(octets.count >> 8)
        octets[17] = UInt8(octets.count & 0xff)
        try onConnection { _ in .received(octets) }
    }

    private mutating func receive(_ message: BGPMessage) throws(Finding) {
        let context = BGPCodecContext(fourOctetAS: true, isInternal: false)
        guard let octets = try? message.encoded(in: context) else { return }
        try onConnection { _ in .received(octets) }
    }

    /// The OPEN that the neighbor of the connection would send.
    private mutating func receiveOpen() throws(Finding) {
        let neighbors = router.configuration.neighbors
        try onConnection { key in
            guard let neighbor = neighbors.first(where: { $0.key == key }) else {
                return .closed(reason: "nobody")
            }
            let open = BGPMessage.open(
                BGPOpen(
                    asNumber: neighbor.remoteAS, holdTime: 90,
                    identifier: IPv4Address(bits: 0x0a00_0009), families: neighbor.families))
            let context = BGPCodecContext(fourOctetAS: true, isInternal: false)
            return .received((try? open.encoded(in: context)) ?? [0])
        }
    }

    /// Time goes on; timers run out in order.
    private mutating func advance(_ duration: Duration) throws(Finding) {
        let end = now + duration
        var count = 0
        while count < 16,
            let next = timers.filter({ $0.value <= end }).min(by: {
                ($0.value, $0.key) < ($1.value, $1.key)
            })
        {
            timers[next.key] = nil
            now = max(now, next.value)
            try step(.timer(next.key))
            count += 1
        }
        now = max(now, end)
    }

    private mutating func changeLink() throws(Finding) {
        let choice = script.octet()
        let interfaces = router.configuration.interfaces
        let name = interfaces[Int(choice >> 1) % interfaces.count].name
        try step(.link(interface: name, isUp: choice & 1 == 1))
    }

    private mutating func command() throws(Finding) {
        guard let key = neighbor()?.key else { return }
        try step(.command(script.octet() & 1 == 0 ? .deactivate(key) : .activate(key)))
    }

    private mutating func receiveVRRP() throws(Finding) {
        let payload = script.octets(Int(script.octet()))
        guard let interface = router.configuration.vrrpGroups.first?.interface else { return }
        try step(
            .vrrp(
                interface: interface, source: IPAddress(family: .ipv4, bits: 0xc0a8_0104),
                hopLimit: 255, payload: payload))
    }
}
