// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Reads the one document of a file into a tree.
///
/// Limits hold for what aliases expand to as well, so that a small file cannot become a large tree.
struct YAMLDocument: ~Copyable {
    /// How deep lists and mappings may nest.
    static let depthMax = 64
    /// How many values a document may have, aliases expanded.
    static let valuesMax = 1_000_000

    /// An anchored value, and what it costs to repeat it.
    private struct Anchor {
        var node: YAMLNode
        var values: Int
        var height: Int
    }

    private var parser: YAMLParser
    /// nil while the anchored value is still being read.
    private var anchors: [String: Anchor?] = [:]
    private var values = 0
    private(set) var diagnostics: [Diagnostic] = []

    private init(input: UnsafeBufferPointer<UInt8>) { parser = YAMLParser(input: input) }

    /// The document's tree, and mistakes that leave it readable; nil for an empty file.
    static func read(_ text: [UInt8]) throws(Diagnostic) -> (YAMLNode?, [Diagnostic]) {
        if isWide(text) {
            throw Diagnostic(
                place: Place(line: 1, column: 1),
                message: "the file is in UTF-16 or UTF-32; save it as UTF-8")
        }
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let body = text.starts(with: mark) ? text.dropFirst(3) : text[...]
        return try body.withUnsafeBufferPointer { input throws(Diagnostic) in
            var document = YAMLDocument(input: input)
            let root = try document.root()
            return (root, document.diagnostics)
        }
    }

    /// Whether a text begins with a byte order mark of UTF-16 or UTF-32, or with zeros between.
    private static func isWide(_ text: [UInt8]) -> Bool {
        let start = text.prefix(4)
        return start.starts(with: [0xff, 0xfe]) || start.starts(with: [0xfe, 0xff])
            || start.count == 4 && start.count { $0 == 0 } >= 2
    }

    private mutating func root() throws(Diagnostic) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let (event, place) = try parser.next()
            switch event {
            case .streamEnd: return root
            case .documentStart where root != nil:
                throw Diagnostic(
                    place: place, message: "a file holds one document; this is another")
            case .documentStart: root = try value(depth: 0)?.node
            default: continue
            }
        }
    }

    /// The next value; nil at the end of a list or mapping.
    private mutating func value(depth: Int) throws(Diagnostic) -> Anchor? {
        let (event, place) = try parser.next()
        values += 1
        guard depth < Self.depthMax else {
            throw Diagnostic(place: place, message: "nested deeper than \(Self.depthMax) levels")
        }
        try checkCount(place)
        switch event {
        case .alias(let name): return try alias(name, place, depth)
        case .scalar(let text, let isPlain, let anchor, let tag):
            refuse(tag, place)
            let node = YAMLNode(place: place, content: .scalar(text, isPlain: isPlain))
            return keep(Anchor(node: node, values: 1, height: 1), as: anchor)
        case .sequenceStart(let anchor, let tag):
            refuse(tag, place)
            open(anchor)
            return keep(try sequence(place, depth), as: anchor)
        case .mappingStart(let anchor, let tag):
            refuse(tag, place)
            open(anchor)
            return keep(try mapping(place, depth), as: anchor)
        default: return nil
        }
    }

    private func checkCount(_ place: Place) throws(Diagnostic) {
        guard values <= Self.valuesMax else {
            throw Diagnostic(
                place: place,
                message: "more than \(Self.valuesMax) values, counting what aliases repeat")
        }
    }

    private mutating func refuse(_ tag: String?, _ place: Place) {
        guard let tag else { return }
        diagnostics.append(
            Diagnostic(place: place, message: "the tag '\(Self.short(tag))' has no meaning here"))
    }

    /// `!!str`, as it is mostly written.
    private static func short(_ tag: String) -> String {
        let standard = "tag:yaml.org,2002:"
        return tag.hasPrefix(standard) ? "!!" + tag.dropFirst(standard.count) : tag
    }

    private mutating func open(_ anchor: String?) {
        if let anchor { anchors.updateValue(nil, forKey: anchor) }
    }

    private mutating func keep(_ value: Anchor, as anchor: String?) -> Anchor {
        if let anchor { anchors.updateValue(value, forKey: anchor) }
        return value
    }

    private mutating func alias(
        _ name: String, _ place: Place, _ depth: Int
    ) throws(Diagnostic) -> Anchor {
        guard let known = anchors[name] else {
            let hint = Suggestion.text(for: name, among: anchors.keys.sorted())
            throw Diagnostic(place: place, message: "no anchor '\(name)' before this alias\(hint)")
        }
        guard let anchor = known else {
            throw Diagnostic(
                place: place, message: "the alias '\(name)' stands inside its own value")
        }
        values += anchor.values - 1
        try checkCount(place)
        guard depth + anchor.height <= Self.depthMax else {
            throw Diagnostic(place: place, message: "nested deeper than \(Self.depthMax) levels")
        }
        return anchor
    }

    private mutating func sequence(_ place: Place, _ depth: Int) throws(Diagnostic) -> Anchor {
        let before = values
        var elements: [YAMLNode] = []
        var height = 0
        while let element = try value(depth: depth + 1) {
            elements.append(element.node)
            height = max(height, element.height)
        }
        // The closing event was counted too.
        values -= 1
        let node = YAMLNode(place: place, content: .sequence(elements))
        return Anchor(node: node, values: values - before + 1, height: height + 1)
    }

    private mutating func mapping(_ place: Place, _ depth: Int) throws(Diagnostic) -> Anchor {
        let before = values
        var builder = MappingBuilder()
        var height = 0
        while let key = try value(depth: depth + 1) {
            guard let item = try value(depth: depth + 1) else { break }
            builder.add(key.node, item.node)
            height = max(height, item.height)
        }
        values -= 1
        let (pairs, mistakes) = builder.finished()
        diagnostics += mistakes
        let node = YAMLNode(place: place, content: .mapping(pairs))
        return Anchor(node: node, values: values - before + 1, height: height + 1)
    }
}

/// Collects the pairs of a mapping: refuses keys that stand twice, and merges `<<`.
private struct MappingBuilder {
    private var pairs: [YAMLPair] = []
    /// Of mappings so long that a search would take time.
    private var indices: [String: Int] = [:]
    private static let searchMax = 12
    private var merged: [YAMLNode] = []
    private var diagnostics: [Diagnostic] = []

    mutating func add(_ key: YAMLNode, _ value: YAMLNode) {
        guard case .scalar(let name, let isPlain) = key.content else {
            refuse(key.place, "a key must be a text, not a list or a mapping")
            return
        }
        if name == "<<", isPlain {
            merge(value)
        } else if let first = index(of: name) {
            let place = pairs[first].keyPlace
            refuse(key.place, "the key '\(name)' stands twice; the first is at \(place)")
        } else {
            append(YAMLPair(key: name, keyPlace: key.place, value: value))
        }
    }

    private func index(of name: String) -> Int? {
        pairs.count <= Self.searchMax ? pairs.firstIndex { $0.key == name } : indices[name]
    }

    private mutating func append(_ pair: YAMLPair) {
        pairs.append(pair)
        if pairs.count == Self.searchMax + 1 {
            for (index, pair) in pairs.enumerated() { indices[pair.key] = index }
        } else if pairs.count > Self.searchMax {
            indices[pair.key] = pairs.count - 1
        }
    }

    private mutating func merge(_ value: YAMLNode) {
        for source in value.oneOrMore {
            if case .mapping = source.content {
                merged.append(source)
            } else {
                refuse(source.place, "'<<' merges a mapping or a list of mappings")
            }
        }
    }

    private mutating func refuse(_ place: Place, _ message: String) {
        diagnostics.append(Diagnostic(place: place, message: message))
    }

    /// A key that the mapping has itself, or from an earlier merge, wins.
    consuming func finished() -> ([YAMLPair], [Diagnostic]) {
        for pair in merged.flatMap(\.pairs) where index(of: pair.key) == nil { append(pair) }
        return (pairs, diagnostics)
    }
}
