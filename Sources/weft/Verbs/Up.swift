// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Lab
import Plan
import Primitives
import Topology

let upCommand = Command(
    name: "up", summary: "Start a lab and leave it running",
    description: """
        Builds the network that FILE describes, starts a router in every node, and returns when all
        of them run. The lab is then there for every terminal, until `weft down`. If it cannot be
        completed, or you press Ctrl-C, what was built is taken down again.
        """,
    arguments: [.init(name: "FILE", summary: "The topology file")],
    options: [.substrate],
    examples: [
        .init(line: "weft up Topologies/multihomed-ipvpn.yaml", says: "then: weft ls, show, exec"),
        .init(line: "weft up lab.yaml --substrate host", says: "on this kernel or not at all"),
    ]
) { invocation in
    let file = try TopologyText(invocation.argument("FILE"))
    let launch = try LabLaunch(file, substrate: invocation.value("substrate"))
    try launch.build(isKept: true)
    let nodes = launch.plan.topology.nodes.count
    Terminal.write(
        "lab \(launch.name) is up: \(nodes) nodes in \(launch.elapsed.secondsText) s\n")
    let node = launch.plan.topology.nodes.first?.name ?? "NODE"
    Terminal.write(
        "try: weft ls \(launch.name), weft show \(node) route, weft exec \(node) -- COMMAND, "
            + "weft down \(launch.name)\n")
    return .passed
}
