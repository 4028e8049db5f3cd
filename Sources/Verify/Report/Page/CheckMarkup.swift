// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// One check: what was asked, in the file's words, and what was seen.
struct CheckMarkup {
    private let check: CheckResult
    private let source: String
    private let file: String

    /// - Parameters:
    ///   - source: the topology file's text.
    ///   - file: its name.
    init(_ check: CheckResult, _ source: String, _ file: String) {
        self.check = check
        self.source = source
        self.file = file
    }

    /// - Parameter isAlone: stands outside of its test.
    func html(isAlone: Bool) -> String {
        let isFailed = check.status == .failed
        let (mark, word) = isFailed ? ("✗", "failed") : ("✓", "passed")
        let place = check.place.map {
            "<span class=\"place\">\(file.markup):\($0.line)</span>"
        }
        return """
            <details class="check \(word)"\(isFailed ? " open=\"\"" : "")><summary>\
            <b class="mark \(word)" title="\(word)">\(mark)</b>\
            <span class="name">\(check.title.markup)</span>\
            <span class="time">\(time)</span>\
            \(isFailed ? "" : "<span class=\"saw\">\(Self.words(check.seen))</span>")</summary>
            <div class="body">\(isFailed ? comparison : "")\(packet)\(asked)\(place ?? "")</div>
            </details>
            """
    }

    private var time: String {
        if check.outage != nil || check.wire != nil { return "measured" }
        let time = check.duration.millisecondsText
        if check.status == .failed { return "not within \(check.duration.secondsText) s" }
        return check.waited > .zero ? "held after \(time)" : time
    }

    /// Expected beside seen, with what differs marked.
    private var comparison: String {
        let wanted = Self.tokens(check.wanted)
        let seen = Self.tokens(check.seen)
        return """
            <div class="versus"><div><h4>expected</h4>\
            <p>\(Self.words(wanted, unlike: seen))</p></div>\
            <div><h4>seen</h4><p>\(Self.words(seen, unlike: wanted))</p></div></div>
            """
    }

    private var asked: String {
        guard let place = check.place, let text = SourceSnippet.text(source, at: place) else {
            return ""
        }
        return "<h4>asked</h4><pre>\(text.markup)</pre>"
    }

    // MARK: Words

    /// Words, each of which keeps the punctuation after it.
    private static func tokens(_ text: String) -> [Substring] { text.split(separator: " ") }

    private static func bare(_ token: Substring) -> Substring {
        token.last.map { ",;:|".contains($0) } == true ? token.dropLast() : token
    }

    /// The words, those marked that are not part of what both texts have in the same order.
    private static func words(_ tokens: [Substring], unlike others: [Substring]) -> String {
        var same = common(tokens.map(bare), others.map(bare))
        // Sentences that have little in common are not told apart word by word.
        if same.count * 10 < max(tokens.count, others.count) * 3 { same = Set(tokens.indices) }
        return tokens.enumerated().map { index, token in
            same.contains(index) ? token.markup : "<mark>\(token.markup)</mark>"
        }.joined(separator: " ")
    }

    /// The positions in the first list of a longest common subsequence. Texts too long for that are
    /// not compared.
    private static func common(_ a: [Substring], _ b: [Substring]) -> Set<Int> {
        guard a.count * b.count <= 250_000 else { return Set(a.indices) }
        var lengths = [[Int]](
            repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in a.indices.reversed() {
            for j in b.indices.reversed() {
                lengths[i][j] =
                    a[i] == b[j]
                    ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
            }
        }
        var (i, j) = (0, 0)
        var positions = Set<Int>()
        while i < a.count, j < b.count {
            if a[i] == b[j] {
                positions.insert(i)
                (i, j) = (i + 1, j + 1)
            } else if lengths[i + 1][j] >= lengths[i][j + 1] {
                i += 1
            } else {
                j += 1
            }
        }
        return positions
    }

    /// Addresses and prefixes stand out; hops are a way.
    private static func words(_ text: String) -> String {
        let tokens = tokens(text)
        let isWay =
            tokens.count > 1 && tokens.allSatisfy { $0 == "*" || IPAddress(String($0)) != nil }
        return tokens.map { token in
            let bare = String(bare(token))
            let isAddress = IPAddress(bare) != nil || IPPrefix(bare) != nil
            return isAddress
                ? "<code>\(bare.markup)</code>" + token.dropFirst(bare.count).markup : token.markup
        }.joined(separator: isWay ? " → " : " ")
    }

    // MARK: Packets

    /// The first packet that should not have passed: its layers, and its octets.
    private var packet: String {
        guard let wire = check.wire, let first = wire.first else { return "" }
        let layers = first.split(separator: ";").map { "<li>\($0.trimmed.markup)</li>" }
        let dump = wire.firstOctets.map { "<pre class=\"dump\">\(Self.dump($0))</pre>" } ?? ""
        return "<h4>the first that should not have passed</h4><ul>\(layers.joined())</ul>\(dump)"
    }

    /// Sixteen octets a line, with their offset.
    private static func dump(_ digits: String) -> String {
        let digits = Array(digits.utf8)
        return stride(from: 0, to: digits.count, by: 32).map { start in
            let line = digits[start..<min(start + 32, digits.count)]
            let octets = stride(from: line.startIndex, to: line.endIndex, by: 2).map {
                String(decoding: line[$0..<min($0 + 2, line.endIndex)], as: UTF8.self)
            }
            let offset = String(start / 2, radix: 16)
            let zeros = String(repeating: "0", count: max(0, 4 - offset.count))
            return (zeros + offset + "  " + octets.joined(separator: " ")).markup
        }.joined(separator: "\n")
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
