// SPDX-License-Identifier: Apache-2.0

import Control
import Plan
import Primitives
import Topology

let diffCommand = Command(
    name: "diff", summary: "What `weft up` would change in a running lab",
    description: """
        Compares FILE with the running lab of its name, and prints each node, link and LAN that
        `weft up FILE` would add (+), remove (-) or change (~). Changes nothing. Exit code 0 when
        the lab is as FILE says, 1 when it is not.
        """,
    arguments: [.init(name: "FILE", summary: "The topology file")],
    options: [
        .init(name: "json", value: nil, summary: "Print JSON instead of lines"), .setting,
        .init(
            name: "lab", value: "NAME", summary: "Compare with this lab, whatever FILE is called"),
    ],
    examples: [
        .init(line: "weft diff lab.yaml", says: "then: weft up lab.yaml"),
        .init(line: "weft diff lab.yaml --json", says: "the same for a program"),
    ]
) { invocation in
    let file = try TopologyText(
        invocation.argument("FILE"), settings: invocation.values("set"))
    let lab = try LabChoice.directory(named: invocation.value("lab") ?? file.topology.name)
    let running = RunningText(try lab.connect().call(.hello))
    let change = LabChange(from: try running.plan(), to: LabPlan(file.topology))
    if invocation.has("json") {
        let members = [JSON.Member("lab", .string(lab.name))] + change.json.members
        Terminal.write(JSON.object(members).indentedText + "\n")
    } else {
        Terminal.write(change.text(Terminal.style))
        if change.isEmpty { Terminal.write(running.equalityText(file.text)) }
    }
    return change.isEmpty ? .passed : .failed
}

/// The topology that a lab says it runs.
struct RunningText {
    let name: String
    let text: String

    /// - Parameter hello: what the lab says of itself.
    init(_ hello: JSON) {
        name = hello["name"]?.string ?? ""
        text = hello["topology"]?.string ?? ""
    }

    /// - Throws: where this program does not understand the lab's file, which another version of it
    ///   has built.
    func plan() throws -> LabPlan {
        do throws(TopologyErrors) {
            return LabPlan(try Topology.parse(Array(text.utf8)))
        } catch {
            throw Failure(
                "\(name) was built by another version of weft, from a file that this "
                    + "one does not accept")
        }
    }

    /// What there is to say where the lab is as a file says.
    func equalityText(_ other: String) -> String {
        text == other
            ? "\(name) is as the file says\n"
            : "\(name) is as the file says; only tests, names or comments differ\n"
    }
}
