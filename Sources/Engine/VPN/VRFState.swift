// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A VRF's side of the VPN table (RFC 4364 §4.3).
package struct VRFState: Sendable {
    package let configuration: VRFConfiguration
    let importChain: PolicyChain
    let exportChain: PolicyChain
    /// What its exported routes tell of this PE's transports.
    private let offers: TunnelEncapsulation?
    /// The label of all its exported routes of a family; the egress PE pops it and looks the packet
    /// up in the VRF. None while nothing of the family is exported.
    package var labels: [AddressFamily: Label] = [:]
    /// How many of its routes stand in the VPN table.
    var exportCounts: [AddressFamily: Int] = [:]

    init(
        _ configuration: VRFConfiguration, _ policies: [String: Policy],
        offers: TunnelEncapsulation?
    ) {
        self.configuration = configuration
        self.offers = offers
        importChain = PolicyChain(
            configuration.importPolicy, from: policies, undecided: .accept)
        exportChain = PolicyChain(
            configuration.exportPolicy, from: policies, undecided: .accept)
    }

    /// The attributes of a route in the VPN table, if the VRF exports it at all: its own targets
    /// and tunnels take the place of any that a CE sent, then policy has its say. A route that
    /// ends up without a target would be imported by nobody, so it is not exported.
    func exported(_ path: Path, _ prefix: IPPrefix) -> SharedAttributes? {
        var attributes = path.attributes.value
        // The next hop is the session's own address, and none before there is a session.
        attributes.nextHop = nil
        attributes.linkLocalNextHop = nil
        attributes.tunnelEncapsulation = offers
        let others = attributes.extendedCommunities.filter { !$0.isRouteTarget }
        attributes.extendedCommunities = configuration.exportTargets + others
        var route = PolicyRoute(source: path.source, prefix: prefix, attributes: attributes)
        guard exportChain.evaluate(&route) == .accepted,
            route.attributes.extendedCommunities.contains(where: \.isRouteTarget)
        else { return nil }
        route.attributes.nextHop = nil
        return SharedAttributes(route.attributes)
    }

    /// The attributes in the VRF of a route of the VPN table, and the transport that policy chose
    /// for it, if the VRF takes it. The VRF's own policy wins over that of the neighbor.
    func imported(
        _ path: Path, _ prefix: IPPrefix
    ) -> (attributes: SharedAttributes, transport: String?)? {
        if importChain.isTransparentForBGP { return (path.attributes, path.transport) }
        var route = PolicyRoute(
            source: .bgp, prefix: prefix, attributes: path.attributes.value)
        guard importChain.evaluate(&route) == .accepted else { return nil }
        let attributes =
            route.attributes == path.attributes.value
            ? path.attributes : SharedAttributes(route.attributes)
        return (attributes, route.transport ?? path.transport)
    }
}
