// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Simulation

/// Small networks made by hand. Router n of a line has the loopback 10.0.0.n, and the link between
/// n and n + 1 is `n-m`, 10.1.n.0/24, with the interface `right` on n and `left` on n + 1.
enum PairLab {
    /// Two routers of different AS on one link, which tell each other their loopbacks.
    static func external(
        _ change: (Int, inout NeighborConfiguration) -> Void = { _, _ in }
    ) -> VirtualNetwork {
        line([
            router(1, to: [(2, "10.1.1.1", "10.1.1.2")], change),
            router(2, to: [(1, "10.1.1.2", "10.1.1.1")], change),
        ])
    }

    /// Two routers of one AS with a third between them that speaks no BGP; the session is between
    /// the loopbacks.
    static func internalOverThird(
        _ change: (Int, inout NeighborConfiguration) -> Void = { _, _ in }
    ) -> VirtualNetwork {
        var ends = [
            router(1, to: [(3, "10.0.0.1", "10.0.0.3")], change),
            router(3, to: [(1, "10.0.0.3", "10.0.0.1")], change),
        ]
        for (at, other, gateway) in [
            (0, "10.0.0.3/32", "10.1.1.2"), (1, "10.0.0.1/32", "10.1.2.1"),
        ] {
            ends[at].staticRoutes = [
                StaticRouteConfiguration(
                    prefix: value(other), gateway: value(gateway), source: .core)
            ]
        }
        var middle = router(2, to: [])
        middle.staticRoutes = [
            StaticRouteConfiguration(
                prefix: value("10.0.0.1/32"), gateway: value("10.1.1.1"), source: .core),
            StaticRouteConfiguration(
                prefix: value("10.0.0.3/32"), gateway: value("10.1.2.2"), source: .core),
        ]
        return line([ends[0], middle, ends[1]])
    }

    static func line(_ routers: [RouterConfiguration]) -> VirtualNetwork {
        var network = VirtualNetwork()
        for router in routers { network.add(router) }
        for (a, b) in zip(routers, routers.dropFirst()) {
            network.join("\(a.name)-\(b.name)", [(a.name, "right"), (b.name, "left")])
        }
        return network
    }

    /// Router n, whose AS is n where its neighbors have addresses on links, and 1 otherwise.
    static func router(
        _ n: Int, to neighbors: [(number: Int, local: String, address: String)],
        _ change: (Int, inout NeighborConfiguration) -> Void = { _, _ in }
    ) -> RouterConfiguration {
        let isInternal = neighbors.contains { $0.address.hasPrefix("10.0.") }
        let asNumber = ASNumber(isInternal ? 1 : UInt32(n))
        let loopback: InterfaceAddress = value("10.0.0.\(n)/32")
        let configured = neighbors.map { other in
            var neighbor = NeighborConfiguration(
                name: "\(other.number)", address: value(other.address),
                localAddress: value(other.local),
                remoteAS: isInternal ? asNumber : ASNumber(UInt32(other.number)),
                localAS: asNumber, families: [.ipv4Unicast], importPolicy: ["accept"],
                exportPolicy: ["accept"], multihop: isInternal ? 255 : 1)
            change(n, &neighbor)
            return neighbor
        }
        return RouterConfiguration(
            name: "\(n)", routerID: value("10.0.0.\(n)"), autonomousSystem: asNumber,
            interfaces: [
                InterfaceConfiguration(name: "lo", addresses: [loopback], isLoopback: true),
                InterfaceConfiguration(name: "left", addresses: [value("10.1.\(n - 1).2/24")]),
                InterfaceConfiguration(name: "right", addresses: [value("10.1.\(n).1/24")]),
            ], neighbors: configured)
    }
}

extension VirtualNetwork {
    /// Started, and at rest.
    func converged() throws -> VirtualNetwork {
        var network = self
        network.startAll()
        _ = try settled(&network)
        return network
    }

    /// The states of all sessions of a node, in order.
    func states(_ name: String) -> [String] {
        (show(name, .neighbors)["neighbors"]?.array ?? []).compactMap { $0["state"]?.string }
    }

    func lastError(_ name: String) -> String? {
        show(name, .neighbors)["neighbors"]?[0]?["last-error"]?.string
    }

    func hasRoute(_ name: String, _ prefix: String) -> Bool {
        forwardingRoute(name, prefix: value(prefix)) != nil
    }
}
