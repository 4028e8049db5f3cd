// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Where packets go next.
struct OSPFNextHop: Hashable, Sendable, Comparable {
    var interface: String
    /// None for what is attached to the interface itself.
    var gateway: IPAddress?
    /// Over the VPN: BGP knows the way, and OSPF gives the table no route (RFC 4577 §4.2.7.4).
    var isSham: Bool

    static func < (a: Self, b: Self) -> Bool {
        (a.interface, a.gateway?.bits ?? 0) < (b.interface, b.gateway?.bits ?? 0)
    }
}

/// A route to a prefix (RFC 2328 §11).
struct OSPFRoute: Hashable, Sendable {
    var prefix: IPPrefix
    var kind: Kind
    /// The area whose paths it follows.
    var area: IPv4Address
    /// Of the path; for type 2 externals that to the AS boundary router.
    var cost: UInt32
    /// Of type 2 externals.
    var externalMetric: UInt32 = 0
    /// In order. Empty for what is this router's own.
    var nextHops: [OSPFNextHop]
    /// How many routers lie before it, by the longest of the ways.
    var hops: Int
    var tag: UInt32 = 0

    /// In the order of preference.
    enum Kind: Int, Comparable, Sendable {
        case intraArea
        case interArea
        case external1
        case external2

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

        var isExternal: Bool { self >= .external1 }

        var name: String {
            switch self {
            case .intraArea: "intra-area"
            case .interArea: "inter-area"
            case .external1: "external-1"
            case .external2: "external-2"
            }
        }
    }

    /// Less is better; routes that are neither are of equal cost.
    private var rank: (Int, UInt32, UInt32) { (kind.rawValue, externalMetric, cost) }

    func isBetter(than other: OSPFRoute) -> Bool { rank < other.rank }

    /// What the table compares.
    var metric: UInt32 { kind == .external2 ? externalMetric : cost }

    var isSham: Bool { nextHops.contains(where: \.isSham) }

    /// Whether it is of this router's own subnets or addresses, which other sources tell of.
    var isAttached: Bool { nextHops.isEmpty || nextHops.contains { $0.gateway == nil } }
}

/// How to reach a router that others speak through: an area border or AS boundary router.
struct OSPFRouterPath: Hashable, Sendable {
    var router: IPv4Address
    var area: IPv4Address
    var isIntraArea: Bool
    var flags: OSPFRouterLSA.Flags
    var cost: UInt32
    var nextHops: [OSPFNextHop]
    /// How many routers lie before it, by the longest of the ways.
    var hops: Int
}

/// All that one computation found.
struct OSPFRoutes: Sendable {
    private(set) var prefixes: [IPPrefix: OSPFRoute] = [:]
    /// By router, at most one path an area, the areas in order.
    private(set) var routers: [IPv4Address: [OSPFRouterPath]] = [:]

    /// How many next hops of equal cost a route has at most.
    static let nextHopsMax = 16
    /// LSInfinity: what costs as much is not there.
    static let infinity: UInt32 = 0xff_ffff

    var inOrder: [OSPFRoute] { prefixes.values.sorted { $0.prefix < $1.prefix } }
    var routersInOrder: [OSPFRouterPath] {
        routers.values.flatMap { $0 }.sorted { ($0.router, $0.area) < ($1.router, $1.area) }
    }

    mutating func add(_ route: OSPFRoute) {
        guard let known = prefixes[route.prefix], !route.isBetter(than: known) else {
            prefixes[route.prefix] = route
            return
        }
        guard !known.isBetter(than: route) else { return }
        prefixes[route.prefix]?.nextHops = Self.union(known.nextHops, route.nextHops)
        prefixes[route.prefix]?.hops = max(known.hops, route.hops)
    }

    mutating func add(_ path: OSPFRouterPath) {
        let known = routers[path.router]?.firstIndex {
            $0.area == path.area && $0.isIntraArea == path.isIntraArea
        }
        guard let known, var old = routers[path.router]?[known] else {
            routers[path.router, default: []].append(path)
            return
        }
        if path.cost == old.cost {
            old.nextHops = Self.union(old.nextHops, path.nextHops)
            old.hops = max(old.hops, path.hops)
        } else if path.cost < old.cost {
            old = path
        }
        routers[path.router]?[known] = old
    }

    private static func union(_ a: [OSPFNextHop], _ b: [OSPFNextHop]) -> [OSPFNextHop] {
        Array(Set(a).union(b).sorted().prefix(nextHopsMax))
    }

    /// The path to an area border router within an area.
    func border(_ router: IPv4Address, in area: IPv4Address) -> OSPFRouterPath? {
        routers[router]?.first {
            $0.area == area && $0.isIntraArea && $0.flags.contains(.border)
        }
    }

    /// The path to an AS boundary router: within an area other than the backbone if there is one,
    /// then the cheapest (RFC 2328 §16.4.1).
    func boundary(_ router: IPv4Address) -> OSPFRouterPath? {
        func rank(_ path: OSPFRouterPath) -> (Int, UInt32, UInt32) {
            let isPreferred = path.isIntraArea && path.area != OSPFInstance.backbone
            // Of equal cost, that of the largest area.
            return (isPreferred ? 0 : 1, path.cost, ~path.area.bits)
        }
        return routers[router]?.filter { $0.flags.contains(.boundary) }
            .min { rank($0) < rank($1) }
    }

    /// The best route of the AS itself to an address.
    func route(to address: IPAddress) -> OSPFRoute? {
        let width = address.family.bitWidth
        for length in stride(from: width, through: 0, by: -1) {
            let prefix = IPPrefix(address, length: UInt8(length))
            if let route = prefixes[prefix], !route.kind.isExternal { return route }
        }
        return nil
    }
}
