// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import KernelObjects
import Plan
import Primitives
import Topology

/// What of a lab is not as its file says, because somebody has done something to it.
extension Supervisor {
    func deviations(_ reply: Reply, _ lab: RunningLab) {
        let routers = lab.routers.filter { $0.state == .running }
        var sessions: [String: [JSON]] = [:]
        var left = routers.count
        func finish() {
            reply.finish([
                "sessions": JSON(routers.flatMap { sessions[$0.node] ?? [] }),
                "links": JSON(lab.links.pulledEnds.map(\.json)),
                "impairments": JSON(lab.impairmentList),
                "nodes": JSON(lab.nodes.filter { $0["state"] != "running" }.map(Self.absence)),
            ])
        }
        if left == 0 { finish() }
        for router in routers {
            router.ask(.show, ["query": "neighbors"]) { answer in
                let neighbors = (try? answer.get())?["neighbors"]?.array ?? []
                sessions[router.node] = Self.changed(neighbors, router.configuration)
                left -= 1
                if left == 0 { finish() }
            }
        }
    }

    private static func absence(_ node: JSON) -> JSON {
        let row: JSON = [
            "node": node["name"] ?? nil, "state": node["state"] ?? nil,
            "reason": node["last-error"] ?? nil,
        ]
        return row.compact
    }

    /// Sessions that are in service though the file deactivates them, or the other way round.
    private static func changed(
        _ neighbors: [JSON], _ configuration: RouterConfiguration
    ) -> [JSON] {
        neighbors.compactMap { neighbor in
            let address = neighbor["address"] ?? nil
            let planned = configuration.neighbors.first {
                JSON($0.address) == address && $0.vrf == neighbor["vrf"]?.string
            }
            let isDeactivated = neighbor["deactivated"]?.bool ?? false
            guard let planned, planned.isDeactivated != isDeactivated else { return nil }
            let row: JSON = [
                "node": .string(configuration.name), "vrf": neighbor["vrf"] ?? nil,
                "neighbor": neighbor["name"] ?? nil, "address": address,
                "deactivated": .bool(isDeactivated),
            ]
            return row.compact
        }
    }
}

extension LinkStates.NamedEnd {
    fileprivate var json: JSON { ["link": .string(link), "node": .string(node)] }
}

extension LinkStates {
    /// Why an event cannot move a link: no link has the name, or the node has no end of it.
    func refusal(of link: String, node: String?) -> String {
        let nodes = nodes(on: link)
        guard let node, !nodes.isEmpty else {
            return "the lab has no link '\(link)'\(Suggestion.text(for: link, among: names))"
        }
        return "\(link) has no end at '\(node)'\(Suggestion.text(for: node, among: nodes))"
    }
}

/// What requests can name in a lab.
struct LabNames {
    private let plan: LabPlan

    init(_ plan: LabPlan) { self.plan = plan }

    /// As the control protocol's `names` has it.
    var json: JSON {
        let topology = plan.topology
        let links = topology.links.map { link(named: $0.name, [$0.a, $0.b]) }
        let lans = topology.lans.map { link(named: $0.name, $0.endpoints) }
        return ["nodes": JSON(plan.routers.map(node)), "links": JSON(links + lans)]
    }

    private func link(named name: String, _ ends: [Endpoint]) -> JSON {
        ["name": .string(name), "nodes": JSON(ends.map(\.node))]
    }

    private func node(_ router: RouterConfiguration) -> JSON {
        let objects = plan.objects.namespaces.first { $0.name == router.name }
        let neighbors = router.neighbors.map { neighbor in
            let row: JSON = [
                "name": .string(neighbor.name), "address": JSON(neighbor.address),
                "vrf": JSON(neighbor.vrf),
            ]
            return row.compact
        }
        return [
            "name": .string(router.name), "vrfs": JSON(router.vrfs.map(\.name)),
            "devices": JSON((objects?.links ?? []).map(\.name)), "neighbors": JSON(neighbors),
            "ipsec-peers": JSON(plan.ipsecPeers(of: router.name).map(\.node)),
        ]
    }
}
