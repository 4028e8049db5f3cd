// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Wire

/// A provider edge with every kind of transport to the loopbacks 10.255.0.1 and 10.255.0.2: label
/// switched paths, `p2p` (GRE, but for the second loopback), `multi` (mGRE with key 1234) and
/// `other` (mGRE without a key). n1 and n2 are internal VPN neighbors, n3 and n4 customers in the
/// VRFs `red` and `blue`. The core's routes to both loopbacks lead by n1 and n2.
enum TransportBench {
    static let first = "10.255.0.1"
    static let second = "10.255.0.2"

    static func make(
        _ choice: TransportChoice = TransportChoice(provider: "multi"), policies: [Policy] = [],
        isAdvertised: Bool = false, neighborPolicy: [String] = [], vrfPolicy: [String] = []
    ) -> RouterBench {
        var red = VPNBench.vrf("red", "1:1")
        red.importPolicy = vrfPolicy
        red.sourceAddresses.append(value("2001:db8:77::1"))
        let families: [BGPFamily] = [.vpnv4, .vpnv6]
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65000, families: families) {
                    $0.importPolicy = neighborPolicy
                },
                RouterBench.neighbor(2, 65000, families: families),
                RouterBench.neighbor(3, 65003, vrf: "red", families: [.ipv4Unicast, .ipv6Unicast]),
                RouterBench.neighbor(4, 65004, vrf: "blue", families: [.ipv4Unicast]),
            ], policies: policies, vrfs: [red, VPNBench.vrf("blue", "1:2")],
            statics: [core(first, by: "10.0.1.2", 11), core(second, by: "10.0.2.2", 12)],
            tunnels: [
                tunnel(TransportConfiguration.mpls, first, "eth1", labels: [Label(1001)]),
                tunnel(TransportConfiguration.mpls, second, "eth2", labels: [Label(1002)]),
                tunnel("p2p", first, "gre-1", labels: []),
            ],
            interfaces: ["multi", "other", "gre-1"].map {
                InterfaceConfiguration(name: $0, addresses: [], carriesMPLS: true)
            },
            transports: [
                transport("p2p", .gre, isAdvertised: isAdvertised),
                transport(
                    "multi", .mgre(interface: "multi"), key: 1234, isAdvertised: isAdvertised),
                transport("other", .mgre(interface: "other")),
            ], choice: choice)
        bench.up("n1", "n2", "n3", "n4")
        return bench
    }

    private static func core(
        _ loopback: String, by gateway: String, _ metric: UInt32
    ) -> StaticRouteConfiguration {
        StaticRouteConfiguration(
            prefix: value(loopback + "/32"), gateway: value(gateway), source: .core,
            metric: metric)
    }

    private static func tunnel(
        _ transport: String, _ loopback: String, _ interface: String, labels: [Label]
    ) -> TunnelConfiguration {
        TunnelConfiguration(
            transport: transport, destination: value(loopback + "/32"),
            nextHop: LabelledNextHop(
                gateway: value(loopback), interface: interface, labels: labels), metric: 10)
    }

    private static func transport(
        _ name: String, _ encapsulation: TransportConfiguration.Encapsulation,
        key: UInt32? = nil, isAdvertised: Bool = false
    ) -> TransportConfiguration {
        TransportConfiguration(
            name: name, encapsulation: encapsulation, source: value("10.9.9.9"), key: key,
            isAdvertised: isAdvertised)
    }

    /// A policy of one term that chooses a transport.
    static func policy(_ transport: String) -> Policy {
        Policy(
            name: "by-" + transport, terms: [Policy.Term(actions: [.transport(transport)])])
    }

    /// What a PE with one MPLS-in-GRE tunnel says of it.
    static func offer(_ endpoint: String, key: UInt32?) -> TunnelEncapsulation {
        TunnelEncapsulation([.init(mplsInGRETo: value(endpoint), key: key)])
    }
}

extension RouterBench {
    /// A VPN route of RD 7:7 with target 1:1 from n1.
    mutating func offer(
        _ prefix: String, by egress: String = TransportBench.first, targets: [String] = ["1:1"],
        tunnels: TunnelEncapsulation? = nil
    ) {
        announce("n1", [prefix], rd: "7:7", label: 30) { attributes in
            attributes.nextHop = value(egress)
            attributes.extendedCommunities = targets.map { value("target:" + $0) }
            attributes.tunnelEncapsulation = tunnels
        }
    }

    /// The best path to a prefix in `red`.
    func path(_ prefix: String) -> JSON? {
        paths(prefix, prefix.contains(":") ? "red.inet6.0" : "red.inet.0").first
    }

    /// The row of a transport.
    func transport(_ name: String) -> JSON? {
        tables.show(.transports, at: now)["transports"]?.array.first {
            $0["name"]?.string == name
        }
    }
}
