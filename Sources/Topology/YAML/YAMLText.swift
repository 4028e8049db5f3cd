// SPDX-License-Identifier: Apache-2.0

/// Writes a tree as YAML that reads as the same tree: what fits on a line stands on one.
enum YAMLText {
    /// Longer values have a line for each of their parts.
    static let widthMax = 100

    static func text(_ node: YAMLNode) -> String {
        switch node.content {
        case .mapping(let pairs) where !pairs.isEmpty:
            // The file's own keys are never on one line.
            block(pairs, indent: 0).joined(separator: "\n") + "\n"
        default: block(node, indent: 0).joined(separator: "\n") + "\n"
        }
    }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func block(_ node: YAMLNode, indent: Int) -> [String] {
        switch node.content {
        case .mapping(let pairs) where !pairs.isEmpty: block(pairs, indent: indent)
        case .sequence(let elements) where !elements.isEmpty: block(elements, indent: indent)
        default: [blanks(indent) + flow(node)]
        }
    }

    private static func block(_ pairs: [YAMLPair], indent: Int) -> [String] {
        pairs.flatMap { pair in
            let head = blanks(indent) + key(pair.key) + ":"
            let opens = indent == 0 && !(pair.value.pairs.isEmpty && pair.value.elements.isEmpty)
            if !opens {
                let line = (head + " " + flow(pair.value)).trimmed
                if line.utf8.count <= widthMax || pair.value.text != nil { return [line] }
            }
            return [head] + block(pair.value, indent: indent + 2)
        }
    }

    private static func block(_ elements: [YAMLNode], indent: Int) -> [String] {
        elements.flatMap { element in
            let line = blanks(indent) + "- " + flow(element)
            if line.utf8.count <= widthMax || element.text != nil { return [line] }
            var lines = block(element, indent: indent + 2)
            lines[0] = blanks(indent) + "- " + lines[0].dropFirst(indent + 2)
            return lines
        }
    }

    private static func flow(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, let isPlain): scalar(text, isPlain: isPlain)
        case .sequence(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
        case .mapping(let pairs):
            "{"
                + pairs.map { pair in (key(pair.key) + ": " + flow(pair.value)).trimmed }
                .joined(separator: ", ") + "}"
        }
    }

    private static func key(_ text: String) -> String { scalar(text, isPlain: true) }

    private static func scalar(_ text: String, isPlain: Bool) -> String {
        if isPlain, text.isEmpty { return "~" }
        return isPlain && isSafe(text) ? text : quoted(text)
    }

    /// Whether a text reads as itself without quotes, inside of brackets too.
    private static func isSafe(_ text: String) -> Bool {
        let inner = Set("-_./:+*^$%@=~".utf8)
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        // A colon at an end may make a key.
        guard isAlphanumeric(first) || Set("./^$~".utf8).contains(first), last != 0x3a
        else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || inner.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{a0}", "\u{2028}", "\u{2029}", "\u{feff}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension String {
    /// Without blanks at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
