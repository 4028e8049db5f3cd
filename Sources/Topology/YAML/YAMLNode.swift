// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML document, with the place where it stands. Aliases and merge keys (`<<`) are
/// resolved; what they bring keeps the place where it is written.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        /// A text; plain where it stands without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the file's order; no key twice.
        case mapping([YAMLPair])
    }

    var place: Place
    var content: Content

    /// The text of a scalar.
    var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// The elements of a sequence; none for anything else.
    var elements: [YAMLNode] {
        if case .sequence(let elements) = content { elements } else { [] }
    }

    /// The pairs of a mapping; none for anything else.
    var pairs: [YAMLPair] {
        if case .mapping(let pairs) = content { pairs } else { [] }
    }

    /// Nothing after the colon, `~` or `null` (YAML 1.2 §10.3.2).
    var isNull: Bool {
        if case .scalar(let text, true) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// The value of a mapping's key.
    subscript(key: String) -> YAMLNode? { pairs.first { $0.key == key }?.value }

    /// The value itself, or a sequence's elements: where the file may say one thing or several.
    var oneOrMore: [YAMLNode] {
        if case .sequence(let elements) = content { elements } else { [self] }
    }
}

/// A key of a mapping and its value.
struct YAMLPair: Sendable {
    var key: String
    var keyPlace: Place
    var value: YAMLNode
}
