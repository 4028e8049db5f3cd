// SPDX-License-Identifier: Apache-2.0

/// Shortest paths from one vertex to all others, with every first hop of equal cost (Dijkstra; ISO
/// 10589 §7.2.6, RFC 2328 §16.1).
///
/// Vertices are small numbers that the protocol gives to its routers and networks. An edge that
/// costs nothing, such as that from a network to its routers, may find new first hops of a vertex
/// that is as far and already done with: that vertex is then gone through once more.
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
    /// By vertex.
    package let firstHops: FirstHops

    /// By vertex: positions in the root's edges by which its shortest paths begin, ascending.
    package struct FirstHops: Sendable {
        /// A set of positions for each vertex, one bit each.
        fileprivate var bits: [UInt64]
        /// How many words one set has.
        fileprivate let width: Int

        package subscript(vertex: Int) -> [Int] {
            var positions: [Int] = []
            for word in 0..<width {
                var rest = bits[vertex * width + word]
                while rest != 0 {
                    positions.append(word * 64 + rest.trailingZeroBitCount)
                    rest &= rest - 1
                }
            }
            return positions
        }

        /// Adds what one vertex has to what another has.
        /// - Returns: whether that was anything new.
        fileprivate mutating func merge(_ vertex: Int, into other: Int) -> Bool {
            if width == 1 {
                let (old, more) = (bits[other], bits[vertex])
                bits[other] = old | more
                return old | more != old
            }
            var isNew = false
            for word in 0..<width {
                let (old, more) = (bits[other * width + word], bits[vertex * width + word])
                isNew = isNew || old | more != old
                bits[other * width + word] = old | more
            }
            return isNew
        }

        fileprivate mutating func clear(_ vertex: Int) {
            if width == 1 { return bits[vertex] = 0 }
            for word in 0..<width { bits[vertex * width + word] = 0 }
        }

        fileprivate mutating func insert(_ position: Int, at vertex: Int) -> Bool {
            let (word, bit) = (vertex * width + position / 64, UInt64(1) << UInt64(position % 64))
            defer { bits[word] |= bit }
            return bits[word] & bit == 0
        }
    }

    /// - Parameters:
    ///   - edges: by vertex. An edge counts only if there is one back (the two-way check), which is
    ///     the caller's to see to.
    ///   - isTransit: whether a path may lead on from a vertex: not from one that is overloaded,
    ///     unless it is the root.
    /// - Precondition: edges lead to vertices that there are.
    package init(
        from root: Int, _ edges: [[Edge]], isTransit: (Int) -> Bool = { _ in true }
    ) {
        var search = Search(root, count: edges.count, hops: edges[root].count)
        while let (distance, vertex) = search.queue.pop() {
            guard search.begin(vertex, distance) else { continue }
            if vertex == root {
                for (position, edge) in edges[root].enumerated() {
                    search.relax(edge, from: root, at: position)
                }
            } else if isTransit(vertex) {
                for edge in edges[vertex] { search.relax(edge, from: vertex, at: nil) }
            }
        }
        distances = search.distances.map { $0 == .max ? nil : UInt32($0) }
        firstHops = search.hops
    }

    private struct Search {
        /// UInt64.max for those that nothing has led to yet.
        var distances: [UInt64]
        var hops: FirstHops
        var queue = DistanceQueue()
        private let root: Int
        private var isDone: [Bool]

        init(_ root: Int, count: Int, hops degree: Int) {
            self.root = root
            distances = [UInt64](repeating: .max, count: count)
            isDone = [Bool](repeating: false, count: count)
            let width = max(1, (degree + 63) / 64)
            hops = FirstHops(bits: [UInt64](repeating: 0, count: count * width), width: width)
            distances[root] = 0
            queue.push(0, root)
        }

        /// - Returns: false for what was in the queue twice.
        mutating func begin(_ vertex: Int, _ distance: UInt32) -> Bool {
            guard !isDone[vertex], distances[vertex] == UInt64(distance) else { return false }
            isDone[vertex] = true
            return true
        }

        /// Goes along an edge; one of the root's is a first hop itself.
        mutating func relax(_ edge: Edge, from vertex: Int, at position: Int?) {
            let total = distances[vertex] + UInt64(edge.cost)
            let known = distances[edge.to]
            guard total <= known, total <= UInt64(UInt32.max), edge.to != root else { return }
            if total < known {
                distances[edge.to] = total
                hops.clear(edge.to)
                queue.push(UInt32(total), edge.to)
            }
            let isNew =
                position.map { hops.insert($0, at: edge.to) } ?? hops.merge(vertex, into: edge.to)
            guard isNew, isDone[edge.to] else { return }
            isDone[edge.to] = false
            queue.push(UInt32(total), edge.to)
        }
    }
}

/// A heap of (distance, vertex), each of four children: half as deep as one of two, and the
/// children lie side by side.
package struct DistanceQueue {
    /// The distance above the vertex, so that one comparison tells.
    private var heap: [UInt64] = []

    package init() {}

    /// - Precondition: the vertex is below 2³².
    package mutating func push(_ distance: UInt32, _ vertex: Int) {
        let key = UInt64(distance) << 32 | UInt64(UInt32(vertex))
        heap.append(key)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 4
            guard key < heap[parent] else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = key
    }

    /// The least distance, of equal ones the least vertex.
    package mutating func pop() -> (distance: UInt32, vertex: Int)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { sink(last) }
        return (UInt32(truncatingIfNeeded: first >> 32), Int(first & 0xffff_ffff))
    }

    /// Finds the place of a key that starts at the top.
    private mutating func sink(_ key: UInt64) {
        let count = heap.count
        var parent = 0
        while true {
            let first = 4 * parent + 1
            guard first < count else { break }
            var least = first
            for child in first + 1..<max(first + 1, min(first + 4, count))
            where heap[child] < heap[least] {
                least = child
            }
            guard heap[least] < key else { break }
            heap[parent] = heap[least]
            parent = least
        }
        heap[parent] = key
    }
}
