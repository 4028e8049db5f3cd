// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A way that a client watches, and how.
package struct BFDWatch: Hashable, Sendable {
    package var client: BFDClient
    package var key: BFDKey
    package var parameters: BFDParameters
}

extension RouterConfiguration {
    /// What BGP neighbors and static routes watch; protocols say so themselves as they find
    /// neighbors. In the configuration's order.
    package var bfdWatches: [BFDWatch] {
        neighbors.compactMap(watch) + staticRoutes.compactMap(watch)
    }

    private func watch(_ neighbor: NeighborConfiguration) -> BFDWatch? {
        guard let parameters = neighbor.bfd else { return nil }
        let connected = interface(towards: neighbor.address, vrf: neighbor.vrf)
        let key = BFDKey(
            vrf: neighbor.vrf, interface: neighbor.isBFDMultihop ? nil : connected,
            local: neighbor.localAddress, remote: neighbor.address)
        return BFDWatch(client: .bgp(neighbor.key), key: key, parameters: parameters)
    }

    /// Nil for a route without a gateway on a connected subnet, which has nothing to watch.
    private func watch(_ route: StaticRouteConfiguration) -> BFDWatch? {
        guard let parameters = route.bfd, let gateway = route.gateway,
            let name = interface(towards: gateway, vrf: route.vrf),
            let subnet = interfaces.first(where: { $0.name == name })?.addresses
                .first(where: { $0.prefix.contains(gateway) })
        else { return nil }
        return BFDWatch(
            client: .staticRoute(vrf: route.vrf, prefix: route.prefix),
            key: BFDKey(
                vrf: route.vrf, interface: name, local: subnet.address, remote: gateway),
            parameters: parameters)
    }
}

extension BFDKey {
    /// Where the session's packets are heard.
    var listener: PacketListener {
        PacketListener(
            interface == nil ? .bfdMultihop : .bfd, remote.family, vrf: vrf, interface: interface)
    }
}
