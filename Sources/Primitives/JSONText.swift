// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// What is wrong in a JSON text, and the byte offset where it was seen.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        public let offset: Int
        public let reason: String
        public var description: String { "JSON: \(reason) at byte \(offset)" }
    }

    /// Reads one value and nothing else but white space (RFC 8259). Nesting is limited to 128.
    public init(parsing bytes: [UInt8]) throws(ParseError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    public init(parsing text: String) throws(ParseError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// One line, no spaces.
    public var text: String {
        var out = ""
        write(to: &out, indent: nil)
        return out
    }

    /// One member or element a line, indented by two spaces.
    public var indentedText: String {
        var out = ""
        write(to: &out, indent: 0)
        return out
    }

    private func write(to out: inout String, indent: Int?) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .int(let value): out += String(value)
        case .double(let value): out += value.isFinite ? String(value) : "null"
        case .string(let value): Self.write(value, to: &out)
        case .array(let elements):
            Self.write(elements, "[", "]", to: &out, indent: indent) { element, out, indent in
                element.write(to: &out, indent: indent)
            }
        case .object(let members):
            Self.write(members, "{", "}", to: &out, indent: indent) { member, out, indent in
                Self.write(member.name, to: &out)
                out += indent == nil ? ":" : ": "
                member.value.write(to: &out, indent: indent)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], _ open: String, _ close: String, to out: inout String, indent: Int?,
        _ writeItem: (Item, inout String, Int?) -> Void
    ) {
        out += open
        let inner = indent.map { $0 + 2 }
        for (index, item) in items.enumerated() {
            if index > 0 { out += "," }
            if let inner { out += "\n" + String(repeating: " ", count: inner) }
            writeItem(item, &out, inner)
        }
        if let indent, !items.isEmpty { out += "\n" + String(repeating: " ", count: indent) }
        out += close
    }

    private static func write(_ string: String, to out: inout String) {
        out += "\""
        defer { out += "\"" }
        let isPlain = string.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }
        if isPlain {
            out += string
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
    }
}

/// A recursive-descent reader over bytes.
private struct JSONParser {
    let bytes: [UInt8]
    var offset = 0
    static let depthMax = 128

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSON.ParseError) -> JSON {
        let result = try value(depth: 0)
        skipSpace()
        guard offset == bytes.count else { throw error("more than one value") }
        return result
    }

    func error(_ reason: String) -> JSON.ParseError {
        JSON.ParseError(offset: offset, reason: reason)
    }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            offset += 1
        }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func value(depth: Int) throws(JSON.ParseError) -> JSON {
        guard depth < Self.depthMax else { throw error("nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    mutating func word(_ word: String, _ value: JSON) throws(JSON.ParseError) -> JSON {
        guard bytes[offset...].starts(with: word.utf8) else { throw error("expected \(word)") }
        offset += word.utf8.count
        return value
    }

    mutating func object(depth: Int) throws(JSON.ParseError) -> JSON {
        offset += 1
        var members: [JSON.Member] = []
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("expected a name") }
            let name = try string()
            guard take(":") else { throw error("expected ':'") }
            members.append(JSON.Member(name, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw error("expected ',' or '}'") }
        return .object(members)
    }

    mutating func array(depth: Int) throws(JSON.ParseError) -> JSON {
        offset += 1
        var elements: [JSON] = []
        if take("]") { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw error("expected ',' or ']'") }
        return .array(elements)
    }

    mutating func string() throws(JSON.ParseError) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw error("not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw error("control character in a string")
            default: text.append(byte)
            }
        }
        throw error("string without an end")
    }

    mutating func escape() throws(JSON.ParseError) -> [UInt8] {
        guard let byte = next else { throw error("string without an end") }
        offset += 1
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "/"): 0x2f,
            UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
            UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
        ]
        if let plain = plain[byte] { return [plain] }
        guard byte == UInt8(ascii: "u") else { throw error("unknown escape") }
        var code = UInt32(try hex4())
        if (0xd800..<0xdc00).contains(code), bytes[offset...].starts(with: [0x5c, 0x75]) {
            offset += 2
            let low = UInt32(try hex4())
            guard (0xdc00..<0xe000).contains(low) else { throw error("lone surrogate") }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("lone surrogate") }
        return Array(String(Character(scalar)).utf8)
    }

    mutating func hex4() throws(JSON.ParseError) -> UInt16 {
        guard offset + 4 <= bytes.count,
            let text = String(validating: bytes[offset..<offset + 4], as: UTF8.self),
            text.first != "+", text.first != "-", let value = UInt16(text, radix: 16)
        else { throw error("expected four hex digits") }
        offset += 4
        return value
    }

    mutating func number() throws(JSON.ParseError) -> JSON {
        let start = offset
        while let byte = next, "+-.0123456789eE".utf8.contains(byte) { offset += 1 }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        let digits = text.drop { $0 == "-" }
        let isNumber = digits.first?.isNumber == true && text.last?.isNumber == true
        let hasLeadingZero =
            digits.utf8.count > 1 && digits.first == "0"
            && digits.dropFirst().first?.isNumber == true
        if isNumber, !hasLeadingZero {
            if let value = Int64(text) { return .int(value) }
            // What is too large for a double could not be written again.
            if let value = Double(text), value.isFinite { return .double(value) }
        }
        offset = start
        throw error("expected a value")
    }
}
