// SPDX-License-Identifier: Apache-2.0

/// A network as one run of shortest paths saw it, to tell from the next whether something was lost.
package struct SeenNetwork<Node: Hashable & Sendable>: Sendable {
    /// By vertex.
    private let nodes: [Node]
    private let edges: [[ShortestPaths.Edge]]
    /// Whether paths may lead on.
    private let isTransit: [Bool]

    /// - Precondition: there are as many of each.
    package init(_ nodes: [Node], _ edges: [[ShortestPaths.Edge]], isTransit: [Bool]) {
        precondition(nodes.count == edges.count && nodes.count == isTransit.count)
        self.nodes = nodes
        self.edges = edges
        self.isTransit = isTransit
    }

    /// Of nothing at all.
    package init() { self.init([], [], isTransit: []) }

    /// Whether every way that there was is there still and costs no more; of ways side by side, as
    /// many as there were, for somebody's next hop may lead by any of them.
    package func isKept(in new: SeenNetwork) -> Bool {
        let vertices = Dictionary(
            zip(new.nodes, new.nodes.indices), uniquingKeysWith: { first, _ in first })
        let places = nodes.map { vertices[$0] }
        var costs = [UInt32?](repeating: nil, count: new.nodes.count)
        var counts = [Int](repeating: 0, count: new.nodes.count)
        for (vertex, place) in places.enumerated() where !edges[vertex].isEmpty {
            guard let place, new.isTransit[place] || !isTransit[vertex] else { return false }
            for edge in new.edges[place] {
                costs[edge.to] = min(costs[edge.to] ?? .max, edge.cost)
                counts[edge.to] += 1
            }
            for edge in edges[vertex] {
                guard let to = places[edge.to], let cost = costs[to], cost <= edge.cost,
                    counts[to] > 0
                else { return false }
                counts[to] -= 1
            }
            for edge in new.edges[place] { (costs[edge.to], counts[edge.to]) = (nil, 0) }
        }
        return true
    }
}
