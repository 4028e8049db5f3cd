// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What one level's shortest paths came to.
struct ISISPaths: Sendable {
    /// By prefix; without those that the router has itself.
    var routes: [IPPrefix: Route] = [:]
    /// The areas of the routers that are reached, the router's own among them.
    var reachedAreas: Set<AreaAddress> = []
    /// How many routers and LANs are reached.
    var reached = 0

    struct Route: Hashable, Sendable {
        var metric: UInt32
        /// Of equal cost, in order.
        var nextHops: [ForwardingNextHop]
        /// It came down from level 2 (RFC 5302).
        var isDown: Bool
        /// Towards the nearest router that reaches other areas.
        var isDefault = false
    }
}

/// The network of one level as its database tells it: routers and LANs that have a packet, and the
/// links that both ends tell of (ISO 10589 §7.2.6).
struct ISISGraph {
    /// In order.
    private(set) var nodes: [ISISNodeID] = []
    private(set) var packets: [[ISISDatabase.Entry]] = []
    private var positions: [ISISNodeID: Int] = [:]
    private(set) var edges: [[ShortestPaths.Edge]] = []

    /// - Parameter database: of what ran out or lacks its first fragment nothing counts.
    init(_ database: ISISDatabase) {
        var all = database.all[...]
        while let first = all.first {
            let node = first.packet.id.node
            let fragments = all.prefix { $0.packet.id.node == node }
            all = all.dropFirst(fragments.count)
            guard first.packet.id.fragment == 0, !first.isPurged else { continue }
            positions[node] = nodes.count
            nodes.append(node)
            packets.append(fragments.filter { !$0.isPurged })
        }
        edges = packets.map { reached(by: $0) }
        let links = Set(
            edges.enumerated().flatMap { from, edges in edges.map { Self.link(from, $0.to) } })
        for from in edges.indices {
            edges[from].removeAll { !links.contains(Self.link($0.to, from)) }
        }
    }

    func position(_ node: ISISNodeID) -> Int? { positions[node] }

    private static func link(_ from: Int, _ to: Int) -> UInt64 { UInt64(from) << 32 | UInt64(to) }

    private func reached(by packets: [ISISDatabase.Entry]) -> [ShortestPaths.Edge] {
        packets.flatMap { entry in
            entry.packet.tlvs.flatMap { tlv -> [ShortestPaths.Edge] in
                guard case .neighbors(let reached) = tlv else { return [] }
                return reached.compactMap { neighbor in
                    // A link of this metric is not for paths (RFC 5305 §3).
                    guard neighbor.metric < ISISLinkState.linkMetricMax,
                        let to = positions[neighbor.node]
                    else { return nil }
                    return ShortestPaths.Edge(to: to, cost: neighbor.metric)
                }
            }
        }
    }

    /// Whether paths may lead on from a node: not from a router that says it is overloaded.
    func isTransit(_ position: Int) -> Bool {
        nodes[position].isPseudonode
            || !(packets[position].first?.packet.flags.contains(.overload) ?? true)
    }

    func isAttached(_ position: Int) -> Bool {
        packets[position].first?.packet.flags.contains(.attached) ?? false
    }

    /// Puts other edges in the place of a node's.
    mutating func setEdges(_ new: [ShortestPaths.Edge], of position: Int) {
        edges[position] = new
    }

    func hasEdge(from: Int, to: Int) -> Bool { edges[from].contains { $0.to == to } }

    /// What a node's packets say of prefixes.
    func prefixes(_ position: Int) -> [ISISPrefix] {
        packets[position].flatMap { entry in
            entry.packet.tlvs.flatMap { tlv -> [ISISPrefix] in
                switch tlv {
                case .ipv4Prefixes(let prefixes), .ipv6Prefixes(let prefixes): prefixes
                default: []
                }
            }
        }
    }

    func areas(_ position: Int) -> [AreaAddress] {
        packets[position].flatMap { entry in
            entry.packet.tlvs.flatMap { tlv -> [AreaAddress] in
                if case .areaAddresses(let areas) = tlv { areas } else { [] }
            }
        }
    }
}
