// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// BGP, and the VRFs, which are BGP's in FRR.
extension FRRConfiguration {
    mutating func addBGP() {
        guard let local = router.autonomousSystem else {
            if !router.neighbors.isEmpty { refuse("BGP neighbors without an AS number") }
            return
        }
        // Policies stand above their use: FRR leaves out what it does not know yet.
        var instances = instance(local, vrf: nil)
        for vrf in router.vrfs { instances += instance(local, vrf: vrf) }
        // By default FRR applies policies five seconds after they change, also at its start.
        let connected = router.vrfs.flatMap(connected)
        add(
            .bgpd,
            ["bgp route-map delay-timer 0"] + policyLists() + policyMaps() + connected + instances)
    }

    /// The line under which stands what a BGP instance is told: the provider's, or a VRF's.
    static func instanceLine(_ local: ASNumber, _ vrf: VRFConfiguration?) -> String {
        "router bgp \(local)" + (vrf.map { " vrf \($0.device)" } ?? "")
    }

    private mutating func instance(_ local: ASNumber, vrf: VRFConfiguration?) -> [String] {
        let neighbors = router.neighbors.filter { $0.vrf == vrf?.name }
        var lines = [Self.instanceLine(local, vrf)]
        lines.append(" bgp router-id \(router.routerID)")
        if vrf == nil, let cluster = router.clusterID { lines.append(" bgp cluster-id \(cluster)") }
        // Routes are sent as they come, not gathered for a second.
        lines += [" no bgp default ipv4-unicast", " coalesce-time 0"]
        for neighbor in neighbors { lines += session(neighbor) }
        for family in BGPFamily.allCases {
            let members = neighbors.filter { $0.families.contains(family) }
            let own = vrf.map { vpn($0, family) } ?? []
            guard !members.isEmpty || !own.isEmpty else { continue }
            lines.append(" address-family \(Self.word(family))")
            lines += own
            for neighbor in members { lines += exchange(neighbor, family) }
            lines.append(" exit-address-family")
        }
        return lines + ["exit"]
    }

    private static func word(_ family: BGPFamily) -> String {
        switch family {
        case .ipv4Unicast: "ipv4 unicast"
        case .ipv6Unicast: "ipv6 unicast"
        case .vpnv4: "ipv4 vpn"
        case .vpnv6: "ipv6 vpn"
        case .ipv4LabelledUnicast: "ipv4 labeled-unicast"
        case .ipv6LabelledUnicast: "ipv6 labeled-unicast"
        }
    }

    // MARK: Sessions

    private mutating func session(_ neighbor: NeighborConfiguration) -> [String] {
        let head = " neighbor \(neighbor.address)"
        let title = "the neighbor \(neighbor.name)"
        var lines = [
            "\(head) remote-as \(neighbor.remoteAS)", "\(head) description \(neighbor.name)",
            "\(head) update-source \(neighbor.localAddress)",
            "\(head) timers \(neighbor.holdTime / 3) \(neighbor.holdTime)",
            "\(head) timers connect 1", "\(head) advertisement-interval 0",
        ]
        if neighbor.localAS != router.autonomousSystem { refuse("a local AS of \(title)") }
        // FRR tells labels only of what a `network` statement names.
        for family in neighbor.families where family.isLabelledUnicast {
            refuse("\(family) of \(title)")
        }
        // It looks for such a next hop in IPv6, and not for the IPv4 address that it stands for.
        if neighbor.families.contains(.vpnv6), neighbor.address.family == .ipv4 {
            refuse("IPv6 VPNs over IPv4 (RFC 4659) with \(title)")
        }
        if neighbor.addPath != nil { refuse("several paths (add-path) of \(title)") }
        if neighbor.isBestExternal { refuse("best external of \(title)") }
        if let password = neighbor.password {
            lines.append("\(head) password \(word(password, title))")
        }
        if neighbor.isPassive { lines.append("\(head) passive") }
        if !neighbor.isInternal, neighbor.multihop > 1 {
            lines.append("\(head) ebgp-multihop \(neighbor.multihop)")
        }
        if let bfd = neighbor.bfd {
            lines += ["\(head) bfd", "\(head) bfd profile \(profile(bfd, title))"]
        }
        if neighbor.isDeactivated { lines.append("\(head) shutdown") }
        return lines
    }

    /// What is exchanged of a family.
    private func exchange(_ neighbor: NeighborConfiguration, _ family: BGPFamily) -> [String] {
        let head = "  neighbor \(neighbor.address)"
        var lines = ["\(head) activate"]
        if neighbor.isRouteReflectorClient { lines.append("\(head) route-reflector-client") }
        if neighbor.isNextHopSelf { lines.append("\(head) next-hop-self") }
        if neighbor.isASOverride { lines.append("\(head) as-override") }
        if neighbor.allowASIn > 0 { lines.append("\(head) allowas-in \(neighbor.allowASIn)") }
        if let count = neighbor.maximumPrefixes { lines.append("\(head) maximum-prefix \(count)") }
        for way in PolicyWay.allCases where map(of: neighbor, way) != nil {
            lines.append("\(head) route-map \(Self.mapName(neighbor, way)) \(way.rawValue)")
        }
        return lines
    }

    // MARK: VRFs

    /// The families in which a VRF takes part in the VPN, and has a label for each.
    func vpnFamilies(of vrf: VRFConfiguration) -> [AddressFamily] {
        AddressFamily.allCases.filter { family in
            hasRoutes(vrf, family)
                && router.neighbors.contains {
                    $0.families.contains { $0.isVPN && $0.family == family }
                }
        }
    }

    private func hasRoutes(_ vrf: VRFConfiguration, _ family: AddressFamily) -> Bool {
        router.interfaces.contains { interface in
            interface.vrf == vrf.name
                && interface.addresses.contains { $0.address.family == family }
        }
    }

    /// The VRF's own routes, and its way to and from the VPN, where it has the family.
    private mutating func vpn(_ vrf: VRFConfiguration, _ family: BGPFamily) -> [String] {
        guard !family.hasLabels, hasRoutes(vrf, family.family) else { return [] }
        if !vrf.importPolicy.isEmpty || !vrf.exportPolicy.isEmpty {
            refuse("import and export policies of the VRF \(vrf.name)")
        }
        let own = [
            "  redistribute connected route-map \(Self.connectedName(vrf))",
            "  redistribute static",
        ]
        guard vpnFamilies(of: vrf).contains(family.family) else { return own }
        let targets = [("import", vrf.importTargets), ("export", vrf.exportTargets)]
        return own
            + ["  label vpn export auto", "  rd vpn export \(vrf.routeDistinguisher)"]
            + targets.compactMap { way, targets in
                targets.isEmpty ? nil : "  rt vpn \(way) \(Self.words(targets))"
            } + ["  export vpn", "  import vpn"]
    }

    private static func connectedName(_ vrf: VRFConfiguration) -> String {
        "weft-connected-\(vrf.device)"
    }

    /// Which connected routes are the VRF's own. The kernel has more: what the router answers from
    /// stands on the VRF's device too, a host route that customers must not hear of.
    private func connected(_ vrf: VRFConfiguration) -> [String] {
        let name = Self.connectedName(vrf)
        let subnets = Set(
            router.interfaces.filter { $0.vrf == vrf.name }.flatMap(\.addresses).map(\.prefix))
        return [AddressFamily.ipv4, .ipv6].enumerated().flatMap { index, family -> [String] in
            let word = family == .ipv4 ? "ip" : "ipv6"
            let lists = subnets.filter { $0.family == family }.sorted().map {
                "\(word) prefix-list \(name) permit \($0)"
            }
            if lists.isEmpty { return [] }
            return lists + [
                "route-map \(name) permit \(index + 1)",
                " match \(word) address prefix-list \(name)", "exit",
            ]
        }
    }

    /// Route targets as FRR writes them: without the kind.
    private static func words(_ targets: [ExtendedCommunity]) -> String {
        targets.map { "\($0)".replacing("target:") }.joined(separator: " ")
    }
}

extension String {
    /// Without a beginning, if it has it.
    fileprivate func replacing(_ beginning: String) -> String {
        hasPrefix(beginning) ? String(dropFirst(beginning.count)) : self
    }
}
