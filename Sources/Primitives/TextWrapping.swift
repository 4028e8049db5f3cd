// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// The text in lines of at most `room` characters: broken between words, a longer word after a
    /// character at which names and addresses can be parted, or else wherever the line is full.
    /// - Precondition: there is room for something.
    package func wrapped(to room: Int) -> [String] {
        precondition(room > 0, "a line has room")
        guard count > room else { return [String(self)] }
        var lines: [String] = []
        for word in split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= room {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines += word.parted(room)
            }
        }
        return lines
    }

    /// A word in pieces that fit.
    private func parted(_ room: Int) -> [String] {
        var pieces: [String] = []
        var rest = self[...]
        while rest.count > room {
            let full = rest.prefix(room)
            let seam = full.lastIndex { ":.-/_,;=".contains($0) }
            // A seam near the start would make a short line of nothing.
            let isUseful = seam.map { full[...$0].count * 2 >= room } ?? false
            let piece = isUseful ? full[...(seam ?? full.startIndex)] : full
            pieces.append(String(piece))
            rest = rest[piece.endIndex...]
        }
        return rest.isEmpty ? pieces : pieces + [String(rest)]
    }
}
