// SPDX-License-Identifier: Apache-2.0

/// What Weft carries with it to start from: a whole lab, or a template that topologies use.
package struct TemplateSummary: Sendable {
    package struct Parameter: Sendable {
        package var name: String
        /// What its value must be: `node`, `prefix` …
        package var form: String
        /// May have expressions in it; nil where a use must give the value.
        package var `default`: String?
        package var description: String
    }

    package var name: String
    package var description: String
    /// The file, as it stands in Templates/.
    package var text: String
    /// Of a template; a lab has none.
    package var parameters: [Parameter]

    /// Whole labs, by name.
    package static var labs: [TemplateSummary] { all(StarterLabs.texts) }
    /// Templates for `use`, by name.
    package static var templates: [TemplateSummary] { all(BuiltInTemplates.texts) }

    private static func all(_ texts: [String: String]) -> [TemplateSummary] {
        texts.sorted { $0.key < $1.key }.map { name, text in
            let root = (try? YAMLDocument.read(Array(text.utf8)))?.0
            let template = root.map { Template(name: name, $0, isBuiltIn: true) }
            let parameters = template?.parameters.map { parameter in
                Parameter(
                    name: parameter.name, form: parameter.form.rawValue,
                    default: parameter.default?.text, description: parameter.description)
            }
            return TemplateSummary(
                name: name, description: template?.description ?? "", text: text,
                parameters: parameters ?? [])
        }
    }
}
