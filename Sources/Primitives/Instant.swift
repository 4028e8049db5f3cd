// SPDX-License-Identifier: Apache-2.0

/// A moment on the monotonic clock, or on a simulation's: nanoseconds from an arbitrary start.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let zero = Instant(nanoseconds: 0)

    public static func + (a: Instant, b: Duration) -> Instant {
        Instant(nanoseconds: a.nanoseconds + b.nanoseconds)
    }

    public static func - (a: Instant, b: Instant) -> Duration {
        .nanoseconds(a.nanoseconds - b.nanoseconds)
    }

    public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Seconds to the millisecond: 12.345.
    public var description: String { (self - .zero).secondsText }
}

extension Duration {
    /// The whole of it in nanoseconds; saturates near 292 years.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds as a number.
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// Milliseconds as a number.
    public var milliseconds: Double { Double(nanoseconds) / 1e6 }

    /// Seconds to the millisecond: 12.345.
    public var secondsText: String {
        let milliseconds = nanoseconds / 1_000_000
        let fraction = String(1000 + abs(milliseconds) % 1000).dropFirst()
        return "\(milliseconds < 0 ? "-" : "")\(abs(milliseconds) / 1000).\(fraction)"
    }

    /// Reads `500ms`, `1s`, `1.5s`, `200us`, `2m`: a decimal number and its unit, no sign.
    public init?(text: String) {
        let units: [(String, Int64)] = [
            ("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ]
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let unit = units.first(where: { $0.0 == text[number.endIndex...] }),
            let first = number.first, first != ".", number.last != ".",
            let value = Double(number), value * Double(unit.1) < 1e18
        else { return nil }
        self = .nanoseconds(Int64(value * Double(unit.1) + 0.5))
    }

    /// The shortest form that `init(text:)` reads back: 500ms, 1.5s, 2m.
    public var text: String {
        let ns = nanoseconds
        if ns != 0, ns % 60_000_000_000 == 0 { return "\(ns / 60_000_000_000)m" }
        let units: [(String, Int64)] = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)]
        for (name, size) in units where ns >= size {
            let value = Double(ns) / Double(size)
            return (ns % size == 0 ? String(ns / size) : String(value)) + name
        }
        return ns == 0 ? "0s" : "\(ns)ns"
    }
}
