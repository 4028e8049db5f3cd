// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Primitives
import Topology

let planCommand = Command(
    name: "plan", summary: "Print what a topology file comes to",
    description: """
        Prints the kernel objects of every namespace and the configuration of every router, with all
        defaults filled in. Passwords are not shown. Needs no privilege and changes nothing.
        """,
    arguments: [.init(name: "FILE", summary: "The topology file")],
    options: [
        .init(name: "node", value: "NODE", summary: "Only this node"),
        .init(name: "json", value: nil, summary: "Print JSON instead of an outline"),
    ],
    examples: [
        .init(line: "weft plan lab.yaml --node luna", says: "one node's links, addresses, BGP …"),
        .init(line: "weft plan lab.yaml --json", says: "everything, for a program"),
    ]
) { invocation in
    let plan = LabPlan(try TopologyText(invocation.argument("FILE")).topology)
    let node = invocation.value("node")
    let names = plan.objects.namespaces.map(\.name)
    if let node, !names.contains(node) {
        let hint = Suggestion.text(for: node, among: names)
        throw Failure("no node is called '\(node)'\(hint)", code: .wrongInput)
    }
    Terminal.write(
        invocation.has("json")
            ? plan.json(only: node).indentedText + "\n" : plan.text(only: node, Terminal.style))
    return .passed
}
