// SPDX-License-Identifier: Apache-2.0

import Topology

/// Finds a place for every text at a link where it covers no node and no other text, and as few
/// other lines as can be. A text for which there is none is left out: it is in the link's tool tip.
struct LabelPlacer {
    private(set) var labels: [Layout.Label] = []
    private let metrics: Metrics
    private let paths: [Path]
    private var taken: [Box]

    init(_ drawing: Drawing, _ metrics: Metrics, _ layout: Layout) {
        self.metrics = metrics
        paths = layout.paths
        taken = (layout.nodes + layout.buses + layout.busLabels).map { $0.grown(by: 2) }
        for (index, link) in drawing.links.enumerated() {
            placeMiddle(index, metrics.lines(link, drawing), shares(link, drawing))
        }
        for (index, link) in drawing.links.enumerated() {
            placeEnd(index, drawing.hostText(link.a), fromStart: true)
            placeEnd(index, drawing.hostText(link.b), fromStart: false)
        }
        // A tap's path begins at the bus.
        let ends = drawing.lans.flatMap(\.ends)
        for (index, end) in ends.enumerated() {
            placeEnd(drawing.links.count + index, drawing.hostText(end), fromStart: false)
        }
    }

    private struct Candidate {
        var box: Box
        /// The less the better.
        var cost: Double
    }

    /// Where along a link its label may stand, best first.
    private func shares(_ link: Drawing.Link, _ drawing: Drawing) -> [Double] {
        guard metrics.isCompact, link.vrf != nil else {
            return [0.5, 0.43, 0.57, 0.36, 0.64, 0.29, 0.71, 0.22, 0.78]
        }
        // At the customer's end the lines have spread out.
        let shares = [0.9, 0.85, 0.8, 0.93, 0.75, 0.7, 0.65]
        return drawing.nodes[link.a.node].role.isProvider ? shares : shares.map { 1 - $0 }
    }

    private mutating func placeMiddle(_ index: Int, _ lines: [String], _ shares: [Double]) {
        guard !lines.isEmpty else { return }
        // Where all of it does not fit, its first line may.
        for lines in lines.count > 1 ? [lines, [lines[0]]] : [lines] {
            let candidates = shares.enumerated().map { rank, share in
                let place = paths[index].point(at: paths[index].length * share).point
                return Candidate(box: box(lines, at: place), cost: Double(rank) / 20)
            }
            if place(candidates, index, lines, isEnd: false) { return }
        }
    }

    private mutating func placeEnd(_ index: Int, _ text: String, fromStart: Bool) {
        guard !text.isEmpty else { return }
        let path = paths[index]
        var candidates: [Candidate] = []
        for away in [12.0, 18, 26, 36] where away < path.length * 0.45 {
            let (point, direction) = path.point(at: fromStart ? away : path.length - away)
            for side in [direction.turned * -1, direction.turned] {
                let size = box([text], at: point)
                let reach = 2 + (abs(side.x) * size.width + abs(side.y) * size.height) / 2
                candidates.append(
                    Candidate(box: box([text], at: point + side * reach), cost: away / 30))
            }
        }
        _ = place(candidates, index, [text], isEnd: true)
    }

    private func box(_ lines: [String], at middle: Point) -> Box {
        let width = lines.map(metrics.labelWidth).max() ?? 0
        return Box(middle: middle, width: width, height: metrics.textHeight(lines.count))
    }

    private mutating func place(
        _ candidates: [Candidate], _ index: Int, _ lines: [String], isEnd: Bool
    ) -> Bool {
        let free = candidates.filter { candidate in
            !taken.contains { $0.intersects(candidate.box) }
        }
        let costs = free.map { candidate in
            candidate.cost
                + Double(
                    paths.indices.count {
                        (isEnd || $0 != index) && paths[$0].crosses(candidate.box)
                    })
        }
        guard let best = costs.indices.min(by: { costs[$0] < costs[$1] }),
            // In a thicket of lines nobody could say whose text it is.
            costs[best] < (metrics.isCompact ? 2 : 6)
        else { return false }
        taken.append(free[best].box.grown(by: 1))
        labels.append(
            Layout.Label(path: index, lines: lines, box: free[best].box, isEnd: isEnd))
        return true
    }
}
