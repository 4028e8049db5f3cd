// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What tests say of transports, IPsec and wires.
extension Resolver {
    mutating func endpoints(_ fields: Fields) -> Check.Kind? {
        guard let index = nodeIndex(fields, "node"), let name = transport(fields) else {
            return nil
        }
        let node = nodes[index]
        let place = fields["transport"]?.place ?? fields.node.place
        let known = transports.first { $0.name == name }
        if known?.encapsulation == .gre || name == Transport.mpls {
            report(place, "'\(name)' is not multipoint (mgre), so it has no endpoints")
        } else if known != nil, node.isCertain, reach.peers(of: node.name, by: name).isEmpty {
            report(place, "\(node.name) has no transport '\(name)'")
        }
        let endpoints = fields.items("endpoints").compactMap { endpoint($0) }
        return .endpoints(node: node.name, transport: name, endpoints: endpoints)
    }

    /// An address, or what a provider edge's tunnels have as theirs.
    private mutating func endpoint(_ value: YAMLNode) -> IPAddress? {
        guard let text = value.text else { return nil }
        if let address = IPAddress(text) { return address }
        guard Form.addressOrNode.accepts(text, isPlain: true),
            let index = node(text, at: value.place)
        else { return nil }
        if let source = nodes[index].node.tunnelSource { return IPAddress(source) }
        if nodes[index].isCertain { report(value.place, "\(text) has no IPv4 loopback") }
        return nil
    }

    mutating func ipsecState(_ fields: Fields) -> Check.Kind? {
        guard let ends = ipsecEnds(fields) else { return nil }
        return .ipsec(node: ends.node, peer: ends.peer, state: fields.text("state") ?? "up")
    }

    mutating func rekey(_ fields: Fields) -> LabEvent? {
        guard let ends = ipsecEnds(fields) else { return nil }
        if !ends.profiles.contains(where: { $0.keying == .ike }) {
            report(
                fields["peer"]?.place ?? fields.node.place,
                "\(ends.node)'s keys with \(ends.peer) are manual; only 'keying: ike' can rekey")
        }
        return .rekey(node: ends.node, peer: ends.peer)
    }

    struct IPsecEnds {
        var node: String
        var peer: String
        /// Of all protected transports between them.
        var profiles: [IPsecProfile]
    }

    /// The two ends of associations; reports nodes between which nothing is protected.
    private mutating func ipsecEnds(_ fields: Fields) -> IPsecEnds? {
        guard let index = nodeIndex(fields, "node"), let peer = nodeIndex(fields, "peer") else {
            return nil
        }
        let (a, b) = (nodes[index].name, nodes[peer].name)
        let names = reach.transports(between: a, and: b).compactMap(\.ipsec)
        let profiles = ipsecProfiles.filter { names.contains($0.name) }
        if profiles.isEmpty {
            // An unknown profile is reported where it is named.
            if names.isEmpty, nodes[index].isCertain, nodes[peer].isCertain {
                report(
                    fields["peer"]?.place ?? fields.node.place,
                    "no transport between \(a) and \(b) has 'ipsec'")
            }
            return nil
        }
        return IPsecEnds(node: a, peer: b, profiles: profiles)
    }

    mutating func pathMTU(_ fields: Fields) -> Check.Kind? {
        guard let probe = probe(fields), let mtu: UInt32 = fields.number("mtu") else { return nil }
        return .pathMTU(probe, mtu: mtu)
    }

    mutating func wire(_ element: YAMLNode) -> WireLimit? {
        let fields = Fields(element)
        guard let link = fields["link"], let name = link.text,
            let segment = segment(name, isLAN: false, at: link.place)
        else { return nil }
        if isWhole(element),
            ["only", "some", "labels", "never"].allSatisfy({ fields[$0] == nil })
        {
            report(
                element.place,
                "the wire check checks nothing: it needs 'only', 'some', 'labels' or 'never'")
        }
        let only = fields["only"].map { _ in kinds(fields, "only") }
        let some = kinds(fields, "some")
        for (item, kind) in zip(fields.items("some"), some) where only?.contains(kind) == false {
            report(item.place, "'\(kind.rawValue)' is not one of 'only'")
        }
        return WireLimit(
            link: segments[segment].name, only: only, some: some, labels: labels(fields),
            never: fields.items("never").flatMap { prefixes($0) }, place: element.place)
    }

    private func kinds(_ fields: Fields, _ key: String) -> [PacketKind] {
        fields.items(key).compactMap { $0.text.flatMap(PacketKind.init) }
    }

    /// A prefix, or all of a VRF.
    private mutating func prefixes(_ value: YAMLNode) -> [IPPrefix] {
        guard let text = value.text, Form.prefixOrVRF.accepts(text, isPlain: true)
        else { return [] }
        if let prefix = IPPrefix(text) { return [prefix] }
        let names = Set(nodes.flatMap(\.vrfNames))
        if !names.contains(text) {
            let hint = Suggestion.text(for: text, among: names.sorted())
            report(value.place, "no VRF '\(text.shortened)'\(hint)")
        }
        return prefixes(ofVRF: text)
    }

    /// The subnets of the VRF's links on all provider edges, and the loopbacks of the customers'
    /// nodes on them.
    private func prefixes(ofVRF name: String) -> [IPPrefix] {
        var prefixes: Set<IPPrefix> = []
        for segment in segments {
            guard segment.ends.contains(where: { $0.vrf == name }) else { continue }
            for end in segment.ends {
                let node = nodes[end.node].node
                if end.vrf == name { prefixes.formUnion(end.addresses.map(\.prefix)) }
                if !node.role.isProvider {
                    prefixes.formUnion(node.loopbacks.map { IPPrefix(host: $0) })
                }
            }
        }
        return prefixes.sorted()
    }
}
