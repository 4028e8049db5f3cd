// SPDX-License-Identifier: Apache-2.0

/// Finds the name that a misspelt one was probably meant to be.
package enum Suggestion {
    /// `; did you mean 'name'?`, or nothing where no name is near.
    package static func text(for word: String, among names: some Sequence<String>) -> String {
        nearest(to: word, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The first of the nearest names, if it differs in no more than a third of the letters.
    package static func nearest(to word: String, among names: some Sequence<String>) -> String? {
        // A longer word is no misspelling, and would cost its square.
        guard word.utf8.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        let lowered = Array(word.lowercased().utf8)
        let limit = max(1, (word.utf8.count + 1) / 3)
        for name in names where abs(name.utf8.count - word.utf8.count) <= limit {
            let distance = distance(lowered, Array(name.lowercased().utf8))
            guard distance <= limit, distance < word.utf8.count else { continue }
            if distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
    package static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1], row[j]) + 1
                cost = min(cost, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
