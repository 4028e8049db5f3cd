// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What this router tells of other areas and of other sources' routes (RFC 2328 §12.4.3 and
/// §12.4.4).
extension OSPFInstance {
    /// LSAs of one place that are still without a name.
    private struct Drafts {
        var prefixes: [IPPrefix: OSPFInterAreaPrefixLSA] = [:]
        var down: Set<IPPrefix> = []
        var routers: [IPv4Address: UInt32] = [:]
    }

    mutating func wantedDerived() -> [OSPFPlace: OSPFOriginal] {
        var wanted: [OSPFPlace: OSPFOriginal] = [:]
        let areas = activeAreas
        let isBorder = areas.count > 1 || configuration.providerEdge != nil
        for area in areas where isBorder {
            var drafts = Drafts()
            if areas.count > 1 { summarise(into: area, &drafts) }
            addFromVPN { prefix, metric in
                drafts.prefixes[prefix] = OSPFInterAreaPrefixLSA(metric: metric, prefix: prefix)
                drafts.down.insert(prefix)
            }
            restrict(area, &drafts)
            name(drafts, in: area, &wanted)
        }
        if areas.contains(where: takesExternals) { addExternals(&wanted) }
        return wanted
    }

    // MARK: Summaries

    private func summarise(into area: IPv4Address, _ drafts: inout Drafts) {
        func isTold(_ isIntraArea: Bool, _ from: IPv4Address, _ hops: [OSPFNextHop]) -> Bool {
            // What other areas' routers told goes into areas other than the backbone only, and
            // nothing goes back to where it leads.
            from != area && (isIntraArea || area != Self.backbone)
                && !hops.contains { hop in
                    interfaces.contains { $0.name == hop.interface && $0.area == area }
                }
        }
        for route in result.prefixes.values where !route.kind.isExternal {
            guard isTold(route.kind == .intraArea, route.area, route.nextHops),
                route.cost < OSPFRoutes.infinity
            else { continue }
            drafts.prefixes[route.prefix] = OSPFInterAreaPrefixLSA(
                metric: route.cost, prefix: route.prefix)
        }
        for router in result.routers.keys {
            guard let path = result.boundary(router), path.cost < OSPFRoutes.infinity,
                isTold(path.isIntraArea, path.area, path.nextHops)
            else { continue }
            drafts.routers[router] = path.cost
        }
    }

    /// What kind the area is: stubs hear of no AS boundary routers and get a default route.
    private func restrict(_ area: IPv4Address, _ drafts: inout Drafts) {
        let metric: UInt32
        switch self.area(area).kind {
        case .normal: return
        case .stub(let defaultMetric): metric = defaultMetric
        case .totallyStub(let defaultMetric):
            metric = defaultMetric
            drafts.prefixes = [:]
        }
        drafts.routers = [:]
        let all = IPPrefix.zero(version.family)
        drafts.prefixes[all] = OSPFInterAreaPrefixLSA(
            metric: min(metric, OSPFRoutes.infinity - 1), prefix: all)
        drafts.down.remove(all)
    }

    private mutating func name(
        _ drafts: Drafts, in area: IPv4Address, _ wanted: inout [OSPFPlace: OSPFOriginal]
    ) {
        let scope = OSPFScope.area(area)
        let options = version == .v2 ? self.options(area) : []
        let prefixes = drafts.prefixes.keys.sorted()
        let ids = identifiers(of: prefixes) { .summary(area, $0) }
        for prefix in prefixes {
            guard let id = ids[prefix], var lsa = drafts.prefixes[prefix] else { continue }
            let isDown = drafts.down.contains(prefix)
            if isDown, version == .v3 { lsa.options.insert(.down) }
            let place = OSPFPlace(scope: scope, key: OSPFLSAKey(.interAreaPrefix, id, routerID))
            wanted[place] = OSPFOriginal(
                contents: .interAreaPrefix(lsa),
                options: isDown && version == .v2 ? options.union(.down) : options)
        }
        for (router, metric) in drafts.routers {
            let lsa = OSPFInterAreaRouterLSA(
                metric: metric, options: version == .v3 ? self.options(area) : [], router: router)
            let place = OSPFPlace(
                scope: scope, key: OSPFLSAKey(.interAreaRouter, router, routerID))
            wanted[place] = OSPFOriginal(contents: .interAreaRouter(lsa), options: options)
        }
    }

    // MARK: Externals

    private mutating func addExternals(_ wanted: inout [OSPFPlace: OSPFOriginal]) {
        var drafts: [IPPrefix: (lsa: OSPFExternalLSA, isDown: Bool)] = [:]
        for (prefix, offer) in offers {
            guard let draft = external(prefix, offer) else { continue }
            drafts[prefix] = draft
        }
        let prefixes = drafts.keys.sorted()
        let ids = identifiers(of: prefixes) { .external($0) }
        for prefix in prefixes {
            guard let id = ids[prefix], let draft = drafts[prefix] else { continue }
            var lsa = draft.lsa
            let isDown = draft.isDown
            if isDown, version == .v3 { lsa.options.insert(.down) }
            let key = OSPFLSAKey(.external, id, routerID)
            var options: OSPFOptions = version == .v2 ? .external : []
            if isDown, version == .v2 { options.insert(.down) }
            wanted[OSPFPlace(scope: .autonomousSystem, key: key)] = OSPFOriginal(
                contents: .external(lsa), options: options)
        }
    }

    /// What BIRD, FRR and RFC 1403 give routes that bring no metric.
    private static let externalMetric: UInt32 = 20

    private func external(
        _ prefix: IPPrefix, _ offer: OfferedRoute
    ) -> (lsa: OSPFExternalLSA, isDown: Bool)? {
        guard prefix.family == version.family, !isShamEnd(prefix) else { return nil }
        if offer.isFromVPN, configuration.providerEdge != nil {
            return vpnExternal(prefix, offer).map { ($0, true) }
        }
        let metric = offer.attributes.med ?? Self.externalMetric
        let lsa = OSPFExternalLSA(
            isType2: configuration.externalMetricType == .type2,
            metric: min(metric, OSPFRoutes.infinity - 1), prefix: prefix)
        return (lsa, false)
    }

    // MARK: Names

    /// Link State IDs of prefixes. In version 2 it is the network's address, and where prefixes of
    /// several lengths have that, the shorter ones take the bits of their hosts (RFC 2328 §E); in
    /// version 3 it is a number that stays with the prefix.
    private mutating func identifiers(
        of prefixes: [IPPrefix], _ numbered: (IPPrefix) -> OSPFNumbered
    ) -> [IPPrefix: IPv4Address] {
        var ids: [IPPrefix: IPv4Address] = [:]
        guard version == .v2 else {
            for prefix in prefixes { ids[prefix] = number(numbered(prefix)) }
            return ids
        }
        var used: Set<UInt32> = []
        // Longest first: host routes have no other bits to take.
        for prefix in prefixes.sorted(by: { ($1.length, $0) < ($0.length, $1) }) {
            let address = prefix.address.v4?.bits ?? 0
            let candidates = [address, address | ~prefix.networkMask]
            guard let id = candidates.first(where: { !used.contains($0) }) else { continue }
            used.insert(id)
            ids[prefix] = IPv4Address(bits: id)
        }
        return ids
    }

    private mutating func number(_ numbered: OSPFNumbered) -> IPv4Address {
        let number = numbers[numbered] ?? UInt32(numbers.count + 1)
        numbers[numbered] = number
        return IPv4Address(bits: number)
    }
}
