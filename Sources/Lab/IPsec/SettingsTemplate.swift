// SPDX-License-Identifier: Apache-2.0

/// A text in the form of strongSwan's settings (`name = value`, `name { … }`, `# comment`), whose
/// words may hold `%placeholders%`.
///
/// The text is read first and filled in then, so that no value can be taken for anything else.
struct SettingsTemplate: Sendable {
    private let settings: ViciMessage

    /// - Precondition: the text is well formed; it is one of our own.
    init(_ text: String) {
        var open: [(name: String, members: [ViciMessage.Member])] = [("", [])]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let name = String(first)
            if name == "}" {
                let section = open.removeLast()
                let value = ViciMessage.Value.section(ViciMessage(section.members))
                open[open.count - 1].members.append(.init(name: section.name, value: value))
            } else if words.last == "{" {
                open.append((name, []))
            } else {
                precondition(words.count > 2 && words[1] == "=", "a setting: \(line)")
                let value = words.dropFirst(2).joined(separator: " ")
                open[open.count - 1].members.append(.init(name: name, value: .text(value)))
            }
        }
        precondition(open.count == 1, "every section is closed")
        settings = ViciMessage(open[0].members)
    }

    /// The settings with every placeholder replaced.
    func filled(_ values: [String: String]) -> ViciMessage { Self.fill(settings, values) }

    private static func fill(_ message: ViciMessage, _ values: [String: String]) -> ViciMessage {
        ViciMessage(
            message.members.map { member in
                let name = fill(member.name, values)
                switch member.value {
                case .section(let section):
                    return .init(name: name, value: .section(fill(section, values)))
                case .text(let text):
                    let text = fill(text, values)
                    return .init(
                        name: name, value: lists.contains(name) ? .list([text]) : .text(text))
                case .list: return member
                }
            })
    }

    /// What vici wants as a list.
    private static let lists: Set<String> = [
        "local_addrs", "remote_addrs", "proposals", "esp_proposals", "local_ts", "remote_ts",
    ]

    private static func fill(_ text: String, _ values: [String: String]) -> String {
        let parts = text.split(separator: "%", omittingEmptySubsequences: false)
        // Every second part stands between two signs.
        return parts.enumerated().map { index, part in
            guard index % 2 == 1 else { return String(part) }
            guard let value = values[String(part)] else {
                preconditionFailure("a template asks for %\(part)%")
            }
            return value
        }.joined()
    }
}
