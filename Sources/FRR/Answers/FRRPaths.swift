// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The ways to one destination, from what zebra and bgpd say of it: as `Query.routes` has paths.
struct FRRPaths {
    /// Zebra's routes of the prefix.
    let zebra: [JSON]
    /// BGP's paths; without any, zebra's route of BGP stands for itself.
    let bgp: [JSON]

    /// The active one first.
    var rows: [JSON] {
        let selected = zebra.first { $0["selected"]?.bool == true }
        let isBGP = selected?["protocol"]?.string == "bgp"
        let others = zebra.filter { $0["protocol"]?.string != "bgp" || bgp.isEmpty }
        let rows =
            others.map { row(ofZebra: $0) }
            + bgp.filter { !isOwn($0) }.map { row(ofBGP: $0, isActive: isBGP) }
        return rows.enumerated().sorted { a, b in
            let (isA, isB) = (a.element["active"]?.bool == true, b.element["active"]?.bool == true)
            return isA == isB ? a.offset < b.offset : isA
        }.map(\.element)
    }

    /// BGP's copy of a route of another protocol.
    private func isOwn(_ path: JSON) -> Bool {
        path["sourced"]?.bool == true
            || path["peer"]?["peerId"]?.string == "0.0.0.0"
                && path["importedFrom"] == nil
    }

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
        let best = path["bestpath"]
        let isBest = best?["overall"]?.bool == true
        let isActive = isActive && isBest
        let route = zebra.first { $0["protocol"]?.string == "bgp" }
        let hop = isActive ? Self.hop(of: route) : nil
        let asPath = path["aspath"]?["string"]?.string ?? ""
        let reason = best?["selectionReason"]?.string
        let row: JSON = [
            "active": .bool(isActive), "protocol": "bgp",
            "preference": route?["distance"] ?? .null,
            "reason": .string(reason ?? (isBest ? "the best" : "not the best")),
            "next-hop": hop?["ip"] ?? path["nexthops"]?[0]?["ip"] ?? .null,
            "interface": hop?["interfaceName"] ?? .null,
            "labels": JSON(Self.labels(hop)), "vpn-label": path["remoteLabel"] ?? .null,
            "protocol-next-hop": path["nexthops"]?[0]?["ip"] ?? .null,
            "from": path["peer"]?["peerId"] ?? .null, "med": path["metric"] ?? .null,
            "local-preference": path["locPrf"] ?? .null,
            "as-path": .string(asPath == "Local" ? "" : asPath),
            "origin": .string((path["origin"]?.string ?? "").lowercased()),
            "communities": JSON(Self.communities(path)),
            "originator": path["originatorId"] ?? .null,
            "cluster-list": path["clusterList"]?["list"] ?? .null,
        ]
        return row.compact
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
