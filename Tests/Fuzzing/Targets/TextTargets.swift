// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension FuzzTarget {
    static let texts = [
        FuzzTarget("json", words: words(jsonWords), json),
        FuzzTarget("values", sizeMax: 512, words: words(valueWords), values),
        FuzzTarget("as-path", sizeMax: 1024, words: words(pathWords), asPath),
    ]

    static func words(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    private static let jsonWords = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud83d\\ude00", "\\n", "null", "true",
        "false", "0", "-1", "1e9", "1e999", "-0", "0.1", "9223372036854775807", "[[[[[[[[",
        "{\"a\":",
    ]

    private static let valueWords = [
        "::", "/", ":", ".", "target:", "origin:", "0x", "255", "65535", "4294967295", "65536",
        "/32",
        "/128", "10.0.0.1", "ffff:", "::ffff:1.2.3.4", "1:1", "-", "+", "00",
        "99999999999999999999",
    ]

    private static let pathWords = [
        "^", "$", ".", "*", "+", "?", ".*", ".+", " ", "\n", "1", "2", "65500", "{", "}",
        ".* .* .* .* .* .* .* .* ",
    ]

    /// A text that is JSON is the same value when it is written and read again, in both forms.
    @Sendable private static func json(_ input: [UInt8]) throws(Finding) {
        guard let value = try? JSON(parsing: input) else { return }
        try require((try? JSON(parsing: value.text)) == value, "read again, it differs")
        try require((try? JSON(parsing: value.indentedText)) == value, "indented, it differs")
    }

    /// Every text form: what is read is written in a way that is read as the same.
    @Sendable private static func values(_ input: [UInt8]) throws(Finding) {
        let text = String(decoding: input, as: UTF8.self)
        try roundTrip(IPAddress.self, text)
        try roundTrip(IPv4Address.self, text)
        try roundTrip(IPPrefix.self, text)
        try roundTrip(InterfaceAddress.self, text)
        try roundTrip(ASNumber.self, text)
        try roundTrip(Label.self, text)
        try roundTrip(MACAddress.self, text)
        try roundTrip(Community.self, text)
        try roundTrip(LargeCommunity.self, text)
        try roundTrip(ExtendedCommunity.self, text)
        try roundTrip(RouteDistinguisher.self, text)
        try roundTrip(AnyCommunity.self, text)
        try roundTrip(ASPath.self, text)
        try roundTrip(ASPathPattern.self, text)
    }

    private static func roundTrip<Value: TextValue>(
        _ type: Value.Type, _ text: String
    ) throws(Finding) {
        guard let value = Value(text) else { return }
        try require(Value(value.description) == value, "\(type) '\(value)' read again differs")
    }

    /// A pattern on the first line, a path on the second: the pattern takes the path exactly when
    /// the definition does, tried with every way to split it.
    @Sendable private static func asPath(_ input: [UInt8]) throws(Finding) {
        let lines = input.split(separator: 0x0a, maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: lines[0], as: UTF8.self)
        guard let pattern = ASPathPattern(text) else { return }
        let path = lines.dropFirst().first.map { octets in
            octets.split(separator: 0x20).compactMap {
                ASNumber(String(decoding: $0, as: UTF8.self))
            }
        }
        var reference = PatternReference(pattern, path ?? [])
        try require(
            pattern.matches(path ?? []) == reference.matches, "'\(pattern)' of \(path ?? [])")
    }
}

/// AS path patterns by their definition, slowly.
private struct PatternReference {
    private let pattern: ASPathPattern
    private let path: [ASNumber]
    private var known: [Int: Bool] = [:]

    init(_ pattern: ASPathPattern, _ path: [ASNumber]) {
        self.pattern = pattern
        self.path = path
    }

    var matches: Bool {
        mutating get {
            let starts = pattern.isAnchoredAtStart ? 0...0 : 0...path.count
            for start in starts where matches(0, start) { return true }
            return false
        }
    }

    /// Whether the pattern from an element on takes the path from a place on.
    private mutating func matches(_ element: Int, _ place: Int) -> Bool {
        guard element < pattern.elements.count else {
            return !pattern.isAnchoredAtEnd || place == path.count
        }
        let key = element << 32 | place
        if let known = known[key] { return known }
        let result = tryToMatch(element, place)
        known[key] = result
        return result
    }

    private mutating func tryToMatch(_ element: Int, _ place: Int) -> Bool {
        let wanted = pattern.elements[element]
        let takes =
            place < path.count && (wanted.number == nil || wanted.number == path[place])
        switch wanted.count {
        case .one: return takes && matches(element + 1, place + 1)
        case .zeroOrOne:
            return matches(element + 1, place) || takes && matches(element + 1, place + 1)
        case .zeroOrMore: return matches(element + 1, place) || takes && matches(element, place + 1)
        case .oneOrMore:
            return takes && (matches(element + 1, place + 1) || matches(element, place + 1))
        }
    }
}
