// SPDX-License-Identifier: Apache-2.0

/// A mapping to which several sources add: the file itself, and instances of templates.
final class MergedMapping {
    /// A value and who has said it.
    private struct Entry {
        var key: String
        var keyPlace: Place
        var value: Value
        /// nil is the file itself.
        var source: Int?
    }

    private enum Value {
        case other(YAMLNode)
        case mapping(MergedMapping)
    }

    /// Two sources that do not agree.
    struct Conflict {
        /// Keys from the outermost mapping to the value.
        var path: [String]
        var place: Place
        /// Where the other stands.
        var other: Place
        /// Of the instance that said it.
        var source: Int?
    }

    private let place: Place
    private var entries: [Entry] = []
    private var indices: [String: Int] = [:]
    /// Lists under these keys grow; of all others there is one.
    private static let growing: Set<String> = ["vrrp"]

    init(_ node: YAMLNode, source: Int?) {
        place = node.place
        var conflicts: [Conflict] = []
        merge(node, source: source, &conflicts)
    }

    var keys: [String] { entries.map(\.key) }

    func keyPlace(_ key: String) -> Place? { indices[key].map { entries[$0].keyPlace } }

    /// Whether a key holds a mapping that has another.
    func has(_ key: String, with inner: String) -> Bool {
        guard let index = indices[key], case .mapping(let mapping) = entries[index].value
        else { return false }
        return mapping.indices[inner] != nil
    }

    /// Adds what a source says. What the file says itself stays.
    func merge(_ node: YAMLNode, source: Int?, _ conflicts: inout [Conflict]) {
        for pair in node.pairs { merge(pair, source: source, &conflicts) }
    }

    func merge(_ pair: YAMLPair, source: Int?, _ conflicts: inout [Conflict]) {
        guard let index = indices[pair.key] else {
            indices[pair.key] = entries.count
            let value: Value =
                pair.value.isMapping
                ? .mapping(MergedMapping(pair.value, source: source)) : .other(pair.value)
            entries.append(
                Entry(key: pair.key, keyPlace: pair.keyPlace, value: value, source: source))
            return
        }
        switch entries[index].value {
        case .mapping(let mapping) where pair.value.isMapping:
            var inner: [Conflict] = []
            mapping.merge(pair.value, source: source, &inner)
            conflicts += inner.map { conflict in
                var conflict = conflict
                conflict.path.insert(pair.key, at: 0)
                return conflict
            }
        case .mapping where pair.value.isNull: break
        case .other(let old) where old.isNull && pair.value.isMapping:
            entries[index].value = .mapping(MergedMapping(pair.value, source: source))
        case .other(let old):
            guard let merged = Self.joined(old, pair.value, pair.key) else { fallthrough }
            entries[index].value = .other(merged)
        default:
            guard let source = entries[index].source else { return }
            conflicts.append(
                Conflict(
                    path: [pair.key], place: pair.keyPlace, other: entries[index].keyPlace,
                    source: source))
        }
    }

    /// What two values come to; nil where they contradict each other.
    private static func joined(_ a: YAMLNode, _ b: YAMLNode, _ key: String) -> YAMLNode? {
        if growing.contains(key), a.isSequence, b.isSequence {
            return YAMLNode(place: a.place, content: .sequence(a.elements + b.elements))
        }
        return a.says(b) ? a : nil
    }

    var node: YAMLNode {
        let pairs = entries.map { entry in
            let value =
                switch entry.value {
                case .other(let node): node
                case .mapping(let mapping): mapping.node
                }
            return YAMLPair(key: entry.key, keyPlace: entry.keyPlace, value: value)
        }
        return YAMLNode(place: place, content: .mapping(pairs))
    }
}

extension YAMLNode {
    /// Whether another says the same, wherever it stands.
    func says(_ other: YAMLNode) -> Bool {
        switch (content, other.content) {
        case (.scalar(let a, let aIsPlain), .scalar(let b, let bIsPlain)):
            a == b && aIsPlain == bIsPlain
        case (.sequence(let a), .sequence(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.says($1) }
        case (.mapping(let a), .mapping(let b)):
            a.count == b.count
                && zip(a, b).allSatisfy { $0.key == $1.key && $0.value.says($1.value) }
        default: false
        }
    }
}
