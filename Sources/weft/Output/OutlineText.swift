// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A JSON value as an indented outline in the manner of YAML: short objects and lists on one line,
/// long ones with a line for each member.
enum OutlineText {
    static func text(_ value: JSON) -> String {
        var text = ""
        write(value, to: &text)
        return text
    }

    /// - Parameter margin: blanks before every line, part of its width.
    static func write(_ value: JSON, margin: Int = 0, to text: inout String) {
        var writer = Writer(text: text, margin: margin)
        text = ""
        writer.write(value, indent: 0)
        text = writer.text
    }

    private struct Writer {
        var text: String
        let margin: Int

        /// - Parameter isOpen: whether the line is begun, up to the indent.
        mutating func write(_ value: JSON, indent: Int, isOpen: Bool = false) {
            switch value {
            case .object(let members):
                for (index, member) in members.enumerated() {
                    if !isOpen || index > 0 { begin(indent) }
                    text += member.name
                    text += ":"
                    let room = Table.widthMax - margin - indent - member.name.utf8.count - 2
                    if let short = OutlineText.short(member.value, room: room) {
                        end(" ", short)
                    } else {
                        end("")
                        write(member.value, indent: indent + 2)
                    }
                }
            case .array(let elements):
                for (index, element) in elements.enumerated() {
                    if !isOpen || index > 0 { begin(max(indent - 2, 0)) }
                    text += "- "
                    if let short = OutlineText.short(
                        element, room: Table.widthMax - margin - indent) {
                        end(short)
                    } else {
                        write(element, indent: indent, isOpen: true)
                    }
                }
            default:
                let room = max(Table.widthMax - margin - indent, 20)
                for (index, line) in OutlineText.scalar(value).wrapped(to: room).enumerated() {
                    if !isOpen || index > 0 { begin(indent) }
                    end(line)
                }
            }
        }

        private mutating func begin(_ indent: Int) {
            for _ in 0..<margin + indent { text += " " }
        }

        private mutating func end(_ parts: String...) {
            for part in parts { text += part }
            text += "\n"
        }
    }

    /// The value on one line, where it fits and is not a list of objects.
    private static func short(_ value: JSON, room: Int) -> String? {
        switch value {
        case .object(let members):
            var text = "{"
            for member in members {
                guard member.value.members.isEmpty, text.utf8.count <= room,
                    let value = short(member.value, room: room)
                else { return nil }
                if text.utf8.count > 1 { text += ", " }
                text += member.name
                text += ": "
                text += value
            }
            text += "}"
            return text.utf8.count <= room ? text : nil
        case .array(let elements):
            var text = "["
            for element in elements {
                guard element.members.isEmpty, text.utf8.count <= room else { return nil }
                if text.utf8.count > 1 { text += ", " }
                text += scalar(element)
            }
            text += "]"
            return text.utf8.count <= room ? text : nil
        default:
            let text = scalar(value)
            // Characters are never more than octets, which are counted faster.
            return text.utf8.count <= room || text.count <= room ? text : nil
        }
    }

    private static func scalar(_ value: JSON) -> String { value.string ?? value.text }
}
