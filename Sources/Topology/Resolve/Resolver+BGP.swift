// SPDX-License-Identifier: Apache-2.0

import Primitives

/// BGP neighbors: their addresses and settings.
extension Resolver {
    mutating func resolveBGP(_ index: Int) {
        let fields = nodes[index].fields
        if let node = fields["bgp"], let number = nodes[index].autonomousSystem {
            let bgp = Fields(node)
            nodes[index].node.bgp = BGP(
                autonomousSystem: number, clusterID: bgp.value("cluster-id"),
                neighbors: neighbors(bgp, index, number, vrf: nil))
        }
        for pair in fields.pairs("vrfs") {
            guard let node = pair.value["bgp"] else { continue }
            guard let number = nodes[index].autonomousSystem else {
                if fields["bgp"] == nil {
                    report(node.place, "BGP in a VRF needs the node's own 'bgp: {as: …}'")
                }
                continue
            }
            let neighbors = neighbors(Fields(node), index, number, vrf: pair.key)
            if let vrf = nodes[index].node.vrfs.firstIndex(where: { $0.name == pair.key }) {
                nodes[index].node.vrfs[vrf].neighbors = neighbors
            }
        }
    }

    private mutating func neighbors(
        _ bgp: Fields, _ index: Int, _ localAS: ASNumber, vrf: String?
    ) -> [Neighbor] {
        var neighbors: [Neighbor] = []
        var isComplete = true
        var places: [IPAddress: Place] = [:]
        for pair in bgp.pairs("neighbors") {
            let site = NeighborSite(
                index: index, vrf: vrf, localAS: localAS, key: pair.key, place: pair.keyPlace,
                fields: neighborFields(pair.value))
            guard let neighbor = neighbor(site) else {
                isComplete = false
                continue
            }
            if let first = places.updateValue(pair.keyPlace, forKey: neighbor.address) {
                report(
                    pair.keyPlace,
                    "the neighbor at \(first) has the address \(neighbor.address) too")
            }
            neighbors.append(neighbor)
        }
        if !isComplete { nodes[index].knowsNeighbors = false }
        return neighbors
    }

    /// A neighbor of the file: on which node, under which key, with what settings.
    struct NeighborSite {
        var index: Int
        var vrf: String?
        var localAS: ASNumber
        /// The other node's name, or an address.
        var key: String
        var place: Place
        var fields: Fields
    }

    private mutating func neighbor(_ site: NeighborSite) -> Neighbor? {
        var other: Int?
        if IPAddress(site.key) == nil {
            guard let found = node(site.key, at: site.place) else { return nil }
            guard found != site.index else {
                report(site.place, "\(site.key) cannot be its own neighbor")
                return nil
            }
            other = found
        }
        guard let remoteAS = remoteAS(site, other), let pair = addresses(site, other, remoteAS)
        else { return nil }
        let fields = site.fields
        var neighbor = Neighbor(
            name: site.key, address: pair.remote, localAddress: pair.local, remoteAS: remoteAS,
            families: families(site, pair.remote), isPassive: fields.flag("passive") ?? false,
            password: fields.text("password"), holdTime: fields.number("hold-time") ?? 90,
            isRouteReflectorClient: fields.flag("route-reflector-client") ?? false,
            isNextHopSelf: fields.flag("next-hop-self") ?? false,
            isASOverride: fields.flag("as-override") ?? false,
            allowASIn: fields.number("allowas-in") ?? 0,
            maximumPrefixes: fields.number("maximum-prefixes"), medOut: fields.number("med-out"),
            addPath: fields.number("add-path"),
            isBestExternal: fields.flag("best-external") ?? false,
            multihop: fields.number("multihop") ?? 1, bfd: bfd(fields["bfd"]),
            isDeactivated: fields.flag("deactivated") ?? false)
        let carried = CarriedRoutes(neighbor)
        neighbor.importPolicy = policyChain(fields, "import", .received(carried))
        neighbor.exportPolicy = policyChain(
            fields, "export", .sent(carried, isExternal: remoteAS != site.localAS))
        check(neighbor, site)
        return neighbor
    }

    /// What is given, and the other node's own; reports where they differ or both are missing.
    private mutating func remoteAS(_ site: NeighborSite, _ other: Int?) -> ASNumber? {
        let known = other.flatMap { nodes[$0].autonomousSystem }
        guard let given = site.fields["as"] else {
            if known == nil, other.map({ nodes[$0].fields["bgp"] == nil }) ?? true {
                let reason = other == nil ? "" : ", for \(site.key) runs no BGP here"
                report(site.place, "the neighbor '\(site.key)' needs 'as'\(reason)")
            }
            return known
        }
        guard let number = given.text.flatMap({ ASNumber($0) }) else { return known }
        if let known, known != number {
            report(given.place, "\(site.key) is in AS \(known), not \(number)")
        }
        return number
    }

    private mutating func addresses(
        _ site: NeighborSite, _ other: Int?, _ remoteAS: ASNumber
    ) -> AddressPair? {
        let local: IPAddress? = site.fields.value("local-address")
        if let local, let node = site.fields["local-address"], nodes[site.index].isCertain,
            !addresses(of: site.index, vrf: site.vrf).contains(local)
        {
            let home = site.vrf.map { " in the VRF \($0)" } ?? ""
            report(node.place, "\(nodes[site.index].name) has no address \(local)\(home)")
            return nil
        }
        if let remote = site.fields.value("address", IPAddress.self) ?? IPAddress(site.key) {
            return addresses(site, local, towards: remote)
        }
        guard let other else { return nil }
        if site.vrf == nil, remoteAS == site.localAS || crossesRouters(site, other),
            nodes[site.index].node.role.isProvider, nodes[other].node.role.isProvider
        {
            return loopbacks(site, other, local)
        }
        return sharedAddress(of: other, from: site.index, site.vrf, nil, site.place, local: local)
    }

    /// A session over several hops, to a node on no link of this one (RFC 4364 §10 c).
    private func crossesRouters(_ site: NeighborSite, _ other: Int) -> Bool {
        site.fields.number("multihop") ?? 1 > 1 && sharedSegments(site.index, other).isEmpty
    }

    private mutating func addresses(
        _ site: NeighborSite, _ local: IPAddress?, towards remote: IPAddress
    ) -> AddressPair? {
        let own = addresses(of: site.index, vrf: site.vrf)
        if nodes[site.index].isCertain, own.contains(remote) {
            report(site.place, "\(remote) is \(nodes[site.index].name)'s own address")
            return nil
        }
        let connected = localAddress(of: site.index, vrf: site.vrf, towards: remote)
        let loopbacks = own.filter {
            nodes[site.index].node.loopbacks.contains($0) || site.vrf != nil
        }
        if let local = local ?? connected ?? loopbacks.first(where: { $0.family == remote.family })
        {
            if local.family == remote.family { return AddressPair(local: local, remote: remote) }
            report(site.place, "\(local) and \(remote) are of different families")
        } else if nodes[site.index].isCertain {
            report(
                site.place,
                "\(nodes[site.index].name) has no address to reach \(remote) from; "
                    + "say 'local-address'")
        }
        return nil
    }

    /// RFC 4271's internal sessions of a provider stand on loopbacks, so that they outlive links.
    private mutating func loopbacks(
        _ site: NeighborSite, _ other: Int, _ local: IPAddress?
    ) -> AddressPair? {
        for family in AddressFamily.allCases {
            let own = local ?? nodes[site.index].node.loopbacks.first { $0.family == family }
            if let own, own.family == family,
                let remote = nodes[other].node.loopbacks.first(where: { $0.family == family })
            {
                return AddressPair(local: own, remote: remote)
            }
        }
        if nodes[site.index].isCertain, nodes[other].isCertain {
            report(
                site.place,
                "\(nodes[site.index].name) and \(site.key) have no loopbacks of one family")
        }
        return nil
    }

    private func families(_ site: NeighborSite, _ address: IPAddress) -> [BGPFamily] {
        let given: [BGPFamily] = site.fields.values("families")
        return given.isEmpty ? [address.family == .ipv4 ? .ipv4Unicast : .ipv6Unicast] : given
    }

    private mutating func check(_ neighbor: Neighbor, _ site: NeighborSite) {
        if Set(neighbor.families).count < neighbor.families.count {
            report(site.fields["families"]?.place ?? site.place, "a family is listed twice")
        }
        checkLabelled(neighbor, site)
        if site.vrf != nil {
            if neighbor.isRouteReflectorClient, site.fields.node["route-reflector-client"] == nil {
                report(site.place, "'route-reflector-client' does not apply to a neighbor in a VRF")
            }
        } else if neighbor.isRouteReflectorClient, neighbor.remoteAS != site.localAS {
            report(site.place, "'route-reflector-client' does not apply to an external neighbor")
        }
        if neighbor.remoteAS != site.localAS {
            checkExternal(neighbor, site)
        } else {
            checkInternal(neighbor, site)
        }
    }

    private mutating func checkLabelled(_ neighbor: Neighbor, _ site: NeighborSite) {
        for labelled in neighbor.families where labelled.isLabelledUnicast {
            let plain = neighbor.families.filter { !$0.hasLabels && $0.family == labelled.family }
            for plain in plain {
                report(
                    site.fields["families"]?.place ?? site.place,
                    "\(labelled) and \(plain) exclude each other, for both fill one table")
            }
        }
        // What the neighbor says itself, its table has refused; this is what comes from its group.
        guard site.vrf != nil, site.fields.node["families"] == nil,
            let first = neighbor.families.first(where: \.hasLabels)
        else { return }
        let kind = first.isVPN ? "VPN" : "labelled"
        report(
            site.place, "the \(kind) families of its group do not apply to a neighbor in a VRF")
    }

    private mutating func checkInternal(_ neighbor: Neighbor, _ site: NeighborSite) {
        func refuse(_ key: String) {
            report(
                site.fields[key]?.place ?? site.place,
                "'\(key)' does not apply to an internal neighbor")
        }
        if neighbor.isASOverride { refuse("as-override") }
        if neighbor.multihop > 1 { refuse("multihop") }
    }

    private mutating func checkExternal(_ neighbor: Neighbor, _ site: NeighborSite) {
        if neighbor.isBestExternal, site.vrf == nil {
            report(
                site.fields["best-external"]?.place ?? site.place,
                "'best-external' does not apply to an external neighbor")
        }
        if neighbor.multihop == 1, nodes[site.index].isCertain,
            localAddress(of: site.index, vrf: site.vrf, towards: neighbor.address) == nil
        {
            report(
                site.place,
                "\(neighbor.address) is on no subnet of \(nodes[site.index].name); "
                    + "an external session across routers needs 'multihop'")
        }
    }
}
