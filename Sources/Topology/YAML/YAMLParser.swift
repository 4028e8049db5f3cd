// SPDX-License-Identifier: Apache-2.0

import CYAML

/// libyaml's event parser over bytes in memory.
struct YAMLParser: ~Copyable {
    /// What happened at a place; anchors are nil where there are none.
    enum Event {
        case streamEnd
        case documentStart
        case alias(String)
        case scalar(String, isPlain: Bool, anchor: String?, tag: String?)
        case sequenceStart(anchor: String?, tag: String?)
        case mappingStart(anchor: String?, tag: String?)
        case sequenceEnd
        case mappingEnd
        /// Starts and ends that nothing depends on.
        case other
    }

    /// On the heap, for libyaml keeps pointers to its own state.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeBufferPointer<UInt8>

    /// - Parameter input: must outlive the parser.
    init(input: UnsafeBufferPointer<UInt8>) {
        self.input = input
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        // Its only failure is lack of memory, which parsing reports again.
        _ = yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. After an error or `streamEnd` there is none.
    mutating func next() throws(Diagnostic) -> (Event, Place) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) != 0 else { throw diagnostic }
        defer { yaml_event_delete(&event) }
        return (Self.translate(event), Place(event.start_mark))
    }

    private static func translate(_ event: yaml_event_t) -> Event {
        switch event.type {
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                String(decoding: bytes, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, anchor: text(scalar.anchor),
                tag: text(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(anchor: text(start.anchor), tag: text(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(anchor: text(start.anchor), tag: text(start.tag))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .other
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: UnsafePointer($0)) }
    }

    /// What libyaml says of its last failure.
    private var diagnostic: Diagnostic {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "cannot be read"
        if state.error == YAML_READER_ERROR {
            // Of an unfinished sequence there is none.
            let value = UInt32(exactly: state.problem_value).map {
                ", which is 0x\(String($0, radix: 16)) here"
            }
            return Diagnostic(
                place: place(ofByte: Int(state.problem_offset)),
                message: "the file is not readable as UTF-8: \(problem)\(value ?? "")")
        }
        if state.error == YAML_MEMORY_ERROR {
            return Diagnostic(place: Place(line: 1, column: 1), message: "out of memory")
        }
        let mark = Place(state.problem_mark)
        if isIndentedWithTabs(line: mark.line) {
            return Diagnostic(place: mark, message: "indent with spaces; YAML allows no tabs here")
        }
        let context = state.context.map { String(cString: $0) }
        let start = Place(state.context_mark)
        let suffix = context.map { ", \($0) that starts at \(start)" } ?? ""
        let hint = Self.hints[problem].map { "; " + $0 } ?? ""
        return Diagnostic(
            place: mark, message: "not well-formed YAML: \(problem)\(suffix)\(hint)")
    }

    /// What is mostly the matter where libyaml says only what it misses.
    private static let hints = [
        "mapping values are not allowed in this context":
            "a text with a colon and a blank in it needs quotes",
        "found character that cannot start any token":
            "a text that begins with @, % or ` needs quotes",
    ]

    private func isIndentedWithTabs(line: Int) -> Bool {
        let lines = input.split(
            separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
        guard line <= lines.count else { return false }
        return lines[line - 1].prefix { $0 == 0x20 || $0 == 0x09 }.contains(0x09)
    }

    /// Columns count characters, as libyaml's do, and lines end where it ends them.
    private func place(ofByte offset: Int) -> Place {
        var place = Place(line: 1, column: 1)
        let before = String(decoding: input.prefix(offset), as: UTF8.self)
        var last: Unicode.Scalar?
        for scalar in before.unicodeScalars {
            switch scalar {
            case "\n" where last == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                place = Place(line: place.line + 1, column: 1)
            default: place.column += 1
            }
            last = scalar
        }
        return place
    }
}

extension Place {
    /// libyaml counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
