// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What the uses of templates in a topology have become.
enum InstanceText {
    /// A row for each instance; empty where a topology uses none.
    static func text(_ instances: [TemplateInstance], _ style: Style = .plain) -> String {
        guard !instances.isEmpty else { return "" }
        let rows = instances.map { instance in
            [
                instance.name,
                instance.template + (instance.parent.map { " (in \($0))" } ?? ""),
                outcome(instance),
            ]
        }
        var table = Table(
            columns: [.init("Instance"), .init("Template"), .init("Became")], rows: rows)
        table.paint = { row, _, text in row == nil ? style.bold(text) : text }
        return table.text() + "\n"
    }

    private static func outcome(_ instance: TemplateInstance) -> String {
        let parts = [
            ("node", instance.nodes), ("link", instance.links), ("LAN", instance.lans),
        ].filter { !$0.1.isEmpty }.map { kind, names in
            kind + (names.count == 1 ? " " : "s ") + names.joined(separator: ", ")
        }
        let extended = instance.extended
        let more = extended.isEmpty ? [] : ["adds to " + extended.joined(separator: ", ")]
        return (parts + more).joined(separator: "; ")
    }

    static func json(_ instances: [TemplateInstance]) -> JSON {
        JSON(
            instances.map { instance in
                JSON.present([
                    ("name", JSON(instance.name)), ("template", JSON(instance.template)),
                    ("line", JSON(instance.place.line)), ("in", JSON(instance.parent)),
                    ("nodes", JSON(instance.nodes.map { JSON($0) })),
                    ("links", JSON(instance.links.map { JSON($0) })),
                    ("lans", JSON(instance.lans.map { JSON($0) })),
                    ("adds-to", JSON(instance.extended.map { JSON($0) })),
                ])
            })
    }
}
