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
    /// By vertex: how many edges that cost something the longest of its shortest paths has.
    package let hops: [Int]

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
            let isRoot = vertex == root
            guard isRoot || isTransit(vertex) else { continue }
            // By number: an iterator would hold on to the list, which costs more than a look at it.
            for position in edges[vertex].indices {
                search.relax(
                    edges[vertex][position], from: vertex, at: isRoot ? position : nil)
            }
        }
        distances = search.distances
        firstHops = search.firstHops
        hops = search.hops
    }

    /// What is known while paths are looked for: in memory of its own without a check of each
    /// access, for these loops are what a change of a large network waits for.
    private struct Search: ~Copyable {
        var queue: DistanceQueue
        private let root: Int
        private let count: Int
        /// Twice the distance, and one more for what is done with; UInt64.max for what nothing has
        /// led to yet.
        private let reached: UnsafeMutablePointer<UInt64>
        /// As in FirstHops.
        private let bits: UnsafeMutablePointer<UInt64>
        private let width: Int
        /// As in ShortestPaths.
        private let lengths: UnsafeMutablePointer<Int>

        init(_ root: Int, count: Int, hops degree: Int) {
            self.root = root
            self.count = count
            width = max(1, (degree + 63) / 64)
            reached = .allocate(capacity: count)
            reached.initialize(repeating: .max, count: count)
            bits = .allocate(capacity: count * width)
            bits.initialize(repeating: 0, count: count * width)
            lengths = .allocate(capacity: count)
            lengths.initialize(repeating: 0, count: count)
            reached[root] = 0
            queue = DistanceQueue(capacity: count)
            queue.push(0, root)
        }

        deinit {
            reached.deallocate()
            bits.deallocate()
            lengths.deallocate()
        }

        var distances: [UInt32?] {
            UnsafeBufferPointer(start: reached, count: count).map {
                $0 == .max ? nil : UInt32($0 >> 1)
            }
        }

        var firstHops: FirstHops {
            FirstHops(
                bits: Array(UnsafeBufferPointer(start: bits, count: count * width)), width: width)
        }

        var hops: [Int] { Array(UnsafeBufferPointer(start: lengths, count: count)) }

        /// - Returns: false for what was in the queue twice.
        @inline(__always)
        mutating func begin(_ vertex: Int, _ distance: UInt32) -> Bool {
            guard reached[vertex] == UInt64(distance) << 1 else { return false }
            reached[vertex] |= 1
            return true
        }

        /// Goes along an edge; one of the root's is a first hop itself.
        @inline(__always)
        mutating func relax(_ edge: Edge, from vertex: Int, at position: Int?) {
            precondition(edge.to >= 0 && edge.to < count, "an edge to nowhere")
            let total = reached[vertex] >> 1 &+ UInt64(edge.cost)
            let known = reached[edge.to]
            guard total <= known >> 1, total <= UInt64(UInt32.max), edge.to != root else { return }
            if total < known >> 1 {
                reached[edge.to] = total << 1
                clear(edge.to)
                lengths[edge.to] = 0
                queue.push(UInt32(total), edge.to)
            }
            let isNew = position.map { insert($0, at: edge.to) } ?? merge(vertex, into: edge.to)
            let length = min(lengths[vertex] + (edge.cost > 0 ? 1 : 0), count)
            let isLonger = length > lengths[edge.to]
            if isLonger { lengths[edge.to] = length }
            guard isNew || isLonger, reached[edge.to] & 1 == 1 else { return }
            reached[edge.to] = total << 1
            queue.push(UInt32(total), edge.to)
        }

        @inline(__always)
        private func clear(_ vertex: Int) {
            for word in 0..<width { bits[vertex * width + word] = 0 }
        }

        @inline(__always)
        private func insert(_ position: Int, at vertex: Int) -> Bool {
            let (word, bit) = (vertex * width + position / 64, UInt64(1) << UInt64(position % 64))
            defer { bits[word] |= bit }
            return bits[word] & bit == 0
        }

        /// Adds the first hops of one vertex to those of another.
        /// - Returns: whether that was anything new.
        @inline(__always)
        private func merge(_ vertex: Int, into other: Int) -> Bool {
            var isNew = false
            for word in 0..<width {
                let (old, more) = (bits[other * width + word], bits[vertex * width + word])
                isNew = isNew || old | more != old
                bits[other * width + word] = old | more
            }
            return isNew
        }
    }
}

/// A heap of (distance, vertex).
package struct DistanceQueue {
    /// The distance above the vertex, so that one comparison tells.
    private var heap: [UInt64] = []

    /// - Parameter capacity: for how many there is room from the first.
    package init(capacity: Int = 0) { heap.reserveCapacity(capacity) }

    /// - Precondition: the vertex is below 2³².
    package mutating func push(_ distance: UInt32, _ vertex: Int) {
        let key = UInt64(distance) << 32 | UInt64(UInt32(vertex))
        heap.append(key)
        heap.withUnsafeMutableBufferPointer { heap in
            var child = heap.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard key < heap[parent] else { break }
                heap[child] = heap[parent]
                child = parent
            }
            heap[child] = key
        }
    }

    /// The least distance, of equal ones the least vertex.
    package mutating func pop() -> (distance: UInt32, vertex: Int)? {
        guard let last = heap.popLast() else { return nil }
        let first = heap.first ?? last
        if !heap.isEmpty { sink(last) }
        return (UInt32(truncatingIfNeeded: first >> 32), Int(first & 0xffff_ffff))
    }

    /// Finds the place of a key that starts at the top.
    private mutating func sink(_ key: UInt64) {
        heap.withUnsafeMutableBufferPointer { heap in
            var parent = 0
            while true {
                var least = 2 * parent + 1
                guard least < heap.count else { break }
                if least + 1 < heap.count, heap[least + 1] < heap[least] { least += 1 }
                guard heap[least] < key else { break }
                heap[parent] = heap[least]
                parent = least
            }
            heap[parent] = key
        }
    }
}
