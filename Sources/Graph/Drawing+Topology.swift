// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

extension Drawing {
    /// Draws what the file says.
    package init(_ topology: Topology) {
        self.init(
            name: topology.name, description: topology.description, nodes: [], links: [], lans: [],
            sessions: [], vrfs: [])
        nodes = topology.nodes.map { node in
            Node(
                name: node.name, role: node.role,
                autonomousSystem: node.bgp?.autonomousSystem, loopbacks: node.loopbacks,
                vrfs: node.vrfs.map(\.name),
                isReflector: node.role == .rr || node.bgp?.clusterID != nil)
        }
        for name in nodes.flatMap(\.vrfs) where !vrfs.contains(name) { vrfs.append(name) }
        let index = TopologyIndex(topology)
        links = topology.links.compactMap { link in
            guard let a = index.end(link.a), let b = index.end(link.b) else { return nil }
            return Link(
                name: link.name, a: a.end, b: b.end, vlan: link.vlan, vrf: a.vrf ?? b.vrf,
                isCore: a.isCore && b.isCore)
        }
        lans = topology.lans.map { lan in
            let ends = lan.endpoints.compactMap { index.end($0) }
            return LAN(
                name: lan.name, ends: ends.map(\.end), vlan: lan.vlan,
                vrf: ends.lazy.compactMap(\.vrf).first,
                virtualAddresses: index.virtualAddresses(lan))
        }
        sessions = index.sessions()
    }
}

/// A topology with its names and addresses looked up.
private struct TopologyIndex {
    let topology: Topology
    let positions: [String: Int]

    init(_ topology: Topology) {
        self.topology = topology
        positions = Dictionary(
            topology.nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { a, _ in a })
    }

    func end(_ endpoint: Endpoint) -> (end: Drawing.End, vrf: String?, isCore: Bool)? {
        guard let position = positions[endpoint.node],
            let interface = topology.nodes[position].interface(endpoint.interface)
        else { return nil }
        let end = Drawing.End(
            node: position, interface: interface.name, addresses: interface.addresses)
        return (end, interface.vrf, interface.isCore)
    }

    /// Without the link-local ones, which say nothing to people.
    func virtualAddresses(_ lan: LAN) -> [IPAddress] {
        var found: [IPAddress] = []
        for endpoint in lan.endpoints {
            guard let node = positions[endpoint.node].map({ topology.nodes[$0] }) else { continue }
            for group in node.vrrpGroups where group.interface == endpoint.interface {
                for address in group.virtualAddresses
                where !address.isLinkLocal && !found.contains(address) { found.append(address) }
            }
        }
        return found
    }

    // MARK: Sessions

    /// One end's view of a session.
    private struct View {
        var node: Int
        var peer: Int
        var vrf: String?
        var neighbor: Neighbor
        var isInternal: Bool
    }

    /// Both ends name a session; it is drawn once, from the end that the file names first, but
    /// always from a reflector to its client.
    func sessions() -> [Drawing.Session] {
        var views: [[String]: [View]] = [:]
        var order: [[String]] = []
        for view in allViews() {
            let ends = [
                "\(view.node) \(view.neighbor.localAddress)",
                "\(view.peer) \(view.neighbor.address)",
            ].sorted()
            if views[ends] == nil { order.append(ends) }
            views[ends, default: []].append(view)
        }
        return order.compactMap { views[$0].flatMap(session) }
    }

    private func allViews() -> [View] {
        topology.nodes.enumerated().flatMap { position, node -> [View] in
            guard let bgp = node.bgp else { return [] }
            let own = bgp.neighbors.map { (String?.none, $0) }
            let rest = node.vrfs.flatMap { vrf in vrf.neighbors.map { (vrf.name as String?, $0) } }
            return (own + rest).compactMap { vrf, neighbor in
                guard let peer = peer(neighbor), peer != position else { return nil }
                return View(
                    node: position, peer: peer, vrf: vrf, neighbor: neighbor,
                    isInternal: neighbor.remoteAS == bgp.autonomousSystem)
            }
        }
    }

    /// The node on the other side: by name, or else whoever has the address.
    private func peer(_ neighbor: Neighbor) -> Int? {
        positions[neighbor.name]
            ?? topology.nodes.firstIndex { node in
                node.loopbacks.contains(neighbor.address)
                    || node.interfaces.contains { interface in
                        interface.addresses.contains { $0.address == neighbor.address }
                    }
            }
    }

    private func session(_ views: [View]) -> Drawing.Session? {
        let reflecting = views.first { $0.neighbor.isRouteReflectorClient }
        guard let view = reflecting ?? views.first else { return nil }
        return Drawing.Session(
            a: view.node, b: view.peer, addressOfA: view.neighbor.localAddress,
            addressOfB: view.neighbor.address,
            kind: reflecting != nil ? .reflector : view.isInternal ? .internal : .external,
            vrf: views.lazy.compactMap(\.vrf).first, families: view.neighbor.families,
            isDeactivated: views.contains { $0.neighbor.isDeactivated })
    }
}
