// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What the things on a drawing say of themselves, the same in every format.
extension Drawing {
    /// All that is known of a node, for tool tips: `luna (CE), AS 65500, 10.0.0.8`.
    package func words(_ node: Node) -> String {
        var parts = ["\(node.name) (\(node.role.label))"]
        if node.isReflector { parts.append("route reflector") }
        if let system = node.autonomousSystem { parts.append("AS \(system)") }
        parts += node.loopbacks.map(\.description)
        if !node.vrfs.isEmpty { parts.append("VRF " + node.vrfs.joined(separator: " ")) }
        if node.isStopped { parts.append("stopped") }
        return parts.joined(separator: ", ")
    }

    /// `juno-luna: juno eth3 4.0.0.22/30, luna eth1 4.0.0.21/30, VLAN 105, VRF ipvpn`
    package func words(_ link: Link) -> String {
        var parts = [words(link.a), words(link.b)]
        if let vlan = link.vlan { parts.append("VLAN \(vlan)") }
        if let vrf = link.vrf { parts.append("VRF \(vrf)") }
        return "\(link.name): " + parts.joined(separator: ", ")
    }

    package func words(_ lan: LAN) -> String {
        var parts = lan.ends.map { words($0) }
        if let vlan = lan.vlan { parts.append("VLAN \(vlan)") }
        if !lan.virtualAddresses.isEmpty {
            parts.append(
                "VRRP " + lan.virtualAddresses.map(\.description).joined(separator: " "))
        }
        return "LAN \(lan.name): " + parts.joined(separator: ", ")
    }

    func words(_ end: End) -> String {
        let addresses = end.addresses.map { " \($0)" }.joined()
        return "\(nodes[end.node].name) \(end.interface)\(addresses)" + (end.isDown ? " down" : "")
    }

    /// `ceres reflects to juno, vpnv4 ipv4-unicast, established`
    package func words(_ session: Session) -> String {
        let (a, b) = (nodes[session.a].name, nodes[session.b].name)
        let head =
            switch session.kind {
            case .internal: "iBGP \(a) and \(b)"
            case .reflector: "iBGP \(a) reflects to \(b)"
            case .external: "eBGP \(a) and \(b)"
            }
        var parts = ["\(head) (\(session.addressOfA), \(session.addressOfB))"]
        if let vrf = session.vrf { parts.append("VRF \(vrf)") }
        parts.append(session.families.map(\.description).joined(separator: " "))
        if let state = session.state {
            parts.append(state)
        } else if session.isDeactivated {
            parts.append("deactivated")
        }
        return parts.joined(separator: ", ")
    }

    /// The subnets that the ends share: what stands in the middle of a link.
    func subnets(_ ends: [End]) -> [IPPrefix] {
        var subnets: [IPPrefix] = []
        for address in ends.flatMap(\.addresses)
        where !address.address.isLinkLocal && !subnets.contains(address.prefix) {
            subnets.append(address.prefix)
        }
        return subnets
    }

    /// What stands at the end of a link, where its middle has the subnet: `.21`, `::1`.
    func hostText(_ end: End) -> String {
        end.addresses.filter { !$0.address.isLinkLocal }.map { address in
            let host = address.address.bits ^ address.prefix.address.bits
            guard address.address.family == .ipv4 else {
                return IPAddress(family: .ipv6, bits: host).description
            }
            let octets = address.address.bytes.suffix(address.length >= 24 ? 1 : 2)
            return "." + octets.map { String($0) }.joined(separator: ".")
        }.joined(separator: " ")
    }

    /// `VLAN 105`, `red`: the second line of a link's label.
    func tags(vlan: UInt16?, vrf: String?) -> [String] {
        [vlan.map { "VLAN \($0)" }, vrf].compactMap(\.self)
    }

    /// The one AS of the provider's routers, where it is one.
    var providerAS: ASNumber? {
        let systems = Set(nodes.filter { $0.role.isProvider }.compactMap(\.autonomousSystem))
        return systems.count == 1 ? systems.first : nil
    }
}
