// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What looking at the lab once came to.
enum Observation: Hashable {
    /// As wanted; the text says what was seen.
    case holds(String)
    /// Not (yet) as wanted.
    case differs(wanted: String, seen: String)
}

extension JSON {
    /// The value as people write it: strings without quotes, lists with spaces.
    var plainText: String {
        switch self {
        case .string(let value): value
        case .array(let elements):
            elements.isEmpty ? "none" : elements.map(\.plainText).joined(separator: " ")
        case .null: "none"
        default: text
        }
    }
}

/// A member that an answer must have, and how it is compared.
struct FieldExpectation {
    enum Comparison { case equal, sameElements, contains }

    var name: String
    var wanted: JSON
    var comparison: Comparison = .equal

    func holds(in object: JSON) -> Bool {
        let seen = object[name] ?? .null
        return switch comparison {
        case .equal: seen == wanted
        case .sameElements:
            seen.array.map(\.plainText).sorted() == wanted.array.map(\.plainText).sorted()
        case .contains: seen.plainText.contains(wanted.plainText)
        }
    }

    var wantedText: String { "\(name) \(wanted.plainText)" }
    func seenText(in object: JSON) -> String { "\(name) \((object[name] ?? .null).plainText)" }
}

extension [FieldExpectation] {
    func holds(in object: JSON) -> Bool { allSatisfy { $0.holds(in: object) } }

    var wantedText: String { map(\.wantedText).joined(separator: ", ") }

    /// The fields that differ, as seen; all of them where none differs.
    func seenText(in object: JSON) -> String {
        let differing = filter { !$0.holds(in: object) }
        return (differing.isEmpty ? self : differing).map { $0.seenText(in: object) }
            .joined(separator: ", ")
    }

    /// Compares one object with all fields.
    func observe(_ object: JSON) -> Observation {
        holds(in: object)
            ? .holds(seenText(in: object))
            : .differs(wanted: wantedText, seen: seenText(in: object))
    }
}

extension PathExpectation {
    /// The members of a path (see Query.routes) that this expectation looks at.
    var fields: [FieldExpectation] {
        var fields: [FieldExpectation] = []
        func add(_ name: String, _ wanted: JSON, _ comparison: FieldExpectation.Comparison = .equal)
        {
            if wanted != .null {
                fields.append(FieldExpectation(name: name, wanted: wanted, comparison: comparison))
            }
        }
        add("protocol", JSON(source))
        add("next-hop", JSON(nextHop))
        add("interface", JSON(interface))
        add("from", JSON(from))
        add("med", JSON(med))
        add("local-preference", JSON(localPreference))
        add("as-path", JSON(asPath))
        add("originator", JSON(originator))
        add("communities", communities.map { JSON($0) } ?? .null, .sameElements)
        add("vpn-label", JSON(vpnLabel.map(\.value)))
        add("labels", labels.map { .array($0.map { JSON($0.value) }) } ?? .null)
        add("reason", JSON(reason), .contains)
        return fields
    }
}
