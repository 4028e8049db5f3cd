// SPDX-License-Identifier: Apache-2.0

import Plan
import Topology

extension FRRConfiguration {
    /// Every mistake of a file's nodes whose engine is FRR: what it cannot be told, in the file's
    /// order.
    package static func diagnostics(of topology: Topology) -> [Diagnostic] {
        let nodes = topology.nodes.filter { $0.engine == .frr }
        guard !nodes.isEmpty else { return [] }
        let plan = LabPlan(topology)
        return nodes.flatMap { node -> [Diagnostic] in
            let refusals = FRRConfiguration(engineOf: node.name, in: plan)?.refusals ?? []
            return refusals.map {
                Diagnostic(
                    place: node.place,
                    message: "\(node.name) has 'engine: frr', and FRR cannot be told \($0)")
            }
        }
    }
}
