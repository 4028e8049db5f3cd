// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Compares a file's tree with the tables of the language, and reports all that differs.
struct Validator {
    private(set) var diagnostics: [Diagnostic] = []
    /// Where values start that have a mistake inside; what is concluded from them may be wrong.
    private(set) var broken: Set<Place> = []
    /// Of the node that is being looked at.
    private var role: Node.Role?
    /// Whether it is a template that is being looked at.
    private var isTemplate = false

    /// - Parameter subject: what the message calls the value: "'mtu'".
    /// - Returns: whether the value is without a mistake.
    @discardableResult
    mutating func check(_ node: YAMLNode, _ shape: Shape, _ subject: String) -> Bool {
        let before = diagnostics.count
        switch shape {
        case .scalar(let form): checkScalar(node, form, shape, subject)
        case .mapping(let kind): checkMapping(node, kind, shape, subject)
        case .map(let keys, let values): checkMap(node, keys, values, shape, subject)
        case .list(let element, let count): checkList(node, element, count, shape, subject)
        case .oneOrMore(let element, let orNone):
            if case .sequence(let items) = node.content, items.isEmpty, !orNone {
                report(node.place, "\(subject) must be \(shape.expectation); the list is empty")
            }
            for item in node.oneOrMore { check(item, element, subject) }
        case .either(let shapes): checkEither(node, shapes, shape, subject)
        case .template(let inner):
            let outer = isTemplate
            isTemplate = true
            check(node, inner, subject)
            isTemplate = outer
        }
        if diagnostics.count > before { broken.insert(node.place) }
        return diagnostics.count == before
    }

    private mutating func report(_ place: Place, _ message: String) {
        diagnostics.append(Diagnostic(place: place, message: message))
    }

    private mutating func wrong(_ node: YAMLNode, _ shape: Shape, _ subject: String) {
        let seen =
            switch node.content {
            case _ where node.isNull: "; it is empty"
            case .scalar(let text, _): ", not '\(text.shortened)'"
            case .sequence: ", not a list"
            case .mapping: ", not a mapping"
            }
        report(node.place, "\(subject) must be \(shape.expectation)\(seen)")
    }

    private mutating func checkScalar(
        _ node: YAMLNode, _ form: Form, _ shape: Shape, _ subject: String
    ) {
        guard case .scalar(let text, let isPlain) = node.content, !node.isNull else {
            return wrong(node, shape, subject)
        }
        if form.accepts(text, isPlain: isPlain) || isComputed(text) { return }
        let quoted = !isPlain && form.accepts(text, isPlain: true)
        let hint = quoted ? ": write it without quotes" : form.hint(for: text)
        report(
            node.place, "\(subject) must be \(form.expectation), not '\(text.shortened)'\(hint)")
    }

    /// Whether a template's text is only known where the template is used.
    private func isComputed(_ text: String) -> Bool {
        isTemplate && TemplateText.hasExpressions(text)
    }

    private mutating func checkList(
        _ node: YAMLNode, _ element: Shape, _ count: Int?, _ shape: Shape,
        _ subject: String
    ) {
        guard case .sequence(let elements) = node.content,
            elements.count == count ?? elements.count
        else {
            if case .sequence(let elements) = node.content {
                report(node.place, "\(subject) must be \(shape.expectation), not \(elements.count)")
            } else {
                wrong(node, shape, subject)
            }
            return
        }
        for item in elements { check(item, element, subject) }
    }

    private mutating func checkMap(
        _ node: YAMLNode, _ keys: Form, _ values: Shape, _ shape: Shape, _ subject: String
    ) {
        guard case .mapping(let pairs) = node.content else {
            if !node.isNull { wrong(node, shape, subject) }
            return
        }
        for pair in pairs {
            if !keys.accepts(pair.key, isPlain: true), !isComputed(pair.key) {
                report(
                    pair.keyPlace,
                    "'\(pair.key.shortened)' in \(subject) must be \(keys.expectation)"
                        + keys.hint(for: pair.key))
            }
            check(pair.value, values, "'\(pair.key.shortened)'")
        }
    }

    /// The shape of the value's own YAML kind; a short form's mistakes are a short form's.
    private mutating func checkEither(
        _ node: YAMLNode, _ shapes: [Shape], _ shape: Shape, _ subject: String
    ) {
        if let fitting = shapes.first(where: { $0.takes(node) }) {
            check(node, fitting, subject)
        } else {
            wrong(node, shape, subject)
        }
    }

    private mutating func checkMapping(
        _ node: YAMLNode, _ kind: MappingKind, _ shape: Shape, _ subject: String
    ) {
        guard node.isNull || !node.pairs.isEmpty || node.isMapping else {
            return wrong(node, shape, subject)
        }
        let outer = role
        defer { role = outer }
        if kind.key("role") != nil { role = node["role"]?.text.flatMap(Node.Role.init) }
        for pair in node.pairs { checkPair(pair, kind) }
        checkChoices(node, kind)
        if !isTemplate { checkRequired(node, kind) }
    }

    private mutating func checkRequired(_ node: YAMLNode, _ kind: MappingKind) {
        for key in kind.requiredKeys where node[key.name] == nil {
            // A misspelt key is not a missing one too.
            if kind.others == nil, meant(node, kind).contains(key.name) { continue }
            report(node.place, "\(kind.title) needs '\(key.name)': \(key.documentation)")
        }
    }

    /// The keys that the unknown ones were probably meant to be.
    private func meant(_ node: YAMLNode, _ kind: MappingKind) -> Set<String> {
        Set(
            node.pairs.filter { kind.key($0.key) == nil }.compactMap {
                Suggestion.nearest(to: $0.key, among: kind.keys.map(\.name))
            })
    }

    private mutating func checkChoices(_ node: YAMLNode, _ kind: MappingKind) {
        for choice in kind.choices { check(choice, of: kind, node) }
    }

    private mutating func checkPair(_ pair: YAMLPair, _ kind: MappingKind) {
        guard let key = kind.key(pair.key) else {
            if let others = kind.others {
                check(pair.value, others, "'\(pair.key.shortened)'")
                return
            }
            return report(pair.keyPlace, Self.unknownKey(pair.key, kind))
        }
        if let roles = key.roles, let role, !roles.contains(role) {
            let others = roles.map(\.rawValue).joined(separator: ", ")
            report(
                pair.keyPlace,
                "'\(key.name)' does not apply to \(role.withArticle), only to \(others)")
        }
        check(pair.value, key.shape, "'\(key.name)'")
    }

    private mutating func check(
        _ choice: MappingKind.Choice, of kind: MappingKind, _ node: YAMLNode
    ) {
        let present = node.pairs.filter { choice.names.contains($0.key) }
        let names = choice.names.map { "'\($0)'" }.joined(separator: ", ")
        if present.isEmpty, choice.isRequired, !isTemplate {
            // An unknown key was most likely meant to be the missing one.
            guard node.pairs.allSatisfy({ kind.key($0.key) != nil }) else { return }
            report(node.place, "\(kind.title) needs one of \(names)")
        }
        for extra in present.dropFirst() {
            report(
                extra.keyPlace,
                "'\(extra.key)' cannot stand beside '\(present[0].key)' in \(kind.title)")
        }
    }

    private static func unknownKey(_ name: String, _ kind: MappingKind) -> String {
        let start = "unknown key '\(name.shortened)' in \(kind.title)"
        let names = kind.keys.map(\.name)
        if let near = Suggestion.nearest(to: name, among: names) {
            return "\(start); did you mean '\(near)'?"
        }
        let homes = Language.kinds.filter { $0.key(name) != nil }.map(\.title)
        if !homes.isEmpty { return "\(start); it is a key of \(homes.joined(separator: ", "))" }
        return "\(start); its keys are \(names.joined(separator: ", "))"
    }
}

extension Shape {
    /// Whether the value is of this shape's YAML kind.
    func takes(_ node: YAMLNode) -> Bool {
        switch self {
        case .scalar: node.text != nil && !node.isNull
        case .mapping, .map: node.isMapping || node.isNull
        case .list: node.isSequence
        case .oneOrMore(let shape, _): node.isSequence || shape.takes(node)
        case .either(let shapes): shapes.contains { $0.takes(node) }
        case .template(let shape): shape.takes(node)
        }
    }
}

extension YAMLNode {
    var isMapping: Bool { if case .mapping = content { true } else { false } }
    var isSequence: Bool { if case .sequence = content { true } else { false } }
}

extension Node.Role {
    /// "a pe", "an rr".
    var withArticle: String { self == .rr ? "an rr" : "a \(rawValue)" }
}

extension String {
    /// For messages: a text that is too long to quote is cut, and a line break becomes a space.
    var shortened: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count <= 60 ? line : line.prefix(57) + "…"
    }
}
