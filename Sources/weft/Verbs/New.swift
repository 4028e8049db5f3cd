// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Topology

let newCommand = Command(
    name: "new", summary: "Start a lab from one that works",
    description: """
        Writes NAME.yaml, a lab that runs as it is and passes its own tests, to be changed into
        yours. Without LAB it lists what there is: labs to start from, and the templates that a
        topology can use, with their parameters. A file that exists is never overwritten.
        """,
    arguments: [
        .init(name: "LAB", summary: "Which lab to start from", isRequired: false),
        .init(name: "NAME", summary: "The new lab's name; LAB if not given", isRequired: false),
    ],
    options: [
        .init(name: "print", value: nil, summary: "Print the lab or template, write no file"),
        .init(name: "json", value: nil, summary: "Print the list as JSON instead of tables"),
    ],
    examples: [
        .init(line: "weft new", says: "the labs and the templates that there are"),
        .init(line: "weft new l3vpn my-lab", says: "then: weft test my-lab.yaml"),
        .init(line: "weft new site --print", says: "what the template 'site' is made of"),
    ]
) { invocation in
    let wanted = invocation.argument("LAB")
    guard !wanted.isEmpty else {
        Terminal.write(
            invocation.has("json")
                ? TemplateListText.json.indentedText + "\n" : TemplateListText.text(Terminal.style))
        return .passed
    }
    let isPrinted = invocation.has("print")
    let source = try source(wanted, isPrinted: isPrinted)
    let given = invocation.argument("NAME")
    let name = given.isEmpty ? wanted : given
    let text = try named(source, name)
    if isPrinted {
        Terminal.write(text)
    } else {
        try create(name + ".yaml", text)
        Terminal.write(
            """
            \(name).yaml: \(source.description)
              weft test \(name).yaml    up, its tests, down
              weft up \(name).yaml      a lab that stays

            """)
    }
    return .passed
}

private func source(_ wanted: String, isPrinted: Bool) throws -> TemplateSummary {
    let labs = TemplateSummary.labs
    let templates = TemplateSummary.templates
    if let lab = labs.first(where: { $0.name == wanted }) { return lab }
    guard let template = templates.first(where: { $0.name == wanted }) else {
        let names = labs.map(\.name) + (isPrinted ? templates.map(\.name) : [])
        let hint = Suggestion.text(for: wanted, among: names)
        throw Failure(
            "no lab '\(wanted)' to start from\(hint); `weft new` lists them", code: .wrongInput)
    }
    guard isPrinted else {
        throw Failure(
            "'\(wanted)' is a template: a topology has it by `use: [{template: \(wanted), …}]`; "
                + "`weft new \(wanted) --print` shows it", code: .wrongInput)
    }
    return template
}

/// A lab under another name.
private func named(_ source: TemplateSummary, _ name: String) throws -> String {
    guard name != source.name else { return source.text }
    let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line == "name: \(source.name)" ? "name: \(name)" : String(line)
    }
    let text = lines.joined(separator: "\n")
    do throws(TopologyErrors) {
        _ = try Topology.parse(Array(text.utf8))
    } catch {
        let message = error.diagnostics[0].message
        throw Failure("a lab cannot be called '\(name)': \(message)", code: .wrongInput)
    }
    return text
}

private func create(_ path: String, _ text: String) throws {
    do throws(SystemError) {
        try FileSystem.create(path, text)
    } catch {
        throw Failure("\(error); nothing was changed", code: .wrongInput)
    }
}
