// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Checks of neighbors: whom a node should have.
extension Resolver {
    mutating func adjacency(_ name: String, _ fields: Fields) -> AdjacencyCheck? {
        guard let index = nodeIndex(fields, "node"), let vrf = vrf(fields, of: index) else {
            return nil
        }
        if let type = fields["type"] {
            report(type.place, "'type' is that of a route: say which with 'prefix'")
        }
        let isVersion3 = name == "ospf" && fields.text("family") == "ipv6"
        guard let kind = AdjacencyCheck.Kind(rawValue: isVersion3 ? "ospf3" : name) else {
            return nil
        }
        let all = neighbors(kind, of: index, vrf.name)
        guard let value = fields["neighbor"], let wanted = value.text else {
            if all.isEmpty, nodes[index].isCertain, nodes[index].knowsNeighbors {
                let name = nodes[index].name
                report(fields.node.place, "\(name) has no neighbors in \(kind.title) there")
            }
            return all.isEmpty
                ? nil : check(kind, index, vrf.name, all, fields)
        }
        guard let other = node(wanted, at: value.place) else { return nil }
        let found = all.filter { $0.name == nodes[other].name }
        if found.isEmpty, nodes[index].isCertain, nodes[index].knowsNeighbors {
            let name = nodes[index].name
            report(value.place, "\(name) has no neighbor \(wanted) in \(kind.title) there")
        }
        return found.isEmpty ? nil : check(kind, index, vrf.name, found, fields)
    }

    mutating func ospfRoute(_ fields: Fields) -> OSPFRouteCheck? {
        guard let index = nodeIndex(fields, "node"), let vrf = vrf(fields, of: index),
            let prefix: IPPrefix = fields.value("prefix")
        else { return nil }
        let node = nodes[index].node
        let runs = node.ospf.contains { $0.vrf == vrf.name && $0.family == prefix.family }
        if !runs, nodes[index].isCertain, nodes[index].knowsNeighbors {
            let kind: AdjacencyCheck.Kind = prefix.family == .ipv4 ? .ospf : .ospf3
            report(fields.node.place, "\(node.name) does not run \(kind.title) there")
        }
        return OSPFRouteCheck(
            node: node.name, vrf: vrf.name, prefix: prefix,
            kind: fields.text("type").flatMap(OSPFRouteCheck.Kind.init))
    }

    private func check(
        _ kind: AdjacencyCheck.Kind, _ index: Int, _ vrf: String?,
        _ neighbors: [AdjacencyCheck.Neighbor], _ fields: Fields
    ) -> AdjacencyCheck {
        AdjacencyCheck(
            node: nodes[index].name, vrf: vrf, kind: kind, neighbors: neighbors,
            isUp: fields.text("state") != "down")
    }

    /// All that the file lets a node have, in the order of its links; each once.
    private func neighbors(
        _ kind: AdjacencyCheck.Kind, of index: Int, _ vrf: String?
    ) -> [AdjacencyCheck.Neighbor] {
        var unique: [AdjacencyCheck.Neighbor] = []
        let found =
            nodes[index].attachments.flatMap { neighbors(kind, $0, of: index, vrf) }
            + distant(kind, of: index, vrf)
        for neighbor in found where !unique.contains(neighbor) { unique.append(neighbor) }
        return unique
    }

    /// At the other ends of a link or LAN.
    private func neighbors(
        _ kind: AdjacencyCheck.Kind, _ attachment: NodeDraft.Attachment, of index: Int,
        _ vrf: String?
    ) -> [AdjacencyCheck.Neighbor] {
        let segment = segments[attachment.segment]
        let own = segment.ends[attachment.end]
        guard own.vrf == vrf, runs(kind, segment, own) else { return [] }
        return segment.ends.compactMap { end in
            guard end.node != own.node, runs(kind, segment, end) else { return nil }
            let node = nodes[end.node].node
            let identifier: String? =
                switch kind {
                case .isis: node.isis?.systemID.description
                case .ospf, .ospf3: node.routerID.description
                case .ldp: node.ldp?.transportAddress.description
                case .bfd: Self.address(of: end, facing: own)?.description
                }
            return identifier.map {
                .init(
                    name: node.name,
                    interface: kind == .ldp || kind == .bfd
                        ? nil : Self.interfaceName(segment, own), identifier: $0)
            }
        }
    }

    /// IPv4 where both have it.
    private static func address(of end: Segment.End, facing own: Segment.End) -> IPAddress? {
        let subnets = own.addresses.map(\.prefix)
        return end.addresses.first { subnets.contains($0.prefix) }?.address
    }

    /// Whether a protocol has neighbors at an end of a segment.
    private func runs(
        _ kind: AdjacencyCheck.Kind, _ segment: Segment, _ end: Segment.End
    ) -> Bool {
        let node = nodes[end.node].node
        let name = Self.interfaceName(segment, end)
        func ospf(_ family: AddressFamily) -> OSPF.Circuit? {
            node.ospf.filter { $0.family == family }.flatMap(\.interfaces)
                .first { $0.interface == name && !$0.isPassive }
        }
        let isis = node.isis?.interfaces.first { $0.interface == name && !$0.isPassive }
        return switch kind {
        case .isis: isis != nil
        case .ospf: ospf(.ipv4) != nil
        case .ospf3: ospf(.ipv6) != nil
        case .ldp: node.ldp?.interfaces.contains(name) ?? false
        case .bfd: isis?.bfd != nil || ospf(.ipv4)?.bfd != nil
        }
    }

    /// Targeted sessions of LDP; BFD of BGP's neighbors and of static routes.
    private func distant(
        _ kind: AdjacencyCheck.Kind, of index: Int, _ vrf: String?
    ) -> [AdjacencyCheck.Neighbor] {
        let node = nodes[index].node
        switch kind {
        case .isis, .ospf, .ospf3: return []
        case .ldp:
            return (node.ldp?.targeted ?? []).compactMap { address in
                nodes.first { $0.node.tunnelSource == address }.map {
                    .init(name: $0.name, identifier: address.description)
                }
            }
        case .bfd:
            let own = vrf == nil ? node.bgp?.neighbors : vrf.flatMap(node.vrf)?.neighbors
            let routes = vrf == nil ? node.staticRoutes : vrf.flatMap(node.vrf)?.staticRoutes ?? []
            let gateways = routes.filter { $0.bfd != nil }.compactMap(\.nextHop)
            return (own ?? []).filter { $0.bfd != nil }.map {
                .init(name: $0.name, identifier: $0.address.description)
            } + gateways.map { .init(name: owner(of: $0), identifier: $0.description) }
        }
    }

    private func owner(of address: IPAddress) -> String {
        let owner = nodes.first { draft in
            draft.node.interfaces.flatMap(\.addresses).contains { $0.address == address }
        }
        return owner?.name ?? address.description
    }
}

extension AdjacencyCheck.Kind {
    /// What people call it.
    package var title: String {
        switch self {
        case .isis: "IS-IS"
        case .ospf: "OSPF"
        case .ospf3: "OSPF version 3"
        case .ldp: "LDP"
        case .bfd: "BFD"
        }
    }
}
