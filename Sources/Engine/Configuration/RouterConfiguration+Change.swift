// SPDX-License-Identifier: Apache-2.0

extension RouterConfiguration {
    /// Whether the session with a neighbor that is configured here can go on under another
    /// configuration. A VRF that becomes another device takes its connections with it.
    package func keepsSession(
        _ neighbor: NeighborConfiguration, under new: RouterConfiguration
    ) -> Bool {
        new.routerID == routerID && new.autonomousSystem == autonomousSystem
            && new.hasSameDevice(neighbor.vrf, as: self)
            && new.neighbors.contains {
                $0.key == neighbor.key && $0.keepsSession(of: neighbor)
            }
    }

    private func hasSameDevice(_ vrf: String?, as other: RouterConfiguration) -> Bool {
        let mine = vrfs.first { $0.name == vrf }
        let others = other.vrfs.first { $0.name == vrf }
        return mine?.device == others?.device && mine?.table == others?.table
    }

    /// This configuration less all that has to say goodbye before `new` takes its place: sessions
    /// that end, virtual routers and router advertisements that are not just so in `new`. Goodbyes
    /// go out while the links and addresses are there by which they go.
    package func retiring(for new: RouterConfiguration) -> RouterConfiguration {
        var rest = self
        rest.neighbors = neighbors.filter { keepsSession($0, under: new) }
        rest.vrrpGroups = vrrpGroups.filter(new.vrrpGroups.contains)
        rest.routerAdvertisements = routerAdvertisements.filter(
            new.routerAdvertisements.contains)
        return rest
    }
}
