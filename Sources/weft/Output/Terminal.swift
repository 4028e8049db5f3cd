// SPDX-License-Identifier: Apache-2.0

import Kernel

/// What the program says: results on standard output, everything else on standard error.
enum Terminal {
    static func write(_ text: String) { StandardStream.output.write(text.utf8) }
    static func note(_ text: String) { StandardStream.error.write((text + "\n").utf8) }

    static let style = Style(isColoured: StandardStream.output.isTerminal && allowsColour)
    static let noteStyle = Style(isColoured: StandardStream.error.isTerminal && allowsColour)

    /// Colour on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is dumb.
    private static var allowsColour: Bool {
        (Environment["NO_COLOR"] ?? "").isEmpty && Environment["TERM"] != "dumb"
    }
}
