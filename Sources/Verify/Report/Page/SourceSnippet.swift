// SPDX-License-Identifier: Apache-2.0

import Topology

/// The piece of a topology file that begins at a place: a value in braces up to its end, or the
/// line and what is indented below it.
enum SourceSnippet {
    private static let linesMax = 40

    /// nil where the file has no such place.
    static func text(_ source: String, at place: Place) -> String? {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(place.line - 1) else { return nil }
        var start = lines[place.line - 1]
        let indent = start.prefix { $0 == " " || $0 == "-" }.count
        start = start.dropFirst(min(indent, max(0, place.column - 1)))
        var taken = [String(start)]
        var depth = depth(of: start)
        for line in lines.dropFirst(place.line) {
            let blanks = line.prefix { $0 == " " }.count
            if blanks == line.count { continue }
            let isInside = depth > 0 || blanks > indent
            guard isInside, taken.count < linesMax else { break }
            // Comments are for readers of the file, who see what they stand above.
            let text = line.dropFirst(min(indent, blanks))
            if text.drop(while: { $0 == " " }).first == "#" { continue }
            taken.append(String(text))
            depth += self.depth(of: line)
        }
        let text = taken.joined(separator: "\n")
        return text.isEmpty ? nil : text
    }

    /// How many more braces and brackets open than close, outside of quotes and comments.
    private static func depth(of line: Substring) -> Int {
        var depth = 0
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil }
                continue
            }
            switch character {
            case "\"", "'": quote = character
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            case "#": return depth
            default: break
            }
        }
        return depth
    }
}
