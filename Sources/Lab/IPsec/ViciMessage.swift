// SPDX-License-Identifier: Apache-2.0

/// What an IKE daemon is told and tells through vici, strongSwan's control interface: named texts,
/// lists of texts, and sections of the same, in order.
package struct ViciMessage: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: Value
    }

    package indirect enum Value: Hashable, Sendable {
        case text(String)
        case list([String])
        case section(ViciMessage)
    }

    var members: [Member] = []

    subscript(name: String) -> Value? { members.first { $0.name == name }?.value }

    /// The text of a name; nil for what is none.
    func text(_ name: String) -> String? {
        if case .text(let text) = self[name] { text } else { nil }
    }

    // MARK: Octets

    /// What announces an element.
    private enum Element: UInt8 {
        case sectionStart = 1
        case sectionEnd, keyValue, listStart, listItem, listEnd
    }

    /// - Precondition: names have at most 255 octets. Of a text, the first 64 KiB count.
    package var octets: [UInt8] {
        members.flatMap { member -> [UInt8] in
            switch member.value {
            case .text(let text): Self.head(.keyValue, member.name) + Self.body(text)
            case .list(let texts):
                Self.head(.listStart, member.name)
                    + texts.flatMap { [Element.listItem.rawValue] + Self.body($0) }
                    + [Element.listEnd.rawValue]
            case .section(let section):
                Self.head(.sectionStart, member.name) + section.octets
                    + [Element.sectionEnd.rawValue]
            }
        }
    }

    private static func head(_ element: Element, _ name: String) -> [UInt8] {
        [element.rawValue, UInt8(name.utf8.count)] + name.utf8
    }

    private static func body(_ text: String) -> [UInt8] {
        let octets = text.utf8.prefix(Int(UInt16.max))
        return [UInt8(octets.count >> 8), UInt8(truncatingIfNeeded: octets.count)] + octets
    }

    init(_ members: [Member] = []) { self.members = members }

    /// - Returns: nil for octets that are no message.
    package init?(octets: some Collection<UInt8>) {
        var rest = Array(octets)[...]
        guard let members = Self.members(&rest, depth: 0), rest.isEmpty else { return nil }
        self.members = members
    }

    /// Deeper messages are nobody's.
    private static let depthMax = 16

    /// Up to the end of the section, or of the octets.
    private static func members(_ rest: inout ArraySlice<UInt8>, depth: Int) -> [Member]? {
        guard depth < depthMax else { return nil }
        var members: [Member] = []
        while let octet = rest.popFirst() {
            guard let element = Element(rawValue: octet) else { return nil }
            if element == .sectionEnd { return depth > 0 ? members : nil }
            guard let name = text(&rest, lengthSize: 1),
                let value = value(element, &rest, depth: depth)
            else { return nil }
            members.append(Member(name: name, value: value))
        }
        return depth == 0 ? members : nil
    }

    private static func value(
        _ element: Element, _ rest: inout ArraySlice<UInt8>, depth: Int
    ) -> Value? {
        switch element {
        case .keyValue: text(&rest, lengthSize: 2).map { .text($0) }
        case .listStart: list(&rest).map { .list($0) }
        case .sectionStart:
            members(&rest, depth: depth + 1).map { .section(ViciMessage($0)) }
        case .sectionEnd, .listItem, .listEnd: nil
        }
    }

    private static func list(_ rest: inout ArraySlice<UInt8>) -> [String]? {
        var texts: [String] = []
        while let element = rest.popFirst().flatMap(Element.init) {
            if element == .listEnd { return texts }
            guard element == .listItem, let text = text(&rest, lengthSize: 2) else { return nil }
            texts.append(text)
        }
        return nil
    }

    private static func text(_ rest: inout ArraySlice<UInt8>, lengthSize: Int) -> String? {
        guard rest.count >= lengthSize else { return nil }
        let count = rest.prefix(lengthSize).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(lengthSize)
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }
}

/// One unit of a vici connection: four octets of length in network order, the kind, and by the kind
/// a name and a message.
package enum ViciPacket: Hashable, Sendable {
    case request(String, ViciMessage)
    case response(ViciMessage)
    /// The daemon does not know what was asked.
    case unknownRequest

    private static let requestKind: UInt8 = 0
    private static let responseKind: UInt8 = 1
    private static let unknownKind: UInt8 = 2
    /// The most that a daemon sends at once.
    private static let sizeMax = 512 << 10

    var octets: [UInt8] {
        let body: [UInt8] =
            switch self {
            case .request(let name, let message):
                [Self.requestKind, UInt8(name.utf8.count)] + name.utf8 + message.octets
            case .response(let message): [Self.responseKind] + message.octets
            case .unknownRequest: [Self.unknownKind]
            }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: body.count >> $0) } + body
    }

    package enum Parsed: Hashable {
        case packet(ViciPacket)
        /// More octets must come.
        case incomplete
        case malformed
    }

    /// Takes the first answer off what has arrived.
    package static func next(_ buffer: inout [UInt8]) -> Parsed {
        guard buffer.count >= 4 else { return .incomplete }
        let size = buffer.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard size > 0, size <= sizeMax else { return .malformed }
        guard buffer.count >= 4 + size else { return .incomplete }
        let body = buffer[4..<4 + size]
        defer { buffer.removeFirst(4 + size) }
        switch body.first {
        case responseKind:
            return ViciMessage(octets: body.dropFirst()).map { .packet(.response($0)) }
                ?? .malformed
        case unknownKind: return .packet(.unknownRequest)
        default: return .malformed
        }
    }
}
