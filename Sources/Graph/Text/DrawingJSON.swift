// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

extension Drawing {
    /// {name, description, nodes: [{name, role, as?, loopbacks, vrfs, reflector, stopped}],
    /// links: [{name, ends: [{node, interface, addresses, down}], vlan?, vrf?, core}],
    /// lans: [{name, ends, vlan?, vrf?, virtual-addresses}], sessions: [{kind:
    /// internal|reflector|external, nodes: [A, B], addresses: [A, B], vrf?, families, deactivated,
    /// state?}]}: what is drawn, for programs. A reflector stands before its client.
    package var json: JSON {
        [
            "name": .string(name), "description": .string(description),
            "nodes": .array(nodes.map(json)), "links": .array(links.map(json)),
            "lans": .array(lans.map(json)), "sessions": .array(sessions.map(json)),
        ]
    }

    private func json(_ node: Node) -> JSON {
        let members: JSON = [
            "name": .string(node.name), "role": .string(node.role.rawValue),
            "as": JSON(node.autonomousSystem?.value), "loopbacks": JSON(node.loopbacks),
            "vrfs": JSON(node.vrfs), "reflector": .bool(node.isReflector),
            "stopped": .bool(node.isStopped),
        ]
        return members.compact
    }

    private func json(_ end: End) -> JSON {
        [
            "node": .string(nodes[end.node].name), "interface": .string(end.interface),
            "addresses": JSON(end.addresses), "down": .bool(end.isDown),
        ]
    }

    private func json(_ link: Link) -> JSON {
        let members: JSON = [
            "name": .string(link.name), "ends": .array([json(link.a), json(link.b)]),
            "vlan": JSON(link.vlan), "vrf": JSON(link.vrf), "core": .bool(link.isCore),
        ]
        return members.compact
    }

    private func json(_ lan: LAN) -> JSON {
        let members: JSON = [
            "name": .string(lan.name), "ends": .array(lan.ends.map(json)), "vlan": JSON(lan.vlan),
            "vrf": JSON(lan.vrf), "virtual-addresses": JSON(lan.virtualAddresses),
        ]
        return members.compact
    }

    private func json(_ session: Session) -> JSON {
        let members: JSON = [
            "kind": .string(session.kind.rawValue),
            "nodes": .array([
                .string(nodes[session.a].name), .string(nodes[session.b].name),
            ]),
            "addresses": JSON([session.addressOfA, session.addressOfB]),
            "vrf": JSON(session.vrf), "families": JSON(session.families),
            "deactivated": .bool(session.isDeactivated), "state": JSON(session.state),
        ]
        return members.compact
    }
}
