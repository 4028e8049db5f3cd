// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives

extension NamespaceObjects {
    /// What `weft plan` prints of a namespace; absent and empty members are left out.
    var json: JSON {
        JSON.present([
            ("links", JSON(links.map(\.json))),
            ("addresses", JSON(addresses.map { "\($0.address) on \($0.link)" })),
            (
                "neighbours",
                JSON(neighbours.map(\.text))
            ),
            ("rules", JSON(rules.map(\.text))),
            ("security-associations", JSON(securityAssociations.map(\.json))),
            ("security-policies", JSON(securityPolicies.map(\.json))),
            ("sysctls", JSON(sysctls.map { "\($0.path)=\($0.value)" })),
        ])
    }
}

extension Link {
    fileprivate var json: JSON {
        let own: [(String, JSON)] =
            switch kind {
            case .loopback: [("kind", "loopback")]
            case .veth(let peer):
                [("kind", "veth"), ("peer", JSON("\(peer.namespace):\(peer.link)"))]
            case .vlan(let parent, let identifier):
                [("kind", "vlan"), ("parent", JSON(parent)), ("vlan", JSON(identifier))]
            case .bridge: [("kind", "bridge")]
            case .dummy: [("kind", "dummy")]
            case .macvlan(let parent): [("kind", "macvlan"), ("parent", JSON(parent))]
            case .vrf(let table): [("kind", "vrf"), ("table", JSON(table))]
            case .gre(let tunnel):
                [
                    ("kind", "gre"), ("local", JSON(tunnel.local)),
                    ("remote", JSON(tunnel.remote)), ("key", JSON(tunnel.key)),
                    ("ttl", JSON(tunnel.ttl)),
                ]
            }
        return JSON.present(
            [("name", JSON(name))] + own + [
                ("mtu", JSON(mtu)), ("mac", JSON(mac)), ("master", JSON(master)),
                ("up", isUp ? true : nil),
            ])
    }
}

extension Neighbour {
    fileprivate var text: String {
        let octets = linkLayerAddress.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "\(address) at \(octets.joined(separator: ":")) on \(link)"
    }
}

extension Rule {
    fileprivate var text: String {
        "\(family == .ipv4 ? "ipv4" : "ipv6") priority \(priority) table \(table)"
    }
}

extension JSON {
    init(_ value: String) { self = .string(value) }

    /// An object of the members that say something: neither null nor an empty list, nor false.
    static func present(_ members: [(String, JSON)]) -> JSON {
        var present: [Member] = []
        present.reserveCapacity(members.count)
        for (name, value) in members where !value.isNothing { present.append(Member(name, value)) }
        return .object(present)
    }

    private var isNothing: Bool {
        switch self {
        case .null: true
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }
}
