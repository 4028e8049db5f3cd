// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The AS_PATH attribute (RFC 4271 §4.3 b). Written `65500 1 {2 3}`: sets in braces.
///
/// Confederation segments (RFC 5065) are not represented: we are in no confederation, so a peer
/// that sends them is in error.
package struct ASPath: TextValue {
    package var segments: [Segment]

    package init(segments: [Segment] = []) { self.segments = segments }

    /// One AS_SEQUENCE; an empty list makes the empty path.
    package init(_ sequence: [ASNumber]) {
        segments = sequence.isEmpty ? [] : [Segment(.sequence, sequence)]
    }

    /// A run of AS numbers.
    package struct Segment: Hashable, Sendable {
        package var kind: Kind
        package var asNumbers: [ASNumber]

        package init(_ kind: Kind, _ asNumbers: [ASNumber]) {
            self.kind = kind
            self.asNumbers = asNumbers
        }

        /// The segment types; the raw value is that of the wire.
        package enum Kind: UInt8, Hashable, Sendable {
            case set = 1
            case sequence = 2
        }

        /// What the segment adds to the path length: a set counts as one (RFC 4271 §9.1.2.2 a).
        var pathLength: Int { kind == .set ? 1 : asNumbers.count }
    }

    package var isEmpty: Bool { segments.isEmpty }

    /// The length that route selection compares.
    package var length: Int { segments.reduce(0) { $0 + $1.pathLength } }

    /// Every number, in order, those of sets included.
    package var asNumbers: [ASNumber] { segments.flatMap(\.asNumbers) }

    /// How often a number occurs; more than the tolerated count is a loop (RFC 4271 §9).
    package func count(of asNumber: ASNumber) -> Int {
        segments.reduce(0) { $0 + $1.asNumbers.count { $0 == asNumber } }
    }

    /// The AS the route was learned from: the first number when the path begins with a sequence.
    package var neighborAS: ASNumber? {
        segments.first.flatMap { $0.kind == .sequence ? $0.asNumbers.first : nil }
    }

    /// The AS that originated the route: the last number when the path ends with a sequence.
    package var originAS: ASNumber? {
        segments.last.flatMap { $0.kind == .sequence ? $0.asNumbers.last : nil }
    }

    /// The path with `asNumber` in front, `times` times (RFC 4271 §5.1.2).
    package func prepending(_ asNumber: ASNumber, times: Int = 1) -> ASPath {
        let run = [ASNumber](repeating: asNumber, count: max(0, times))
        guard !run.isEmpty else { return self }
        guard let first = segments.first, first.kind == .sequence else {
            return ASPath(segments: [Segment(.sequence, run)] + segments)
        }
        let joined = Segment(.sequence, run + first.asNumbers)
        return ASPath(segments: [joined] + segments.dropFirst())
    }

    /// The path with every `asNumber` replaced, as as-override does.
    package func replacing(_ asNumber: ASNumber, with other: ASNumber) -> ASPath {
        ASPath(
            segments: segments.map { segment in
                Segment(segment.kind, segment.asNumbers.map { $0 == asNumber ? other : $0 })
            })
    }

    package init?(_ text: String) {
        var segments: [Segment] = []
        var kind = Segment.Kind.sequence
        for word in text.split(separator: " ") {
            var digits = word
            let opens = digits.first == "{"
            if opens { digits.removeFirst() }
            let closes = digits.last == "}"
            if closes { digits.removeLast() }
            guard let asNumber = ASNumber(String(digits)), !(opens && kind == .set),
                opens || !closes || kind == .set
            else { return nil }
            if opens { kind = .set }
            if !opens, segments.last?.kind == kind {
                segments[segments.count - 1].asNumbers.append(asNumber)
            } else {
                segments.append(Segment(kind, [asNumber]))
            }
            if closes { kind = .sequence }
        }
        guard kind == .sequence else { return nil }
        self.segments = segments
    }

    package var description: String {
        segments.map { segment in
            let numbers = segment.asNumbers.map(\.description).joined(separator: " ")
            return segment.kind == .set ? "{\(numbers)}" : numbers
        }.joined(separator: " ")
    }
}
