// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives

/// A VPN across a provider's core, written by our own netlink code alone:
///
///     ce1 ———— pe1 ———— p ———— pe2 ———— ce2
///      10.1.0.0/30         172.16.2.0/30
///         172.16.1.0/30       10.2.0.0/30, VLAN 105
///
/// The customer's loopbacks are 1.1.1.1 and 2.2.2.2.
/// pe1 has 2.2.2.2 as an address of its own as well, outside of the VPN: it must not be taken for
/// the customer's.
struct ProviderCore {
    static let table: UInt32 = 1001
    static let nodes = ["ce1", "pe1", "p", "pe2", "ce2"]

    // MARK: Objects

    static var objects: LabObjects { LabObjects(namespaces: nodes.map(namespace)) }

    private static func namespace(_ name: String) -> NamespaceObjects {
        let (links, addresses) = parts(of: name)
        let loopback = Link(name: "lo", kind: .loopback)
        return NamespaceObjects(
            name: name, links: [loopback] + links,
            addresses: addresses.map { LinkAddress(link: $0.0, address: value($0.1)) },
            sysctls: sysctls(of: name))
    }

    private static func cable(
        _ name: String, _ node: String, _ link: String, master: String? = nil, isTrunk: Bool = false
    ) -> Link {
        Link(
            name: name, kind: .veth(peer: LinkEnd(namespace: node, link: link)), mtu: 1516,
            master: master, ipv6: isTrunk ? .off : .routerOnly)
    }

    private static func parts(of name: String) -> ([Link], [(String, String)]) {
        let vrf = [
            Link(name: "red", kind: .vrf(table: table)),
            Link(name: "pop", kind: .dummy, master: "red"),
        ]
        func vlan(_ parent: String, master: String?) -> Link {
            Link(
                name: parent + ".105", kind: .vlan(parent: parent, identifier: 105), mtu: 1500,
                master: master)
        }
        return switch name {
        case "ce1":
            ([cable("pe1", "pe1", "ce1")], [("lo", "1.1.1.1/32"), ("pe1", "10.1.0.1/30")])
        case "pe1":
            (
                vrf + [cable("ce1", "ce1", "pe1", master: "red"), cable("p", "p", "pe1")],
                [("ce1", "10.1.0.2/30"), ("p", "172.16.1.1/30"), ("lo", "2.2.2.2/32")]
            )
        case "p":
            (
                [cable("pe1", "pe1", "p"), cable("pe2", "pe2", "p")],
                [("pe1", "172.16.1.2/30"), ("pe2", "172.16.2.2/30")]
            )
        case "pe2":
            (
                vrf + [
                    cable("p", "p", "pe2"), cable("ce2", "ce2", "pe2", isTrunk: true),
                    vlan("ce2", master: "red"),
                ],
                // The kernel answers from the first address of the VRF device where the way back
                // leads through the core.
                [
                    ("p", "172.16.2.1/30"), ("ce2.105", "10.2.0.2/30"), ("red", "10.2.0.2/32"),
                    ("red", "10.9.0.2/32"),
                ]
            )
        default:
            (
                [cable("pe2", "pe2", "ce2", isTrunk: true), vlan("pe2", master: nil)],
                [("lo", "2.2.2.2/32"), ("pe2.105", "10.2.0.1/30")]
            )
        }
    }

    private static func sysctls(of name: String) -> [Sysctl] {
        let common = [
            Sysctl("net/ipv4/ip_forward", "1"), Sysctl("net/ipv4/icmp_ratelimit", "0"),
            Sysctl("net/ipv4/conf/all/rp_filter", "0"),
        ]
        let inputs =
            switch name {
            case "pe1", "pe2": ["p"]
            case "p": ["pe1", "pe2"]
            default: [String]()
            }
        guard !inputs.isEmpty else { return common }
        return common + [
            Sysctl("net/mpls/platform_labels", "1000"), Sysctl("net/mpls/ip_ttl_propagate", "0"),
        ] + inputs.map { Sysctl("net/mpls/conf/\($0)/input", "1") }
    }

    // MARK: Routes

    static func changes(of name: String) -> [RouteChange] {
        switch name {
        case "ce1": [route("0.0.0.0/0", in: RoutingTable.main, via: "10.1.0.2", "pe1")]
        case "pe1":
            [
                route("1.1.1.1/32", via: "10.1.0.1", "ce1"),
                route("2.2.2.2/32", via: "172.16.1.2", "p", [102, 502], source: "10.1.0.2"),
                route("10.2.0.0/30", via: "172.16.1.2", "p", [102, 502], source: "10.1.0.2"),
                route("10.9.0.2/32", via: "172.16.1.2", "p", [102, 502], source: "10.1.0.2"),
                decapsulate(501),
            ]
        case "p":
            // Penultimate hop popping both ways, and a label that is swapped for two.
            [
                label(101, to: "172.16.1.1", "pe1", []), label(102, to: "172.16.2.1", "pe2", []),
                label(103, to: "172.16.2.1", "pe2", [203, 303]),
            ]
        case "pe2":
            [
                route("2.2.2.2/32", via: "10.2.0.1", "ce2.105"),
                route("1.1.1.1/32", via: "172.16.2.2", "p", [101, 501], source: "10.2.0.2"),
                route("10.1.0.0/30", via: "172.16.2.2", "p", [101, 501], source: "10.2.0.2"),
                decapsulate(502),
            ]
        default: [route("0.0.0.0/0", in: RoutingTable.main, via: "10.2.0.2", "pe2.105")]
        }
    }

    private static func route(
        _ prefix: String, in table: UInt32 = table, via: String, _ link: String,
        _ labels: [UInt32] = [], source: String? = nil
    ) -> RouteChange {
        let hop = RouteNextHop(
            via: value(via), link: link, labels: labels.map { Label($0) }, isOnLink: true)
        return .set(
            Route(
                key: .init(table: table, prefix: value(prefix), metric: 20),
                action: .forward([hop]), preferredSource: source.map { value($0) }))
    }

    private static func label(
        _ label: UInt32, to via: String, _ link: String, _ labels: [UInt32]
    ) -> RouteChange {
        let hop = RouteNextHop(via: value(via), link: link, labels: labels.map { Label($0) })
        return .setLabel(LabelRoute(label: Label(label), action: .forward([hop])))
    }

    private static func decapsulate(_ label: UInt32) -> RouteChange {
        let action = LabelRoute.Action.decapsulate(
            vrf: "red", popDevice: "pop", links: ["p"], family: .ipv4)
        return .setLabel(LabelRoute(label: Label(label), action: action))
    }
}
