// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Rows of text in aligned columns, at most 100 wide. Nothing is cut: what is too long for its
/// column goes on below itself.
struct Table: Sendable {
    struct Column: Sendable {
        var title: String
        var alignsRight = false
        var minimum = 0
        /// Stays whole as long as other columns can give way: addresses, states, figures.
        var isKept = false

        init(
            _ title: String, alignsRight: Bool = false, minimum: Int = 0, isKept: Bool = false
        ) {
            self.title = title
            self.alignsRight = alignsRight
            self.minimum = minimum
            self.isKept = isKept
        }
    }

    static let widthMax = 100
    private static let gap = "  "
    /// What a column that gives way keeps, and what one that is to be kept does.
    private static let (leastWidth, leastKeptWidth) = (14, 6)
    /// The longest prefix of IPv6, and a little; what is longer is no figure and no address.
    private static let keptMax = 45

    var columns: [Column]
    var rows: [[String]]
    /// A line below a row, by the row's position.
    var notes: [Int: String] = [:]
    /// Colours a padded cell by its row (nil for the header) and column; widths are not affected.
    var paint: @Sendable (_ row: Int?, _ column: Int, _ text: String) -> String = { $2 }

    /// Lines without trailing blanks, and without a line end after the last.
    func text(showsHeader: Bool = true) -> String {
        let header = showsHeader ? [columns.map(\.title)] : []
        let widths = fitted(
            columns.indices.map { index in
                (header + rows).map { index < $0.count ? $0[index].count : 0 }
                    .reduce(columns[index].minimum, max)
            })
        var lines = header.flatMap { self.lines($0, nil, widths) }
        for (index, row) in rows.enumerated() {
            lines += self.lines(row, index, widths)
            lines += (notes[index]?.wrapped(to: Self.widthMax - 4) ?? []).enumerated().map {
                String(repeating: " ", count: $0 == 0 ? 2 : 4) + $1
            }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Widths

    /// The widths that make a row fit: the widest columns give way first, and those that are to be
    /// kept only when the others have given what they can.
    private func fitted(_ natural: [Int]) -> [Int] {
        let room = Self.widthMax - Self.gap.count * max(columns.count - 1, 0)
        var widths = natural
        shrink(&widths, to: room, least: Self.leastWidth) {
            !columns[$0].isKept || natural[$0] > Self.keptMax
        }
        shrink(&widths, to: room, least: Self.leastKeptWidth) { _ in true }
        return widths
    }

    private func shrink(
        _ widths: inout [Int], to room: Int, least: Int, where mayShrink: (Int) -> Bool
    ) {
        while widths.reduce(0, +) > room {
            let candidates = widths.indices.filter { mayShrink($0) && widths[$0] > least }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    // MARK: Lines

    private func lines(_ cells: [String], _ row: Int?, _ widths: [Int]) -> [String] {
        let pieces = cells.indices.map { cells[$0].wrapped(to: max(widths[$0], 1)) }
        return (0..<(pieces.map(\.count).max() ?? 0)).map { line in
            var text = ""
            for column in cells.indices {
                let piece = line < pieces[column].count ? pieces[column][line] : ""
                let isLast = column == columns.count - 1
                let padded = pad(
                    piece, isLast && !columns[column].alignsRight ? 0 : widths[column],
                    columns[column])
                text +=
                    (piece.isEmpty ? padded : paint(row, column, padded)) + (isLast ? "" : Self.gap)
            }
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    private func pad(_ cell: String, _ width: Int, _ column: Column) -> String {
        let blanks = String(repeating: " ", count: max(width - cell.count, 0))
        return column.alignsRight ? blanks + cell : cell + blanks
    }
}
