// SPDX-License-Identifier: Apache-2.0

/// Where everything of a drawing stands. The same drawing always gives the same layout: there is
/// no chance in it, and no order but the file's.
struct Layout: Sendable {
    let metrics: Metrics
    private(set) var nodes: [Box] = []
    /// The bus of each LAN, without its text.
    private(set) var buses: [Box] = []
    /// The text below each bus.
    private(set) var busLabels: [Box] = []
    /// Of the links, then of the ends of LANs.
    private(set) var paths: [Path] = []
    private(set) var labels: [Label] = []
    /// Around the provider's routers.
    private(set) var provider: Box?
    private(set) var size = (width: 0.0, height: 0.0)

    /// A text at a link.
    struct Label: Hashable, Sendable {
        /// Position in the drawing's links, or in all paths for the text at an end.
        var path: Int
        var lines: [String]
        var box: Box
        /// The address at an end, not the label of the whole link.
        var isEnd: Bool
    }

    init(_ drawing: Drawing) {
        let graph = PlainGraph(drawing)
        let columns = Columns(drawing, graph)
        let layers = Layers(graph, columns)
        let longest = layers.layers.map { $0.count { !layers.isBend($0) } }.max() ?? 0
        metrics = Metrics(longestColumn: longest)
        let stage = Stage(drawing, graph, layers, metrics)
        nodes = stage.boxes
        (buses, busLabels) = (stage.buses, stage.busLabels)
        paths = stage.paths
        provider = columns.provider.flatMap { stage.provider($0, drawing) }
        labels = LabelPlacer(drawing, metrics, self).labels
        fit()
    }

    /// Moves everything so that it begins at the margin, and measures the whole.
    private mutating func fit() {
        let boxes = nodes + buses + busLabels + labels.map(\.box) + (provider.map { [$0] } ?? [])
        let points = paths.flatMap(\.points)
        let left = min(boxes.map(\.x).min() ?? 0, points.map(\.x).min() ?? 0)
        let top = min(boxes.map(\.y).min() ?? 0, points.map(\.y).min() ?? 0)
        let right = max(boxes.map(\.right).max() ?? 0, points.map(\.x).max() ?? 0)
        let bottom = max(boxes.map(\.bottom).max() ?? 0, points.map(\.y).max() ?? 0)
        let shift = Point(x: metrics.margin - left, y: metrics.margin - top)
        func move(_ box: inout Box) {
            box.x += shift.x
            box.y += shift.y
        }
        for index in nodes.indices { move(&nodes[index]) }
        for index in buses.indices { move(&buses[index]) }
        for index in busLabels.indices { move(&busLabels[index]) }
        for index in labels.indices { move(&labels[index].box) }
        for index in paths.indices { paths[index].points = paths[index].points.map { $0 + shift } }
        if var box = provider {
            move(&box)
            provider = box
        }
        size = (right - left + 2 * metrics.margin, bottom - top + 2 * metrics.margin)
    }
}
