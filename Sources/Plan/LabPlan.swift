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
    private let ipsecPeers: [String: [IPsecPeer]]
    /// Where each node's router is.
    private let indices: [String: Int]

    package init(_ topology: Topology) {
        let names = DeviceNames(topology)
        let core = CorePaths(topology)
        let labels = LabelPlan(topology)
        let cables = Cables(topology)
        let transports = TransportPlan(topology, names)
        self.topology = topology
        self.objects = LabObjects(
            namespaces: topology.nodes.map {
                NodeObjects(node: $0, cables, names, labels, transports.transports(of: $0)).objects
            }
                + topology.lans.map { LANObjects.objects(of: $0, cables) })
        self.routers = topology.nodes.map {
            RouterPlan(node: $0, topology, names, core, transports).configuration
        }
        self.indices = Dictionary(
            uniqueKeysWithValues: topology.nodes.enumerated().map { ($1.name, $0) })
        self.ipsecPeers = Dictionary(
            uniqueKeysWithValues: topology.nodes.map { node in
                (node.name, transports.transports(of: node).flatMap(\.ipsecPeers))
            })
    }

    /// What a kernel must offer to carry the lab.
    package var features: Set<KernelFeature> {
        var features = objects.features.union([.namespaces])
        let usesMPLS = routers.contains { $0.interfaces.contains(where: \.carriesMPLS) }
        if ipsecPeers.values.contains(where: { !$0.isEmpty }) { features.formUnion([.esp]) }
        if usesMPLS { features.formUnion([.mpls]) }
        if usesMPLS, routers.contains(where: { !$0.vrfs.isEmpty }) { features.formUnion([.flower]) }
        if topology.tests.contains(where: { $0.events.contains(where: \.isImpairment) }) {
            features.formUnion([.netem])
        }
        return features
    }

    /// To whom a node protects transports: in the file's order of transports, then of peers.
    package func ipsecPeers(of node: String) -> [IPsecPeer] { ipsecPeers[node] ?? [] }

    /// The configuration of one router by itself, which is that of the whole plan; nil where no
    /// node has the name.
    package static func router(_ name: String, of topology: Topology) -> RouterConfiguration? {
        topology.node(name).map { node in
            let names = DeviceNames(topology)
            return RouterPlan(
                node: node, topology, names, CorePaths(topology), TransportPlan(topology, names)
            ).configuration
        }
    }

    package func router(_ name: String) -> RouterConfiguration? {
        indices[name].map { routers[$0] }
    }
}

extension LabEvent {
    fileprivate var isImpairment: Bool { if case .impair = self { true } else { false } }
}
