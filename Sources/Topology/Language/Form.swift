// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a scalar of the file must say.
struct Form: Sendable {
    enum Kind: Sendable {
        case text
        /// `true` or `false`.
        case flag
        case integer(ClosedRange<Int>)
        case choice([String])
        /// A text with a form of its own.
        case pattern(Pattern)
    }

    /// A form that a function decides.
    struct Pattern: Sendable {
        var example: String
        /// What a schema can say of it: matches every text that is accepted, and as few others as
        /// is practical.
        var expression: Expression
        var accepts: @Sendable (String) -> Bool
    }

    /// With its article: "a prefix".
    var noun: String
    var kind: Kind
    /// What to say of a text that is nearly right.
    var advice: @Sendable (String) -> String?

    init(
        _ noun: String, _ kind: Kind, advice: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.noun = noun
        self.kind = kind
        self.advice = advice
    }

    static func pattern(
        _ noun: String, example: String, _ expression: Expression,
        _ accepts: @escaping @Sendable (String) -> Bool,
        advice: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Form {
        let pattern = Pattern(example: example, expression: expression, accepts: accepts)
        return Form(noun, .pattern(pattern), advice: advice)
    }

    static func integer(_ range: ClosedRange<Int>) -> Form {
        Form("a number from \(range.lowerBound) to \(range.upperBound)", .integer(range))
    }

    static func choice(_ names: [String]) -> Form {
        Form(
            names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))", .choice(names))
    }

    static let flag = Form("true or false", .flag) {
        switch $0.lowercased() {
        case "true", "yes", "on", "1": "write true"
        case "false", "no", "off", "0": "write false"
        default: nil
        }
    }
    static let text = Form("a text", .text)

    /// "a prefix such as 10.0.0.0/8".
    var expectation: String {
        if case .pattern(let pattern) = kind { "\(noun) such as \(pattern.example)" } else { noun }
    }

    /// Numbers and flags stand without quotes, so that every YAML tool reads them as such.
    func accepts(_ text: String, isPlain: Bool) -> Bool {
        switch kind {
        case .text: true
        case .flag: isPlain && ["true", "false"].contains(text)
        case .integer(let range): isPlain && (Self.number(text).map(range.contains) ?? false)
        case .choice(let names): names.contains(text)
        case .pattern(let pattern): pattern.accepts(text)
        }
    }

    /// What is added to the message for a text that is not accepted.
    func hint(for text: String) -> String {
        if let advice = advice(text) { return ": " + advice }
        if case .choice(let names) = kind { return Suggestion.text(for: text, among: names) }
        return ""
    }

    /// Decimal digits, no sign, no leading zero.
    static func number(_ text: String) -> Int? {
        guard let first = text.utf8.first, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            first != 0x30 || text.utf8.count == 1
        else { return nil }
        return Int(text)
    }
}
