// SPDX-License-Identifier: Apache-2.0

/// What stands between `<` and `>` in a template: parameters, and arithmetic on them.
indirect enum TemplateExpression: Hashable, Sendable {
    case number(Int)
    /// A parameter, or `name`, `n`, `repeat`.
    case name(String)
    case operation(Operator, TemplateExpression, TemplateExpression)
    /// `net(3)`: the address number 3 of a prefix.
    case address(of: TemplateExpression, at: TemplateExpression)
    /// `net.length`
    case member(TemplateExpression, Member)

    enum Operator: Character, Sendable, CaseIterable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case over = "/"
        case modulo = "%"

        var bindsTightly: Bool { self != .plus && self != .minus }
    }

    enum Member: String, Sendable, CaseIterable {
        case address
        case length
    }

    /// The names in it.
    var names: [String] {
        switch self {
        case .number: []
        case .name(let name): [name]
        case .operation(_, let a, let b), .address(let a, let b): a.names + b.names
        case .member(let a, _): a.names
        }
    }
}

/// Why a text of a template cannot be read or computed; a part of a sentence.
struct ExpressionError: Error {
    var message: String

    init(_ message: String) { self.message = message }
}

/// Reads an expression:
///
///     sum     = product { ("+" | "-") product }
///     product = value { ("*" | "/" | "%") value }
///     value   = (number | name | "(" sum ")") { "(" sum ")" | "." member }
struct ExpressionParser {
    /// Longer is no arithmetic for people.
    static let lengthMax = 200

    private let text: [Character]
    private var position = 0

    private init(_ text: String) { self.text = Array(text) }

    static func parse(_ text: String) throws(ExpressionError) -> TemplateExpression {
        guard text.utf8.count <= lengthMax else {
            throw ExpressionError("an expression has at most \(lengthMax) characters")
        }
        var parser = ExpressionParser(text)
        let expression = try parser.sum()
        guard let rest = parser.peek() else { return expression }
        throw ExpressionError("'\(rest)' is not expected there")
    }

    /// The next character that is no blank.
    private mutating func peek() -> Character? {
        while position < text.count, text[position] == " " { position += 1 }
        return position < text.count ? text[position] : nil
    }

    private mutating func take(_ character: Character) -> Bool {
        guard peek() == character else { return false }
        position += 1
        return true
    }

    private mutating func sum() throws(ExpressionError) -> TemplateExpression {
        var left = try product()
        while let next = peek(), let sign = TemplateExpression.Operator(rawValue: next),
            !sign.bindsTightly
        {
            position += 1
            left = .operation(sign, left, try product())
        }
        return left
    }

    private mutating func product() throws(ExpressionError) -> TemplateExpression {
        var left = try value()
        while let next = peek(), let sign = TemplateExpression.Operator(rawValue: next),
            sign.bindsTightly
        {
            position += 1
            left = .operation(sign, left, try value())
        }
        return left
    }

    private mutating func value() throws(ExpressionError) -> TemplateExpression {
        var value = try primary()
        while true {
            if take("(") {
                value = .address(of: value, at: try sum())
                try close()
            } else if take(".") {
                value = .member(value, try member())
            } else {
                return value
            }
        }
    }

    private mutating func primary() throws(ExpressionError) -> TemplateExpression {
        if take("(") {
            let inner = try sum()
            try close()
            return inner
        }
        _ = peek()
        let word = word()
        guard let first = word.first else {
            let seen = peek().map { ", not '\($0)'" } ?? ""
            throw ExpressionError("a number or a parameter is expected\(seen)")
        }
        guard first.isNumber else { return .name(word) }
        guard let number = Form.number(word) else {
            throw ExpressionError("'\(word)' is not a number")
        }
        return .number(number)
    }

    /// A parameter's name may have a hyphen inside, so a minus stands after a blank.
    private mutating func word() -> String {
        var word = ""
        while position < text.count {
            let next = text[position]
            let isInside = next.isASCII && (next.isLetter || next.isNumber || next == "_")
            guard isInside || next == "-" && !word.isEmpty else { break }
            word.append(next)
            position += 1
        }
        return word
    }

    private mutating func member() throws(ExpressionError) -> TemplateExpression.Member {
        let name = word()
        guard let member = TemplateExpression.Member(rawValue: name) else {
            let all = TemplateExpression.Member.allCases.map(\.rawValue).joined(separator: " or ")
            throw ExpressionError("after '.' \(all) is expected, not '\(name)'")
        }
        return member
    }

    private mutating func close() throws(ExpressionError) {
        guard take(")") else { throw ExpressionError("a ')' is missing") }
    }
}
