// SPDX-License-Identifier: Apache-2.0

extension RouterConfiguration {
    /// Whether the session with a neighbor that is configured here can go on under another
    /// configuration.
    package func keepsSession(
        _ neighbor: NeighborConfiguration, under new: RouterConfiguration
    ) -> Bool {
        new.routerID == routerID && new.autonomousSystem == autonomousSystem
            && new.neighbors.contains {
                $0.key == neighbor.key && $0.keepsSession(of: neighbor)
            }
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
