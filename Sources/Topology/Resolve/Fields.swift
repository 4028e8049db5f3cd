// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Reads the values of a mapping that has been compared with the language's tables. A value that is
/// not what its table says reads as nil: the validator has reported it.
struct Fields {
    let node: YAMLNode
    /// Mappings that are asked for what this one does not say, nearest first.
    var fallbacks: [YAMLNode] = []

    init(_ node: YAMLNode, fallbacks: [YAMLNode] = []) {
        self.node = node
        self.fallbacks = fallbacks
    }

    subscript(key: String) -> YAMLNode? {
        if let value = node[key] { return value }
        for fallback in fallbacks {
            if let value = fallback[key] { return value }
        }
        return nil
    }

    func text(_ key: String) -> String? { self[key]?.text }

    func flag(_ key: String) -> Bool? { text(key).flatMap(Bool.init) }

    func number<Number: FixedWidthInteger>(_ key: String, _ type: Number.Type = Number.self)
        -> Number?
    {
        text(key).flatMap(Form.number).flatMap(Number.init(exactly:))
    }

    func value<Value: LosslessStringConvertible>(_ key: String, _ type: Value.Type = Value.self)
        -> Value?
    {
        text(key).flatMap(Value.init)
    }

    func duration(_ key: String) -> Duration? { text(key).flatMap(Duration.init(text:)) }

    /// Values where the file may say one or several; none where the key is missing.
    func values<Value: LosslessStringConvertible>(
        _ key: String, _ type: Value.Type = Value.self
    ) -> [Value] {
        items(key).compactMap { $0.text.flatMap(Value.init) }
    }

    /// The value, or the elements of the list, of a key; none where it is missing.
    func items(_ key: String) -> [YAMLNode] { self[key]?.oneOrMore ?? [] }

    /// The pairs of the mapping that a key holds.
    func pairs(_ key: String) -> [YAMLPair] { self[key]?.pairs ?? [] }
}
