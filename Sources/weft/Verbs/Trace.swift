// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Topology
import Verify

let traceCommand = Command(
    name: "trace", summary: "Follow a packet through the tables, label by label",
    description: """
        Walks the forwarding tables of a running lab from a node towards a destination and prints
        what every node does with the packet: the labels it pushes, swaps and pops, the interface,
        and who gets it. At each step what the router wants is held against what its kernel has.
        Where the way breaks, it says where and why; the exit code is then 1. Next hops of equal
        cost are all followed. Nothing is sent: for packets, see `weft exec NODE -- traceroute`.
        """,
    arguments: [
        .init(name: "PREFIX", summary: "An address, a prefix, or a node (its loopback)")
    ],
    options: [
        .init(name: "from", value: "NODE", summary: "Where the packet begins; always needed"),
        .init(name: "vrf", value: "NAME", summary: "In which VRF of that node; the default one"),
        .json, .lab,
    ],
    examples: [
        .init(line: "weft trace 10.0.0.3 --from saturn", says: "from host to host, over the core"),
        .init(
            line: "weft trace 10.0.0.3/32 --from juno --vrf ipvpn",
            says: "what a PE does with a customer's packet"),
        .init(line: "weft trace liber --from juno", says: "between the loopbacks of two PEs"),
    ]
) { invocation in
    guard let from = invocation.value("from") else {
        throw UsageError(message: "from which node? --from NODE", command: "trace")
    }
    let vrf = invocation.value("vrf")
    let lab = try LabChoice.connect(invocation, node: from)
    let topology = try TraceRequest.topology(of: lab)
    let destination = try TraceRequest.destination(
        invocation.argument("PREFIX"), from: from, vrf: vrf, topology)
    var walk = TraceWalk(
        topology, LabTraceSource(lab: lab), to: TraceWalk.Destination(destination))
    let ways = try walk.ways(from: from, vrf: vrf)
    if invocation.has("json") {
        let answer: JSON = [
            "from": .string(from), "vrf": JSON(vrf), "to": JSON(destination),
            "ways": JSON(ways.map(\.json)),
        ]
        Terminal.write(answer.compact.indentedText + "\n")
    } else {
        Terminal.write(TraceText.text(ways, Terminal.style))
    }
    return ways.allSatisfy { $0.fault == nil } ? .passed : .failed
}

/// What `weft trace` is asked for.
enum TraceRequest {
    /// The file that a running lab is made of.
    static func topology(of lab: ControlConnection) throws -> Topology {
        let hello = try lab.call(.hello)
        guard let text = hello["topology"]?.string else {
            throw Failure("the lab does not say what it is made of")
        }
        return try Topology.parse(Array(text.utf8))
    }

    /// The words after the verb, and that node and VRF exist.
    static func destination(
        _ text: String, from: String, vrf: String?, _ topology: Topology
    ) throws -> IPPrefix {
        guard let node = topology.node(from) else {
            let hint = Suggestion.text(for: from, among: topology.nodes.map(\.name))
            throw Failure("no node '\(from)'\(hint)", code: .wrongInput)
        }
        if let vrf, node.vrf(vrf) == nil {
            let hint = Suggestion.text(for: vrf, among: node.vrfs.map(\.name))
            throw Failure("no VRF '\(vrf)' on \(from)\(hint)", code: .wrongInput)
        }
        if let prefix = IPPrefix(text) { return prefix }
        if let address = IPAddress(text) { return IPPrefix(host: address) }
        guard let loopback = topology.node(text)?.loopbacks.first else {
            throw Failure(
                "'\(text)' is neither an address, nor a prefix, nor a node with a loopback",
                code: .wrongInput)
        }
        return IPPrefix(host: loopback)
    }
}

/// A running lab, asked node by node.
struct LabTraceSource: TraceSource {
    let lab: ControlConnection

    func lookUp(
        _ node: String, _ lookUp: TraceLookUp
    ) throws -> (engine: TraceView, kernel: TraceView?)? {
        guard try isRunning(node) else { return nil }
        let answer = try lab.call(.lookUp, [.init("node", .string(node))] + lookUp.members)
        guard let engine = answer["engine"].flatMap({ TraceView($0) }) else {
            throw Failure("\(node) does not say what it does with the packet")
        }
        return (engine, answer["kernel"].flatMap { TraceView($0) })
    }

    private func isRunning(_ node: String) throws -> Bool {
        let nodes = try lab.call(.hello)["nodes"]?.array ?? []
        return nodes.first { $0["name"]?.string == node }?["state"]?.string == "running"
    }

    func isMaster(_ node: String, of address: IPAddress) throws -> Bool {
        let answer = try lab.call(
            .show, [.init("node", .string(node)), .init("query", "vrrp")])
        return (answer["groups"]?.array ?? []).contains { group in
            group["state"]?.string == "master"
                && (group["virtual-addresses"]?.array ?? []).contains {
                    $0.string == address.description
                }
        }
    }
}
