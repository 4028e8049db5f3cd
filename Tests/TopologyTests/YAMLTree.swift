// SPDX-License-Identifier: Apache-2.0

import Primitives

@testable import Topology

/// Trees of YAML files, changed in one place and written again.
enum YAMLTree {
    /// The way from the root to a value: positions in lists and mappings.
    typealias Path = [Int]

    static func read(_ bytes: [UInt8]) throws -> YAMLNode? { try YAMLDocument.read(bytes).0 }

    /// Flow style, with lines down to some depth, so that places are in more than one.
    static func text(_ node: YAMLNode) -> String {
        var text = ""
        write(node, to: &text, depth: 1)
        return text
    }

    private static func write(_ node: YAMLNode, to text: inout String, depth: Int) {
        let space = depth < 5 ? "\n" + String(repeating: " ", count: depth) : " "
        switch node.content {
        case .scalar where node.isNull: text += "~"
        case .scalar(let value, let isPlain):
            text += isPlain && isWord(value) ? value : JSON.string(value).text
        case .sequence(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index == 0 ? "" : ",") + space
                write(element, to: &text, depth: depth + 1)
            }
            text += "]"
        case .mapping(let pairs):
            text += "{"
            for (index, pair) in pairs.enumerated() {
                text += (index == 0 ? "" : ",") + space
                text += (isWord(pair.key) ? pair.key : JSON.string(pair.key).text) + ": "
                write(pair.value, to: &text, depth: depth + 1)
            }
            text += "}"
        }
    }

    /// What needs no quotes anywhere.
    private static func isWord(_ text: String) -> Bool {
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x5f: continue
            default: return false
            }
        }
        return !text.isEmpty
    }

    static func children(_ node: YAMLNode) -> [YAMLNode] {
        node.elements + node.pairs.map(\.value)
    }

    /// Every value below the root.
    static func paths(_ node: YAMLNode) -> [Path] {
        children(node).enumerated().flatMap { index, child in
            [[index]] + paths(child).map { [index] + $0 }
        }
    }

    static func value(_ node: YAMLNode, at path: Path) -> YAMLNode {
        path.reduce(node) { children($0)[$1] }
    }

    /// The tree with a change to one value's parent: the edit has the value's position.
    static func editing(
        _ node: YAMLNode, at path: Path, _ edit: (inout YAMLNode, Int) -> Void
    ) -> YAMLNode {
        var node = node
        guard let first = path.first else { return node }
        if path.count == 1 {
            edit(&node, first)
        } else {
            let child = editing(children(node)[first], at: Array(path.dropFirst()), edit)
            replace(&node, first, child)
        }
        return node
    }

    static func replace(_ parent: inout YAMLNode, _ index: Int, _ child: YAMLNode) {
        switch parent.content {
        case .scalar: break
        case .sequence(var elements):
            elements[index] = child
            parent.content = .sequence(elements)
        case .mapping(var pairs):
            pairs[index].value = child
            parent.content = .mapping(pairs)
        }
    }

    static func remove(_ parent: inout YAMLNode, _ index: Int) {
        switch parent.content {
        case .scalar: break
        case .sequence(var elements):
            elements.remove(at: index)
            parent.content = .sequence(elements)
        case .mapping(var pairs):
            pairs.remove(at: index)
            parent.content = .mapping(pairs)
        }
    }

    /// The same once more; in a mapping under another key, or, where that is wanted, the same.
    static func duplicate(_ parent: inout YAMLNode, _ index: Int, sameKey: Bool) {
        switch parent.content {
        case .scalar: break
        case .sequence(var elements):
            elements.insert(elements[index], at: index)
            parent.content = .sequence(elements)
        case .mapping(var pairs):
            var pair = pairs[index]
            if !sameKey { pair.key += "2" }
            pairs.append(pair)
            parent.content = .mapping(pairs)
        }
    }
}
