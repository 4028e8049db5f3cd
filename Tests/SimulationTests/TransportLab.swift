// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Simulation

/// Provider edges pe1, pe2 … around one P. PE n has the loopback 10.0.0.n, the link `pen-p` to P,
/// and in VRF `red` the loopbacks 10.9.n.1 and 2001:db8:n::1. The core has routes and label
/// switched paths to all loopbacks; `multi` is mGRE with key 1234, `p2p` a mesh of GRE tunnels.
/// Every PE has a session with every other, for VPNv4 and VPNv6.
enum TransportLab {
    static func make(
        count: Int, _ change: (Int, inout RouterConfiguration) -> Void = { _, _ in }
    ) -> VirtualNetwork {
        var network = VirtualNetwork()
        network.add(core(count))
        for n in 1...count {
            var configuration = edge(n, others: (1...count).filter { $0 != n })
            change(n, &configuration)
            network.add(configuration)
            network.join("pe\(n)-p", [("pe\(n)", "core"), ("p", "pe\(n)")])
        }
        return network
    }

    private static func core(_ count: Int) -> RouterConfiguration {
        RouterConfiguration(
            name: "p", routerID: value("10.0.0.100"),
            interfaces: (1...count).map {
                InterfaceConfiguration(
                    name: "pe\($0)", addresses: [value("10.1.\($0).2/24")], carriesMPLS: true)
            },
            staticRoutes: (1...count).map { route(to: $0, by: "10.1.\($0).1", metric: 10) },
            labelSwitches: (1...count).map { n in
                LabelSwitchConfiguration(
                    label: label(n), destination: loopback(n),
                    nextHop: LabelledNextHop(
                        gateway: value("10.1.\(n).1"), interface: "pe\(n)", labels: []))
            })
    }

    private static func edge(_ n: Int, others: [Int]) -> RouterConfiguration {
        let tunnels = others.flatMap { other in
            [
                TunnelConfiguration(
                    destination: loopback(other),
                    nextHop: LabelledNextHop(
                        gateway: value("10.1.\(n).2"), interface: "core", labels: [label(other)]),
                    metric: 20),
                TunnelConfiguration(
                    transport: "p2p", destination: loopback(other),
                    nextHop: LabelledNextHop(
                        gateway: value("10.0.0.\(other)"), interface: "gre-pe\(other)", labels: []),
                    metric: 20),
            ]
        }
        return RouterConfiguration(
            name: "pe\(n)", routerID: value("10.0.0.\(n)"), autonomousSystem: ASNumber(65000),
            interfaces: interfaces(n, others), vrfs: [vrf(n)],
            staticRoutes: others.map { route(to: $0, by: "10.1.\(n).2", metric: 20) },
            tunnels: tunnels,
            transports: [
                TransportConfiguration(
                    name: "p2p", encapsulation: .gre, source: value("10.0.0.\(n)")),
                TransportConfiguration(
                    name: "multi", encapsulation: .mgre(interface: "multi"),
                    source: value("10.0.0.\(n)"), key: 1234),
            ], transportChoice: TransportChoice(provider: "multi"),
            neighbors: others.map { neighbor(n, $0) })
    }

    private static func interfaces(_ n: Int, _ others: [Int]) -> [InterfaceConfiguration] {
        [
            InterfaceConfiguration(
                name: "lo", addresses: [value("10.0.0.\(n)/32")], isLoopback: true),
            InterfaceConfiguration(
                name: "core", addresses: [value("10.1.\(n).1/24")], carriesMPLS: true),
            InterfaceConfiguration(
                name: "red", vrf: "red",
                addresses: [value("10.9.\(n).1/32"), value("2001:db8:\(n)::1/128")],
                isLoopback: true),
        ]
            + (["multi"] + others.map { "gre-pe\($0)" }).map {
                InterfaceConfiguration(name: $0, addresses: [], carriesMPLS: true)
            }
    }

    private static func vrf(_ n: Int) -> VRFConfiguration {
        VRFConfiguration(
            name: "red", table: 1001, device: "red", popDevice: "red-pop",
            routeDistinguisher: value("100:11\(n)"), importTargets: [value("target:100:1000")],
            exportTargets: [value("target:100:1000")],
            sourceAddresses: [value("10.9.\(n).1"), value("2001:db8:\(n)::1")])
    }

    private static func neighbor(_ n: Int, _ other: Int) -> NeighborConfiguration {
        NeighborConfiguration(
            name: "pe\(other)", address: value("10.0.0.\(other)"),
            localAddress: value("10.0.0.\(n)"), remoteAS: ASNumber(65000),
            localAS: ASNumber(65000), families: [.vpnv4, .vpnv6], holdTime: 9)
    }

    private static func route(
        to n: Int, by gateway: String, metric: UInt32
    ) -> StaticRouteConfiguration {
        StaticRouteConfiguration(
            prefix: loopback(n), gateway: value(gateway), source: .core, metric: metric)
    }

    private static func loopback(_ n: Int) -> IPPrefix { value("10.0.0.\(n)/32") }
    private static func label(_ n: Int) -> Label { Label(1000 + UInt32(n)) }
}

extension VirtualNetwork {
    /// The overlay addresses of a transport's endpoints on a node.
    func endpoints(_ name: String, _ transport: String) -> [String] {
        let rows = show(name, .transports)["transports"]?.array ?? []
        let row = rows.first { $0["name"]?.string == transport }
        return row?["endpoints"]?.array.compactMap { $0["overlay"]?.string } ?? []
    }

    /// Whether PE n's VRF `red` and that of another hear each other, in each family.
    func reach(_ n: Int, _ other: Int) -> [Bool] {
        ["10.9.\(other).1", "2001:db8:\(other)::1"].map { address in
            let source: IPAddress = value(
                address.contains(":") ? "2001:db8:\(n)::1" : "10.9.\(n).1")
            let echo = echo(from: "pe\(n)", vrf: "red", source: source, to: value(address))
            if case .answered = echo { return true } else { return false }
        }
    }

    /// The interface by which a node sends to a prefix in `red`.
    func way(_ name: String, _ prefix: String) -> String? {
        forwardingRoute(name, vrf: "red", prefix: value(prefix))?.nextHops.first?.interface
    }
}
