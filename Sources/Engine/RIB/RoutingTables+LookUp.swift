// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a packet is looked up by.
package enum ForwardingLookUp: Hashable, Sendable {
    case address(IPAddress, vrf: String?)
    case label(Label)
}

extension RoutingTables {
    /// What becomes of a packet by what this router has asked its kernel for; see Query.
    func show(_ lookUp: ForwardingLookUp) -> JSON {
        switch lookUp {
        case .label(let label): show(label)
        case .address(let address, let vrf): show(address, vrf)
        }
    }

    private func show(_ label: Label) -> JSON {
        switch forwarding.labels[label] {
        case nil: ["result": "none", "next-hops": []]
        case .lookUp(let vrf, _)?:
            ["result": "look-up", "vrf": .string(vrf), "next-hops": []]
        case .forward(let hops)?: show(hops, prefix: nil)
        }
    }

    private func show(_ address: IPAddress, _ vrf: String?) -> JSON {
        guard let table = tablePosition(vrf: vrf) else {
            return ["result": "none", "next-hops": []]
        }
        if resolver.interfaces.isOwn(address, vrf: vrf) {
            return ["result": "local", "next-hops": []]
        }
        for length in stride(from: address.family.bitWidth, through: 0, by: -1) {
            let prefix = IPPrefix(address, length: UInt8(length))
            guard let path = tables[table].active(Destination(prefix: prefix)) else { continue }
            if path.source == .direct {
                return showDirect(resolver.interfaces.connected(to: address, vrf: vrf), prefix)
            }
            return show(path.forwardingNextHops, prefix: prefix)
        }
        return ["result": "none", "next-hops": []]
    }

    private func showDirect(_ interface: String?, _ prefix: IPPrefix) -> JSON {
        guard let interface else { return ["result": "none", "next-hops": []] }
        return [
            "result": "forward", "prefix": JSON(prefix),
            "next-hops": [
                ["interface": .string(interface), "labels": [], "up": true]
            ],
        ]
    }

    private func show(_ hops: [ForwardingNextHop], prefix: IPPrefix?) -> JSON {
        let rows = hops.map { hop -> JSON in
            [
                "gateway": JSON(hop.gateway), "interface": .string(hop.interface),
                "labels": JSON(hop.labels.map { JSON($0.value) }),
                "up": JSON(resolver.interfaces.isUp(hop.interface) != false),
            ]
        }
        let answer: JSON = [
            "result": hops.isEmpty ? "discard" : "forward", "prefix": JSON(prefix),
            "next-hops": JSON(rows),
        ]
        return answer.compact
    }
}
