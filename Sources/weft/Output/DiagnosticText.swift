// SPDX-License-Identifier: Apache-2.0

import Topology

/// Mistakes of a topology file, each with the line that it is in and a mark below its place.
enum DiagnosticText {
    static func text(
        _ diagnostics: [Diagnostic], file: String, text: String, _ style: Style = .plain
    ) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
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

    /// The part of a line around a column, with tabs as blanks, and the column in it from 0.
    private static func excerpt(_ line: String, _ column: Int) -> (String, Int) {
        let room = Table.widthMax - 2
        let characters = line.map { $0 == "\t" ? " " : $0 }
        let offset = min(max(column - 1, 0), characters.count)
        let start = offset < room ? 0 : offset - room / 2
        return (String(characters[start...].prefix(room)), offset - start)
    }
}
