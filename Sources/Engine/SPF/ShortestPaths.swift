// SPDX-License-Identifier: Apache-2.0

/// Shortest paths from one vertex to all others, with every first hop of equal cost (Dijkstra; ISO
/// 10589 §7.2.6, RFC 2328 §16.1).
///
/// Vertices are small numbers that the protocol gives to its routers and networks. Networks
/// (pseudonodes) cost nothing to leave, and are no first hop of their own: a router's first hop to
/// what lies behind a network at its own side is the router there.
package struct ShortestPaths: Sendable {
    package struct Edge: Hashable, Sendable {
        package var to: Int
        package var cost: UInt32

        package init(to: Int, cost: UInt32) {
            self.to = to
            self.cost = cost
        }
    }

    /// By vertex; nil for those that cannot be reached.
    package let distances: [UInt32?]
    /// By vertex: positions in the root's edges by which its shortest paths begin, ascending.
    package let firstHops: [[Int]]
    /// By vertex: those before it on its shortest paths, ascending.
    package let parents: [[Int]]

    /// - Parameters:
    ///   - edges: by vertex. An edge counts only if there is one back (the two-way check), which is
    ///     the caller's to see to.
    ///   - isTransit: whether a path may lead on from a vertex: not from one that is overloaded,
    ///     unless it is the root.
    /// - Precondition: edges lead to vertices that there are.
    package init(
        from root: Int, _ edges: [[Edge]], isTransit: (Int) -> Bool = { _ in true }
    ) {
        var distances = [UInt32?](repeating: nil, count: edges.count)
        var firstHops = [[Int]](repeating: [], count: edges.count)
        var parents = firstHops
        var isDone = [Bool](repeating: false, count: edges.count)
        var queue = DistanceQueue()
        distances[root] = 0
        queue.push(0, root)
        while let (distance, vertex) = queue.pop() {
            guard !isDone[vertex] else { continue }
            isDone[vertex] = true
            guard vertex == root || isTransit(vertex) else { continue }
            for (position, edge) in edges[vertex].enumerated() where !isDone[edge.to] {
                let (total, isTooFar) = distance.addingReportingOverflow(edge.cost)
                let known = distances[edge.to] ?? .max
                guard !isTooFar, total <= known else { continue }
                if total < known || distances[edge.to] == nil {
                    distances[edge.to] = total
                    firstHops[edge.to] = []
                    parents[edge.to] = []
                    queue.push(total, edge.to)
                }
                let hops = vertex == root ? [position] : firstHops[vertex]
                firstHops[edge.to] = Self.union(firstHops[edge.to], hops)
                parents[edge.to] = Self.union(parents[edge.to], [vertex])
            }
        }
        self.distances = distances
        self.firstHops = firstHops
        self.parents = parents
    }

    private static func union(_ a: [Int], _ b: [Int]) -> [Int] {
        if a.isEmpty { return b }
        return a == b ? a : Array(Set(a).union(b)).sorted()
    }
}

/// A binary heap of (distance, vertex).
package struct DistanceQueue {
    private var heap: [(distance: UInt32, vertex: Int)] = []

    package init() {}

    package mutating func push(_ distance: UInt32, _ vertex: Int) {
        heap.append((distance, vertex))
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The least distance, of equal ones the least vertex.
    package mutating func pop() -> (distance: UInt32, vertex: Int)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
