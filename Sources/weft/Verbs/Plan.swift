// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Primitives
import Topology

let planCommand = Command(
    name: "plan", summary: "Print what a topology file comes to",
    description: """
        Prints the kernel objects of every namespace and the configuration of every router, with all
        defaults filled in; before them, what each use of a template has become. Passwords are not
        shown. Needs no privilege and changes nothing.
        """,
    arguments: [.init(name: "FILE", summary: "The topology file, or - for the standard input")],
    options: [
        .init(name: "node", value: "NODE", summary: "Only this node"), .setting,
        .init(
            name: "expanded", value: nil,
            summary: "Print the topology without templates, as a file that makes the same lab"),
        .init(name: "json", value: nil, summary: "Print JSON instead of an outline"),
    ],
    examples: [
        .init(line: "weft plan lab.yaml --node luna", says: "one node's links, addresses, BGP …"),
        .init(line: "weft plan lab.yaml --expanded", says: "every node that the templates made"),
        .init(line: "weft plan lab.yaml --json", says: "everything, for a program"),
    ]
) { invocation in
    let file = try TopologyText(
        invocation.argument("FILE"), settings: invocation.values("set")).reading
    if invocation.has("expanded") {
        Terminal.write(file.expandedText)
        return .passed
    }
    let plan = LabPlan(file.topology)
    let node = invocation.value("node")
    let names = plan.objects.namespaces.map(\.name)
    if let node, !names.contains(node) {
        let hint = Suggestion.text(for: node, among: names)
        throw Failure("no node is called '\(node)'\(hint)", code: .wrongInput)
    }
    let instances = node == nil ? file.instances : []
    if invocation.has("json") {
        Terminal.write(plan.json(only: node, instances).indentedText + "\n")
    } else {
        let table = InstanceText.text(instances, Terminal.style)
        Terminal.write(table + (table.isEmpty ? "" : "\n") + plan.text(only: node, Terminal.style))
    }
    return .passed
}
