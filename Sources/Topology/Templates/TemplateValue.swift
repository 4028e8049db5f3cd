// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a template computes with.
enum TemplateValue: Hashable, Sendable, CustomStringConvertible {
    case text(String)
    case number(Int)
    case address(IPAddress)
    /// A prefix, and what its neighbors must lie in.
    case prefix(IPPrefix, within: IPPrefix)

    var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .address(let address): address.description
        case .prefix(let prefix, _): prefix.description
        }
    }

    /// With its article, for messages.
    private var title: String {
        switch self {
        case .text(let text): "the text '\(text.shortened)'"
        case .number(let number): "the number \(number)"
        case .address(let address): "the address \(address)"
        case .prefix(let prefix, _): "the prefix \(prefix)"
        }
    }

    /// `net(3)`
    func address(at offset: TemplateValue) throws(ExpressionError) -> TemplateValue {
        guard case .prefix(let prefix, _) = self, case .number(let number) = offset else {
            throw ExpressionError(
                "an address is taken by its number from a prefix, not by \(offset.title) from "
                    + title)
        }
        guard let offset = UInt128(exactly: number), let address = prefix.address(at: offset) else {
            throw ExpressionError("\(prefix) has no address number \(number)")
        }
        return .address(address)
    }

    /// `net.length`
    func member(_ member: TemplateExpression.Member) throws(ExpressionError) -> TemplateValue {
        guard case .prefix(let prefix, _) = self else {
            throw ExpressionError("'.\(member.rawValue)' is of a prefix, not of \(title)")
        }
        return switch member {
        case .address: .address(prefix.address)
        case .length: .number(Int(prefix.length))
        }
    }

    static func apply(
        _ sign: TemplateExpression.Operator, _ a: TemplateValue, _ b: TemplateValue
    ) throws(ExpressionError) -> TemplateValue {
        switch (a, sign, b) {
        case (.number(let a), _, .number(let b)): return .number(try compute(sign, a, b))
        case (.address(let a), .plus, .number(let b)): return .address(try move(a, by: b))
        case (.address(let a), .minus, .number(let b)): return .address(try move(a, by: -b))
        case (.address(let a), .over, .number(let b)) where (0...a.family.bitWidth).contains(b):
            return .text("\(a)/\(b)")
        case (.prefix(let a, let home), .plus, .number(let b)): return try move(a, by: b, home)
        case (.prefix(let a, let home), .minus, .number(let b)): return try move(a, by: -b, home)
        case (.prefix(let a, _), .over, .number(let b)):
            guard (Int(a.length)...a.family.bitWidth).contains(b) else {
                throw ExpressionError("\(a) has no part of the length \(b)")
            }
            return .prefix(IPPrefix(a.address, length: UInt8(b)), within: a)
        default:
            throw ExpressionError("'\(sign.rawValue)' does not join \(a.title) and \(b.title)")
        }
    }

    private static func compute(
        _ sign: TemplateExpression.Operator, _ a: Int, _ b: Int
    ) throws(ExpressionError) -> Int {
        let (value, isTooLarge) =
            switch sign {
            case .plus: a.addingReportingOverflow(b)
            case .minus: a.subtractingReportingOverflow(b)
            case .times: a.multipliedReportingOverflow(by: b)
            case .over: a.dividedReportingOverflow(by: b)
            case .modulo: a.remainderReportingOverflow(dividingBy: b)
            }
        guard !isTooLarge else {
            throw ExpressionError("\(a) \(sign.rawValue) \(b) has no value")
        }
        return value
    }

    private static func move(_ address: IPAddress, by count: Int) throws(ExpressionError)
        -> IPAddress
    {
        let all = IPPrefix.zero(address.family).range
        let bits = move(address.bits, by: count, steps: 1)
        guard let bits, all.contains(bits) else {
            throw ExpressionError("\(address) has no neighbor so far away (\(count))")
        }
        return IPAddress(family: address.family, bits: bits)
    }

    /// So many prefixes of the same length further on.
    private static func move(
        _ prefix: IPPrefix, by count: Int, _ home: IPPrefix
    ) throws(ExpressionError) -> TemplateValue {
        let hostBits = prefix.family.bitWidth - Int(prefix.length)
        if hostBits < 128,
            let bits = move(prefix.address.bits, by: count, steps: UInt128(1) << UInt128(hostBits)),
            home.range.contains(bits)
        {
            let address = IPAddress(family: prefix.family, bits: bits)
            return .prefix(IPPrefix(address, length: prefix.length), within: home)
        }
        throw ExpressionError("\(home) has no /\(prefix.length) number \(count) after \(prefix)")
    }

    private static func move(_ bits: UInt128, by count: Int, steps: UInt128) -> UInt128? {
        let (distance, isTooLarge) = UInt128(count.magnitude).multipliedReportingOverflow(by: steps)
        let (value, isOutside) =
            count < 0
            ? bits.subtractingReportingOverflow(distance) : bits.addingReportingOverflow(distance)
        return isTooLarge || isOutside ? nil : value
    }
}

/// The values of a template's names.
struct TemplateBindings {
    var values: [String: TemplateValue] = [:]

    func evaluate(_ expression: TemplateExpression) throws(ExpressionError) -> TemplateValue {
        switch expression {
        case .number(let number): return .number(number)
        case .name(let name):
            guard let value = values[name] else {
                throw ExpressionError(
                    "there is no '\(name.shortened)' here"
                        + Suggestion.text(for: name, among: values.keys.sorted()))
            }
            return value
        case .operation(let sign, let a, let b):
            return try TemplateValue.apply(sign, try evaluate(a), try evaluate(b))
        case .address(let prefix, let offset):
            return try evaluate(prefix).address(at: try evaluate(offset))
        case .member(let value, let member): return try evaluate(value).member(member)
        }
    }
}

/// A text of a template: `<name>-lan` is an expression and a literal.
struct TemplateText {
    private enum Part {
        case literal(String)
        case expression(TemplateExpression)
    }

    private var parts: [Part] = []

    static func hasExpressions(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: "<")) }

    /// `<<` is a plain `<`.
    init(_ text: String) throws(ExpressionError) {
        var rest = text[...]
        var literal = ""
        while let open = rest.firstIndex(of: "<") {
            literal += rest[..<open]
            rest = rest[open...].dropFirst()
            if rest.first == "<" {
                literal += "<"
                rest = rest.dropFirst()
                continue
            }
            guard let close = rest.firstIndex(of: ">") else {
                throw ExpressionError(
                    "'<' opens an expression, and a '>' is missing; write '<<' for a plain '<'")
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(.expression(try ExpressionParser.parse(String(rest[..<close]))))
            rest = rest[close...].dropFirst()
        }
        parts.append(.literal(literal + rest))
    }

    /// The names that its expressions use.
    var names: [String] {
        parts.flatMap { part -> [String] in
            if case .expression(let expression) = part { expression.names } else { [] }
        }
    }

    func filled(_ bindings: TemplateBindings) throws(ExpressionError) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .expression(let expression): text += try bindings.evaluate(expression).description
            }
        }
        return text
    }
}
