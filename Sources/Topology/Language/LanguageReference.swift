// SPDX-License-Identifier: Apache-2.0

extension Topology {
    /// The language of topology files for people to read: every kind of mapping with where it
    /// stands, every key with what it may say. Lines have at most 100 columns.
    package static var languageReference: String {
        let places = LanguageReference.places
        return Language.kinds.map { kind in
            LanguageReference.text(of: kind, at: places[kind.title] ?? [])
        }.joined(separator: "\n")
    }
}

enum LanguageReference {
    private static let width = 100

    static func text(of kind: MappingKind, at places: [String]) -> String {
        let home = places.isEmpty ? "" : ": " + places.joined(separator: "  ")
        let rules = kind.choices.map { choice in
            "  " + (choice.isRequired ? "one of " : "at most one of ")
                + choice.names.joined(separator: ", ")
        }
        let lines =
            wrap(kind.title + home, 4) + kind.keys.flatMap(entry) + rules.flatMap { wrap($0, 4) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func entry(of key: Key) -> [String] {
        var head = "  \(key.name): \(key.shape.expectation)"
        if key.isRequired { head += "; required" }
        if let text = key.default { head += "; default: \(text)" }
        if let roles = key.roles {
            head += "; only on " + roles.map(\.rawValue).joined(separator: ", ")
        }
        return wrap(head, 6) + wrap("      " + key.documentation, 6)
    }

    /// The text in lines; the second and later ones begin with some blanks.
    private static func wrap(_ text: String, _ indent: Int) -> [String] {
        let start = String(text.prefix { $0 == " " })
        var lines = [start]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            let isFirst = last.allSatisfy { $0 == " " }
            if !isFirst, last.count + 1 + word.count > width {
                lines.append(String(repeating: " ", count: indent) + word)
            } else {
                lines[lines.count - 1] = last + (isFirst ? "" : " ") + word
            }
        }
        return lines
    }

    /// Of each kind, where it stands in a file: `nodes.NAME.vrfs.NAME`, `links[]`.
    static var places: [String: [String]] {
        var places: [String: [String]] = [:]
        func visit(_ shape: Shape, _ path: String) {
            switch shape {
            // What a template holds is told where it stands in a file.
            case .scalar, .template: break
            case .map(_, let values): visit(values, path + ".NAME")
            case .list(let element, _): visit(element, path + "[]")
            case .oneOrMore(let element, _): visit(element, path)
            case .either(let shapes): for shape in shapes { visit(shape, path) }
            case .mapping(let kind):
                if !path.isEmpty { places[kind.title, default: []].append(path) }
                for key in kind.keys {
                    visit(key.shape, path.isEmpty ? key.name : path + "." + key.name)
                }
            }
        }
        visit(.mapping(Language.file), "")
        return places
    }
}
