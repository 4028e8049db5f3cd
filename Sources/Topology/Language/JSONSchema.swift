// SPDX-License-Identifier: Apache-2.0

import Primitives

extension Topology {
    /// The language of topology files as a JSON Schema (draft 2020-12), for editors: made of the
    /// tables that validate. It accepts all that `parse` does, and refuses what is wrong by its
    /// shape alone; what names stand for is beyond it.
    package static var jsonSchema: JSON {
        SchemaWriter.document(of: Language.file, Language.kinds)
    }
}

/// Writes the tables of the language as a JSON Schema.
enum SchemaWriter {
    static func document(of file: MappingKind, _ kinds: [MappingKind]) -> JSON {
        let definitions = kinds.map {
            JSON.Member(name(of: $0), .object(definition(of: $0)))
        }
        return .object([
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("title", "A topology file of Weft"),
            .init("$ref", .string(reference(to: file))),
            .init("$defs", .object(withParts(definitions, of: name(of: file)))),
        ])
    }

    /// "bgp-group" for "a BGP group".
    static func name(of kind: MappingKind) -> String {
        var words = kind.title.lowercased().replacing("'s", with: "").split(separator: " ")
        if ["a", "an", "the"].contains(words.first) { words.removeFirst() }
        return words.joined(separator: "-")
    }

    private static func reference(to kind: MappingKind) -> String { "#/$defs/" + name(of: kind) }

    // MARK: Mappings

    private static func definition(of kind: MappingKind) -> [JSON.Member] {
        let required = kind.keys.filter(\.isRequired).map(\.name)
        let mustSay = !required.isEmpty || kind.choices.contains(where: \.isRequired)
        var members: [JSON.Member] = [
            .init("title", .string(kind.title)),
            // Nothing after the colon is a mapping without keys.
            .init("type", mustSay ? "object" : ["object", "null"]),
            .init(
                "properties",
                .object(kind.keys.map { .init($0.name, .object(property(of: $0))) })),
            .init(
                "additionalProperties", kind.others.map { .object(schema(of: $0)) } ?? false),
        ]
        if !required.isEmpty { members.append(.init("required", JSON(required))) }
        let rules = kind.choices.flatMap { limits(of: $0, in: kind) } + roleRules(of: kind)
        if !rules.isEmpty { members.append(.init("allOf", .array(rules))) }
        return members
    }

    /// A choice among all keys is a count of them, which editors explain better.
    private static func limits(of choice: MappingKind.Choice, in kind: MappingKind) -> [JSON] {
        if choice.isRequired, choice.names.count == kind.keys.count {
            return [["minProperties": 1, "maxProperties": 1]]
        }
        func all(_ names: [String]) -> JSON { ["required": JSON(names)] }
        if choice.isRequired { return [["oneOf": .array(choice.names.map { all([$0]) })]] }
        return choice.names.indices.flatMap { second in
            choice.names[..<second].map { ["not": all([$0, choice.names[second]])] }
        }
    }

    /// What a node of a role may not say, here or further inside.
    private static func roleRules(of kind: MappingKind) -> [JSON] {
        guard kind.key("role") != nil else { return [] }
        return Node.Role.allCases.compactMap { role in
            let refused = refused(in: kind, role)
            guard !refused.isEmpty else { return nil }
            return [
                "if": [
                    "properties": ["role": ["const": .string(role.rawValue)]], "required": ["role"],
                ],
                "then": .object(refused),
            ]
        }
    }

    private static func refused(in kind: MappingKind, _ role: Node.Role) -> [JSON.Member] {
        let members: [JSON.Member] = kind.keys.compactMap { key in
            if let roles = key.roles, !roles.contains(role) { return .init(key.name, false) }
            let inside = refused(in: key.shape, role)
            return inside.isEmpty ? nil : .init(key.name, .object(inside))
        }
        return members.isEmpty ? [] : [.init("properties", .object(members))]
    }

    private static func refused(in shape: Shape, _ role: Node.Role) -> [JSON.Member] {
        switch shape {
        case .scalar: return []
        case .mapping(let kind): return refused(in: kind, role)
        case .map(_, let values):
            let inside = refused(in: values, role)
            return inside.isEmpty ? [] : [.init("additionalProperties", .object(inside))]
        case .list(let element, _):
            let inside = refused(in: element, role)
            return inside.isEmpty ? [] : [.init("items", .object(inside))]
        case .oneOrMore(let element, _):
            return refused(in: .either([element, .list(element)]), role)
        case .either(let shapes):
            let parts = shapes.map { refused(in: $0, role) }.filter { !$0.isEmpty }
            return parts.count < 2
                ? parts.first ?? [] : [.init("allOf", .array(parts.map { .object($0) }))]
        case .template: return []
        }
    }

    // MARK: Values

    private static func property(of key: Key) -> [JSON.Member] {
        var members = [JSON.Member("description", .string(description(of: key)))]
        members += schema(of: key.shape)
        if let value = defaultValue(of: key) { members.append(.init("default", value)) }
        return members
    }

    /// What the key is for, what it may say, what holds without it, and where it applies.
    private static func description(of key: Key) -> String {
        var parts = [key.documentation]
        if let form = key.shape.form, case .pattern = form.kind { parts.append(form.expectation) }
        if let text = key.default, defaultValue(of: key) == nil { parts.append("default: \(text)") }
        if let roles = key.roles {
            parts.append("only on " + roles.map(\.rawValue).joined(separator: ", "))
        }
        return parts.joined(separator: "; ")
    }

    /// The default where it is a value rather than a rule.
    private static func defaultValue(of key: Key) -> JSON? {
        guard let text = key.default, !text.contains(" "), let form = key.shape.form,
            form.accepts(text, isPlain: true)
        else { return nil }
        switch form.kind {
        case .flag: return .bool(text == "true")
        case .integer: return Form.number(text).map { JSON($0) }
        default: return Form.number(text).map { JSON($0) } ?? .string(text)
        }
    }

    static func schema(of shape: Shape) -> [JSON.Member] {
        switch shape {
        case .scalar(let form): return schema(of: form)
        case .mapping(let kind): return [.init("$ref", .string(reference(to: kind)))]
        case .map(let keys, let values):
            return [
                .init("type", ["object", "null"]),
                .init("propertyNames", .object(keySchema(of: keys))),
                .init("additionalProperties", .object(schema(of: values))),
            ]
        case .list(let element, let count):
            let size: [JSON.Member] =
                count.map { [.init("minItems", JSON($0)), .init("maxItems", JSON($0))] } ?? []
            return [.init("type", "array"), .init("items", .object(schema(of: element)))] + size
        case .oneOrMore(let element, let orNone):
            let list = schema(of: .list(element)) + (orNone ? [] : [.init("minItems", 1)])
            return [
                .init("anyOf", [.object(schema(of: element)), .object(list)])
            ]
        case .either(let shapes):
            return [.init("anyOf", .array(shapes.map { .object(schema(of: $0)) }))]
        case .template(.scalar(let form)):
            let computed: JSON = ["type": "string", "pattern": "<"]
            return [.init("anyOf", [.object(schema(of: form)), computed])]
        // Any text inside may be computed, so an editor knows only what the whole is.
        case .template(.list): return [.init("type", "array")]
        case .template: return [.init("type", ["object", "null"])]
        }
    }

    static func schema(of form: Form) -> [JSON.Member] {
        switch form.kind {
        case .text: return [.init("type", ["string", "number", "boolean"])]
        case .flag: return [.init("type", "boolean")]
        case .integer(let range):
            return [
                .init("type", "integer"), .init("minimum", JSON(range.lowerBound)),
                .init("maximum", JSON(range.upperBound)),
            ]
        case .choice(let names):
            // Without quotes, a number to YAML.
            let numbers = names.compactMap(Form.number).map { JSON($0) }
            return [.init("enum", .array(names.map { .string($0) } + numbers))]
        case .pattern(let pattern):
            return types(pattern) + [.init("pattern", .string(pattern.expression.anchored))]
        }
    }

    /// In JSON, a key is a text whatever it looks like.
    private static func keySchema(of form: Form) -> [JSON.Member] {
        guard case .pattern(let pattern) = form.kind else { return schema(of: form) }
        return [.init("pattern", .string(pattern.expression.anchored))]
    }

    /// A text without quotes may be a number or a flag to YAML (1.2, core schema): AS 65000, a node
    /// with the name 7, the password true.
    private static func types(_ pattern: Form.Pattern) -> [JSON.Member] {
        let accepts = pattern.accepts
        var types: [JSON] = ["string"]
        if ["1.5", "1.10", "1e5", "49.0001"].contains(where: accepts) {
            types.append("number")
        } else if ["0", "7", "65000", "0o7", "0x0002000000010001"].contains(where: accepts) {
            types.append("integer")
        }
        if ["true", "FALSE"].contains(where: accepts) { types.append("boolean") }
        return [.init("type", types.count == 1 ? types[0] : .array(types))]
    }
}

extension Shape {
    /// What a scalar must say where one may stand, alone or in a list.
    fileprivate var form: Form? {
        switch self {
        case .scalar(let form), .oneOrMore(.scalar(let form), _): form
        default: nil
        }
    }
}
