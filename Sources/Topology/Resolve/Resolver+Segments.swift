// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Nodes by name, and the links and LANs between them.
extension Resolver {
    mutating func draftNodes() {
        for pair in file.pairs("nodes") {
            let fields = Fields(pair.value)
            let role = fields.text("role").flatMap(Node.Role.init)
            var node = Node(
                name: pair.key, role: role ?? .ce,
                loopbacks: fields.items("loopback").compactMap {
                    $0.text.flatMap(HostAddress.parse)
                }, routerID: IPv4Address(bits: 0), place: pair.keyPlace)
            node.engine = fields.text("engine").flatMap(Node.Engine.init) ?? .weft
            var draft = NodeDraft(node: node, fields: fields)
            draft.isCertain = isWhole(pair.value)
            draft.vrfNames = fields.pairs("vrfs").map(\.key)
            draft.autonomousSystem = fields["bgp"].flatMap { Fields($0).value("as") }
            nodeIndex[pair.key] = nodes.count
            nodes.append(draft)
        }
    }

    mutating func draftSegments() {
        for element in file["links"]?.elements ?? [] where element.isMapping {
            addSegment(element, name: nil)
        }
        for pair in file.pairs("lans") { addSegment(pair.value, name: pair) }
        nameSegments()
    }

    /// - Parameter name: of a LAN; nil for a link.
    private mutating func addSegment(_ element: YAMLNode, name: YAMLPair?) {
        let fields = Fields(element)
        var segment = Segment(
            name: name?.key ?? fields.text("name") ?? "", isLAN: name != nil,
            metric: fields.number("metric") ?? 10,
            vlan: fields.number("vlan"), mtu: fields.number("mtu") ?? 1500, ends: [],
            subnets: fields.values("subnet"),
            hasAdvertisements: fields.flag("router-advertisements") ?? false,
            place: name?.keyPlace ?? element.place,
            metricPlace: fields["metric"]?.place, isCertain: isWhole(element), fields: fields)
        let given = fields["addresses"]?.elements ?? []
        for (index, end) in endpoints(fields).enumerated() {
            guard let node = node(end.node, at: end.place) else {
                segment.isCertain = false
                continue
            }
            let place = end.place
            if segment.end(of: node) != nil {
                if segment.isCertain {
                    let hint = segment.isLAN ? "" : "; a link joins two nodes"
                    report(place, "\(end.node) has an end here already\(hint)")
                }
                segment.isCertain = false
                continue
            }
            let listed = given.count > index ? given[index].oneOrMore : []
            let addresses = (end.fields?.items("address") ?? end.addresses) + listed
            if !listed.isEmpty, addresses.count > listed.count {
                report(place, "\(end.node) has an address here and in 'addresses'")
            }
            segment.ends.append(
                Segment.End(
                    node: node, device: end.interface ?? end.fields?.text("interface"),
                    vrf: vrf(of: node, end.fields?["vrf"], fields["vrf"]),
                    addresses: addresses.compactMap { $0.text.flatMap(InterfaceAddress.init) },
                    place: addresses.first?.place ?? place))
        }
        finish(&segment, fields)
    }

    private mutating func finish(_ segment: inout Segment, _ fields: Fields) {
        if let vrf = fields["vrf"], segment.isCertain,
            !segment.ends.contains(where: { nodes[$0.node].node.role == .pe })
        {
            report(vrf.place, "'vrf' needs a provider edge (role pe) at an end")
        }
        if !segment.isCertain {
            for end in segment.ends { nodes[end.node].isCertain = false }
        }
        segments.append(segment)
    }

    private struct EndpointText {
        var node: String
        var interface: String?
        var fields: Fields?
        var addresses: [YAMLNode] = []
        var place: Place
    }

    /// The ends in any of the forms: `juno`, `juno:eth3`, `juno: 4.0.0.22/30`, `juno: {…}`.
    private func endpoints(_ fields: Fields) -> [EndpointText] {
        guard let endpoints = fields["endpoints"] else { return [] }
        if endpoints.isMapping {
            return endpoints.pairs.map { pair in
                let isMapping = pair.value.isMapping
                return EndpointText(
                    node: pair.key, fields: isMapping ? Fields(pair.value) : nil,
                    addresses: isMapping || pair.value.isNull ? [] : pair.value.oneOrMore,
                    place: pair.keyPlace)
            }
        }
        return endpoints.elements.compactMap { element in
            guard let parts = element.text?.split(separator: ":"), let name = parts.first
            else { return nil }
            return EndpointText(
                node: String(name), interface: parts.count > 1 ? String(parts[1]) : nil,
                place: element.place)
        }
    }

    /// The VRF of an end: its own, or on a provider edge the segment's.
    private mutating func vrf(of node: Int, _ own: YAMLNode?, _ shared: YAMLNode?) -> String? {
        let draft = nodes[node]
        guard let choice = own ?? (draft.node.role == .pe ? shared : nil), let name = choice.text
        else { return nil }
        if vrf(name, of: node, at: choice.place) { return name }
        nodes[node].isCertain = false
        return nil
    }

    /// Whether a node has a VRF; reports one that it lacks.
    mutating func vrf(_ name: String, of node: Int, at place: Place) -> Bool {
        let draft = nodes[node]
        if draft.vrfNames.contains(name) { return true }
        let hint = Suggestion.text(for: name, among: draft.vrfNames)
        report(place, "\(draft.name) has no VRF '\(name.shortened)'\(hint)")
        return false
    }

    /// Given names first, so that a made one never takes one of them.
    private mutating func nameSegments() {
        for index in segments.indices where !segments[index].name.isEmpty {
            register(index)
        }
        var counts: [String: Int] = [:]
        for index in segments.indices where segments[index].name.isEmpty {
            let base = segments[index].ends.map { nodes[$0.node].name }.joined(separator: "-")
            guard segments[index].ends.count == 2 else { continue }
            var name = base
            repeat {
                let count = counts[base, default: 0] + 1
                counts[base] = count
                name = count == 1 ? base : "\(base)-\(count)"
            } while segmentIndex[name] != nil
            segments[index].name = name
            register(index)
        }
        // A link may be named from either end.
        for (index, segment) in segments.enumerated() where segment.ends.count == 2 {
            let ends = segment.ends.map { nodes[$0.node].name }
            guard segment.name == ends.joined(separator: "-") else { continue }
            let mirrored = ends.reversed().joined(separator: "-")
            if segmentIndex[mirrored] == nil { segmentIndex[mirrored] = index }
        }
    }

    private mutating func register(_ index: Int) {
        let segment = segments[index]
        if let other = segmentIndex[segment.name] {
            report(
                segment.place,
                "the name '\(segment.name)' is taken by the link or LAN at \(segments[other].place)"
            )
        } else {
            segmentIndex[segment.name] = index
        }
    }
}
