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

        Where a lab of FILE's name is running, it is changed to what FILE says, and the difference
        is printed, as `weft diff` does beforehand. Nodes and sessions that are the same go on;
        cables that are pulled stay so. A file with mistakes changes nothing.
        """,
    arguments: [.init(name: "FILE", summary: "The topology file")],
    options: [.substrate, .setting],
    examples: [
        .init(line: "weft up Topologies/multihomed-ipvpn.yaml", says: "then: weft ls, show, exec"),
        .init(line: "weft up lab.yaml --substrate host", says: "on this kernel or not at all"),
        .init(line: "weft up lab.yaml", says: "after an edit: the running lab changes"),
    ]
) { invocation in
    let file = try TopologyText(
        invocation.argument("FILE"), settings: invocation.values("set"))
    if let lab = try LabDirectory.running().first(where: { $0.name == file.topology.name }) {
        return try LabUpdate(file, lab, substrate: invocation.value("substrate")).run()
    }
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
