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
        /// How many routers lie before it, by the longest of the ways.
        var hops: Int
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
        dropOneWayEdges()
    }

    /// An edge counts if there is one back.
    private mutating func dropOneWayEdges() {
        let told = edges
        for from in edges.indices {
            edges[from].removeAll { !Self.has(told[$0.to], edgeTo: from) }
        }
    }

    /// Edges are in the order of what they lead to.
    private static func has(_ edges: [ShortestPaths.Edge], edgeTo vertex: Int) -> Bool {
        var (low, high) = (0, edges.count)
        while low < high {
            let middle = (low + high) / 2
            if edges[middle].to < vertex { low = middle + 1 } else { high = middle }
        }
        return low < edges.count && edges[low].to == vertex
    }

    func position(_ node: ISISNodeID) -> Int? { positions[node] }

    /// To be compared with what the next run sees.
    var seen: SeenNetwork<ISISNodeID> {
        SeenNetwork(nodes, edges, isTransit: nodes.indices.map(isTransit))
    }

    private func reached(by packets: [ISISDatabase.Entry]) -> [ShortestPaths.Edge] {
        var edges: [ShortestPaths.Edge] = []
        for entry in packets {
            for case .neighbors(let reached) in entry.packet.tlvs {
                // A link of the largest metric is not for paths (RFC 5305 §3).
                for neighbor in reached where neighbor.metric < ISISLinkState.linkMetricMax {
                    guard let to = positions[neighbor.node] else { continue }
                    edges.append(ShortestPaths.Edge(to: to, cost: neighbor.metric))
                }
            }
        }
        edges.sort { ($0.to, $0.cost) < ($1.to, $1.cost) }
        return edges
    }

    /// Whether paths may lead on from a node: not from a router that says it is overloaded.
    func isTransit(_ position: Int) -> Bool {
        nodes[position].isPseudonode
            || !(packets[position].first?.packet.flags.contains(.overload) ?? true)
    }

    func isAttached(_ position: Int) -> Bool {
        packets[position].first?.packet.flags.contains(.attached) ?? false
    }

    /// Puts other edges in the place of a node's: in any order, as nobody asks for them any more.
    mutating func setEdges(_ new: [ShortestPaths.Edge], of position: Int) {
        edges[position] = new
    }

    func hasEdge(from: Int, to: Int) -> Bool { Self.has(edges[from], edgeTo: to) }

    /// Goes through what a node's packets say of prefixes.
    func forEachPrefix(_ position: Int, _ body: (ISISPrefix) -> Void) {
        for entry in packets[position] {
            for tlv in entry.packet.tlvs {
                switch tlv {
                case .ipv4Prefixes(let prefixes), .ipv6Prefixes(let prefixes):
                    prefixes.forEach(body)
                default: break
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
