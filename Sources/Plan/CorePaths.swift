// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Topology

/// The provider core's static paths: shortest by metric, one next hop each. In a labelled core
/// with penultimate-hop popping (RFC 3031 §3.16): every provider loopback is a forwarding
/// equivalence class with one label that every router uses for it. Signalled paths will fill the
/// same tables of the engine.
struct CorePaths {
    /// A way out of a node.
    private struct Edge {
        /// Index of the node at the far end.
        var to: Int
        var metric: UInt32
        /// The interface here and the address there.
        var interface: String
        var gateway: IPAddress
    }

    /// A node's way to a destination.
    struct Path: Hashable {
        var destination: IPPrefix
        var label: Label
        /// No labels where the next hop is the destination itself, or the core has none.
        var nextHop: LabelledNextHop
        var metric: UInt32
    }

    private let nodes: [Node]
    let labelBase: Label
    private var edges: [[Edge]]
    private var pathsByNode: [String: [Path]] = [:]
    /// Whether the paths are label switched.
    let isLabelled: Bool

    init(_ topology: Topology) {
        isLabelled = topology.core.mode == .static
        let isComputed = topology.core.mode == .static || topology.core.mode == .ip
        nodes = isComputed ? topology.nodes.filter { $0.role.isProvider } : []
        labelBase = topology.core.labelBase
        edges = Array(repeating: [], count: nodes.count)
        let index = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.name, $0) })
        for link in topology.links {
            guard let a = index[link.a.node], let b = index[link.b.node] else { continue }
            connect(link, a, b)
        }
        for destination in nodes.indices { findPaths(to: destination) }
    }

    /// The node's ways to all other provider nodes, in the file's order of destinations.
    func paths(from node: Node) -> [Path] { pathsByNode[node.name] ?? [] }

    private mutating func connect(_ link: TopologyLink, _ a: Int, _ b: Int) {
        guard let atA = nodes[a].interface(link.a.interface), atA.isCore,
            let atB = nodes[b].interface(link.b.interface), atB.isCore,
            let addressA = atA.addresses.first?.address, let addressB = atB.addresses.first?.address
        else { return }
        edges[a].append(Edge(to: b, metric: link.metric, interface: atA.name, gateway: addressB))
        edges[b].append(Edge(to: a, metric: link.metric, interface: atB.name, gateway: addressA))
    }

    private mutating func findPaths(to destination: Int) {
        let label = Label(labelBase.value + UInt32(destination))
        let distances = distances(to: destination)
        for (index, node) in nodes.enumerated() where index != destination {
            guard let edge = bestEdge(from: index, distances), let total = distances[index]
            else { continue }
            let labels = edge.to == destination || !isLabelled ? [] : [label]
            let hop = LabelledNextHop(
                gateway: edge.gateway, interface: edge.interface, labels: labels)
            pathsByNode[node.name, default: []] += nodes[destination].loopbacks.map {
                Path(destination: IPPrefix(host: $0), label: label, nextHop: hop, metric: total)
            }
        }
    }

    /// Of equal ways, the first link of the file.
    private func bestEdge(from node: Int, _ distances: [UInt32?]) -> Edge? {
        edges[node].filter { distances[$0.to] != nil }.min {
            (distances[$0.to] ?? 0) + $0.metric < (distances[$1.to] ?? 0) + $1.metric
        }
    }

    /// Dijkstra's algorithm, from the destination outwards; metrics are the same both ways.
    private func distances(to destination: Int) -> [UInt32?] {
        var distances = [UInt32?](repeating: nil, count: nodes.count)
        var queue = DistanceQueue()
        queue.push(0, destination)
        while let (distance, node) = queue.pop() {
            guard distances[node] == nil else { continue }
            distances[node] = distance
            for edge in edges[node] where distances[edge.to] == nil {
                queue.push(distance + edge.metric, edge.to)
            }
        }
        return distances
    }
}
