// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Where the versions differ: by what names LSAs and networks go, and where prefixes stand. In
/// version 2 they are in the router and network LSAs (RFC 2328 §12.4), in version 3 beside them
/// (RFC 5340 §4.4.3).
struct OSPFDialect: Hashable, Sendable {
    let version: OSPFVersion
    let routerID: IPv4Address

    /// How far LSAs of a type go; none for those that must not be kept.
    func scope(of type: OSPFLSAType) -> OSPFLSAType.Scope? {
        guard version == .v3, type.rawValue & 0x8000 == 0 else { return type.scope }
        // A type that we do not know, and that does not ask to be flooded further, stays on the
        // link (RFC 5340 §4.5.1).
        return (1...9).contains(type.rawValue & 0x1fff) ? type.scope : .link
    }

    // MARK: Names

    private let zero = IPv4Address(bits: 0)

    init(version: OSPFVersion, routerID: IPv4Address) {
        self.version = version
        self.routerID = routerID
    }

    var routerKey: OSPFLSAKey { OSPFLSAKey(.router, version == .v2 ? routerID : zero, routerID) }

    func networkKey(_ interface: OSPFInterface) -> OSPFLSAKey {
        let id =
            version == .v2 ? interface.designation(routerID) : IPv4Address(bits: interface.number)
        return OSPFLSAKey(.network, id, routerID)
    }

    /// The network that a transit link leads to.
    func network(of link: OSPFRouterLSA.Link) -> OSPFNetworkID {
        version == .v2
            ? OSPFNetworkID(router: zero, id: link.linkID)
            : OSPFNetworkID(
                router: link.linkID, id: IPv4Address(bits: link.neighborInterfaceID))
    }

    /// The network that a network LSA is of.
    func network(of key: OSPFLSAKey) -> OSPFNetworkID {
        OSPFNetworkID(
            router: version == .v2 ? zero : key.advertisingRouter, id: key.linkStateID)
    }

    // MARK: The router LSA

    /// RFC 2328 §12.4.1.1 and §12.4.1.2, RFC 5340 §4.4.3.2.
    func links(of interface: OSPFInterface) -> [OSPFRouterLSA.Link] {
        guard interface.isActive else { return [] }
        guard !interface.isPointToPoint else {
            return interface.fullNeighbors.map { neighbor in
                OSPFRouterLSA.Link(
                    .pointToPoint, metric: interface.cost, linkID: neighbor.routerID,
                    data: data(interface), neighborInterfaceID: neighbor.interfaceID)
            }
        }
        guard interface.isTransit else { return [] }
        let isOwn = interface.state == .designatedRouter
        let router = isOwn ? routerID : interface.designated?.routerID ?? zero
        let number = isOwn ? interface.number : interface.designated?.interfaceID ?? 0
        return [
            OSPFRouterLSA.Link(
                .transit, metric: interface.cost,
                linkID: version == .v2 ? interface.designatedRouter : router,
                data: data(interface), neighborInterfaceID: version == .v2 ? 0 : number)
        ]
    }

    /// Version 2: our address, or our number where there is none. Version 3: our number.
    private func data(_ interface: OSPFInterface) -> UInt32 {
        guard version == .v2, interface.sham == nil else { return interface.number }
        return interface.address?.v4?.bits ?? interface.number
    }

    /// The stub links of version 2.
    func stubs(of interface: OSPFInterface) -> [OSPFRouterLSA.Link] {
        guard version == .v2 else { return [] }
        return subnets(of: interface).map { prefix in
            OSPFRouterLSA.Link(
                .stub, metric: prefix.metric, linkID: prefix.prefix.address.v4 ?? zero,
                data: prefix.prefix.networkMask)
        }
    }

    /// What an interface brings to the router itself: a transit network tells its first subnet
    /// (in version 3 all), and loopbacks cost nothing.
    private func subnets(of interface: OSPFInterface) -> [OSPFPrefix] {
        let isTold = interface.isTransit
        let told = isTold ? (version == .v2 ? 1 : interface.subnets.count) : 0
        let rest = interface.subnets.dropFirst(told)
        return rest.map { address in
            let isLoopback = interface.state == .passive && address.prefix.isHost
            return OSPFPrefix(
                address.prefix, options: version == .v3 && isLoopback ? .localAddress : [],
                metric: isLoopback ? 0 : interface.configuration.cost)
        }
    }

    // MARK: The others

    func network(
        _ interface: OSPFInterface, options: OSPFOptions
    ) -> (OSPFLSAKey, OSPFLSAContents) {
        let routers = ([routerID] + interface.fullNeighbors.map(\.routerID)).sorted()
        let contents = OSPFNetworkLSA(
            prefix: version == .v2 ? interface.subnets.first?.prefix : nil,
            options: version == .v3 ? options : [], routers: routers)
        return (networkKey(interface), .network(contents))
    }

    /// What version 3 tells the others on a link (RFC 5340 §4.4.3.8).
    func link(
        _ interface: OSPFInterface, options: OSPFOptions
    ) -> (OSPFLSAKey, OSPFLSAContents)? {
        guard version == .v3, interface.sham == nil, let address = interface.address else {
            return nil
        }
        let key = OSPFLSAKey(.link, IPv4Address(bits: interface.number), routerID)
        let contents = OSPFLinkLSA(
            priority: interface.configuration.priority, options: options, linkLocal: address,
            prefixes: interface.subnets.map { OSPFPrefix($0.prefix) })
        return (key, .link(contents))
    }

    /// The intra-area prefix LSA of version 3 that goes with the router (RFC 5340 §4.4.3.9).
    func prefixes(of interfaces: [OSPFInterface]) -> [(OSPFLSAKey, OSPFLSAContents)] {
        guard version == .v3 else { return [] }
        var seen: Set<IPPrefix> = []
        let prefixes = interfaces.flatMap { subnets(of: $0) }
            .filter { seen.insert($0.prefix).inserted }
        guard !prefixes.isEmpty else { return [] }
        let contents = OSPFIntraAreaPrefixLSA(reference: routerKey, prefixes: prefixes)
        return [(OSPFLSAKey(.intraAreaPrefix, zero, routerID), .intraAreaPrefix(contents))]
    }

    /// The intra-area prefix LSA of version 3 that goes with a network: what the routers on it say
    /// in their link LSAs.
    func networkPrefixes(
        _ interface: OSPFInterface, links: [OSPFEntry]
    ) -> [(OSPFLSAKey, OSPFLSAContents)] {
        guard version == .v3 else { return [] }
        var prefixes = Set(interface.subnets.map(\.prefix))
        for entry in links {
            guard case .link(let link) = entry.contents,
                interface.neighbors[entry.lsa.key.advertisingRouter]?.state == .full
            else { continue }
            for prefix in link.prefixes
            where !prefix.options.contains(.noUnicast) && !prefix.prefix.address.isLinkLocal {
                prefixes.insert(prefix.prefix)
            }
        }
        let contents = OSPFIntraAreaPrefixLSA(
            reference: networkKey(interface), prefixes: prefixes.sorted().map { OSPFPrefix($0) })
        let key = OSPFLSAKey(.intraAreaPrefix, IPv4Address(bits: interface.number), routerID)
        return prefixes.isEmpty ? [] : [(key, .intraAreaPrefix(contents))]
    }
}

/// A transit network: the Link State ID of its LSA, and in version 3 who told it.
struct OSPFNetworkID: Hashable, Sendable {
    var router: IPv4Address
    var id: IPv4Address
}
