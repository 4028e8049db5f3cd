// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

let validateCommand = Command(
    name: "validate", summary: "Read topology files and report every mistake",
    description: """
        Reads topology files without building anything. Every mistake is reported with line, column
        and what was expected there; unknown or inapplicable keys are mistakes. Exit code 2 if there
        are any. FILE may be - for the standard input. With --json, a list with an entry for every
        file: {file, valid, diagnostics: [{line, column, message}]}.
        """,
    arguments: [.init(name: "FILE", summary: "A topology file", arity: .many)],
    options: [.init(name: "json", value: nil, summary: "Print JSON instead of a text")],
    examples: [
        .init(line: "weft validate lab.yaml", says: "lab.yaml is right: 4 nodes, 3 links, …"),
        .init(line: "weft validate Topologies/*.yaml --json", says: "several, for a program"),
    ]
) { invocation in
    let readings = invocation.rest.map { TopologyReading($0) }
    let wrong = readings.filter { !$0.isRight }
    if invocation.has("json") {
        Terminal.write(JSON.array(readings.map(\.json)).indentedText + "\n")
        return wrong.isEmpty ? .passed : .wrongInput
    }
    for reading in readings { reading.tell(isAlone: readings.count == 1) }
    guard !wrong.isEmpty else { return .passed }
    if readings.count == 1 { throw Failure(wrong[0].summary, code: .wrongInput) }
    throw Failure("\(wrong.count) of \(readings.count) files are wrong", code: .wrongInput)
}

extension TopologyReading {
    var isRight: Bool { if case .right = self { true } else { false } }

    /// One line.
    var summary: String {
        switch self {
        case .unreadable(_, let why): return why
        case .wrong(let file): return file.summary
        case .right(let file):
            let topology = file.topology
            let counts = [
                ("node", topology.nodes.count), ("link", topology.links.count),
                ("LAN", topology.lans.count), ("test", topology.tests.count),
            ]
            let parts = counts.map { "\($0.1) \($0.0)\($0.1 == 1 ? "" : "s")" }
            return "\(file.path) is right: \(parts.joined(separator: ", "))"
        }
    }

    /// What is right on standard output, what is wrong beside it. The verb's last word says why the
    /// only file cannot be read.
    fileprivate func tell(isAlone: Bool) {
        switch self {
        case .right: Terminal.write(summary + "\n")
        case .wrong(let file): Terminal.note(file.report(Terminal.noteStyle))
        case .unreadable: if !isAlone { Terminal.note(summary) }
        }
    }

    /// A file that cannot be read has a diagnostic without a place.
    var json: JSON {
        func entry(_ path: String, _ diagnostics: [JSON]) -> JSON {
            [
                "file": .string(path), "valid": .bool(diagnostics.isEmpty),
                "diagnostics": .array(diagnostics),
            ]
        }
        switch self {
        case .right(let file): return entry(file.path, [])
        case .unreadable(let path, let why): return entry(path, [["message": .string(why)]])
        case .wrong(let file):
            return entry(
                file.path,
                file.diagnostics.map {
                    [
                        "line": JSON($0.place.line), "column": JSON($0.place.column),
                        "message": .string($0.message),
                    ]
                })
        }
    }
}
