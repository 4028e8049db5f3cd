// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Topology

/// Which places of a lab can exchange packets if everything works: needed to tell apart nodes that
/// have the same address in different VPNs. A place is a node's default VRF or one of its VRFs.
struct ReachGraph {
    struct Place: Hashable {
        var node: String
        var vrf: String?
    }

    private var neighbors: [Place: [Place]] = [:]
    private var owners: [IPAddress: [Place]] = [:]

    init(_ plan: LabPlan) {
        let topology = plan.topology
        var places: [Endpoint: Place] = [:]
        for (node, router) in zip(topology.nodes, plan.routers) {
            for interface in node.interfaces {
                places[Endpoint(node: node.name, interface: interface.name)] = Place(
                    node: node.name, vrf: interface.vrf)
            }
            for interface in router.interfaces {
                for address in interface.addresses {
                    owners[address.address, default: []].append(
                        Place(node: node.name, vrf: interface.vrf))
                }
            }
        }
        for link in topology.links { join([link.a, link.b].compactMap { places[$0] }) }
        for lan in topology.lans { join(lan.endpoints.compactMap { places[$0] }) }
        joinVPNs(topology)
    }

    private mutating func join(_ places: [Place]) {
        for (index, place) in places.enumerated() {
            for (other, neighbor) in places.enumerated() where other != index {
                neighbors[place, default: []].append(neighbor)
            }
        }
    }

    /// VRFs of which one imports what another exports.
    private mutating func joinVPNs(_ topology: Topology) {
        let vrfs = topology.nodes.flatMap { node in
            node.vrfs.map { vrf in
                (
                    Place(node: node.name, vrf: vrf.name), vrf.importTargets,
                    exportTargets(vrf, topology.policies)
                )
            }
        }
        for (place, imported, _) in vrfs {
            for (other, _, exported) in vrfs where other != place {
                if imported.contains(where: exported.contains) {
                    neighbors[place, default: []].append(other)
                }
            }
        }
    }

    /// The targets of a VRF's own, and those that its export policies give to routes.
    private func exportTargets(_ vrf: VRF, _ policies: [Policy]) -> Set<ExtendedCommunity> {
        var targets = Set(vrf.exportTargets)
        for policy in policies where vrf.exportPolicy.contains(policy.name) {
            for case .communityAdd(let communities) in policy.terms.flatMap(\.actions) {
                for case .extended(let community) in communities { targets.insert(community) }
            }
        }
        return targets
    }

    /// The nearest place that has an address; one that cannot be reached only where no other is.
    func owner(of address: IPAddress, seenFrom start: Place) -> Place? {
        let candidates = owners[address] ?? []
        var queue = [start]
        var seen: Set<Place> = [start]
        var next = 0
        while next < queue.count {
            let place = queue[next]
            next += 1
            if candidates.contains(place) { return place }
            for neighbor in neighbors[place] ?? [] where seen.insert(neighbor).inserted {
                queue.append(neighbor)
            }
        }
        return candidates.first
    }
}
