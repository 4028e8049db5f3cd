// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// Who gives out which MPLS labels on every node. The ranges do not overlap, and all lie above the
/// reserved labels.
struct LabelPlan {
    /// For VRFs.
    let vrfs: ClosedRange<Label>
    /// For paths through the core: those that the plan computes, or what LDP finds.
    let core: ClosedRange<Label>

    /// What LDP may use at least: a change takes new labels before it gives old ones back.
    private static let ldpLabelsMin = 1000
    private static let ldpLabelsPerNode = 16

    init(_ topology: Topology) {
        let base = topology.core.labelBase
        vrfs = Label.firstUnreserved...Label(max(base.value, 17) - 1)
        let nodes = topology.nodes.count { $0.role.isProvider }
        let count =
            topology.core.mode == .signalled
            ? max(Self.ldpLabelsMin, Self.ldpLabelsPerNode * nodes) : max(nodes, 1)
        core = base...Label(base.value + UInt32(count) - 1)
    }

    /// One more than the largest label in use.
    var count: UInt32 { core.upperBound.value + 1 }
}
