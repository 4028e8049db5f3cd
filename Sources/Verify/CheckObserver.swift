// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Topology

/// Looks at a running lab once for each kind of check, and compares.
extension LabSession {
    mutating func observe(_ check: Check) throws(ControlError) -> Observation {
        switch check.kind {
        case .ping(let probe, let count): try observePing(probe, count: count)
        case .unreachable(let probe): try observeUnreachable(probe)
        case .traceroute(let probe, let hops): try observeTraceroute(probe, hops)
        case .route(let route): try observeRoute(route)
        case .received(let routes): try observeNeighborRoutes("received", routes)
        case .advertised(let routes): try observeNeighborRoutes("advertised", routes)
        case .bgp(let node, let vrf, let neighbor, let state):
            try observeSession(node, vrf, neighbor, state)
        case .vrrp(let node, let interface, let group, let family, let state, let addresses):
            try observeVRRP(node, interface, group, family, state, addresses)
        case .kernelRoute(let route): try observeKernelRoute(route)
        case .adjacency(let check): try observeAdjacency(check)
        case .ospfRoute(let check): try observeOSPFRoute(check)
        case .endpoints(let node, let transport, let endpoints):
            try observeEndpoints(node, transport, endpoints)
        case .ipsec(let node, let peer, let state): try observeIPsec(node, peer, state)
        case .pathMTU(let probe, let mtu): try observePathMTU(probe, mtu)
        }
    }

    /// Runs a request and compares its answer; a failure counts as something seen.
    private mutating func observe(
        _ operation: ControlOperation, _ members: [(String, JSON)], wanted: String,
        _ compare: (JSON) -> Observation
    ) throws(ControlError) -> Observation {
        let request = members.filter { $0.1 != .null }.map { JSON.Member($0.0, $0.1) }
        switch try call(operation, request) {
        case .success(let answer): return compare(answer)
        case .failure(let failure): return .differs(wanted: wanted, seen: failure.text)
        }
    }

    private func members(_ probe: Probe) -> [(String, JSON)] {
        [
            ("node", JSON(probe.from)), ("vrf", JSON(probe.vrf)), ("source", JSON(probe.source)),
            ("to", JSON(probe.to)),
        ]
    }

    private mutating func observePing(
        _ probe: Probe, count: Int
    ) throws(ControlError) -> Observation {
        let wanted = "\(count) of \(count) answered"
        let request: [(String, JSON)] =
            members(probe) + [
                ("kind", "ping"), ("count", JSON(count)), ("interval-ms", 20), ("timeout-ms", 1000),
            ]
        return try observe(.ping, request, wanted: wanted) { answer in
            let seen = Self.pingText(answer)
            return answer["received"]?.int == Int64(count) && answer["sent"]?.int == Int64(count)
                ? .holds(seen) : .differs(wanted: wanted, seen: seen)
        }
    }

    private mutating func observeUnreachable(
        _ probe: Probe
    ) throws(ControlError) -> Observation {
        let request: [(String, JSON)] =
            members(probe) + [
                ("kind", "ping"), ("count", 3), ("interval-ms", 20), ("timeout-ms", 300),
            ]
        return try observe(.ping, request, wanted: "no answer") { answer in
            let seen = Self.pingText(answer)
            return answer["received"]?.int == 0 && (answer["sent"]?.int ?? 0) > 0
                ? .holds(seen) : .differs(wanted: "no answer", seen: seen)
        }
    }

    private static func pingText(_ answer: JSON) -> String {
        let times = answer["replies"]?.array.compactMap { $0["rtt-us"]?.double } ?? []
        let best = times.min().map { ", \(Int($0)) us at best" } ?? ""
        let errors =
            answer["errors"]?.array.first?["from"]?.string.map { ", error from \($0)" } ?? ""
        return
            "\(answer["received"]?.int ?? 0) of \(answer["sent"]?.int ?? 0) answered\(best)\(errors)"
    }

    private mutating func observeTraceroute(
        _ probe: Probe, _ hops: [IPAddress?]
    ) throws(ControlError) -> Observation {
        let wanted = hops.map { $0?.description ?? "*" }
        let request: [(String, JSON)] =
            members(probe) + [("hops-max", JSON(hops.count + 2)), ("timeout-ms", 500)]
        return try observe(.traceroute, request, wanted: wanted.joined(separator: " ")) { answer in
            let seen = answer["hops"]?.array.map { $0["from"]?.string ?? "*" } ?? []
            return seen == wanted && answer["reached"]?.bool == true
                ? .holds(seen.joined(separator: " "))
                : .differs(
                    wanted: wanted.joined(separator: " "),
                    seen: seen.isEmpty ? "no hop" : seen.joined(separator: " "))
        }
    }

    private mutating func observeRoute(_ check: RouteCheck) throws(ControlError) -> Observation {
        let wanted = check.wantedText
        let request: [(String, JSON)] = [
            ("node", JSON(check.node)), ("query", "routes"), ("vrf", JSON(check.vrf)),
            ("prefix", JSON(check.prefix)),
        ]
        return try observe(.show, request, wanted: wanted) { answer in
            let entry = answer["tables"]?.array.filter { $0["vrf"]?.string == check.vrf }
                .flatMap { $0["entries"]?.array ?? [] }
                // The VPN table, which belongs to no VRF, may have the prefix with a distinguisher.
                .first {
                    $0["prefix"]?.string == check.prefix.description
                        && $0["route-distinguisher"] == nil
                }
            return check.compare(paths: entry?["paths"]?.array ?? [])
        }
    }

    private mutating func observeNeighborRoutes(
        _ query: String, _ check: NeighborRoutesCheck
    ) throws(ControlError) -> Observation {
        let request: [(String, JSON)] = [
            ("node", JSON(check.node)), ("query", JSON(query)), ("vrf", JSON(check.vrf)),
            ("neighbor", JSON(check.neighbor)),
        ]
        return try observe(.show, request, wanted: check.wantedText) { answer in
            check.compare(routes: answer["routes"]?.array ?? [])
        }
    }

    private mutating func observeSession(
        _ node: String, _ vrf: String?, _ neighbor: IPAddress, _ state: String
    ) throws(ControlError) -> Observation {
        let wanted = [FieldExpectation(name: "state", wanted: .string(state))]
        let request: [(String, JSON)] = [("node", JSON(node)), ("query", "neighbors")]
        return try observe(.show, request, wanted: wanted.wantedText) { answer in
            let found = answer["neighbors"]?.array.first {
                $0["address"]?.string == neighbor.description && $0["vrf"]?.string == vrf
            }
            return wanted.observe(found ?? .null)
        }
    }

    private mutating func observeVRRP(
        _ node: String, _ interface: String, _ group: UInt8, _ family: AddressFamily,
        _ state: String, _ addresses: [IPAddress]
    ) throws(ControlError) -> Observation {
        var wanted = [FieldExpectation(name: "state", wanted: .string(state))]
        if !addresses.isEmpty {
            wanted.append(
                FieldExpectation(
                    name: "virtual-addresses", wanted: JSON(addresses), comparison: .sameElements))
        }
        let request: [(String, JSON)] = [("node", JSON(node)), ("query", "vrrp")]
        return try observe(.show, request, wanted: wanted.wantedText) { answer in
            let found = answer["groups"]?.array.first {
                $0["interface"]?.string == interface && $0["group"]?.int == Int64(group)
                    && $0["family"]?.string == "\(family)"
            }
            return wanted.observe(found ?? .null)
        }
    }

    private mutating func observeAdjacency(
        _ check: AdjacencyCheck
    ) throws(ControlError) -> Observation {
        let wanted = check.isUp ? "up" : "down"
        let request: [(String, JSON)] = [
            ("node", JSON(check.node)), ("query", JSON(check.kind.rawValue)),
        ]
        return try observe(.show, request, wanted: wanted) { check.observe($0) }
    }

    private mutating func observeOSPFRoute(
        _ check: OSPFRouteCheck
    ) throws(ControlError) -> Observation {
        let kind: AdjacencyCheck.Kind = check.prefix.family == .ipv4 ? .ospf : .ospf3
        let request: [(String, JSON)] = [
            ("node", JSON(check.node)), ("query", JSON(kind.rawValue)),
        ]
        return try observe(.show, request, wanted: check.wanted) { check.observe($0) }
    }

    private mutating func observeEndpoints(
        _ node: String, _ transport: String, _ endpoints: [IPAddress]
    ) throws(ControlError) -> Observation {
        let wanted = endpoints.sorted().map(\.description)
        let text = wanted.isEmpty ? "none" : wanted.joined(separator: " ")
        let request: [(String, JSON)] = [("node", JSON(node)), ("query", "transports")]
        return try observe(.show, request, wanted: text) { answer in
            let found = answer["transports"]?.array.first { $0["name"]?.string == transport }
            let overlays = found?["endpoints"]?.array.compactMap { $0["overlay"]?.string } ?? []
            let seen = overlays.compactMap { IPAddress($0) }.sorted().map(\.description)
            return found != nil && seen == wanted
                ? .holds(text)
                : .differs(
                    wanted: text, seen: seen.isEmpty ? "none" : seen.joined(separator: " "))
        }
    }

    private mutating func observeIPsec(
        _ node: String, _ peer: String, _ state: String
    ) throws(ControlError) -> Observation {
        let wanted = [FieldExpectation(name: "state", wanted: .string(state))]
        let request: [(String, JSON)] = [("node", JSON(node))]
        return try observe(.ipsec, request, wanted: wanted.wantedText) { answer in
            let found = answer["peers"]?.array.first { $0["name"]?.string == peer }
            return wanted.observe(found ?? .null)
        }
    }

    private mutating func observePathMTU(
        _ probe: Probe, _ mtu: UInt32
    ) throws(ControlError) -> Observation {
        let wanted = "\(mtu) passes, \(mtu + 1) is refused with \(mtu)"
        let request = members(probe) + [("mtu", JSON(mtu)), ("timeout-ms", 500)]
        return try observe(.pathMTU, request, wanted: wanted) { answer in
            let seen = answer["text"]?.string ?? "nothing"
            return answer["passed"]?.bool == true && answer["refused-mtu"]?.int == Int64(mtu)
                ? .holds(wanted) : .differs(wanted: wanted, seen: seen)
        }
    }

    private mutating func observeKernelRoute(
        _ check: KernelRouteCheck
    ) throws(ControlError) -> Observation {
        let request: [(String, JSON)] = [
            ("node", JSON(check.node)), ("vrf", JSON(check.vrf)), ("prefix", JSON(check.prefix)),
        ]
        let wanted = check.fields.isEmpty ? "present" : check.fields.wantedText
        return try observe(.kernelRoutes, request, wanted: wanted) { answer in
            let routes = answer["routes"]?.array ?? []
            guard check.isPresent else {
                return routes.isEmpty
                    ? .holds("absent") : .differs(wanted: "absent", seen: "present")
            }
            guard let first = routes.first else { return .differs(wanted: wanted, seen: "absent") }
            return check.fields.observe(routes.first(where: check.fields.holds) ?? first)
        }
    }
}
