// SPDX-License-Identifier: Apache-2.0

import Topology

/// Mistakes of a topology file, each with the line that it is in and a mark below its place.
enum DiagnosticText {
    static func text(
        _ diagnostics: [Diagnostic], file: String, text: String, _ style: Style = .plain
    ) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return diagnostics.map { diagnostic in
            let place = style.bold("\(file):\(diagnostic.place):")
            let head = "\(place) \(style.bad("error:")) \(diagnostic.message)"
            let index = diagnostic.place.line - 1
            guard lines.indices.contains(index) else { return head }
            let (line, column) = excerpt(String(lines[index]), diagnostic.place.column)
            let mark = String(repeating: " ", count: column) + style.good("^")
            return "\(head)\n  \(line)\n  \(mark)"
        }.joined(separator: "\n")
    }

    /// The part of a line around a column, with what is no letter or sign as blanks, and the column
    /// in it from 0. Columns count Unicode scalars; what a terminal shows are characters.
    private static func excerpt(_ line: String, _ column: Int) -> (String, Int) {
        let room = Table.widthMax - 2
        let shown = line.unicodeScalars.filter { $0 != "\u{feff}" }.map {
            $0.value < 32 || $0.value == 127 ? " " : $0
        }
        let characters = Array(String(String.UnicodeScalarView(shown)))
        let before = String(String.UnicodeScalarView(shown.prefix(max(column - 1, 0))))
        let offset = min(before.count, characters.count)
        let start = offset < room ? 0 : offset - room / 2
        return (String(characters[start...].prefix(room)), offset - start)
    }
}
