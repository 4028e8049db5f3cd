// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Topology

/// Which cables of a lab are plugged in: a pure account of what was pulled and which nodes are
/// dead, from which the wanted state of every veth end follows.
struct LinkStates {
    /// Something to be done to one veth end.
    struct Setting: Hashable {
        var end: LinkEnd
        var isUp: Bool
    }

    /// What a node's router must have taken in.
    struct Expectation: Hashable {
        var node: String
        /// The addressed interface, which may be a VLAN of the cable's end.
        var interface: String
        var isUp: Bool
    }

    struct Change: Hashable {
        var settings: [Setting] = []
        var expectations: [Expectation] = []
    }

    private struct Cable {
        /// The end in the node's own namespace, and the one it is joined to.
        var own: LinkEnd
        var peer: LinkEnd
        var interface: String
    }

    /// By node, in the file's order of interfaces.
    private var cables: [String: [Cable]] = [:]
    private let nodes: [String]
    private let links: [String: [LinkEnd]]
    /// The bridge ports of each LAN, by the node that they lead to.
    private let ports: [String: [String: [LinkEnd]]]
    private var pulled: Set<LinkEnd> = []
    private(set) var dead: Set<String> = []

    init(_ plan: LabPlan) {
        let topology = plan.topology
        var peers: [LinkEnd: LinkEnd] = [:]
        for namespace in plan.objects.namespaces {
            for link in namespace.links {
                guard case .veth(let peer) = link.kind else { continue }
                peers[LinkEnd(namespace: namespace.name, link: link.name)] = peer
            }
        }
        nodes = topology.nodes.map(\.name)
        var ends: [Endpoint: LinkEnd] = [:]
        for node in topology.nodes {
            for interface in node.interfaces {
                let own = LinkEnd(namespace: node.name, link: interface.device)
                guard let peer = peers[own] else { continue }
                ends[Endpoint(node: node.name, interface: interface.name)] = own
                cables[node.name, default: []].append(
                    Cable(own: own, peer: peer, interface: interface.name))
            }
        }
        links = Dictionary(
            uniqueKeysWithValues: topology.links.map {
                ($0.name, [$0.a, $0.b].compactMap { ends[$0] })
            })
        ports = Dictionary(
            uniqueKeysWithValues: topology.lans.map { lan in
                let pairs = lan.endpoints.compactMap { end in
                    ends[end].flatMap { peers[$0] }.map { (end.node, [$0]) }
                }
                return (lan.name, Dictionary(pairs) { $0 + $1 })
            })
    }

    /// The cables of another plan. Those that join what they joined before stay pulled out.
    init(_ plan: LabPlan, after old: LinkStates) {
        self.init(plan)
        dead = old.dead.intersection(nodes)
        for node in nodes {
            for cable in cables[node] ?? [] {
                let before = old.cables[node]?.first {
                    $0.interface == cable.interface && $0.peer.namespace == cable.peer.namespace
                }
                guard let before else { continue }
                if old.pulled.contains(before.own) { pulled.insert(cable.own) }
                if old.pulled.contains(before.peer) { pulled.insert(cable.peer) }
            }
        }
    }

    /// Whether an end that a node sends by is that of the same cable in both.
    func hasSame(_ sender: NamedEnd, as other: LinkStates) -> Bool {
        func cables(_ states: LinkStates) -> [[LinkEnd]] {
            let own = Set(states.senders(of: sender.link, node: sender.node).map(\.end))
            return (states.cables[sender.node] ?? []).filter { own.contains($0.own) }
                .map { [$0.own, $0.peer] }
        }
        let mine = cables(self)
        return !mine.isEmpty && mine == cables(other)
    }

    /// Objects of the plan with the ends down that are to be down now.
    func settled(_ objects: LabObjects) -> LabObjects {
        guard !pulled.isEmpty || !dead.isEmpty else { return objects }
        var objects = objects
        for (n, namespace) in objects.namespaces.enumerated() {
            for (l, link) in namespace.links.enumerated() {
                guard case .veth = link.kind,
                    !isUp(LinkEnd(namespace: namespace.name, link: link.name))
                else { continue }
                objects.namespaces[n].links[l].isUp = false
            }
        }
        return objects
    }

    /// What a node's router must see of its cables.
    func expectations(of node: String) -> [Expectation] {
        (cables[node] ?? []).map {
            Expectation(node: node, interface: $0.interface, isUp: carries($0))
        }
    }

    /// The veth ends that an event on a link or LAN moves; nil where no link has the name, or the
    /// node has no end of it.
    func ends(of link: String, node: String?) -> [LinkEnd]? {
        let ends: [LinkEnd]
        if let link = links[link] {
            ends = link.filter { node == nil || $0.namespace == node }
        } else if let ports = ports[link] {
            ends = node.map { ports[$0] ?? [] } ?? ports.keys.sorted().flatMap { ports[$0] ?? [] }
        } else {
            return nil
        }
        return ends.isEmpty ? nil : ends
    }

    /// A node's own end of a link, and what the file calls it.
    struct Sender: Hashable {
        var name: NamedEnd
        var end: LinkEnd
    }

    /// The ends of a link or LAN that nodes send by; none where no link has the name, or the node
    /// has no end of it.
    func senders(of link: String, node: String?) -> [Sender] {
        let own: [LinkEnd]
        if let link = links[link] {
            own = link
        } else {
            let ports = Set((ports[link] ?? [:]).values.joined())
            own = nodes.flatMap { cables[$0] ?? [] }.filter { ports.contains($0.peer) }.map(\.own)
        }
        return own.filter { node == nil || $0.namespace == node }.map {
            Sender(name: NamedEnd(link: link, node: $0.namespace), end: $0)
        }
    }

    /// Names that an event may give, for a hint.
    var names: [String] { links.keys.sorted() + ports.keys.sorted() }

    /// The nodes that have an end of a link or LAN; none where no link has the name.
    func nodes(on link: String) -> [String] {
        links[link]?.map(\.namespace) ?? ports[link]?.keys.sorted() ?? []
    }

    /// An end of a link or LAN, as the file names it.
    struct NamedEnd: Hashable {
        var link: String
        var node: String
    }

    /// The ends that are pulled, by name.
    var pulledEnds: [NamedEnd] {
        names.flatMap { link in
            nodes(on: link).filter { node in
                ends(of: link, node: node)?.contains(where: pulled.contains) ?? false
            }.map { NamedEnd(link: link, node: $0) }
        }
    }

    /// Pulls the cables at these ends out, or puts them back.
    mutating func set(_ ends: [LinkEnd], isUp: Bool) -> Change {
        change { states in
            if isUp { states.pulled.subtract(ends) } else { states.pulled.formUnion(ends) }
        }
    }

    /// A node dies, with all its ends, or comes back.
    mutating func set(node: String, isAlive: Bool) -> Change {
        change { states in
            if isAlive { states.dead.remove(node) } else { states.dead.insert(node) }
        }
    }

    private mutating func change(_ body: (inout LinkStates) -> Void) -> Change {
        let before = self
        body(&self)
        var change = Change()
        var seen: Set<LinkEnd> = []
        for node in nodes {
            for cable in cables[node] ?? [] {
                for end in [cable.own, cable.peer] where seen.insert(end).inserted {
                    guard before.isUp(end) != isUp(end) else { continue }
                    change.settings.append(Setting(end: end, isUp: isUp(end)))
                }
                let isUp = carries(cable)
                guard !dead.contains(node),
                    before.carries(cable) != isUp || before.dead.contains(node)
                else { continue }
                change.expectations.append(
                    Expectation(node: node, interface: cable.interface, isUp: isUp))
            }
        }
        return change
    }

    private func isUp(_ end: LinkEnd) -> Bool {
        !pulled.contains(end) && !dead.contains(end.namespace)
    }

    private func carries(_ cable: Cable) -> Bool { isUp(cable.own) && isUp(cable.peer) }
}
