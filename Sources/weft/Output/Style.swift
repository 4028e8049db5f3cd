// SPDX-License-Identifier: Apache-2.0

/// Colour, where a person is looking.
struct Style: Sendable {
    var isColoured: Bool

    static let plain = Style(isColoured: false)

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func good(_ text: String) -> String { wrap(text, "32") }
    func bad(_ text: String) -> String { wrap(text, "31") }
    func notable(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// The colour of a state word: running, established, master …
    func state(_ text: String) -> String {
        switch text.filter({ $0 != " " }).lowercased() {
        case "running", "established", "master", "up", "yes", "passed": good(text)
        case "stopped", "died", "down", "no", "failed", "failing": bad(text)
        case "header": bold(text)
        case "backup": text
        default: notable(text)
        }
    }
}
