// SPDX-License-Identifier: Apache-2.0

/// A point on the page; y grows downward.
struct Point: Hashable, Sendable {
    var x: Double
    var y: Double

    static func + (a: Point, b: Point) -> Point { Point(x: a.x + b.x, y: a.y + b.y) }
    static func - (a: Point, b: Point) -> Point { Point(x: a.x - b.x, y: a.y - b.y) }
    static func * (a: Point, factor: Double) -> Point { Point(x: a.x * factor, y: a.y * factor) }

    var length: Double { (x * x + y * y).squareRoot() }
    /// Of length 1; the zero vector points to the right.
    var unit: Point { length == 0 ? Point(x: 1, y: 0) : self * (1 / length) }
    /// A quarter turn.
    var turned: Point { Point(x: -y, y: x) }
}

/// An upright rectangle.
struct Box: Hashable, Sendable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    init(middle: Point, width: Double, height: Double) {
        self.init(
            x: middle.x - width / 2, y: middle.y - height / 2, width: width, height: height)
    }

    var right: Double { x + width }
    var bottom: Double { y + height }
    var middle: Point { Point(x: x + width / 2, y: y + height / 2) }

    func grown(by margin: Double) -> Box {
        Box(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
    }

    func intersects(_ other: Box) -> Bool {
        x < other.right && other.x < right && y < other.bottom && other.y < bottom
    }

    func contains(_ point: Point) -> Bool {
        x <= point.x && point.x <= right && y <= point.y && point.y <= bottom
    }

    /// Whether a straight line passes through (Liang and Barsky).
    func isCrossed(from a: Point, to b: Point) -> Bool {
        var (enter, leave) = (0.0, 1.0)
        let step = b - a
        let sides = [
            (-step.x, a.x - x), (step.x, right - a.x), (-step.y, a.y - y), (step.y, bottom - a.y),
        ]
        for (slope, room) in sides {
            if slope == 0 {
                if room < 0 { return false }
            } else if slope < 0 {
                enter = max(enter, room / slope)
            } else {
                leave = min(leave, room / slope)
            }
        }
        return enter < leave
    }

    /// Where the line from a point inside towards another leaves the rectangle.
    func border(from inside: Point, towards target: Point) -> Point {
        let step = target - inside
        var share = 1.0
        if step.x != 0 { share = min(share, ((step.x > 0 ? right : x) - inside.x) / step.x) }
        if step.y != 0 { share = min(share, ((step.y > 0 ? bottom : y) - inside.y) / step.y) }
        return inside + step * max(0, share)
    }
}

/// A line of straight pieces, drawn with round corners.
struct Path: Hashable, Sendable {
    var points: [Point]

    var length: Double {
        zip(points, points.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0).length }
    }

    /// The point at a distance from the start, and the direction there.
    func point(at distance: Double) -> (point: Point, direction: Point) {
        var rest = distance
        for (a, b) in zip(points, points.dropFirst()) {
            let piece = (b - a).length
            if rest <= piece { return (a + (b - a).unit * rest, (b - a).unit) }
            rest -= piece
        }
        let end = points.suffix(2)
        guard let last = end.last, let previous = end.first else {
            return (Point(x: 0, y: 0), Point(x: 1, y: 0))
        }
        return (last, (last - previous).unit)
    }

    func crosses(_ box: Box) -> Bool {
        zip(points, points.dropFirst()).contains { box.isCrossed(from: $0, to: $1) }
    }
}
