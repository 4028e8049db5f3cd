// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Entries of a lab's log, a line each.
enum LogText {
    /// `16:22:23.456     12.345  juno      session  neighbor luna is established`: columns that
    /// stay where they are although nobody knows what comes next.
    static func lines(_ entries: [JSON], _ style: Style = .plain) -> [String] {
        entries.map { line($0, style) }
    }

    private static func line(_ entry: JSON, _ style: Style) -> String {
        // The time of day stands between the date and the closing Z.
        let time = (entry["time"]?.string ?? "").dropFirst(11).dropLast()
        let nanoseconds = Int64((entry["seconds"]?.double ?? 0) * 1e9)
        let seconds = Duration.nanoseconds(nanoseconds).secondsText
        let kind = entry["kind"]?.string ?? ""
        let clock = time + "  " + pad(String(seconds), 9, right: true)
        let node = pad(entry["node"]?.string ?? "-", 10)
        return style.dim(clock) + "  " + node + "  " + paint(pad(kind, 9), kind, style) + "  "
            + (entry["text"]?.string ?? "")
    }

    private static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return right ? blanks + text : text + blanks
    }

    private static func paint(_ text: String, _ kind: String, _ style: Style) -> String {
        switch kind {
        case "problem", "router", "malformed": style.bad(text)
        case "event", "lab": style.bold(text)
        default: text
        }
    }
}
