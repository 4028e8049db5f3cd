// SPDX-License-Identifier: Apache-2.0

/// A place in a topology file; line and column count from 1.
package struct Place: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "\(line):\(column)" }

    package static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// One mistake in a topology file: where it is, what is wrong, what was expected.
package struct Diagnostic: Hashable, Sendable, Error {
    package var place: Place
    /// One sentence without a full stop: "unknown key 'naem' in a node; did you mean 'name'?"
    package var message: String

    package init(place: Place, message: String) {
        self.place = place
        self.message = message
    }

    /// `FILE:LINE:COLUMN: error: MESSAGE`, as compilers write it.
    package func text(file: String) -> String { "\(file):\(place): error: \(message)" }
}

/// All mistakes of a file, in the file's order; never empty.
package struct TopologyErrors: Error, Sendable {
    package var diagnostics: [Diagnostic]

    package init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
