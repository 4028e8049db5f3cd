// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

let listCommand = Command(
    name: "ls", summary: "List the labs that are running",
    description: """
        Lists your running labs, or with NAME the nodes of one of them.
        """,
    arguments: [.init(name: "NAME", summary: "A lab, whose nodes to list", isRequired: false)],
    options: [.json],
    examples: [
        .init(line: "weft ls", says: "every lab, its kernel and how many nodes run"),
        .init(line: "weft ls multihomed-ipvpn", says: "each node's role, state and process"),
        .init(line: "weft ls --json", says: "the same for a program"),
    ]
) { invocation in
    let name = invocation.argument("NAME")
    if !name.isEmpty {
        let lab = try LabChoice.directory(named: name)
        let answer = try lab.connect().call(.hello).without("topology")
        Terminal.write(
            invocation.has("json")
                ? answer.indentedText + "\n" : ListText.nodes(answer, Terminal.style))
        return .passed
    }
    let labs = try LabDirectory.running().compactMap(describe)
    let text =
        invocation.has("json")
        ? JSON(labs).indentedText + "\n" : ListText.labs(labs, Terminal.style)
    Terminal.write(text)
    return .passed
}

/// What a lab says of itself; nil where it ended between the listing and the question.
private func describe(_ lab: LabDirectory) -> JSON? {
    guard let connection = try? lab.connect() else { return nil }
    if let answer = try? connection.call(.hello, within: .seconds(2)) {
        return answer.without("topology")
    }
    return ["name": .string(lab.name), "state": "silent"]
}

extension JSON {
    fileprivate func without(_ name: String) -> JSON {
        .object(members.filter { $0.name != name })
    }
}
