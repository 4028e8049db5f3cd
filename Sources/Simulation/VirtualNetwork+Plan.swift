// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Topology

extension VirtualNetwork {
    /// The lab of a plan, every node dead.
    package init(_ plan: LabPlan) {
        self.init()
        for router in plan.routers { add(router) }
        for link in plan.topology.links {
            join(link.name, [link.a, link.b].map { ($0.node, $0.interface) })
        }
        for lan in plan.topology.lans {
            join(lan.name, lan.endpoints.map { ($0.node, $0.interface) }, isLAN: true)
        }
    }
}
