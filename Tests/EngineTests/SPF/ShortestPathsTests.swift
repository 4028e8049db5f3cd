// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Engine

@Suite("Shortest paths")
struct ShortestPathsTests {
    private typealias Edge = ShortestPaths.Edge

    /// Distances by Floyd and Warshall, and the root's edges that lie on shortest paths.
    private func expected(
        from root: Int, _ edges: [[Edge]], _ isTransit: (Int) -> Bool
    ) -> (distances: [UInt32?], hops: [[Int]]) {
        let count = edges.count
        let far = UInt64(1) << 40
        var distance = [[UInt64]](repeating: [UInt64](repeating: far, count: count), count: count)
        for vertex in 0..<count {
            distance[vertex][vertex] = 0
            // What may not be passed through is left only by the root.
            guard isTransit(vertex) else { continue }
            for edge in edges[vertex] where edge.to != root {
                distance[vertex][edge.to] = min(distance[vertex][edge.to], UInt64(edge.cost))
            }
        }
        for middle in 0..<count where middle != root {
            for a in 0..<count {
                for b in 0..<count {
                    distance[a][b] = min(
                        distance[a][b], distance[a][middle] + distance[middle][b])
                }
            }
        }
        var totals = [UInt64](repeating: far, count: count)
        totals[root] = 0
        for edge in edges[root] where edge.to != root {
            for to in 0..<count where to != root {
                totals[to] = min(totals[to], UInt64(edge.cost) + distance[edge.to][to])
            }
        }
        let hops = (0..<count).map { to -> [Int] in
            guard to != root, totals[to] < far else { return [] }
            return edges[root].indices.filter { position in
                let edge = edges[root][position]
                return edge.to != root
                    && UInt64(edge.cost) + distance[edge.to][to] == totals[to]
            }
        }
        return (totals.map { $0 < far ? UInt32($0) : nil }, hops)
    }

    @Test(arguments: UInt64(1)...60)
    func anyGraphHasTheDistancesAndFirstHopsOfItsDefinition(seed: UInt64) {
        var random = Jitter(seed: seed)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let count = 2 + pick(20)
        var edges = [[Edge]](repeating: [], count: count)
        for _ in 0..<count * (1 + pick(4)) {
            let (a, b) = (pick(count), pick(count))
            // Small costs, so that there are many ways of equal cost, and ways that cost nothing.
            edges[a].append(Edge(to: b, cost: UInt32(pick(4))))
            if pick(3) > 0 { edges[b].append(Edge(to: a, cost: UInt32(pick(4)))) }
        }
        let closed = Set((0..<pick(4)).map { _ in pick(count) })
        let paths = ShortestPaths(from: 0, edges) { !closed.contains($0) }
        let right = expected(from: 0, edges) { !closed.contains($0) }
        #expect(paths.distances == right.distances)
        #expect((0..<count).map { paths.firstHops[$0] } == right.hops)
        // The longest of the shortest paths to a vertex goes on from the longest to one before.
        for to in 1..<count where paths.distances[to] != nil {
            var longest = 0
            for from in 0..<count where from == 0 || !closed.contains(from) {
                for edge in edges[from] where edge.to == to {
                    guard let start = paths.distances[from],
                        start + edge.cost == paths.distances[to]
                    else { continue }
                    longest = max(longest, paths.hops[from] + (edge.cost > 0 ? 1 : 0))
                }
            }
            #expect(paths.hops[to] == longest)
        }
    }

    /// A network is left for nothing: who is behind it is as far as the network itself.
    @Test func waysThroughANetworkAreWaysOfEqualCost() {
        // 0 reaches 3 by router 1 and network 4, and by router 2.
        let edges = [
            [Edge(to: 1, cost: 10), Edge(to: 2, cost: 10)],
            [Edge(to: 0, cost: 10), Edge(to: 4, cost: 10)],
            [Edge(to: 0, cost: 10), Edge(to: 3, cost: 10)],
            [Edge(to: 2, cost: 10), Edge(to: 4, cost: 10), Edge(to: 5, cost: 1)],
            [Edge(to: 1, cost: 0), Edge(to: 3, cost: 0)],
            [Edge(to: 3, cost: 1)],
        ]
        let paths = ShortestPaths(from: 0, edges)
        #expect(paths.distances == [0, 10, 10, 20, 20, 21])
        #expect(paths.hops == [0, 1, 1, 2, 2, 3], "a network is none of the routers on the way")
        #expect((0..<6).map { paths.firstHops[$0] } == [[], [0], [1], [0, 1], [0], [0, 1]])
    }

    @Test func aRootOfManyEdgesHasThemAllAsFirstHops() {
        let count = 200
        var edges = [[Edge]](repeating: [], count: count + 2)
        for vertex in 1...count {
            edges[0].append(Edge(to: vertex, cost: 1))
            edges[vertex].append(Edge(to: count + 1, cost: 1))
        }
        let paths = ShortestPaths(from: 0, edges)
        #expect(paths.firstHops[count + 1] == Array(0..<count))
        #expect(paths.firstHops[77] == [76])
    }

    @Test func pathsThatCostMoreThanCanBeSaidAreNone() {
        let edges = [[Edge(to: 1, cost: .max)], [Edge(to: 2, cost: 1)], []]
        #expect(ShortestPaths(from: 0, edges).distances == [0, .max, nil])
    }

    @Test func theQueueGivesTheLeastFirst() {
        var random = Jitter(seed: 5)
        var queue = DistanceQueue()
        var pushed: [[Int]] = []
        for number in 0..<1000 {
            let distance = UInt32(random.next() % 50)
            queue.push(distance, number % 70)
            pushed.append([Int(distance), number % 70])
        }
        var popped: [[Int]] = []
        while let (distance, vertex) = queue.pop() { popped.append([Int(distance), vertex]) }
        #expect(popped == pushed.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) })
    }
}
