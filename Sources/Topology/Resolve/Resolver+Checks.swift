// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The checks of a test.
extension Resolver {
    mutating func check(_ element: YAMLNode, _ within: Duration) -> Check? {
        guard let pair = element.pairs.first else { return nil }
        let fields = Fields(pair.value)
        guard let kind = kind(pair.key, fields) else { return nil }
        return Check(
            kind: kind, within: fields.duration("within") ?? within, place: pair.keyPlace)
    }

    private mutating func kind(_ name: String, _ fields: Fields) -> Check.Kind? {
        switch name {
        case "ping": probe(fields).map { .ping($0, count: fields.number("count") ?? 3) }
        case "unreachable": probe(fields).map { .unreachable($0) }
        case "traceroute": traceroute(fields)
        case "route": route(fields).map { .route($0) }
        case "received": neighborRoutes(fields).map { .received($0) }
        case "advertised": neighborRoutes(fields).map { .advertised($0) }
        case "bgp": bgpState(fields)
        case "vrrp": vrrpState(fields)
        case "ospf" where fields["prefix"] != nil: ospfRoute(fields).map { .ospfRoute($0) }
        case "isis", "ospf", "ldp", "bfd": adjacency(name, fields).map { .adjacency($0) }
        case "kernel-route": kernelRoute(fields).map { .kernelRoute($0) }
        case "path-mtu": pathMTU(fields)
        case "endpoints": endpoints(fields)
        case "ipsec": ipsecState(fields)
        default: nil
        }
    }

    private mutating func traceroute(_ fields: Fields) -> Check.Kind? {
        guard let probe = probe(fields), let list = fields["hops"] else { return nil }
        let hops = list.elements.map { $0.text.flatMap { IPAddress($0) } }
        if let last = hops.last, last != probe.to {
            let seen = last?.description ?? "*"
            report(list.place, "the last hop is the destination, \(probe.to), not \(seen)")
        } else if hops.isEmpty {
            report(list.place, "a traceroute has at least one hop, the destination")
        }
        return .traceroute(probe, hops: hops)
    }

    private mutating func route(_ fields: Fields) -> RouteCheck? {
        guard let index = nodeIndex(fields, "node"), let vrf = vrf(fields, of: index),
            let prefix: IPPrefix = fields.value("prefix")
        else { return nil }
        let isAbsent = fields.flag("absent") ?? false
        let active = path(fields, index, vrf.name)
        let paths = fields["paths"]?.elements.map { path(Fields($0), index, vrf.name) }
        if isAbsent, active != PathExpectation() || paths != nil {
            report(fields.node.place, "an absent route has no attributes to look at")
        }
        return RouteCheck(
            node: nodes[index].name, vrf: vrf.name, prefix: prefix, isPresent: !isAbsent,
            active: active, paths: paths)
    }

    private mutating func path(_ fields: Fields, _ index: Int, _ vrf: String?) -> PathExpectation {
        PathExpectation(
            source: fields.text("protocol").flatMap(RouteSource.init(rawValue:)),
            nextHop: fields.value("next-hop"),
            interface: fields.text("interface"),
            from: fields["from"].flatMap { speaker($0, of: index, vrf: vrf) },
            med: fields.number("med"), localPreference: fields.number("local-preference"),
            asPath: fields.text("as-path"), originator: fields.value("originator"),
            communities: fields["communities"].map { _ in fields.values("communities") },
            vpnLabel: fields.value("vpn-label"), labels: labels(fields),
            transport: transport(fields),
            reason: fields.text("reason"))
    }

    /// Who a path was learned from. A VRF's path may come from the VPN: then a neighbor outside it.
    private mutating func speaker(_ value: YAMLNode, of index: Int, vrf: String?) -> IPAddress? {
        if let address = value.text.flatMap({ IPAddress($0) }) { return address }
        let known = nodes[index].node.bgp?.neighbors.first { $0.name == value.text }
        let own = vrf.flatMap(nodes[index].node.vrf)?.neighbors.first { $0.name == value.text }
        return own?.address ?? known?.address ?? neighborAddress(value, of: index, vrf: vrf)
    }

    func labels(_ fields: Fields) -> [Label]? {
        fields["labels"].map { $0.elements.compactMap { $0.text.flatMap { Label($0) } } }
    }

    private mutating func neighborRoutes(_ fields: Fields) -> NeighborRoutesCheck? {
        guard let index = nodeIndex(fields, "node"), let vrf = vrf(fields, of: index),
            let value = fields["neighbor"],
            let neighbor = neighborAddress(value, of: index, vrf: vrf.name)
        else { return nil }
        return NeighborRoutesCheck(
            node: nodes[index].name, vrf: vrf.name, neighbor: neighbor,
            prefixes: fields.values("prefixes"), isExact: fields.flag("exact") ?? true,
            med: fields.number("med"), asPath: fields.text("as-path"))
    }

    private mutating func bgpState(_ fields: Fields) -> Check.Kind? {
        guard let index = nodeIndex(fields, "node"), let vrf = vrf(fields, of: index),
            let value = fields["neighbor"],
            let neighbor = neighborAddress(value, of: index, vrf: vrf.name)
        else { return nil }
        return .bgp(
            node: nodes[index].name, vrf: vrf.name, neighbor: neighbor,
            state: fields.text("state") ?? "established")
    }

    private mutating func vrrpState(_ fields: Fields) -> Check.Kind? {
        guard let index = nodeIndex(fields, "node"), let state = fields.text("state"),
            let interface = interface(of: index, fields)
        else { return nil }
        let groups = nodes[index].node.vrrpGroups.filter { $0.interface == interface.name }
        let wanted: UInt8? = fields.number("group")
        let family = fields.text("family")
        let found = groups.filter {
            (wanted ?? $0.group) == $0.group && (family ?? "\($0.family)") == "\($0.family)"
        }
        guard let group = found.first, found.count == 1 else {
            if nodes[index].isCertain {
                let place = fields["group"]?.place ?? fields.node.place
                let name = nodes[index].name
                let known = groups.map { String($0.group) }.joined(separator: ", ")
                report(
                    place,
                    found.isEmpty
                        ? "\(name) has no such VRRP group there"
                            + (known.isEmpty ? "" : "; there is \(known)")
                        : "\(name) has several VRRP groups there; say which with 'group' or 'family'"
                )
            }
            return nil
        }
        return .vrrp(
            node: nodes[index].name, interface: interface.name, group: group.group,
            family: group.family, state: state,
            virtualAddresses: fields.values("virtual-address"))
    }

    private mutating func kernelRoute(_ fields: Fields) -> KernelRouteCheck? {
        guard let index = nodeIndex(fields, "node"), let vrf = vrf(fields, of: index),
            let prefix: IPPrefix = fields.value("prefix")
        else { return nil }
        let isAbsent = fields.flag("absent") ?? false
        if isAbsent, ["via", "interface", "labels"].contains(where: { fields[$0] != nil }) {
            report(fields.node.place, "an absent route has no attributes to look at")
        }
        return KernelRouteCheck(
            node: nodes[index].name, vrf: vrf.name, prefix: prefix,
            isPresent: !isAbsent, via: fields.value("via"),
            interface: fields.text("interface"), labels: labels(fields))
    }
}
