// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What `weft new` can start a lab from, and what a topology can use.
enum TemplateListText {
    static func text(_ style: Style = .plain) -> String {
        let templates = TemplateSummary.templates.map { template in
            let parameters = template.parameters.map { parameter in
                parameter.name + (parameter.default.map { "=" + $0 } ?? "")
            }
            return [
                template.name, template.description + ": " + parameters.joined(separator: ", "),
            ]
        }
        return """
            \(style.bold("Labs to start from: weft new LAB NAME"))
            \(table(TemplateSummary.labs.map { [$0.name, $0.description] }))

            \(style.bold("Templates for a topology: use: [{template: NAME, PARAMETER: VALUE …}]"))
            \(table(templates))

            """
    }

    private static func table(_ rows: [[String]]) -> String {
        Table(
            columns: [.init("", minimum: 18), .init("")],
            rows: rows.map { ["  " + $0[0], $0[1]] }
        ).text(showsHeader: false)
    }

    static var json: JSON {
        [
            "labs": JSON(TemplateSummary.labs.map(json)),
            "templates": JSON(TemplateSummary.templates.map(json)),
        ]
    }

    private static func json(_ summary: TemplateSummary) -> JSON {
        let parameters = summary.parameters.map { parameter in
            JSON.present([
                ("name", JSON(parameter.name)), ("form", JSON(parameter.form)),
                ("default", JSON(parameter.default)), ("description", JSON(parameter.description)),
            ])
        }
        return [
            "name": JSON(summary.name), "description": JSON(summary.description),
            "parameters": JSON(parameters),
        ]
    }
}
