// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Topology

/// What it takes to make one lab into another: nodes, links and LANs that come, go or change.
///
/// A comparison of two plans and nothing else. Nodes come first, then links, then LANs; each in the
/// order of the new file, and what is removed at the end in that of the old one.
package struct LabChange: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package enum Action: String, Hashable, Sendable { case added, removed, changed }
        package enum Kind: String, Hashable, Sendable { case node, link, lan }

        package var action: Action
        package var kind: Kind
        package var name: String
        /// What is different, one line each; of something that changed never empty.
        package var details: [String] = []
    }

    package let items: [Item]

    package init(from old: LabPlan, to new: LabPlan) {
        items =
            NodeChanges(from: old, to: new).items + LinkChanges(from: old, to: new).links
            + LinkChanges(from: old, to: new).lans
    }

    package var isEmpty: Bool { items.isEmpty }

    package func names(_ kind: Item.Kind, _ action: Item.Action) -> [String] {
        items.filter { $0.kind == kind && $0.action == action }.map(\.name)
    }

    /// {equal, changes: [{change: added|removed|changed, kind: node|link|lan, name, details?}]}
    package var json: JSON {
        let rows = items.map { item in
            let row: JSON = [
                "change": .string(item.action.rawValue), "kind": .string(item.kind.rawValue),
                "name": .string(item.name),
                "details": item.details.isEmpty ? .null : JSON(item.details.map(JSON.string)),
            ]
            return row.compact
        }
        return ["equal": .bool(isEmpty), "changes": JSON(rows)]
    }
}

/// Nodes that come, go or change.
private struct NodeChanges {
    let items: [LabChange.Item]

    init(from old: LabPlan, to new: LabPlan) {
        let before = Dictionary(uniqueKeysWithValues: old.topology.nodes.map { ($0.name, $0) })
        let (was, willBe) = (NodePlans(old), NodePlans(new))
        let present: [LabChange.Item] = new.topology.nodes.compactMap { node in
            guard let same = before[node.name] else {
                return .init(
                    action: .added, kind: .node, name: node.name, details: [node.role.rawValue])
            }
            var details: [String] = []
            if same.role != node.role {
                details.append("role \(node.role.rawValue), was \(same.role.rawValue)")
            }
            details += willBe.differences(from: was, at: node.name)
            guard !details.isEmpty else { return nil }
            return .init(action: .changed, kind: .node, name: node.name, details: details)
        }
        let gone = old.topology.nodes.filter { new.topology.node($0.name) == nil }
        items =
            present + gone.map { .init(action: .removed, kind: .node, name: $0.name) }
    }
}

/// The plan of each node, for looking up.
private struct NodePlans {
    private let plan: LabPlan
    private let positions: [String: Int]

    init(_ plan: LabPlan) {
        self.plan = plan
        positions = Dictionary(
            uniqueKeysWithValues: plan.topology.nodes.enumerated().map { ($1.name, $0) })
    }

    /// - Precondition: both plans have the node. Namespaces of nodes are in the file's order.
    func differences(from old: NodePlans, at node: String) -> [String] {
        guard let position = positions[node], let before = old.positions[node] else {
            preconditionFailure("both plans have \(node)")
        }
        let objects = (old.plan.objects.namespaces[before], plan.objects.namespaces[position])
        let routers = (old.plan.routers[before], plan.routers[position])
        let peers = (old.plan.ipsecPeers(of: node), plan.ipsecPeers(of: node))
        guard objects.0 != objects.1 || routers.0 != routers.1 || peers.0 != peers.1 else {
            return []
        }
        let words =
            NamespaceChange(from: objects.0, to: objects.1).words
            + RouterChange(from: routers.0, to: routers.1).words
            + IPsecChange(from: peers.0, to: peers.1).words
        return words.isEmpty ? ["order of its parts"] : words
    }
}

/// Links and LANs that come, go or change.
private struct LinkChanges {
    let links: [LabChange.Item]
    let lans: [LabChange.Item]

    /// A link with what its ends have.
    private struct Cable: Hashable {
        var link: TopologyLink
        var ends: [Interface?]
    }

    /// A LAN with what its ends have, and what its bridge comes to.
    private struct Segment: Hashable {
        var name: String
        var vlan: UInt16?
        var ends: [Endpoint]
        var interfaces: [Interface?]
    }

    init(from old: LabPlan, to new: LabPlan) {
        let (was, willBe) = (Self.interfaces(old.topology), Self.interfaces(new.topology))
        func cables(_ topology: Topology, _ interfaces: [Endpoint: Interface]) -> [Cable] {
            topology.links.map { Cable(link: $0, ends: [interfaces[$0.a], interfaces[$0.b]]) }
        }
        func segments(_ topology: Topology, _ interfaces: [Endpoint: Interface]) -> [Segment] {
            topology.lans.map { lan in
                Segment(
                    name: lan.name, vlan: lan.vlan, ends: lan.endpoints,
                    interfaces: lan.endpoints.map { interfaces[$0] })
            }
        }
        links = Self.items(
            .link,
            KeyedDifference(
                from: cables(old.topology, was), to: cables(new.topology, willBe),
                by: \.link.name), \.link.name, Self.words)
        lans = Self.items(
            .lan,
            KeyedDifference(
                from: segments(old.topology, was), to: segments(new.topology, willBe),
                by: \.name), \.name, Self.words)
    }

    private static func interfaces(_ topology: Topology) -> [Endpoint: Interface] {
        let pairs = topology.nodes.flatMap { node in
            node.interfaces.map { (Endpoint(node: node.name, interface: $0.name), $0) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func items<Value>(
        _ kind: LabChange.Item.Kind, _ difference: KeyedDifference<Value>,
        _ name: (Value) -> String, _ words: (Value, Value) -> [String]
    ) -> [LabChange.Item] {
        difference.changed.map {
            .init(
                action: .changed, kind: kind, name: name($0.new), details: words($0.old, $0.new))
        }
            + difference.added.map { .init(action: .added, kind: kind, name: name($0)) }
            + difference.removed.map { .init(action: .removed, kind: kind, name: name($0)) }
    }

    private static func words(_ old: Cable, _ new: Cable) -> [String] {
        var words: [String] = []
        if old.link.metric != new.link.metric {
            words.append("metric \(new.link.metric), was \(old.link.metric)")
        }
        if (old.link.a, old.link.b) != (new.link.a, new.link.b) { words.append("other interfaces") }
        for (end, (before, after)) in zip([new.link.a, new.link.b], zip(old.ends, new.ends)) {
            words += self.words(end, before, after)
        }
        return words.isEmpty ? ["configuration"] : words
    }

    private static func words(_ old: Segment, _ new: Segment) -> [String] {
        let (before, after) = (Set(old.ends), Set(new.ends))
        var words = old.ends.filter { !after.contains($0) }.map { "\($0.node) leaves" }
        let interfaces = Dictionary(zip(old.ends, old.interfaces)) { first, _ in first }
        for (end, interface) in zip(new.ends, new.interfaces) {
            guard before.contains(end) else {
                words.append("\(end.node) joins")
                continue
            }
            words += self.words(end, interfaces[end] ?? nil, interface)
        }
        return words.isEmpty ? ["order of its ends"] : words
    }

    /// What is different at one end.
    private static func words(
        _ end: Endpoint, _ old: Interface?, _ new: Interface?
    ) -> [String] {
        guard let old, let new, old != new else { return [] }
        func text(_ addresses: [InterfaceAddress]) -> String {
            addresses.isEmpty ? "none" : addresses.map(\.description).joined(separator: ", ")
        }
        var words: [String] = []
        if old.addresses != new.addresses {
            words.append("\(end.node) has \(text(new.addresses)), was \(text(old.addresses))")
        }
        if old.mtu != new.mtu { words.append("\(end.node) MTU \(new.mtu), was \(old.mtu)") }
        if old.vrf != new.vrf {
            words.append("\(end.node) in \(new.vrf.map { "VRF \($0)" } ?? "no VRF")")
        }
        return words
    }
}
