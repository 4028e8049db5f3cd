// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// The tables of routes: zebra's, with BGP's paths as bgpd has them.
extension FRRAnswers {
    func routes(
        _ vrf: String?, _ prefix: IPPrefix?, _ source: RouteSource?
    ) throws(FRRError) -> JSON {
        var tables: [JSON] = []
        let own = router.vrfs.filter { vrf == nil || $0.name == vrf }
        let places: [VRFConfiguration?] = (vrf == nil ? [nil] : []) + own
        for place in places {
            for family in AddressFamily.allCases where prefix.map({ $0.family == family }) ?? true {
                tables.append(try table(place, family, prefix, source))
            }
        }
        let isWanted = { (table: JSON) in
            table["name"]?.string == "inet.0" || table["entries"]?.array.isEmpty == false
        }
        return ["tables": JSON(tables.filter(isWanted))]
    }

    private func table(
        _ vrf: VRFConfiguration?, _ family: AddressFamily, _ prefix: IPPrefix?,
        _ source: RouteSource?
    ) throws(FRRError) -> JSON {
        let kernel = try zebraRoutes(vrf, family, prefix)
        let paths = try bgpPaths(vrf, family, prefix)
        let vpn = vrf == nil ? [] : try vpnPaths(family, prefix)
        var entries: [JSON] = []
        for key in Set(kernel.keys).union(paths.keys).sorted() {
            let rows = FRRPaths(zebra: kernel[key] ?? [], bgp: paths[key] ?? [], vpn: vpn).rows
                .filter { source == nil || $0["protocol"]?.string == source?.rawValue }
            if !rows.isEmpty { entries.append(["prefix": JSON(key), "paths": JSON(rows)]) }
        }
        let name = (vrf.map { "\($0.name)." } ?? "") + (family == .ipv4 ? "inet.0" : "inet6.0")
        let table: JSON = [
            "name": .string(name), "vrf": JSON(vrf?.name), "destinations": JSON(entries.count),
            "routes": JSON(entries.reduce(0) { $0 + ($1["paths"]?.array.count ?? 0) }),
            "entries": JSON(entries),
        ]
        return table.compact
    }

    /// Zebra's routes by prefix.
    private func zebraRoutes(
        _ vrf: VRFConfiguration?, _ family: AddressFamily, _ prefix: IPPrefix?
    ) throws(FRRError) -> [IPPrefix: [JSON]] {
        let place = vrf.map { " vrf \($0.device)" } ?? ""
        let one = prefix.map { " \($0)" } ?? ""
        let word = family == .ipv4 ? "ip" : "ipv6"
        let seen = try json(.zebra, "show \(word) route\(place)\(one) json")
        var routes: [IPPrefix: [JSON]] = [:]
        for member in seen.members {
            guard let key = IPPrefix(member.name), prefix == nil || key == prefix else { continue }
            routes[key] = member.value.array
        }
        return routes
    }

    /// BGP's paths by prefix, the best first.
    private func bgpPaths(
        _ vrf: VRFConfiguration?, _ family: AddressFamily, _ prefix: IPPrefix?
    ) throws(FRRError) -> [IPPrefix: [JSON]] {
        guard router.autonomousSystem != nil else { return [:] }
        let place = vrf.map { " vrf \($0.device)" } ?? ""
        let word = family == .ipv4 ? "ipv4" : "ipv6"
        let command = "show bgp\(place) \(word) unicast"
        if let prefix {
            let entry = try json(.bgpd, "\(command) \(prefix) json")
            return entry["paths"].map { [prefix: $0.array] } ?? [:]
        }
        var paths: [IPPrefix: [JSON]] = [:]
        for member in try json(.bgpd, "\(command) json detail")["routes"]?.members ?? [] {
            // First comes a member about the destination itself.
            let list = member.value.array.filter { $0["nexthops"] != nil }
            if let key = IPPrefix(member.name) { paths[key] = list }
        }
        return paths
    }

    /// BGP's paths of one destination in the VPN table, of all route distinguishers.
    private func vpnPaths(
        _ family: AddressFamily, _ prefix: IPPrefix?
    ) throws(FRRError) -> [JSON] {
        guard let prefix, router.autonomousSystem != nil else { return [] }
        let word = family == .ipv4 ? "ipv4" : "ipv6"
        return try json(.bgpd, "show bgp \(word) vpn \(prefix) json").members
            .flatMap { $0.value["paths"]?.array ?? [] }
    }

    func received(_ key: NeighborKey) throws(FRRError) -> JSON {
        throw FRRError("received routes are not answered")
    }

    func advertised(_ key: NeighborKey) throws(FRRError) -> JSON {
        throw FRRError("advertised routes are not answered")
    }
}
