// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One way of a packet through a lab, and how it ends.
package struct TraceWay: Hashable, Sendable {
    package var steps: [Step] = []
    /// Why it does not arrive; nil where it does.
    package var fault: String?

    /// What one node does with the packet.
    package struct Step: Hashable, Sendable {
        package var node: String
        /// nil is the default VRF; of no meaning for a labelled packet.
        package var vrf: String?
        /// On the packet as it came, top first.
        package var labels: [Label]
        /// The route that was found, where it was looked up by its address.
        package var prefix: IPPrefix?
        package var action: Action
        /// On the packet as it goes.
        package var out: [Label] = []
        package var interface: String?
        package var gateway: IPAddress?
        /// To which node it goes.
        package var next: String?
    }

    package enum Action: String, Hashable, Sendable {
        case push, swap, pop, forward, deliver
        case lookUp = "look-up"
    }

    package var json: JSON {
        let members: JSON = [
            "outcome": fault == nil ? "delivered" : "broken", "reason": JSON(fault),
            "steps": JSON(steps.map(\.json)),
        ]
        return members.compact
    }
}

extension TraceWay.Step {
    fileprivate var json: JSON {
        let members: JSON = [
            "node": .string(node), "vrf": JSON(vrf),
            "labels-in": JSON(labels.map { JSON($0.value) }), "prefix": JSON(prefix),
            "action": .string(action.rawValue), "labels-out": JSON(out.map { JSON($0.value) }),
            "interface": JSON(interface), "next-hop": JSON(gateway), "next": JSON(next),
        ]
        return members.compact
    }
}
