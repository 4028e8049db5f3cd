// SPDX-License-Identifier: Apache-2.0

/// The columns as ordered lists. An edge that crosses a column takes a place in it, a bend, so that
/// nothing is drawn over anything; the order within each column is the one with the fewest
/// crossings that sweeping to and fro by barycentres finds.
struct Layers {
    /// Items by column, top to bottom: vertices by their number, then bends.
    private(set) var layers: [[Int]]
    /// The column of each item.
    private(set) var layerOf: [Int]
    /// The items that each edge passes, from the left.
    private(set) var routes: [[Int]] = []
    /// Items joined to each one in the column to the left, and to the right.
    private(set) var before: [[Int]]
    private(set) var after: [[Int]]
    /// Vertices joined to each one in the same column.
    private(set) var beside: [[Int]]
    private let vertexCount: Int

    func isBend(_ item: Int) -> Bool { item >= vertexCount }

    init(_ graph: PlainGraph, _ columns: Columns) {
        vertexCount = graph.vertexCount
        layerOf = columns.column
        layers = Array(repeating: [], count: (columns.column.max() ?? -1) + 1)
        let nothing = [[Int]](repeating: [], count: graph.vertexCount)
        (before, after, beside) = (nothing, nothing, nothing)
        for vertex in Self.walk(graph) { layers[layerOf[vertex]].append(vertex) }
        for edge in graph.edges { add(edge) }
        reduceCrossings()
    }

    /// All vertices, each near the one it was reached from.
    private static func walk(_ graph: PlainGraph) -> [Int] {
        var order: [Int] = []
        var seen = Set<Int>()
        for start in 0..<graph.vertexCount {
            var stack = [start]
            while let vertex = stack.popLast() {
                guard seen.insert(vertex).inserted else { continue }
                order.append(vertex)
                stack += graph.neighbors[vertex].reversed()
            }
        }
        return order
    }

    private mutating func add(_ edge: PlainGraph.Edge) {
        let isForward = layerOf[edge.a] <= layerOf[edge.b]
        let (from, to) = isForward ? (edge.a, edge.b) : (edge.b, edge.a)
        if layerOf[from] == layerOf[to] {
            beside[from].append(to)
            beside[to].append(from)
            routes.append([from, to])
            return
        }
        var route = [from]
        for layer in (layerOf[from] + 1)..<layerOf[to] + 1 {
            var item = to
            if layer < layerOf[to] {
                item = layerOf.count
                layerOf.append(layer)
                layers[layer].append(item)
                before.append([])
                after.append([])
                beside.append([])
            }
            after[route[route.count - 1]].append(item)
            before[item].append(route[route.count - 1])
            route.append(item)
        }
        routes.append(route)
    }

    // MARK: Order

    private var positions: [Int] {
        var positions = [Int](repeating: 0, count: layerOf.count)
        for layer in layers { for (index, item) in layer.enumerated() { positions[item] = index } }
        return positions
    }

    private mutating func reduceCrossings() {
        var best = (cost: cost(positions), layers: layers)
        for round in 0..<16 where best.cost > 0 {
            sweep(forward: round % 2 == 0)
            swapNeighbors()
            let cost = cost(positions)
            if cost < best.cost { best = (cost, layers) }
        }
        layers = best.layers
    }

    private mutating func sweep(forward: Bool) {
        let order = forward ? Array(layers.indices) : layers.indices.reversed()
        for layer in order {
            let positions = positions
            let keys = layers[layer].map { item -> Double in
                let joined = forward ? before[item] : after[item]
                guard !joined.isEmpty else { return Double(positions[item]) }
                return Double(joined.reduce(0) { $0 + positions[$1] }) / Double(joined.count)
            }
            let sorted = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
            layers[layer] = sorted.map { layers[layer][$0] }
        }
    }

    /// Swaps what stands one above the other wherever that is better, until it nowhere is. Left
    /// out in columns so long that nobody would see it.
    private mutating func swapNeighbors() {
        var positions = positions
        var (isBetter, rounds) = (true, 0)
        while isBetter, rounds < 8 {
            isBetter = false
            rounds += 1
            for layer in layers.indices where (2...40).contains(layers[layer].count) {
                var now = cost(of: layer, positions)
                for index in 0..<layers[layer].count - 1 {
                    swap(layer, index, &positions)
                    let then = cost(of: layer, positions)
                    if then < now {
                        now = then
                        isBetter = true
                    } else {
                        swap(layer, index, &positions)
                    }
                }
            }
        }
    }

    private mutating func swap(_ layer: Int, _ index: Int, _ positions: inout [Int]) {
        layers[layer].swapAt(index, index + 1)
        positions[layers[layer][index]] = index
        positions[layers[layer][index + 1]] = index + 1
    }

    private func cost(_ positions: [Int]) -> Int {
        layers.indices.reduce(0) { sum, layer in
            sum + crossings(after: layer, positions) * 2 + detours(layer, positions)
        }
    }

    private func cost(of layer: Int, _ positions: [Int]) -> Int {
        let left = layer > 0 ? crossings(after: layer - 1, positions) : 0
        return (left + crossings(after: layer, positions)) * 2 + detours(layer, positions)
    }

    /// Crossings between a column and the next.
    private func crossings(after layer: Int, _ positions: [Int]) -> Int {
        let ends = layers[layer].flatMap { item in after[item].map { positions[$0] }.sorted() }
        // The pairs out of order, by counting how many passed each place so far.
        var tree = [Int](repeating: 0, count: (ends.max() ?? 0) + 2)
        var count = 0
        for (passed, end) in ends.enumerated() {
            var notAfter = 0
            var index = end + 1
            while index > 0 {
                notAfter += tree[index]
                index -= index & -index
            }
            count += passed - notAfter
            index = end + 1
            while index < tree.count {
                tree[index] += 1
                index += index & -index
            }
        }
        return count
    }

    /// How many stand between those that are joined within a column.
    private func detours(_ layer: Int, _ positions: [Int]) -> Int {
        layers[layer].reduce(0) { sum, item in
            beside[item].reduce(sum) { $0 + max(0, positions[$1] - positions[item] - 1) * 2 }
        }
    }
}
