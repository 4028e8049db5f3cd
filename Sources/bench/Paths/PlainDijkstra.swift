// SPDX-License-Identifier: Apache-2.0

import Engine

/// Dijkstra's algorithm as one would write it in C: flat arrays without checks, a binary heap, and
/// nothing but the distances. What a router needs, the first hops, it does not find.
final class PlainDijkstra {
    private struct Key {
        var distance: UInt32
        var vertex: Int32
    }

    private let count: Int
    private let starts: UnsafeMutablePointer<Int>
    private let targets: UnsafeMutablePointer<Int32>
    private let costs: UnsafeMutablePointer<UInt32>
    let distances: UnsafeMutablePointer<UInt32>
    private let heap: UnsafeMutablePointer<Key>
    private var size = 0

    init(_ edges: [[ShortestPaths.Edge]]) {
        count = edges.count
        let all = edges.flatMap(\.self)
        starts = .allocate(capacity: count + 1)
        targets = .allocate(capacity: all.count)
        costs = .allocate(capacity: all.count)
        distances = .allocate(capacity: count)
        heap = .allocate(capacity: all.count + 1)
        var position = 0
        for (vertex, own) in edges.enumerated() {
            starts[vertex] = position
            for edge in own {
                targets[position] = Int32(edge.to)
                costs[position] = edge.cost
                position += 1
            }
        }
        starts[count] = position
    }

    deinit {
        starts.deallocate()
        targets.deallocate()
        costs.deallocate()
        distances.deallocate()
        heap.deallocate()
    }

    func run(from root: Int) {
        for vertex in 0..<count { distances[vertex] = .max }
        distances[root] = 0
        size = 0
        push(Key(distance: 0, vertex: Int32(root)))
        while size > 0 {
            let key = pop()
            let vertex = Int(key.vertex)
            if key.distance > distances[vertex] { continue }
            var position = starts[vertex]
            while position < starts[vertex + 1] {
                let total = key.distance &+ costs[position]
                let to = Int(targets[position])
                if total < distances[to] {
                    distances[to] = total
                    push(Key(distance: total, vertex: targets[position]))
                }
                position &+= 1
            }
        }
    }

    private func push(_ key: Key) {
        var child = size
        size &+= 1
        while child > 0 {
            let parent = (child &- 1) / 2
            if heap[parent].distance <= key.distance { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = key
    }

    private func pop() -> Key {
        let first = heap[0]
        size &-= 1
        let key = heap[size]
        var parent = 0
        while true {
            var child = 2 &* parent &+ 1
            if child >= size { break }
            if child &+ 1 < size, heap[child &+ 1].distance < heap[child].distance { child &+= 1 }
            if key.distance <= heap[child].distance { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = key
        return first
    }
}
