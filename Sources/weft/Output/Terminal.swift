// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the program says: results on standard output, everything else on standard error.
enum Terminal {
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// A reader that has gone away (`weft ls | head -1`) is no error.
    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Colour on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is dumb.
    static let style = Style(isColoured: isTerminal(STDOUT_FILENO) && allowsColour)
    static let noteStyle = Style(isColoured: isTerminal(STDERR_FILENO) && allowsColour)

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    private static var allowsColour: Bool {
        (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
