// SPDX-License-Identifier: Apache-2.0

/// A place in a topology file; line and column count from 1.
package struct Place: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var line: Int
    package var column: Int
    /// Of what a template brings, which has the place of the template's use: its number among all
    /// such values, so that no two values of a topology are in one place. 0 in the file itself.
    package var expansion: Int

    package init(line: Int, column: Int, expansion: Int = 0) {
        self.line = line
        self.column = column
        self.expansion = expansion
    }

    package var description: String { "\(line):\(column)" }

    package static func < (a: Self, b: Self) -> Bool {
        (a.line, a.column, a.expansion) < (b.line, b.column, b.expansion)
    }
}

/// One mistake in a topology file: where it is, what is wrong, what was expected.
package struct Diagnostic: Hashable, Sendable, Error {
    package var place: Place
    /// One sentence without a full stop: "unknown key 'naem' in a node; did you mean 'name'?"
    package var message: String

    /// - Parameter message: a line break in it, from a name of the file, becomes a space.
    package init(place: Place, message: String) {
        self.place = place
        self.message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// `FILE:LINE:COLUMN: error: MESSAGE`, as compilers write it.
    package func text(file: String) -> String { "\(file):\(place): error: \(message)" }
}

/// All mistakes of a file, in the file's order; never empty.
package struct TopologyErrors: Error, Sendable {
    package var diagnostics: [Diagnostic]

    package init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
