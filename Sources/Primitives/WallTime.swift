// SPDX-License-Identifier: Apache-2.0

/// A moment by the clock on the wall, in UTC: nanoseconds since the beginning of 1970.
public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func - (a: WallTime, b: Duration) -> WallTime {
        WallTime(nanoseconds: a.nanoseconds - b.nanoseconds)
    }

    public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    private static let dayLength: Int64 = 86_400_000_000_000

    /// Whole days since the beginning of 1970, rounded down.
    private var day: Int64 {
        let (days, rest) = nanoseconds.quotientAndRemainder(dividingBy: Self.dayLength)
        return rest < 0 ? days - 1 : days
    }

    /// ISO 8601 to the millisecond: 2026-11-21T16:22:23.456Z.
    public var description: String { "\(date)T\(time)Z" }

    /// To the millisecond: 16:22:23.456.
    public var time: String {
        let milliseconds = (nanoseconds - day * Self.dayLength) / 1_000_000
        let clock = [
            milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1000 % 60,
        ]
        return clock.map { Self.digits($0, 2) }.joined(separator: ":") + "."
            + Self.digits(milliseconds % 1000, 3)
    }

    /// The Gregorian calendar in spans of 400 years, of which each begins with a first of March, so
    /// that the leap day is a year's last.
    private var date: String {
        // Days from 1 March of the year 0 to the beginning of 1970.
        let days = day + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let ofEra = days - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * ofYear + 2) / 153
        let ofMonth = ofYear - (153 * march + 2) / 5 + 1
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(ofMonth, 2))"
    }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
