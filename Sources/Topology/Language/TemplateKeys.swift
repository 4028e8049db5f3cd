// SPDX-License-Identifier: Apache-2.0

/// Templates, and their use.
extension Language {
    /// How often a template may be used by one entry.
    static let repeatMax = 10_000

    static let use = MappingKind(
        title: "a use",
        keys: [
            Key(
                "template", .scalar(.name), required: true,
                "the template: one of this file's, or of those that Weft has (weft new)"),
            Key(
                "repeat", .template(.scalar(.integer(0...repeatMax))), default: "once",
                "how often; <n> counts from 1"),
            Key(
                "as", .template(.scalar(.name)),
                default: "TEMPLATE, or with repeat TEMPLATE-<n>",
                "the name of the instance, <name> in the template"),
        ],
        others: .template(.scalar(.text)))

    static let template = MappingKind(
        title: "a template",
        keys: [
            Key("description", .scalar(.text), "one line for people"),
            Key(
                "parameters", .map(keys: .parameterName, values: .mapping(parameter)),
                "what a use says of it"),
            Key("use", .template(.list(.mapping(use))), "templates that it is made of"),
        ] + content.map { Key($0.name, .template($0.shape), $0.documentation) })

    static let parameter = MappingKind(
        title: "a parameter",
        keys: [
            Key(
                "form", .scalar(.choice(ParameterForm.allCases.map(\.rawValue))), default: "text",
                "what its value must be"),
            Key(
                "default", .template(.scalar(.text)), default: "none: a use must say it",
                "its value where a use does not say it; may be computed from those before it"),
            Key("description", .scalar(.text), "one line for people"),
        ])
}

/// What a parameter of a template may be.
enum ParameterForm: String, CaseIterable, Sendable {
    case text, name, node, number, flag, address, prefix, time
    case autonomousSystem = "as-number"

    var form: Form {
        switch self {
        case .text: .text
        case .name: .name
        case .node: .nodeName
        case .number: .unsigned32
        case .flag: .flag
        case .address: .address
        case .prefix: .prefix
        case .time: .duration
        case .autonomousSystem: .asNumber
        }
    }
}

extension Form {
    /// Words that have a meaning of their own in a use or in a template.
    static let takenParameterNames: Set<String> = ["template", "repeat", "as", "name", "n"]

    static let parameterName = pattern(
        "a name of letters, digits and '-' that starts with a letter", example: "pe",
        "[A-Za-z][A-Za-z0-9_-]{0,62}"
    ) {
        Names.isValid($0, alsoAllowed: "-_") && $0.first?.isLetter == true
            && !takenParameterNames.contains($0)
    } advice: {
        takenParameterNames.contains($0) ? "that word has a meaning of its own" : nil
    }
}
