// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Wire

/// How long a router's view of a large network takes to follow a change of it.
enum ShortestPathsBench {
    private static let sizes = [100, 1_000, 10_000]
    private static let rounds = 15

    static let bench = Bench(
        name: "spf",
        explanation: """
            routers in a grid with links across it, two and a half links a router. `paths`: all
            distances with every first hop of equal cost; beside it the plainest Dijkstra on flat
            arrays, which finds distances alone. `packet to routes`: an IS-IS router takes a link
            state packet in which one metric is another, passes it on, computes its paths and says
            which routes change. Aims: paths in less than three times the plain one; packet to
            routes of 1,000 routers below 10 ms.
            """, run: { try sizes.map(paths) + sizes.map(packetToRoutes) })

    private static func paths(_ count: Int) throws -> Figure {
        let network = GridNetwork(nodes: count)
        let plain = PlainDijkstra(network.edges)
        var (ours, theirs): (Samples, Samples) = ([], [])
        // Small ones many times, so that the clock can tell.
        let times = max(1, 20_000 / count)
        for _ in 0..<rounds {
            theirs.add(milliseconds(times) { plain.run(from: 0) })
            var sum = 0
            ours.add(
                milliseconds(times) {
                    let paths = ShortestPaths(from: 0, network.edges)
                    sum &+= paths.firstHops[count - 1].count
                })
            guard sum > 0 else { throw Failure("the last router is not reached") }
        }
        let found = ShortestPaths(from: 0, network.edges).distances
        for vertex in 0..<count where found[vertex] != plain.distances[vertex] {
            throw Failure("the distances to \(vertex) differ")
        }
        return Figure(
            name: "paths, \(count) routers", unit: "ms", ours: ours,
            baselines: [("plain arrays", theirs)], timesAim: 3)
    }

    private static func milliseconds(_ times: Int, _ body: () -> Void) -> Double {
        let start = MonotonicClock.now
        for _ in 0..<times { body() }
        return (MonotonicClock.now - start).milliseconds / Double(times)
    }

    private static func packetToRoutes(_ count: Int) throws -> Figure {
        let network = GridNetwork(nodes: count)
        var router = try ISISCorner(network)
        var ours: Samples = []
        // The plain run is what a router could not do without.
        var theirs: Samples = []
        let plain = PlainDijkstra(network.edges)
        for round in 1...rounds {
            theirs.add(milliseconds(1) { plain.run(from: 0) })
            let changed = try network.packet(
                count / 2, sequence: UInt32(round + 1), metricChange: UInt32(round % 2) * 500)
            let start = MonotonicClock.now
            router.take(changed)
            ours.add((MonotonicClock.now - start).milliseconds)
        }
        guard router.routes == count - 1 else {
            throw Failure("\(router.routes) routes among \(count) routers")
        }
        return Figure(
            name: "packet to routes, \(count) routers", unit: "ms", ours: ours,
            baselines: [("plain arrays", theirs)], aim: count == 1_000 ? 10 : nil)
    }
}

/// The router in the corner of a grid, whose neighbors are only made believe.
private struct ISISCorner {
    private var instance: ISISInstance
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var prefixes: Set<IPPrefix> = []

    var routes: Int { prefixes.count }

    init(_ network: GridNetwork) throws {
        let own = GridNetwork.loopback(0)
        let lo = ISISCircuitConfiguration(
            interface: "lo", addresses: [InterfaceAddress(own.address, length: own.length)],
            isPassive: true, metric: 0)
        let circuits = network.edges[0].enumerated().map { position, edge in
            ISISCircuitConfiguration(
                interface: "eth\(position)", mac: MACAddress(bits: 2),
                addresses: [InterfaceAddress(Self.address(position, 1), length: 24)],
                metric: edge.cost)
        }
        guard let area = AreaAddress("49"), let routerID = own.address.v4 else {
            throw Failure("no area")
        }
        instance = ISISInstance(
            ISISConfiguration(
                systemID: GridNetwork.system(0), areas: [area], hostname: "corner",
                routerID: routerID, circuits: [lo] + circuits,
                throttle: SPFThrottle(
                    initialDelay: .nanoseconds(1), minimumInterval: .zero,
                    maximumInterval: .zero)))
        var step = ProtocolStep(at: now)
        instance.start(&step)
        instance.interface("lo", isUp: true, &step)
        for (position, edge) in network.edges[0].enumerated() {
            instance.interface("eth\(position)", isUp: true, &step)
            instance.received(try Self.hello(position, edge.to), &step)
        }
        for node in 1..<network.edges.count { take(try network.packet(node, sequence: 1), &step) }
        compute(&step)
        count(step.outputs)
    }

    private static func address(_ position: Int, _ host: Int) -> IPAddress {
        IPAddress(family: .ipv4, bits: UInt128(0x0b00_0000 + position * 256 + host))
    }

    /// A neighbor that says that it is up.
    private static func hello(_ position: Int, _ node: Int) throws -> RoutingPacket {
        guard let area = AreaAddress("49"), let address = address(position, 2).v4 else {
            throw Failure("no area")
        }
        let hello = ISISHello(
            circuitType: .two, source: GridNetwork.system(node), holdingTime: .max,
            circuit: .pointToPoint(circuitID: 1),
            tlvs: [
                .areaAddresses([area]), .protocols([ISISTLV.protocolNumber(.ipv4)]),
                .ipv4Addresses([address]),
            ])
        return packet(position, try ISISPacket.hello(hello).encoded())
    }

    private static func packet(_ position: Int, _ octets: [UInt8]) -> RoutingPacket {
        RoutingPacket(
            .isis, interface: "eth\(position)", source: .mac(MACAddress(bits: 3)),
            destination: .mac(ISISPacket.allIntermediateSystems), hopLimit: 255, payload: octets)
    }

    /// Takes a link state packet from the first neighbor, and follows it.
    mutating func take(_ octets: [UInt8]) {
        now = now + .milliseconds(1)
        var step = ProtocolStep(at: now)
        take(octets, &step)
        compute(&step)
        count(step.outputs)
    }

    private mutating func take(_ octets: [UInt8], _ step: inout ProtocolStep) {
        instance.received(Self.packet(0, octets), &step)
    }

    /// Lets the time come at which paths are computed.
    private mutating func compute(_ step: inout ProtocolStep) {
        now = now + .milliseconds(1)
        var later = ProtocolStep(at: now)
        instance.timer(RoutingTimer("spf-2"), &later)
        for output in later.outputs { step.emit(output) }
    }

    private mutating func count(_ outputs: [ProtocolOutput]) {
        for output in outputs {
            switch output {
            case .setRoute(let route): prefixes.insert(route.prefix)
            case .removeRoute(let prefix): prefixes.remove(prefix)
            default: break
            }
        }
    }
}
