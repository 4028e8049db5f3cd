// SPDX-License-Identifier: Apache-2.0

/// How high each item of the columns stands: as near as can be to what it is joined to, in the
/// given order and without touching.
struct Heights {
    /// The middle of each item.
    private(set) var middle: [Double]
    private let layers: Layers
    private let height: [Double]
    private let gap: Double

    /// - Parameters:
    ///   - height: of each item; 0 of a bend.
    ///   - gap: between two vertices.
    init(_ layers: Layers, height: [Double], gap: Double) {
        self.layers = layers
        self.height = height
        self.gap = gap
        middle = [Double](repeating: 0, count: height.count)
        for layer in layers.layers.indices {
            settle(layer, layers.layers[layer].map { _ in (0, 1) })
        }
        for round in 0..<24 {
            let isForward = round % 2 == 0
            let order =
                isForward ? Array(layers.layers.indices) : layers.layers.indices.reversed()
            for layer in order {
                settle(layer, layers.layers[layer].map { pull($0, isForward, round < 16) })
            }
        }
        let top = middle.indices.map { middle[$0] - height[$0] / 2 }.min() ?? 0
        middle = middle.map { $0 - top }
    }

    /// Where an item is drawn to, and how strongly.
    private func pull(
        _ item: Int, _ isForward: Bool, _ isOneSided: Bool
    ) -> (place: Double, weight: Double) {
        var joined = isForward ? layers.before[item] : layers.after[item]
        if joined.isEmpty || !isOneSided { joined = layers.before[item] + layers.after[item] }
        guard !joined.isEmpty else { return (middle[item], 0.2) }
        var (sum, weight) = (0.0, 0.0)
        for other in joined {
            // Long edges are to be straight before anything else.
            let strength: Double =
                layers.isBend(item) && layers.isBend(other) ? 8 : layers.isBend(item) ? 2 : 1
            sum += middle[other] * strength
            weight += strength
        }
        return (sum / weight, weight)
    }

    private func distance(_ upper: Int, _ lower: Int) -> Double {
        let between: Double
        if layers.isBend(upper) || layers.isBend(lower) {
            between = gap * 0.6
        } else if layers.beside[upper].contains(lower) {
            // Room for the label of the link between them.
            between = gap * 1.8
        } else {
            between = gap
        }
        return (height[upper] + height[lower]) / 2 + between
    }

    /// Least squares in the column's order: neighbours that would touch move as one block.
    private mutating func settle(_ layer: Int, _ pulls: [(place: Double, weight: Double)]) {
        struct Block {
            var sum: Double
            var weight: Double
            var count: Int
            var place: Double { sum / weight }
        }
        let items = layers.layers[layer]
        var offsets: [Double] = []
        var blocks: [Block] = []
        for (index, item) in items.enumerated() {
            offsets.append(index == 0 ? 0 : offsets[index - 1] + distance(items[index - 1], item))
            let (place, weight) = pulls[index]
            blocks.append(
                Block(sum: (place - offsets[index]) * weight, weight: weight, count: 1))
            while blocks.count > 1, blocks[blocks.count - 2].place > blocks[blocks.count - 1].place
            {
                let last = blocks.removeLast()
                blocks[blocks.count - 1].sum += last.sum
                blocks[blocks.count - 1].weight += last.weight
                blocks[blocks.count - 1].count += last.count
            }
        }
        var index = 0
        for block in blocks {
            for _ in 0..<block.count {
                middle[items[index]] = block.place + offsets[index]
                index += 1
            }
        }
    }
}
