// SPDX-License-Identifier: Apache-2.0

/// Rows of text in aligned columns, at most 100 wide.
struct Table: Sendable {
    struct Column: Sendable {
        var title: String
        var alignsRight = false
        var minimum = 0

        init(_ title: String, alignsRight: Bool = false, minimum: Int = 0) {
            self.title = title
            self.alignsRight = alignsRight
            self.minimum = minimum
        }
    }

    static let widthMax = 100
    private static let gap = "  "

    var columns: [Column]
    var rows: [[String]]
    /// Colours a padded cell by its row (nil for the header) and column; widths are not affected.
    var paint: @Sendable (_ row: Int?, _ column: Int, _ text: String) -> String = { $2 }

    /// Lines without trailing blanks, and without a line end after the last. Where a row is too
    /// long, the last column goes on below itself, broken between words.
    func text(showsHeader: Bool = true) -> String {
        let header = showsHeader ? [columns.map(\.title)] : []
        let widths = columns.indices.map { index in
            (header + rows).map { index < $0.count ? $0[index].count : 0 }
                .reduce(columns[index].minimum, max)
        }
        let lines = header.map { line($0, nil, widths) }
        return (lines + rows.enumerated().map { line($1, $0, widths) }).joined(separator: "\n")
    }

    private func line(_ cells: [String], _ row: Int?, _ widths: [Int]) -> String {
        let last = columns.count - 1
        let indent = widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
        let room = max(Self.widthMax - indent, 20)
        var text = ""
        for (index, cell) in cells.enumerated() where index < last {
            let padded = pad(cell, widths[index], right: columns[index].alignsRight)
            text += paint(row, index, padded) + Self.gap
        }
        guard last >= 0, last < cells.count else { return trimmed(text) }
        let width = min(widths[last], room)
        let pieces = Self.wrap(cells[last], room)
        text += pieces.enumerated().map { index, piece in
            let isAlone = columns[last].alignsRight && index == 0
            return (index == 0 ? "" : "\n" + String(repeating: " ", count: indent))
                + paint(row, last, isAlone ? pad(piece, width, right: true) : piece)
        }.joined()
        return trimmed(text)
    }

    private func pad(_ cell: String, _ width: Int, right: Bool) -> String {
        let blanks = String(repeating: " ", count: max(width - cell.count, 0))
        return right ? blanks + cell : cell + blanks
    }

    private func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }

    /// Breaks between words; a word longer than the room stays whole.
    static func wrap(_ text: String, _ room: Int) -> [String] {
        guard text.count > room else { return [text] }
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= room {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
