// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Topology

/// What is different in the kernel objects of one namespace, in words.
struct NamespaceChange {
    let words: [String]

    init(from old: NamespaceObjects, to new: NamespaceObjects) {
        let links = KeyedDifference(from: old.links, to: new.links, by: \.name)
        let moved = Set((links.added + links.removed).map(\.name))
        let addresses = KeyedDifference(from: old.addresses, to: new.addresses, by: \.self)
        let sysctls = KeyedDifference(from: old.sysctls, to: new.sysctls, by: \.path)
        words =
            links.words({ "\($0.kind.word) \($0.name)" }, change: Self.change)
            + addresses.words({ "address \($0.address) on \($0.link)" }) { _, _ in "" }
            + sysctls.words({ "kernel parameter \($0.path)" }) { "\($1.value), was \($0.value)" }
            .filter { line in
                !moved.contains { line.contains("/conf/\($0)/") }
            }
    }

    private static func change(_ old: Link, _ new: Link) -> String {
        if old.kind != new.kind { return "replaced" + destination(new.kind) }
        var words: [String] = []
        if old.mtu != new.mtu { words.append("MTU \(new.mtu.map(String.init) ?? "default")") }
        if old.mac != new.mac { words.append("MAC \(new.mac?.description ?? "of the kernel's")") }
        if old.master != new.master { words.append("in \(new.master ?? "no master")") }
        return words.isEmpty ? "configuration" : words.joined(separator: ", ")
    }

    private static func destination(_ kind: Link.Kind) -> String {
        guard case .veth(let peer) = kind else { return "" }
        return ", leads to \(peer.namespace) \(peer.link)"
    }
}

extension Link.Kind {
    /// What people call it.
    fileprivate var word: String {
        switch self {
        case .loopback: "loopback"
        case .veth, .vlan: "interface"
        case .bridge: "bridge"
        case .dummy: "pop device"
        case .macvlan: "VRRP device"
        case .vrf: "VRF device"
        case .gre: "tunnel"
        }
    }
}

/// What is different in whom a node protects transports to, in words.
struct IPsecChange {
    let words: [String]

    init(from old: [IPsecPeer], to new: [IPsecPeer]) {
        words = KeyedDifference(from: old, to: new, by: { [$0.node, $0.transport] }).words(
            { "IPsec to \($0.node) for transport \($0.transport)" },
            change: { differences($0, $1, Self.members) })
    }

    private static var members: [(String, (IPsecPeer) -> AnyHashable)] {
        [
            ("keying", { $0.profile.keying }), ("mode", { $0.profile.mode }),
            ("cipher", { $0.profile.cipher }), ("rekey time", { $0.profile.rekeyTime }),
            ("dead peer delay", { $0.profile.deadPeerDelay }), ("secret", { $0.secret }),
            ("addresses", { [$0.local, $0.remote] }), ("numbers", { $0.manualSPIs }),
        ]
    }
}
