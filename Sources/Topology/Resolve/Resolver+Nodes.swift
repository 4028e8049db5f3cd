// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What stands on the nodes: router IDs, VRFs, static routes.
extension Resolver {
    mutating func resolveNodes() {
        for index in nodes.indices { resolveRouterID(index) }
        checkRouterIDs()
        resolveCoreProtocols()
        for index in nodes.indices {
            for pair in nodes[index].fields.pairs("vrfs") { resolveVRF(index, pair) }
            nodes[index].node.staticRoutes = staticRoutes(nodes[index].fields, index, vrf: nil)
            resolveBGP(index)
        }
        resolveSiteProtocols()
        // Tracks name neighbors, so those come first.
        for index in nodes.indices { resolveVRRP(index) }
    }

    /// The one that is given; else the first IPv4 loopback; else the highest IPv4 address of an
    /// interface; else the node's position in the file, which no other node has.
    private mutating func resolveRouterID(_ index: Int) {
        let draft = nodes[index]
        if let given = draft.fields["router-id"], !usesRouterID(index), draft.node.role != .host {
            report(
                given.place,
                "'router-id' is for BGP, IS-IS, OSPF and LDP; \(draft.name) runs none of these")
        }
        let addresses = draft.node.interfaces.flatMap { $0.addresses.compactMap(\.address.v4) }
        nodes[index].node.routerID =
            draft.fields.value("router-id") ?? draft.node.loopbacks.compactMap(\.v4).first
            ?? addresses.max() ?? IPv4Address(bits: UInt32(index + 1))
    }

    private func usesRouterID(_ index: Int) -> Bool {
        let draft = nodes[index]
        return coreMode == .signalled && draft.node.role.isProvider
            || ["bgp", "ospf", "ospf3"].contains { draft.fields[$0] != nil }
    }

    /// RFC 6286 §2.1: a BGP identifier is unique within its AS.
    private mutating func checkRouterIDs() {
        struct Speaker: Hashable {
            var autonomousSystem: ASNumber
            var routerID: IPv4Address
        }
        var owners: [Speaker: Int] = [:]
        for (index, draft) in nodes.enumerated() where draft.isCertain {
            guard let number = draft.autonomousSystem else { continue }
            let speaker = Speaker(autonomousSystem: number, routerID: draft.node.routerID)
            guard let owner = owners[speaker] else {
                owners[speaker] = index
                continue
            }
            report(
                draft.fields["router-id"]?.place ?? draft.node.place,
                "\(draft.name) has the router ID \(draft.node.routerID) of \(nodes[owner].name) "
                    + "in AS \(number)")
        }
    }

    private mutating func resolveVRF(_ index: Int, _ pair: YAMLPair) {
        let fields = Fields(pair.value)
        guard let distinguisher: RouteDistinguisher = fields.value("rd") else { return }
        if nodes[index].node.vrfs.contains(where: { $0.name == pair.key }) { return }
        let vrfs = nodes[index].node.vrfs
        if let other = vrfs.first(where: { $0.routeDistinguisher == distinguisher }) {
            report(
                fields["rd"]?.place ?? pair.keyPlace,
                "\(nodes[index].name)'s VRF '\(other.name)' has the route distinguisher "
                    + "\(distinguisher) already")
        }
        let both = targets(fields, "target")
        let imports = both + targets(fields, "import-target")
        let exports = both + targets(fields, "export-target")
        if imports.isEmpty, exports.isEmpty, isWhole(pair.value) {
            report(
                pair.keyPlace,
                "the VRF '\(pair.key)' needs a 'target', or an 'import-target' and 'export-target'")
        }
        var vrf = VRF(
            name: pair.key, routeDistinguisher: distinguisher, importTargets: imports,
            exportTargets: exports, importPolicy: policyChain(fields, "import", .intoVRF),
            exportPolicy: policyChain(fields, "export", .outOfVRF),
            loopbacks: fields.items("loopback").compactMap { $0.text.flatMap(HostAddress.parse) })
        nodes[index].node.vrfs.append(vrf)
        vrf.sourceAddresses = sourceAddresses(index, vrf, fields)
        vrf.staticRoutes = staticRoutes(fields, index, vrf: vrf.name)
        nodes[index].node.vrfs[nodes[index].node.vrfs.count - 1] = vrf
    }

    private func targets(_ fields: Fields, _ key: String) -> [ExtendedCommunity] {
        fields.items(key).compactMap { $0.text.flatMap(ExtendedCommunity.init(routeTarget:)) }
    }

    /// Of each family: what is given, else the first attachment's address, else the loopback.
    private mutating func sourceAddresses(
        _ index: Int, _ vrf: VRF, _ fields: Fields
    ) -> [IPAddress] {
        let own = addresses(of: index, vrf: vrf.name)
        var sources: [IPAddress] = []
        for item in fields.items("source-address") {
            guard let address = item.text.flatMap({ IPAddress($0) }) else { continue }
            if !own.contains(address), nodes[index].isCertain {
                report(item.place, "\(nodes[index].name) has no address \(address) in \(vrf.name)")
            } else if sources.contains(where: { $0.family == address.family }) {
                report(item.place, "one source address of each family")
            }
            sources.append(address)
        }
        for family in AddressFamily.allCases where !sources.contains(where: { $0.family == family })
        {
            sources += own.filter { $0.family == family }.prefix(1)
        }
        return sources
    }

    /// All of a node's own addresses in a VRF: of interfaces in the file's order, then loopbacks.
    func addresses(of index: Int, vrf: String?) -> [IPAddress] {
        let node = nodes[index].node
        let loopbacks = vrf == nil ? node.loopbacks : vrf.flatMap(node.vrf)?.loopbacks ?? []
        return node.interfaces.filter { $0.vrf == vrf }.flatMap { $0.addresses.map(\.address) }
            + loopbacks
    }

    /// A node's own address in the subnet that another address lies in.
    func localAddress(of index: Int, vrf: String?, towards address: IPAddress) -> IPAddress? {
        for interface in nodes[index].node.interfaces where interface.vrf == vrf {
            for own in interface.addresses where own.prefix.contains(address) { return own.address }
        }
        return nil
    }

    private mutating func staticRoutes(
        _ fields: Fields, _ index: Int, vrf: String?
    ) -> [StaticRoute] {
        fields.pairs("static").compactMap { pair in
            let long = pair.value.isMapping ? Fields(pair.value) : nil
            guard let prefix = IPPrefix(pair.key), let text = long?.text("via") ?? pair.value.text,
                Form.gateway.accepts(text, isPlain: true)
            else { return nil }
            if text == "discard" {
                if let long {
                    report(place(of: "bfd", in: long), "'bfd' needs a next hop, not discard")
                }
                return StaticRoute(prefix: prefix, nextHop: nil)
            }
            guard let gateway = gateway(text, prefix.family, index, vrf, pair.value.place)
            else { return nil }
            return StaticRoute(
                prefix: prefix, nextHop: gateway, bfd: long.flatMap { bfd($0["bfd"]) })
        }
    }

    /// The address of a next hop, which may be a node's name.
    private mutating func gateway(
        _ text: String, _ family: AddressFamily, _ index: Int, _ vrf: String?, _ place: Place
    ) -> IPAddress? {
        guard let address = IPAddress(text) else {
            guard let other = node(text, at: place) else { return nil }
            return sharedAddress(of: other, from: index, vrf, family, place)?.remote
        }
        guard address.family == family else {
            report(place, "the next hop \(address) is not of the prefix's family")
            return nil
        }
        guard nodes[index].isCertain else { return address }
        let home = vrf.map { " in the VRF \($0)" } ?? ""
        if addresses(of: index, vrf: vrf).contains(address) {
            report(place, "the next hop \(address) is \(nodes[index].name)'s own address")
        } else if localAddress(of: index, vrf: vrf, towards: address) == nil {
            report(
                place,
                "the next hop \(address) is on no subnet of \(nodes[index].name)\(home)")
        }
        return address
    }
}
