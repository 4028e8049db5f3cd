// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// The ways to one destination, from what zebra and bgpd say of it: as `Query.routes` has paths.
struct FRRPaths {
    /// Zebra's routes of the prefix.
    let zebra: [JSON]
    /// BGP's paths; without any, zebra's route of BGP stands for itself.
    let bgp: [JSON]
    /// The same destination's paths in the VPN table, which unlike those that a VRF imported from
    /// there tell who sent them.
    var vpn: [JSON] = []

    /// The active one first.
    var rows: [JSON] {
        let selected = zebra.first { $0["selected"]?.bool == true }
        let isBGP = selected?["protocol"]?.string == "bgp"
        let others = zebra.filter { $0["protocol"]?.string != "bgp" || bgp.isEmpty }
        let rows =
            others.map { row(ofZebra: $0) }
            + candidates.map { row(ofBGP: $0, isActive: isBGP) }
        return Self.sorted(rows) { $0["active"]?.bool == true ? 0 : 1 }
    }

    /// Those of one rank as they were.
    private static func sorted(_ list: [JSON], by rank: (JSON) -> Int) -> [JSON] {
        list.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }

    /// BGP's paths that are not its copies of other protocols' routes, those that lost earlier
    /// behind those that lost later.
    private var candidates: [JSON] {
        Self.sorted(bgp.filter { !isOwn($0) }) { -(loss($0)?.step.rawValue ?? .max) }
    }

    private var best: JSON? { bgp.first(where: Self.isBest) }

    /// BGP's copy of a route of another protocol. What a VRF imported says of itself that it is
    /// sourced here, too, but names where its next hop is.
    private func isOwn(_ path: JSON) -> Bool {
        Self.peer(path) == "0.0.0.0" && path["nhVrfName"] == nil
    }

    private static func peer(_ path: JSON) -> String? { path["peer"]?["peerId"]?.string }

    /// Who sent a path, or its original in the VPN table; nil where that is not known.
    private func sender(of path: JSON) -> String? {
        guard path["nhVrfName"] != nil else { return Self.peer(path) }
        let carried = [
            "aspath", "origin", "metric", "locPrf", "extendedCommunity", "originatorId",
            "clusterList", "remoteLabel",
        ]
        let original = vpn.first { candidate in
            Self.nextHop(candidate) == Self.nextHop(path)
                && carried.allSatisfy { candidate[$0] == path[$0] }
        }
        return original.flatMap(Self.peer)
    }

    private static func nextHop(_ path: JSON) -> String? { path["nexthops"]?[0]?["ip"]?.string }

    private static let sources = [
        "connected": "direct", "local": "direct", "kernel": "direct", "static": "static",
        "isis": "isis", "ospf": "ospf", "ospf6": "ospf", "rip": "rip", "bgp": "bgp",
    ]

    private func row(ofZebra route: JSON) -> JSON {
        let name = route["protocol"]?.string ?? ""
        let isActive = route["selected"]?.bool == true
        let hop = Self.hop(of: route)
        let row: JSON = [
            "active": .bool(isActive), "protocol": .string(Self.sources[name] ?? name),
            "preference": route["distance"] ?? .null,
            "reason": .string(isActive ? "selected by zebra" : "not selected by zebra"),
            "next-hop": hop?["ip"] ?? .null, "interface": hop?["interfaceName"] ?? .null,
            "labels": JSON(Self.labels(hop)), "metric": route["metric"] ?? .null,
            "communities": [],
        ]
        return row.compact
    }

    /// The way that packets take: of a recursive next hop that by which it is reached.
    private static func hop(of route: JSON?) -> JSON? {
        let hops = route?["nexthops"]?.array ?? []
        return hops.first { $0["fib"]?.bool == true } ?? hops.first
    }

    private static func labels(_ hop: JSON?) -> [JSON] {
        // 3 is only said between routers.
        (hop?["labels"]?.array ?? []).filter { $0.int != 3 }
    }

    // MARK: BGP

    private func row(ofBGP path: JSON, isActive: Bool) -> JSON {
        let isActive = isActive && Self.isBest(path)
        let route = zebra.first { $0["protocol"]?.string == "bgp" }
        // Zebra has resolved the best path's next hop, which may be that of others.
        let hop = best.flatMap(Self.nextHop) == Self.nextHop(path) ? Self.hop(of: route) : nil
        let asPath = path["aspath"]?["string"]?.string ?? ""
        let row: JSON = [
            "active": .bool(isActive), "protocol": "bgp",
            "preference": route?["distance"] ?? .null,
            "reason": .string(reason(path)),
            "next-hop": hop?["ip"] ?? JSON(Self.nextHop(path)),
            "interface": hop?["interfaceName"] ?? .null,
            "labels": JSON(Self.labels(hop)), "vpn-label": path["remoteLabel"] ?? .null,
            "protocol-next-hop": JSON(Self.nextHop(path)),
            "from": JSON(sender(of: path)), "med": path["metric"] ?? .null,
            "local-preference": path["locPrf"] ?? .null,
            "as-path": .string(asPath == "Local" ? "" : asPath),
            "origin": .string((path["origin"]?.string ?? "").lowercased()),
            "communities": JSON(Self.communities(path)),
            "originator": path["originatorId"] ?? .null,
            "cluster-list": path["clusterList"]?["list"] ?? .null,
        ]
        return row.compact
    }

    private static func isBest(_ path: JSON) -> Bool { path["bestpath"]?["overall"]?.bool == true }

    private func reason(_ path: JSON) -> String {
        if Self.isBest(path) { return path["bestpath"]?["selectionReason"]?.string ?? "the best" }
        if path["nexthops"]?[0]?["accessible"]?.bool == false {
            return Decision.Verdict.unusable.text
        }
        return loss(path).map { Decision.Verdict.lost($0.step, own: $0.own, best: $0.best).text }
            ?? "not the best"
    }

    /// Where a path lost to the best one, of which alone bgpd says why it is. nil where the path is
    /// better in what is compared first, or lost for something else.
    private func loss(_ path: JSON) -> (step: Decision.Step, own: UInt128, best: UInt128)? {
        guard let best else { return nil }
        let values = Self.comparisons.lazy.map { (step: $0, own: $1(path), best: $1(best)) }
        return values.first { $0.own != $0.best }.flatMap { $0.own > $0.best ? $0 : nil }
    }

    /// What is compared first, and how bad a path is there.
    private static let comparisons: [(Decision.Step, @Sendable (JSON) -> UInt128)] = [
        (.localPreference, { UInt128(UInt32.max) - number($0["locPrf"], 100) }),
        (.asPathLength, { number($0["aspath"]?["length"], 0) }),
    ]

    private static func number(_ value: JSON?, _ absent: UInt32) -> UInt128 {
        UInt128(value?.int.flatMap { UInt32(exactly: $0) } ?? absent)
    }

    /// In our words: `target:` and `origin:` for `RT:` and `SoO:`.
    static func communities(_ path: JSON) -> [String] {
        ["community", "extendedCommunity", "largeCommunity"].flatMap { kind in
            (path[kind]?["string"]?.string ?? "").split(separator: " ").map { word in
                for (theirs, ours) in [("RT:", "target:"), ("SoO:", "origin:")]
                where word.hasPrefix(theirs) {
                    return ours + word.dropFirst(theirs.count)
                }
                return String(word)
            }
        }
    }
}
