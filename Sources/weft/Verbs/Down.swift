// SPDX-License-Identifier: Apache-2.0

import Control

let downCommand = Command(
    name: "down", summary: "Take a lab down",
    description: """
        Ends every router and tool of the lab and waits until its processes, namespaces and files
        are gone. Nothing that the lab did not make is touched.
        """,
    arguments: [
        .init(
            name: "NAME", summary: "Which lab; needed only when more than one is running",
            isRequired: false)
    ],
    options: [
        .init(name: "all", value: nil, summary: "Take all of your labs down")
    ],
    examples: [
        .init(line: "weft down multihomed-ipvpn", says: "that lab"),
        .init(line: "weft down --all", says: "everything; no lab running is no error"),
    ]
) { invocation in
    let name = invocation.argument("NAME")
    let labs =
        invocation.has("all")
        ? try LabDirectory.running() : [try LabChoice.directory(named: name.isEmpty ? nil : name)]
    for lab in labs {
        try takeDown(lab)
        Terminal.write("lab \(lab.name) is gone\n")
    }
    return .passed
}

/// Returns when nothing of a lab is left.
func takeDown(_ lab: LabDirectory) throws {
    try lab.waitUntilGone {
        let connection = try lab.connect()
        do throws(CallError) { _ = try connection.call(.down) } catch {
            // It may be on its way out already, and close the connection instead of answering.
            if case .refused = error { throw error }
        }
    }
}
