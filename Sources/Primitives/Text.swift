// SPDX-License-Identifier: Apache-2.0

/// A value with one canonical text form, which `init?(_:)` reads and `description` writes.
public protocol TextValue: LosslessStringConvertible, Hashable, Sendable {}

extension StringProtocol {
    /// The fields between occurrences of `separator`, empty ones kept.
    func fields(_ separator: Character) -> [SubSequence] {
        split(separator: separator, omittingEmptySubsequences: false)
    }

    /// The number that these decimal digits write, with no sign and no leading zero.
    func decimal<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
        guard let first = utf8.first, utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            first != 0x30 || utf8.count == 1
        else { return nil }
        return Number(self)
    }
}
