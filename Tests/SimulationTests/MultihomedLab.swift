// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Simulation
import Topology

/// The multihomed lab: four P, four PE of which two reflect, and the customers, fifteen nodes.
/// Interfaces are named after the node at the other end, or `lan`.
enum MultihomedLab {
    static let plan = LabPlan(topology)

    /// Every node started, nothing has happened yet.
    static func started() -> VirtualNetwork {
        var network = VirtualNetwork(plan)
        network.startAll()
        return network
    }

    private static let nowhere = Place(line: 1, column: 1)
    private static let vpn = "ipvpn"

    static let topology: Topology = {
        var nodes = provider + customers
        var links: [TopologyLink] = []
        for (a, b, prefix) in core { link(&nodes, &links, a, b, prefix, isCore: true) }
        for (pe, ce, prefix) in attachments { link(&nodes, &links, pe, ce, prefix, isCore: false) }
        for (name, address) in lan {
            guard let at = nodes.firstIndex(where: { $0.name == name }) else { continue }
            nodes[at].interfaces.append(
                Interface(name: "lan", device: "lan", addresses: [value(address)]))
        }
        return Topology(
            name: "multihomed-ipvpn", nodes: nodes, links: links,
            lans: [
                LAN(
                    name: "lan",
                    endpoints: lan.map { Endpoint(node: $0.name, interface: "lan") })
            ],
            policies: policies)
    }()

    // MARK: Links

    private static let core: [(String, String, String)] = [
        ("ceres", "janus", "4.0.0.0"), ("apollo", "jupiter", "4.0.0.4"),
        ("jupiter", "juno", "4.0.0.8"), ("apollo", "juno", "4.0.0.12"),
        ("ceres", "jupiter", "4.0.0.16"), ("janus", "apollo", "4.0.0.28"),
        ("liber", "sol", "4.0.0.48"), ("liber", "mars", "4.0.0.52"),
        ("liber", "juno", "4.0.0.56"), ("janus", "mars", "4.0.0.60"),
        ("ceres", "sol", "4.0.0.64"), ("mars", "apollo", "4.0.0.104"),
        ("mars", "sol", "4.0.0.112"), ("sol", "jupiter", "4.0.0.220"),
    ]

    /// The PE has the higher address, save towards Vulcan.
    private static let attachments: [(String, String, String)] = [
        ("genius", "liber", "4.0.0.96"), ("mercury", "liber", "4.0.0.100"),
        ("venus", "janus", "4.0.0.40"), ("juno", "vulcan", "4.0.0.76"),
        ("luna", "juno", "4.0.0.20"), ("orcus", "ceres", "4.0.0.44"),
    ]

    private static let lan: [(name: String, address: String)] = [
        ("luna", "192.168.1.3/24"), ("orcus", "192.168.1.2/24"), ("saturn", "192.168.1.254/24"),
    ]

    private static func link(
        _ nodes: inout [Node], _ links: inout [TopologyLink], _ a: String, _ b: String,
        _ prefix: String, isCore: Bool
    ) {
        let subnet: IPPrefix = value(prefix + "/30")
        for (name, peer, offset) in [(a, b, UInt128(1)), (b, a, 2)] {
            guard let at = nodes.firstIndex(where: { $0.name == name }),
                let address = subnet.address(at: offset)
            else { continue }
            let isEdge = !isCore && nodes[at].role == .pe
            nodes[at].interfaces.append(
                Interface(
                    name: peer, device: peer, addresses: [InterfaceAddress(address, length: 30)],
                    vrf: isEdge ? vpn : nil, isCore: isCore))
        }
        links.append(
            TopologyLink(
                name: "\(a)-\(b)", a: Endpoint(node: a, interface: b),
                b: Endpoint(node: b, interface: a)))
    }

    // MARK: Provider

    private static let provider: [Node] =
        [("apollo", 1), ("jupiter", 6), ("mars", 9), ("sol", 13)].map { p($0.0, $0.1) } + [
            pe(
                "liber", 7, [("10.0.0.3/32", "4.0.0.97"), ("10.0.0.10/32", "4.0.0.101")], "4.0.0.98"
            ),
            pe(
                "juno", 5, [("10.0.0.15/32", "4.0.0.78")], "4.0.0.77",
                customer("luna", "4.0.0.21", "4.0.0.22", medOut: 10, "primary")),
            pe(
                "ceres", 2, [], "4.0.0.46",
                customer("orcus", "4.0.0.45", "4.0.0.46", medOut: 150, "secondary")),
            pe("janus", 4, [("10.0.0.14/32", "4.0.0.41")], "4.0.0.42"),
        ]

    private static func p(_ name: String, _ number: Int) -> Node {
        let loopback: IPAddress = value("10.0.0.\(number)")
        return Node(
            name: name, role: .p, loopbacks: [loopback], routerID: value("10.0.0.\(number)"),
            place: nowhere)
    }

    private static func pe(
        _ name: String, _ number: Int, _ routes: [(String, String)], _ source: String,
        _ customer: Neighbor? = nil
    ) -> Node {
        var node = p(name, number)
        let loopback = node.loopbacks[0]
        let reflectors = ["ceres": "10.0.0.2", "janus": "10.0.0.4"]
        let clients = ["juno": "10.0.0.5", "liber": "10.0.0.7"]
        let isReflector = reflectors[name] != nil
        let peers = isReflector ? reflectors.merging(clients) { a, _ in a } : reflectors
        let target: ExtendedCommunity = value("target:1:1")
        node.role = .pe
        node.bgp = BGP(
            autonomousSystem: ASNumber(1), clusterID: isReflector ? node.routerID : nil,
            neighbors: peers.filter { $0.key != name }.sorted { $0.key < $1.key }.map { peer in
                Neighbor(
                    name: peer.key, address: value(peer.value), localAddress: loopback,
                    remoteAS: ASNumber(1), families: [.ipv4Unicast, .vpnv4], password: "core",
                    holdTime: 0, isRouteReflectorClient: isReflector && clients[peer.key] != nil,
                    multihop: 255)
            })
        node.vrfs = [
            VRF(
                name: vpn, routeDistinguisher: value("1:1"), importTargets: [target],
                exportTargets: [target], loopbacks: [loopback],
                staticRoutes: routes.map {
                    StaticRoute(prefix: value($0.0), nextHop: value($0.1))
                }, neighbors: customer.map { [$0] } ?? [], sourceAddresses: [value(source)])
        ]
        return node
    }

    private static func customer(
        _ name: String, _ address: String, _ local: String, medOut: UInt32, _ policy: String
    ) -> Neighbor {
        Neighbor(
            name: name, address: value(address), localAddress: value(local),
            remoteAS: ASNumber(65500), families: [.ipv4Unicast], isPassive: true,
            password: "edge", isASOverride: true, medOut: medOut, importPolicy: [policy],
            exportPolicy: ["no-cpe-originated"])
    }

    // MARK: Customers

    private static let customers: [Node] = [
        host("genius", 3, via: "4.0.0.98"), host("mercury", 10, via: "4.0.0.102"),
        host("venus", 14, via: "4.0.0.42"), host("vulcan", 15, via: "4.0.0.77"),
        host("saturn", 12, via: "192.168.1.1"),
        site(
            "luna", 8, ("juno", "4.0.0.22", "4.0.0.21"), "192.168.1.3", ("orcus", "192.168.1.2"),
            250),
        site(
            "orcus", 11, ("ceres", "4.0.0.46", "4.0.0.45"), "192.168.1.2", ("luna", "192.168.1.3"),
            150),
    ]

    private static func host(_ name: String, _ number: Int, via gateway: String) -> Node {
        var node = p(name, number)
        node.role = .ce
        node.staticRoutes = [StaticRoute(prefix: .zero(.ipv4), nextHop: value(gateway))]
        return node
    }

    private static func site(
        _ name: String, _ number: Int, _ uplink: (name: String, address: String, local: String),
        _ local: String, _ twin: (name: String, address: String), _ priority: UInt8
    ) -> Node {
        var node = p(name, number)
        node.role = .ce
        node.staticRoutes = [
            StaticRoute(prefix: value("10.0.0.12/32"), nextHop: value("192.168.1.254"))
        ]
        node.bgp = BGP(
            autonomousSystem: ASNumber(65500),
            neighbors: [
                Neighbor(
                    name: uplink.name, address: value(uplink.address),
                    localAddress: value(uplink.local), remoteAS: ASNumber(1),
                    families: [.ipv4Unicast], password: "edge", holdTime: 10,
                    importPolicy: ["accept"], exportPolicy: ["bgp-export"]),
                Neighbor(
                    name: twin.name, address: value(twin.address), localAddress: value(local),
                    remoteAS: ASNumber(65500), families: [.ipv4Unicast], password: "twins",
                    holdTime: 10, exportPolicy: ["cpe-connection"]),
            ])
        node.vrrpGroups = [
            VRRPGroup(
                interface: "lan", group: 1, virtualAddresses: [value("192.168.1.1")],
                priority: priority, preemptDelay: .seconds(20))
        ]
        return node
    }

    // MARK: Policies

    private static let policies: [Policy] = {
        let origin: AnyCommunity = value("origin:1000:1000")
        func originate(_ source: RouteSource, _ prefixes: [PrefixMatch] = []) -> Policy.Term {
            Policy.Term(
                conditions: [.source([source])] + (prefixes.isEmpty ? [] : [.prefix(prefixes)]),
                actions: [.communityAdd([origin])], verdict: .accept)
        }
        let loopbacks = PrefixMatch(prefix: value("10.0.0.0/24"), range: .longer)
        let lan = PrefixMatch(prefix: value("192.168.1.0/24"), range: .exact)
        return [
            Policy(
                name: "no-cpe-originated",
                terms: [
                    Policy.Term(conditions: [.community([origin])], verdict: .reject),
                    Policy.Term(verdict: .accept),
                ]),
            Policy(
                name: "primary",
                terms: [Policy.Term(actions: [.localPreference(150)], verdict: .accept)]),
            Policy(
                name: "secondary",
                terms: [Policy.Term(actions: [.localPreference(10)], verdict: .accept)]),
            Policy(
                name: "bgp-export",
                terms: [originate(.direct, [loopbacks, lan]), originate(.static)]),
            Policy(
                name: "cpe-connection", terms: [Policy.Term(actions: [.nextHopSelf])]),
        ]
    }()
}
