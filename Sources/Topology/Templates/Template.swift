// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A piece of a topology with parameters.
struct Template: Sendable {
    struct Parameter: Sendable {
        var name: String
        var form: ParameterForm
        /// May be computed.
        var `default`: YAMLNode?
        var description: String
    }

    var name: String
    var description: String
    /// Whether Weft has it, rather than the file.
    var isBuiltIn: Bool
    var parameters: [Parameter]
    /// Nodes, links …, with expressions in their texts.
    var content: [YAMLPair]
    /// The templates that it is made of.
    var uses: [YAMLNode]

    init(name: String, _ node: YAMLNode, isBuiltIn: Bool) {
        self.name = name
        self.isBuiltIn = isBuiltIn
        let fields = Fields(node)
        description = fields.text("description") ?? ""
        let named = fields.pairs("parameters").filter {
            Form.parameterName.accepts($0.key, isPlain: true)
        }
        parameters = named.map { pair in
            let parameter = Fields(pair.value)
            return Parameter(
                name: pair.key,
                form: parameter.text("form").flatMap(ParameterForm.init) ?? .text,
                default: parameter["default"], description: parameter.text("description") ?? "")
        }
        content = node.pairs.filter { pair in
            Language.content.contains { $0.name == pair.key }
        }
        uses = fields["use"]?.elements ?? []
    }

    /// What is wrong with its expressions, wherever it is used.
    func mistakes() -> [Diagnostic] {
        var known: Set<String> = ["name", "n", "repeat"]
        var mistakes: [Diagnostic] = []
        for parameter in parameters {
            if let value = parameter.default { Self.check(value, known, &mistakes) }
            known.insert(parameter.name)
        }
        for node in content.map(\.value) + uses { Self.check(node, known, &mistakes) }
        return mistakes
    }

    private static func check(
        _ node: YAMLNode, _ known: Set<String>, _ mistakes: inout [Diagnostic]
    ) {
        switch node.content {
        case .scalar(let text, _): check(text, at: node.place, known, &mistakes)
        case .sequence(let elements):
            for element in elements { check(element, known, &mistakes) }
        case .mapping(let pairs):
            for pair in pairs {
                check(pair.key, at: pair.keyPlace, known, &mistakes)
                check(pair.value, known, &mistakes)
            }
        }
    }

    private static func check(
        _ text: String, at place: Place, _ known: Set<String>, _ mistakes: inout [Diagnostic]
    ) {
        guard TemplateText.hasExpressions(text) else { return }
        do throws(ExpressionError) {
            for name in try TemplateText(text).names where !known.contains(name) {
                let hint = Suggestion.text(for: name, among: known.sorted())
                let minus = name.contains("-") ? " (a minus has a blank before it)" : ""
                mistakes.append(
                    Diagnostic(
                        place: place,
                        message: "the template has no parameter '\(name.shortened)'\(hint)\(minus)")
                )
            }
        } catch {
            mistakes.append(
                Diagnostic(place: place, message: "in '\(text.shortened)': \(error.message)"))
        }
    }
}

/// The templates that a topology may use.
struct TemplateLibrary {
    private var templates: [String: Template] = [:]
    private let builtIn: [String: String]

    /// - Parameter builtIn: the texts of Weft's own by name; they are read when they are needed.
    init(builtIn: [String: String]) { self.builtIn = builtIn }

    /// One of the file's own; it stands before one of Weft's with the same name.
    mutating func add(_ template: Template) { templates[template.name] = template }

    var names: [String] { Set(templates.keys).union(builtIn.keys).sorted() }

    func isBuiltIn(_ name: String) -> Bool { templates[name]?.isBuiltIn ?? true }

    mutating func template(_ name: String) -> Template? {
        if let known = templates[name] { return known }
        guard let text = builtIn[name] else { return nil }
        guard let (root, _) = try? YAMLDocument.read(Array(text.utf8)), let root else { return nil }
        let template = Template(name: name, root, isBuiltIn: true)
        templates[name] = template
        return template
    }
}
