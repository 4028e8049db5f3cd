// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A JSON value as an indented outline in the manner of YAML: short objects and lists on one line,
/// long ones with a line for each member.
enum OutlineText {
    /// - Parameter indent: how many blanks stand before each line.
    static func lines(_ value: JSON, indent: Int) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        switch value {
        case .object(let members):
            return members.flatMap { member in
                let head = blanks + member.name + ":"
                if let short = short(member.value, room: Table.widthMax - head.utf8.count - 1) {
                    return [head + " " + short]
                }
                return [head] + lines(member.value, indent: indent + 2)
            }
        case .array(let elements):
            return elements.flatMap { element in
                if let short = short(element, room: Table.widthMax - indent) {
                    return [String(blanks.dropLast(2)) + "- " + short]
                }
                var inner = lines(element, indent: indent)
                if let first = inner.first {
                    inner[0] =
                        String(blanks.dropLast(2)) + "- " + Substring(first.utf8.dropFirst(indent))
                }
                return inner
            }
        default:
            return scalar(value).wrapped(to: max(Table.widthMax - indent, 20)).map { blanks + $0 }
        }
    }

    /// The value on one line, where it fits and is not a list of objects.
    private static func short(_ value: JSON, room: Int) -> String? {
        var text: String
        switch value {
        case .object(let members):
            text = "{"
            for member in members {
                guard member.value.members.isEmpty, let value = short(member.value, room: room)
                else { return nil }
                if text.utf8.count > 1 { text += ", " }
                text += member.name + ": " + value
            }
            text += "}"
        case .array(let elements):
            guard !elements.contains(where: { !$0.members.isEmpty }) else { return nil }
            text = "[" + elements.map(scalar).joined(separator: ", ") + "]"
        default:
            text = scalar(value)
        }
        // Characters are never more than octets, which are counted faster.
        return text.utf8.count <= room || text.count <= room ? text : nil
    }

    private static func scalar(_ value: JSON) -> String { value.string ?? value.text }
}
