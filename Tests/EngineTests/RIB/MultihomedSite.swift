// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// The routers of the multihomed lab that speak BGP: four PEs, two of which reflect, and the two
/// CEs of the multihomed site. The core is what the PEs see of it: paths to each other.
enum MultihomedSite {
    static let all = [liber, juno, ceres, janus, luna, orcus]

    static func network() -> TableNetwork { TableNetwork(all) }

    /// Started, with every session up.
    static func converged() -> TableNetwork {
        var network = network()
        network.start()
        network.connectAll()
        return network
    }

    static let vpn = "ipvpn"

    // MARK: Provider edge

    /// An attachment circuit of the VRF.
    struct Attachment {
        var interface: String
        var address: String
        /// A customer's prefix behind it, and the gateway.
        var route: (prefix: String, gateway: String)?
    }

    /// The way to another PE over the core.
    struct CorePath {
        var to: String
        var gateway: String
        var interface: String
        var labels: [UInt32]
        var metric: UInt32
    }

    static let liber = edge(
        "liber", 7,
        [
            Attachment(
                interface: "genius", address: "4.0.0.98/30",
                route: ("10.0.0.3/32", "4.0.0.97")),
            Attachment(
                interface: "mercury", address: "4.0.0.102/30",
                route: ("10.0.0.10/32", "4.0.0.101")),
        ],
        [("juno", "4.0.0.57/30"), ("sol", "4.0.0.49/30"), ("mars", "4.0.0.53/30")],
        [
            CorePath(
                to: "10.0.0.5", gateway: "4.0.0.58", interface: "juno", labels: [], metric: 10),
            CorePath(
                to: "10.0.0.2", gateway: "4.0.0.50", interface: "sol", labels: [1002], metric: 20),
            CorePath(
                to: "10.0.0.4", gateway: "4.0.0.54", interface: "mars", labels: [1004], metric: 20),
        ])

    static let juno = edge(
        "juno", 5,
        [
            Attachment(
                interface: "vulcan", address: "4.0.0.77/30",
                route: ("10.0.0.15/32", "4.0.0.78")),
            Attachment(interface: "luna", address: "4.0.0.22/30"),
        ],
        [("liber", "4.0.0.58/30"), ("jupiter", "4.0.0.10/30"), ("apollo", "4.0.0.14/30")],
        [
            CorePath(
                to: "10.0.0.7", gateway: "4.0.0.57", interface: "liber", labels: [], metric: 10),
            CorePath(
                to: "10.0.0.2", gateway: "4.0.0.9", interface: "jupiter", labels: [1002], metric: 20
            ),
            CorePath(
                to: "10.0.0.4", gateway: "4.0.0.13", interface: "apollo", labels: [1004], metric: 20
            ),
        ],
        customer("luna", "4.0.0.21", local: "4.0.0.22", medOut: 10, import: "primary"))

    static let ceres = edge(
        "ceres", 2, [Attachment(interface: "orcus", address: "4.0.0.46/30")],
        [("janus", "4.0.0.1/30"), ("jupiter", "4.0.0.17/30"), ("sol", "4.0.0.65/30")],
        [
            CorePath(
                to: "10.0.0.4", gateway: "4.0.0.2", interface: "janus", labels: [], metric: 10),
            CorePath(
                to: "10.0.0.5", gateway: "4.0.0.18", interface: "jupiter", labels: [1005],
                metric: 20),
            CorePath(
                to: "10.0.0.7", gateway: "4.0.0.66", interface: "sol", labels: [1007], metric: 20),
        ],
        customer("orcus", "4.0.0.45", local: "4.0.0.46", medOut: 150, import: "secondary"),
        isReflector: true)

    static let janus = edge(
        "janus", 4,
        [
            Attachment(
                interface: "venus", address: "4.0.0.42/30", route: ("10.0.0.14/32", "4.0.0.41"))
        ],
        [("ceres", "4.0.0.2/30"), ("apollo", "4.0.0.29/30"), ("mars", "4.0.0.61/30")],
        [
            CorePath(
                to: "10.0.0.2", gateway: "4.0.0.1", interface: "ceres", labels: [], metric: 10),
            CorePath(
                to: "10.0.0.5", gateway: "4.0.0.30", interface: "apollo", labels: [1005], metric: 20
            ),
            CorePath(
                to: "10.0.0.7", gateway: "4.0.0.62", interface: "mars", labels: [1007], metric: 20),
        ],
        isReflector: true)

    private static func edge(
        _ name: String, _ number: Int, _ attachments: [Attachment],
        _ links: [(name: String, address: String)], _ paths: [CorePath],
        _ customer: NeighborConfiguration? = nil, isReflector: Bool = false
    ) -> RouterConfiguration {
        let loopback = "10.0.0.\(number)"
        let reflectors = ["10.0.0.2", "10.0.0.4"]
        let peers = isReflector ? ["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.7"] : reflectors
        let core = peers.filter { $0 != loopback }.map { peer in
            NeighborConfiguration(
                name: peer, address: value(peer), localAddress: value(loopback),
                remoteAS: ASNumber(1), localAS: ASNumber(1), families: [.ipv4Unicast, .vpnv4],
                isRouteReflectorClient: isReflector && !reflectors.contains(peer), multihop: 255)
        }
        return RouterConfiguration(
            name: name, routerID: value(loopback), autonomousSystem: ASNumber(1),
            clusterID: isReflector ? value(loopback) : nil,
            interfaces: interfaces(loopback, attachments, links), vrfs: [vrf(attachments)],
            staticRoutes: routes(attachments) + paths.map(coreRoute), tunnels: paths.map(tunnel),
            neighbors: core + (customer.map { [$0] } ?? []), policies: edgePolicies)
    }

    private static func interfaces(
        _ loopback: String, _ attachments: [Attachment], _ links: [(name: String, address: String)]
    ) -> [InterfaceConfiguration] {
        let host: InterfaceAddress = value(loopback + "/32")
        return [
            InterfaceConfiguration(name: "lo", addresses: [host], isLoopback: true),
            InterfaceConfiguration(name: "vrf", vrf: vpn, addresses: [host], isLoopback: true),
        ]
            + attachments.map {
                InterfaceConfiguration(
                    name: $0.interface, vrf: vpn, addresses: [value($0.address)])
            }
            + links.map {
                InterfaceConfiguration(
                    name: $0.name, addresses: [value($0.address)], carriesMPLS: true)
            }
    }

    private static func vrf(_ attachments: [Attachment]) -> VRFConfiguration {
        let target: ExtendedCommunity = value("target:1:1")
        let source: InterfaceAddress = value(attachments[0].address)
        return VRFConfiguration(
            name: vpn, table: 1001, device: "vrf", popDevice: "pop",
            routeDistinguisher: value("1:1"),
            importTargets: [target], exportTargets: [target], sourceAddresses: [source.address])
    }

    private static func routes(_ attachments: [Attachment]) -> [StaticRouteConfiguration] {
        attachments.compactMap(\.route).map {
            StaticRouteConfiguration(vrf: vpn, prefix: value($0.prefix), gateway: value($0.gateway))
        }
    }

    private static func coreRoute(_ path: CorePath) -> StaticRouteConfiguration {
        StaticRouteConfiguration(
            prefix: value(path.to + "/32"), gateway: value(path.gateway), source: .core,
            metric: path.metric)
    }

    private static func tunnel(_ path: CorePath) -> TunnelConfiguration {
        TunnelConfiguration(
            destination: value(path.to + "/32"),
            nextHop: LabelledNextHop(
                gateway: value(path.gateway), interface: path.interface,
                labels: path.labels.map { Label($0) }), metric: path.metric)
    }

    private static func customer(
        _ name: String, _ address: String, local: String, medOut: UInt32, import policy: String
    ) -> NeighborConfiguration {
        NeighborConfiguration(
            name: name, vrf: vpn, address: value(address), localAddress: value(local),
            remoteAS: ASNumber(65500), localAS: ASNumber(1), families: [.ipv4Unicast],
            isPassive: true, isASOverride: true, medOut: medOut, importPolicy: [policy],
            exportPolicy: ["no-cpe-originated"])
    }

    private static let site: AnyCommunity = value("origin:1000:1000")

    private static let edgePolicies = [
        Policy(
            name: "no-cpe-originated",
            terms: [
                Policy.Term(conditions: [.community([site])], verdict: .reject),
                Policy.Term(verdict: .accept),
            ]),
        Policy(
            name: "primary",
            terms: [Policy.Term(actions: [.localPreference(150)], verdict: .accept)]),
        Policy(
            name: "secondary",
            terms: [Policy.Term(actions: [.localPreference(10)], verdict: .accept)]),
    ]

    // MARK: Customer edge

    static let luna = customerEdge(
        "luna", 8, uplink: ("juno", "4.0.0.21/30", "4.0.0.22"), lan: "192.168.1.3",
        other: ("orcus", "192.168.1.2"))
    static let orcus = customerEdge(
        "orcus", 11, uplink: ("ceres", "4.0.0.45/30", "4.0.0.46"), lan: "192.168.1.2",
        other: ("luna", "192.168.1.3"))

    private static func customerEdge(
        _ name: String, _ number: Int, uplink: (name: String, address: String, gateway: String),
        lan: String, other: (name: String, address: String)
    ) -> RouterConfiguration {
        let uplinkAddress: InterfaceAddress = value(uplink.address)
        let provider = NeighborConfiguration(
            name: uplink.name, address: value(uplink.gateway),
            localAddress: uplinkAddress.address, remoteAS: ASNumber(1), localAS: ASNumber(65500),
            families: [.ipv4Unicast], holdTime: 10, importPolicy: ["accept"],
            exportPolicy: ["bgp-export"])
        let twin = NeighborConfiguration(
            name: other.name, address: value(other.address), localAddress: value(lan),
            remoteAS: ASNumber(65500), localAS: ASNumber(65500), families: [.ipv4Unicast],
            holdTime: 10, exportPolicy: ["cpe-connection"])
        return RouterConfiguration(
            name: name, routerID: value("10.0.0.\(number)"), autonomousSystem: ASNumber(65500),
            interfaces: [
                InterfaceConfiguration(
                    name: "lo", addresses: [value("10.0.0.\(number)/32")], isLoopback: true),
                InterfaceConfiguration(name: uplink.name, addresses: [uplinkAddress]),
                InterfaceConfiguration(name: "lan", addresses: [value(lan + "/24")]),
            ],
            staticRoutes: [
                StaticRouteConfiguration(
                    prefix: value("10.0.0.12/32"), gateway: value("192.168.1.254"))
            ], neighbors: [provider, twin], policies: customerPolicies(number))
    }

    private static func customerPolicies(_ number: Int) -> [Policy] {
        func term(_ source: RouteSource, _ prefix: String?) -> Policy.Term {
            let matches = prefix.map {
                [Policy.Condition.prefix([PrefixMatch(prefix: value($0), range: .exact)])]
            }
            return Policy.Term(
                conditions: [.source([source])] + (matches ?? []),
                actions: [.communityAdd([site])], verdict: .accept)
        }
        return [
            Policy(
                name: "bgp-export",
                terms: [
                    term(.direct, "10.0.0.\(number)/32"), term(.direct, "192.168.1.0/24"),
                    term(.static, nil),
                ]),
            Policy(name: "cpe-connection", terms: [Policy.Term(actions: [.nextHopSelf])]),
        ]
    }
}
