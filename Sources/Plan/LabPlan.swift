// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives
import Topology

/// What a topology comes to: the kernel objects of every namespace and the configuration of every
/// router. A pure function of the topology, so a plan never has to be stored or sent.
package struct LabPlan: Hashable, Sendable {
    package let topology: Topology
    /// The nodes' namespaces in the file's order, then one a LAN.
    package let objects: LabObjects
    /// One router a node, in the file's order.
    package let routers: [RouterConfiguration]

    package init(_ topology: Topology) {
        let names = DeviceNames(topology)
        let core = CorePaths(topology)
        let cables = Cables(topology)
        self.topology = topology
        self.objects = LabObjects(
            namespaces: topology.nodes.map {
                NodeObjects(node: $0, cables, names, core).objects
            }
                + topology.lans.map { LANObjects.objects(of: $0, cables) })
        self.routers = topology.nodes.map {
            RouterPlan(node: $0, policies: topology.policies, names, core).configuration
        }
    }

    /// What a kernel must offer to carry the lab.
    package var features: Set<KernelFeature> {
        var features = objects.features.union([.namespaces])
        let usesMPLS = routers.contains { $0.interfaces.contains(where: \.carriesMPLS) }
        if usesMPLS { features.formUnion([.mpls]) }
        if usesMPLS, routers.contains(where: { !$0.vrfs.isEmpty }) { features.formUnion([.flower]) }
        return features
    }

    package func router(_ name: String) -> RouterConfiguration? {
        routers.first { $0.name == name }
    }
}
