// SPDX-License-Identifier: Apache-2.0

import Topology

/// Nodes and LANs as a plain graph: vertices are the nodes, then the LANs; edges are the links,
/// then one tap for each end of a LAN.
struct PlainGraph {
    struct Edge {
        var a: Int
        var b: Int
    }

    let nodeCount: Int
    let vertexCount: Int
    let edges: [Edge]
    let neighbors: [[Int]]

    init(_ drawing: Drawing) {
        nodeCount = drawing.nodes.count
        vertexCount = nodeCount + drawing.lans.count
        let base = nodeCount
        edges =
            drawing.links.map { Edge(a: $0.a.node, b: $0.b.node) }
            + drawing.lans.enumerated().flatMap { index, lan in
                lan.ends.map { Edge(a: base + index, b: $0.node) }
            }
        var neighbors = [[Int]](repeating: [], count: vertexCount)
        for edge in edges where edge.a != edge.b {
            if !neighbors[edge.a].contains(edge.b) { neighbors[edge.a].append(edge.b) }
            if !neighbors[edge.b].contains(edge.a) { neighbors[edge.b].append(edge.a) }
        }
        self.neighbors = neighbors
    }

    /// Steps from the nearest start to every vertex, by way of allowed vertices; nil is out of
    /// reach.
    func distances(from starts: [Int], where isAllowed: (Int) -> Bool = { _ in true }) -> [Int?] {
        var distances = [Int?](repeating: nil, count: vertexCount)
        var queue = starts
        for start in starts { distances[start] = 0 }
        var next = 0
        while next < queue.count {
            let vertex = queue[next]
            next += 1
            for neighbor in neighbors[vertex] where distances[neighbor] == nil {
                guard isAllowed(neighbor) else { continue }
                distances[neighbor] = (distances[vertex] ?? 0) + 1
                queue.append(neighbor)
            }
        }
        return distances
    }

    /// The connected parts of the allowed vertices, each in the order of its numbers.
    func components(where isAllowed: (Int) -> Bool) -> [[Int]] {
        var seen = Set<Int>()
        return (0..<vertexCount).compactMap { start in
            guard isAllowed(start), !seen.contains(start) else { return nil }
            let reached = distances(from: [start], where: isAllowed)
            let part = reached.indices.filter { reached[$0] != nil }
            seen.formUnion(part)
            return part
        }
    }
}

/// Which column of the drawing each vertex stands in: the provider's core in the middle, its edges
/// beside it, customers outside of them, hosts beyond. Without a provider, columns are steps from
/// one end of the network.
struct Columns {
    private(set) var column: [Int]
    /// From the provider's outermost edge to the other; nil without a provider.
    private(set) var provider: ClosedRange<Int>?

    private let graph: PlainGraph

    init(_ drawing: Drawing, _ graph: PlainGraph) {
        self.graph = graph
        column = [Int](repeating: 0, count: graph.vertexCount)
        if drawing.hasProvider { arrangeProvider(drawing) } else { arrangeFromOneEnd() }
        let first = column.min() ?? 0
        column = column.map { $0 - first }
        provider = provider.map { $0.lowerBound - first...$0.upperBound - first }
    }

    // MARK: Without a provider

    /// Steps from a vertex that is far from all others, part by part.
    private mutating func arrangeFromOneEnd() {
        for part in graph.components(where: { _ in true }) { arrange(part, from: 0) }
    }

    private mutating func arrange(_ part: [Int], from first: Int) {
        let inside = Set(part)
        func farthest(_ start: Int) -> (vertex: Int, distances: [Int?]) {
            let distances = graph.distances(from: [start]) { inside.contains($0) }
            let reach = part.map { distances[$0] ?? 0 }.max() ?? 0
            return (part.first { distances[$0] == reach } ?? start, distances)
        }
        // Twice: what is far from what is far is an end. The one named first is to the left.
        let end = farthest(farthest(part[0]).vertex).vertex
        let other = farthest(end).vertex
        let distances = farthest(min(end, other)).distances
        for vertex in part { column[vertex] = first + (distances[vertex] ?? 0) }
    }

    // MARK: Around a provider

    private mutating func arrangeProvider(_ drawing: Drawing) {
        let isProvider = (0..<graph.vertexCount).map { vertex in
            vertex < graph.nodeCount
                ? drawing.nodes[vertex].role.isProvider
                : graph.neighbors[vertex].allSatisfy { drawing.nodes[$0].role.isProvider }
        }
        let sites = graph.components { !isProvider[$0] }
        let edges = (0..<graph.nodeCount).filter { vertex in
            isProvider[vertex]
                && (drawing.nodes[vertex].role == .pe
                    || graph.neighbors[vertex].contains { !isProvider[$0] })
        }
        let sides = Sides(edges: edges, sites: sites, graph)
        arrangeCore(sides, isProvider)
        let widest = arrangeSites(sides, isProvider)
        var next = widest + 1
        // What hangs on nothing stands apart.
        for site in sites where sides.attachments(of: site).isEmpty {
            arrange(site, from: next)
            next = (site.map { column[$0] }.max() ?? next) + 1
        }
    }

    /// Edges of the left at column 0, then the core by how far it is from each side, then the
    /// edges of the right.
    private mutating func arrangeCore(_ sides: Sides, _ isProvider: [Bool]) {
        let edges = Set(sides.left + sides.right)
        let core = isProvider.indices.filter { isProvider[$0] && !edges.contains($0) }
        let fromLeft = graph.distances(from: sides.left) { isProvider[$0] }
        let fromRight = graph.distances(from: sides.right) { isProvider[$0] }
        let places = core.map { vertex -> Double in
            guard let left = fromLeft[vertex] else { return 1 }
            guard let right = fromRight[vertex] else { return Double(left) }
            return Double(left) / Double(left + right)
        }
        let ranks = Set(places).sorted()
        let most = (1...12).first { $0 * $0 >= core.count } ?? 12
        let width = min(ranks.count, most)
        for (vertex, place) in zip(core, places) {
            let rank = ranks.firstIndex(of: place) ?? 0
            column[vertex] = 1 + rank * width / max(ranks.count, 1)
        }
        for vertex in sides.left { column[vertex] = 0 }
        for vertex in sides.right { column[vertex] = width + 1 }
        provider = 0...(sides.right.isEmpty ? width : width + 1)
    }

    /// Customers, outward from the edges that they are attached to.
    /// - Returns: the last column used.
    private mutating func arrangeSites(_ sides: Sides, _ isProvider: [Bool]) -> Int {
        let fromLeft = graph.distances(from: sides.left) { !isProvider[$0] }
        let fromRight = graph.distances(from: sides.right) { !isProvider[$0] }
        let edge = provider?.upperBound ?? 0
        for vertex in isProvider.indices where !isProvider[vertex] {
            if let steps = fromLeft[vertex] {
                column[vertex] = -steps
            } else if let steps = fromRight[vertex] {
                column[vertex] = edge + steps
            }
        }
        return column.max() ?? edge
    }
}

/// The provider's edges to the left and to the right, so that both have about the same number of
/// customers, and no site hangs on edges of both sides.
private struct Sides {
    private(set) var left: [Int] = []
    private(set) var right: [Int] = []
    private let edges: Set<Int>
    private let graph: PlainGraph

    init(edges: [Int], sites: [[Int]], _ graph: PlainGraph) {
        self.edges = Set(edges)
        self.graph = graph
        var groups = edges.map { [$0] }
        var weights = [Int](repeating: 1, count: edges.count)
        for site in sites {
            let attached = attachments(of: site)
            let touched = groups.indices.filter { !attached.isDisjoint(with: groups[$0]) }
            guard let first = touched.first else { continue }
            weights[first] = touched.reduce(site.count) { $0 + weights[$1] }
            groups[first] = touched.flatMap { groups[$0] }.sorted()
            for index in touched.dropFirst().reversed() {
                groups.remove(at: index)
                weights.remove(at: index)
            }
        }
        var (leftWeight, rightWeight) = (0, 0)
        let order = groups.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
        for index in order {
            if leftWeight <= rightWeight {
                left += groups[index]
                leftWeight += weights[index]
            } else {
                right += groups[index]
                rightWeight += weights[index]
            }
        }
    }

    /// The provider's edges that a site hangs on.
    func attachments(of site: [Int]) -> Set<Int> {
        edges.intersection(site.flatMap { graph.neighbors[$0] })
    }
}
