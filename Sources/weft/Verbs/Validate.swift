// SPDX-License-Identifier: Apache-2.0

import Topology

let validateCommand = Command(
    name: "validate", summary: "Find every mistake in a topology file",
    description: """
        Prints each mistake with its place, the line, and what was expected, as compilers do:
        FILE:LINE:COLUMN: error: MESSAGE. Needs no privilege and changes nothing.
        """,
    arguments: [.init(name: "FILE", summary: "The topology file")],
    examples: [
        .init(line: "weft validate lab.yaml", says: "exit code 0 when it is right, 2 when not")
    ]
) { invocation in
    let file = try TopologyText(invocation.argument("FILE"))
    let topology = file.topology
    let counts = [
        ("node", topology.nodes.count), ("link", topology.links.count),
        ("LAN", topology.lans.count), ("test", topology.tests.count),
    ]
    let parts = counts.map { "\($0.1) \($0.0)\($0.1 == 1 ? "" : "s")" }
    Terminal.write("\(file.path) is right: \(parts.joined(separator: ", "))\n")
    return .passed
}
