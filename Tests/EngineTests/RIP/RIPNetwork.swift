// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Wire

/// RIP routers and links between them, in virtual time. Router N has the network N of its own (as
/// if on a passive interface), and every link a subnet.
struct RIPNetwork {
    private(set) var now = Instant.zero
    private(set) var routers: [RIPInstance] = []
    private var timers: [[RoutingTimer: Instant]] = []
    private var flights: [(at: Instant, to: Int, packet: RoutingPacket)] = []
    /// What each router has offered and not taken back.
    private(set) var offers: [[IPPrefix: ProtocolRoute]] = []
    /// All packets, with moment and sender.
    private(set) var sent: [(at: Instant, from: Int, packet: RoutingPacket)] = []
    /// All that routers wanted, in words.
    private(set) var record: [String] = []
    private let ends: [(a: Int, b: Int)]
    private let family: AddressFamily
    private var cut: Set<Int> = []

    /// - Parameters:
    ///   - links: by the routers at both ends.
    ///   - change: of a router's configuration.
    init(
        _ family: AddressFamily, routers count: Int, links: [(Int, Int)],
        _ change: (Int, inout RIPConfiguration) -> Void = { _, _ in }
    ) {
        self.family = family
        ends = links.map { (a: $0.0, b: $0.1) }
        for router in 0..<count {
            var interfaces = [
                RIPInterfaceConfiguration(
                    interface: "lan", addresses: [Self.lan(family, router)], isPassive: true)
            ]
            for (number, link) in ends.enumerated() where link.a == router || link.b == router {
                interfaces.append(
                    RIPInterfaceConfiguration(
                        interface: "eth\(number)",
                        addresses: Self.addresses(family, link: number, side: link.b == router)))
            }
            var configuration = RIPConfiguration(family: family, interfaces: interfaces)
            change(router, &configuration)
            routers.append(RIPInstance(configuration))
            timers.append([:])
            offers.append([:])
        }
        for router in routers.indices {
            step(router) { $0.start(&$1) }
            for interface in interfaceNames(router) {
                step(router) { $0.interface(interface, isUp: true, &$1) }
            }
        }
    }

    // MARK: Addresses

    static func lan(_ family: AddressFamily, _ router: Int) -> InterfaceAddress {
        family == .ipv4 ? value("10.0.\(router).1/24") : value("2001:db8:\(router)::1/64")
    }

    static func network(_ family: AddressFamily, _ router: Int) -> IPPrefix {
        lan(family, router).prefix
    }

    static func addresses(
        _ family: AddressFamily, link: Int, side: Bool
    ) -> [InterfaceAddress] {
        let host = side ? 2 : 1
        if family == .ipv4 { return [value("172.16.\(link).\(host)/24")] }
        return [value("fe80::\(link + 1):\(host)/64"), value("2001:db8:ff\(link)::\(host)/64")]
    }

    private func interfaceNames(_ router: Int) -> [String] {
        ["lan"]
            + ends.enumerated().filter { $1.a == router || $1.b == router }.map { "eth\($0.0)" }
    }

    // MARK: Events

    mutating func step(
        _ router: Int, _ body: (inout RIPInstance, inout ProtocolStep) -> Void
    ) {
        var step = ProtocolStep(at: now)
        body(&routers[router], &step)
        for output in step.outputs {
            record.append("\(now) \(router) \(output)")
            switch output {
            case .send(let packet): send(packet, from: router)
            case .arm(let timer, let moment): timers[router][timer] = moment
            case .cancel(let timer): timers[router][timer] = nil
            case .setRoute(let route): offers[router][route.prefix] = route
            case .removeRoute(let prefix): offers[router][prefix] = nil
            default: break
            }
        }
    }

    private mutating func send(_ packet: RoutingPacket, from router: Int) {
        sent.append((now, router, packet))
        guard let name = packet.interface, let link = Int(name.dropFirst(3)),
            !cut.contains(link)
        else { return }
        let to = ends[link].a == router ? ends[link].b : ends[link].a
        flights.append((now + .milliseconds(1), to, packet))
    }

    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while true {
            let flight = flights.indices.min { flights[$0].at < flights[$1].at }
            let timer = timers.indices.flatMap { router in
                timers[router].map { (router, $0.key, $0.value) }
            }.min { ($0.2, $0.0, $0.1) < ($1.2, $1.0, $1.1) }
            if let flight, flights[flight].at <= min(end, timer?.2 ?? end) {
                let landed = flights.remove(at: flight)
                now = landed.at
                step(landed.to) { $0.received(landed.packet, &$1) }
            } else if let timer, timer.2 <= end {
                now = timer.2
                timers[timer.0][timer.1] = nil
                step(timer.0) { $0.timer(timer.1, &$1) }
            } else {
                now = end
                return
            }
        }
    }

    /// Both ends notice.
    mutating func setLink(_ link: Int, isUp: Bool) {
        if isUp { cut.remove(link) } else { cut.insert(link) }
        for router in [ends[link].a, ends[link].b] {
            step(router) { $0.interface("eth\(link)", isUp: isUp, &$1) }
        }
    }

    /// Nobody notices: packets are lost.
    mutating func silence(_ link: Int) { cut.insert(link) }
    mutating func mend(_ link: Int) { cut.remove(link) }

    // MARK: State

    /// The metric of each router's route to a router's own network; nil where it has none.
    func metrics(to router: Int) -> [UInt32?] {
        offers.indices.map { offers[$0][Self.network(family, router)]?.metric }
    }

    func entries(from router: Int, by interface: String) -> [RIPEntry] {
        let latest = sent.last { $0.from == router && $0.packet.interface == interface }
        guard let payload = latest?.packet.payload,
            case .response(let entries) = try? RIPPacket(decoding: payload, family).content
        else { return [] }
        return entries
    }
}
