// SPDX-License-Identifier: Apache-2.0

import Topology

/// Turns columns and heights into boxes and lines.
struct Stage {
    private(set) var boxes: [Box] = []
    private(set) var buses: [Box] = []
    private(set) var busLabels: [Box] = []
    private(set) var paths: [Path] = []

    private let graph: PlainGraph
    private let layers: Layers
    private let metrics: Metrics
    private let heights: Heights
    /// The left and right of each column.
    private var columns: [ClosedRange<Double>] = []

    init(_ drawing: Drawing, _ graph: PlainGraph, _ layers: Layers, _ metrics: Metrics) {
        self.graph = graph
        self.layers = layers
        self.metrics = metrics
        let sizes =
            drawing.nodes.map { metrics.size($0) } + drawing.lans.map { metrics.size($0, drawing) }
        let bends = [Double](repeating: 0, count: layers.layerOf.count - sizes.count)
        heights = Heights(layers, height: sizes.map(\.height) + bends, gap: metrics.nodeGap)
        setColumns(drawing, sizes.map(\.width))
        for vertex in 0..<graph.vertexCount {
            let column = columns[layers.layerOf[vertex]]
            let middle = Point(
                x: (column.lowerBound + column.upperBound) / 2, y: heights.middle[vertex])
            if vertex < graph.nodeCount {
                // Nodes in a column are equally wide, which is quieter to look at.
                let width =
                    layers.layers[layers.layerOf[vertex]]
                    .filter { $0 < graph.nodeCount }.map { sizes[$0].width }.max() ?? 0
                boxes.append(Box(middle: middle, width: width, height: sizes[vertex].height))
            } else {
                let size = sizes[vertex]
                addBus(vertex, Box(middle: middle, width: size.width, height: size.height), drawing)
            }
        }
        drawPaths()
    }

    private mutating func setColumns(_ drawing: Drawing, _ widths: [Double]) {
        var x = 0.0
        for (index, layer) in layers.layers.enumerated() {
            let width = layer.filter { !layers.isBend($0) }.map { widths[$0] }.max() ?? 16
            columns.append(x...x + width)
            x += width + gap(after: index, drawing)
        }
    }

    /// The space to the right of a column: room for the labels of the links that cross it.
    private func gap(after layer: Int, _ drawing: Drawing) -> Double {
        var room = metrics.isCompact ? 60.0 : 64
        var crossing = 0
        for (link, route) in zip(drawing.links, layers.routes) {
            let layersPassed = route.map { layers.layerOf[$0] }
            guard layersPassed.contains(layer), layersPassed.contains(layer + 1) else { continue }
            crossing += 1
            let label = metrics.lines(link, drawing).map(metrics.labelWidth).max() ?? 0
            let ends = [link.a, link.b].map { metrics.labelWidth(drawing.hostText($0)) }.max() ?? 0
            room = max(room, min(label + ends * 1.7 + 26, 220))
        }
        // A fan of many lines needs width, or it is a wall.
        return max(room, min(Double(crossing) * 2.5, 320))
    }

    // MARK: LANs

    /// A bus reaches as far as the nodes on it, where nothing is in the way.
    private mutating func addBus(_ vertex: Int, _ box: Box, _ drawing: Drawing) {
        let lan = drawing.lans[vertex - graph.nodeCount]
        let text = metrics.textHeight(metrics.lines(lan, drawing).count) + 4
        let layer = layers.layers[layers.layerOf[vertex]]
        let index = layer.firstIndex(of: vertex) ?? 0
        func edge(_ index: Int, _ side: Double) -> Double? {
            guard layer.indices.contains(index) else { return nil }
            let item = layer[index]
            let half = layers.isBend(item) ? 0 : (item < boxes.count ? boxes[item].height : 60) / 2
            return heights.middle[item] + side * (half + metrics.nodeGap * 0.7)
        }
        let middles = graph.neighbors[vertex].map { heights.middle[$0] }
        let highest = max((middles.min() ?? box.y) - 10, edge(index - 1, 1) ?? -1e9)
        let lowest = min(
            (middles.max() ?? box.bottom) + 10, (edge(index + 1, -1) ?? 1e9) - text)
        let top = min(box.y, highest)
        let bottom = max(box.bottom - text, lowest)
        buses.append(
            Box(
                x: box.middle.x - metrics.busWidth / 2, y: top, width: metrics.busWidth,
                height: bottom - top))
        busLabels.append(Box(x: box.x, y: bottom + 4, width: box.width, height: text - 4))
    }

    // MARK: Lines

    private mutating func drawPaths() {
        var used: [[Int]: Int] = [:]
        let total = Dictionary(
            graph.edges.map { ([$0.a, $0.b].sorted(), 1) }, uniquingKeysWith: +)
        for (edge, route) in zip(graph.edges, layers.routes) {
            let ends = [edge.a, edge.b].sorted()
            let index = used[ends, default: 0]
            used[ends] = index + 1
            // Parallel links lie side by side.
            let offset = (Double(index) - Double((total[ends] ?? 1) - 1) / 2) * 16
            var path = path(route, offset: offset)
            if route.first != edge.a { path.points.reverse() }
            paths.append(path)
        }
    }

    private func path(_ route: [Int], offset: Double) -> Path {
        let (from, to) = (route[0], route[route.count - 1])
        if route.count == 2 {
            let isSame = layers.layerOf[from] == layers.layerOf[to]
            return isSame && !isAdjacent(from, to)
                ? detour(from, to) : straight(from, to, offset: offset)
        }
        var points: [Point] = []
        for item in route.dropFirst().dropLast() {
            let column = columns[layers.layerOf[item]]
            let y = heights.middle[item]
            points.append(Point(x: column.lowerBound, y: y))
            points.append(Point(x: column.upperBound, y: y))
        }
        let (first, last) = (points[0], points[points.count - 1])
        let start = side(from, anchor(from, towards: first), towards: first)
        let end = side(to, anchor(to, towards: last), towards: last)
        return Path(points: [start] + points + [end])
    }

    private func isAdjacent(_ a: Int, _ b: Int) -> Bool {
        let layer = layers.layers[layers.layerOf[a]]
        guard let first = layer.firstIndex(of: a), let second = layer.firstIndex(of: b) else {
            return false
        }
        return abs(first - second) == 1
    }

    private func straight(_ a: Int, _ b: Int, offset: Double) -> Path {
        let shift = (middle(b) - middle(a)).unit.turned * offset
        let start = anchor(a, towards: middle(b), shift)
        let end = anchor(b, towards: middle(a), shift)
        guard layers.layerOf[a] != layers.layerOf[b] else { return Path(points: [start, end]) }
        return Path(points: [side(a, start, towards: end), side(b, end, towards: start)])
    }

    /// A steep line would pass behind what stands above or below in the column: it leaves a node
    /// at its side.
    private func side(_ vertex: Int, _ point: Point, towards target: Point) -> Point {
        guard vertex < graph.nodeCount else { return point }
        let box = boxes[vertex]
        let isSide = abs(point.x - box.x) < 0.01 || abs(point.x - box.right) < 0.01
        guard !isSide else { return point }
        let y = min(max(point.y, box.middle.y - 6), box.middle.y + 6)
        return Point(x: target.x < box.middle.x ? box.x : box.right, y: y)
    }

    /// Within a column, around what stands between.
    private func detour(_ a: Int, _ b: Int) -> Path {
        let layer = layers.layerOf[a]
        let isLeft = layer * 2 < layers.layers.count
        let column = columns[layer]
        let x = isLeft ? column.lowerBound - 26 : column.upperBound + 26
        let out = [Point(x: x, y: middle(a).y), Point(x: x, y: middle(b).y)]
        return Path(points: [anchor(a, towards: out[0])] + out + [anchor(b, towards: out[1])])
    }

    private func middle(_ vertex: Int) -> Point {
        vertex < graph.nodeCount
            ? boxes[vertex].middle : buses[vertex - graph.nodeCount].middle
    }

    /// Where a line to a point leaves a vertex.
    private func anchor(
        _ vertex: Int, towards target: Point, _ shift: Point = Point(x: 0, y: 0)
    ) -> Point {
        guard vertex >= graph.nodeCount else {
            let box = boxes[vertex]
            return box.border(from: box.middle + shift, towards: target + shift)
        }
        let bus = buses[vertex - graph.nodeCount]
        let y = min(max(target.y, bus.y + 5), bus.bottom - 5)
        return Point(x: target.x < bus.x ? bus.x : bus.right, y: y)
    }

    // MARK: The provider

    /// The area of the columns that belong to the provider.
    func provider(_ range: ClosedRange<Int>, _ drawing: Drawing) -> Box? {
        let members = boxes.indices.filter { drawing.nodes[$0].role.isProvider }
        let inside = zip(drawing.links, paths).filter(\.0.isCore).flatMap(\.1.points).map(\.y)
        guard let top = (inside + members.map { boxes[$0].y }).min(),
            let bottom = (inside + members.map { boxes[$0].bottom }).max(),
            members.allSatisfy({ range.contains(layers.layerOf[$0]) })
        else { return nil }
        let left = columns[range.lowerBound].lowerBound
        let right = columns[range.upperBound].upperBound
        return Box(x: left, y: top - 14, width: right - left, height: bottom - top + 14)
            .grown(by: 16)
    }
}
