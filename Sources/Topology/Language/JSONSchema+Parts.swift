// SPDX-License-Identifier: Apache-2.0

import Primitives

/// In a file that uses templates, what stands under some keys may be a part only: the rest is the
/// templates' word.
extension SchemaWriter {
    private static let completed = ["nodes", "lans"]
    private static let prefix = "#/$defs/"

    /// The definitions, and of those below the keys another of a part each; the file's own says
    /// which holds.
    static func withParts(_ definitions: [JSON.Member], of file: String) -> [JSON.Member] {
        guard let index = definitions.firstIndex(where: { $0.name == file }) else {
            return definitions
        }
        let members = definitions[index].value.members
        let properties = definitions[index].value["properties"]?.members ?? []
        let whole = JSON.object(properties.filter { completed.contains($0.name) })
        var names: Set<String> = []
        collect(whole, definitions, &names)
        let rule: JSON = [
            "if": ["required": ["use"]], "then": ["properties": partial(whole)],
            "else": ["properties": whole],
        ]
        let described = properties.map { property -> JSON.Member in
            guard completed.contains(property.name) else { return property }
            let words = property.value.members.filter { $0.name == "description" }
            return JSON.Member(property.name, .object(words))
        }
        let kept = members.map { member -> JSON.Member in
            guard member.name == "properties" else { return member }
            return JSON.Member("properties", .object(described))
        }
        let parts = definitions.filter { names.contains($0.name) }.map { definition in
            JSON.Member(definition.name + "-part", part(of: definition.value))
        }
        var all = definitions
        all[index] = JSON.Member(file, .object(kept + [JSON.Member("allOf", .array([rule]))]))
        return all + parts
    }

    /// The definitions that a schema refers to, directly or not.
    private static func collect(
        _ value: JSON, _ definitions: [JSON.Member], _ names: inout Set<String>
    ) {
        for element in value.array { collect(element, definitions, &names) }
        for member in value.members {
            guard member.name == "$ref", let text = member.value.string else {
                collect(member.value, definitions, &names)
                continue
            }
            let name = String(text.dropFirst(prefix.count))
            guard names.insert(name).inserted else { continue }
            let definition = definitions.first { $0.name == name }
            collect(definition?.value ?? .null, definitions, &names)
        }
    }

    /// The same with references to parts.
    private static func partial(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements): return .array(elements.map { partial($0) })
        case .object(let members):
            return .object(
                members.map { member -> JSON.Member in
                    guard member.name == "$ref", let text = member.value.string else {
                        return JSON.Member(member.name, partial(member.value))
                    }
                    return JSON.Member(member.name, .string(text + "-part"))
                })
        default: return value
        }
    }

    /// Nothing is required of a part.
    private static func part(of definition: JSON) -> JSON {
        let members = definition.members.compactMap { member -> JSON.Member? in
            switch member.name {
            case "required": return nil
            case "type": return .init("type", ["object", "null"])
            case "allOf":
                let rules = member.value.array.filter { $0["oneOf"] == nil }
                return rules.isEmpty ? nil : .init("allOf", .array(rules))
            default: return member
            }
        }
        return partial(.object(members))
    }
}
