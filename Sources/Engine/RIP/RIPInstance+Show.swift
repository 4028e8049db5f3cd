// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension RIPInstance {
    /// See `Query.routing`.
    package func show(at now: Instant) -> JSON {
        let members: JSON = [
            "version": JSON(family == .ipv4 ? 2 : 1), "family": .string("\(family)"),
            "update-interval": .string(configuration.updateInterval.text),
            "timeout": .string(configuration.timeout.text),
            "garbage-time": .string(configuration.garbageInterval.text),
            "interfaces": JSON(configuration.interfaces.map(interfaceJSON)),
            "neighbors": JSON(neighbors.sorted { $0.key < $1.key }.map { neighborJSON($0, now) }),
            "routes": JSON(everything.compactMap { routeJSON($0, now) }),
            "last-error": JSON(lastError),
        ]
        return members.compact
    }

    private func interfaceJSON(_ interface: RIPInterfaceConfiguration) -> JSON {
        let members: JSON = [
            "name": .string(interface.interface), "up": JSON(live.contains(interface.interface)),
            "passive": JSON(interface.isPassive), "cost": JSON(interface.cost),
            "authentication": JSON(interface.authentication?.method.rawValue),
        ]
        return members.compact
    }

    private func neighborJSON(
        _ entry: (key: RIPNeighbor.Key, value: RIPNeighbor), _ now: Instant
    ) -> JSON {
        [
            "interface": .string(entry.key.interface), "address": JSON(entry.key.address),
            "last-heard": JSON(Self.seconds(now - entry.value.lastHeard)),
            "bad-packets": JSON(entry.value.badPackets), "bad-routes": JSON(entry.value.badRoutes),
        ]
    }

    private func routeJSON(_ prefix: IPPrefix, _ now: Instant) -> JSON? {
        guard let entry = advertised(prefix) else { return nil }
        let isOwn = direct[prefix] != nil || redistributed[prefix] != nil
        let route = isOwn ? nil : learned[prefix]
        let state =
            direct[prefix] != nil
            ? "direct" : isOwn ? "redistributed" : route == nil ? "unreachable" : "learned"
        let members: JSON = [
            "prefix": JSON(prefix), "state": .string(state), "metric": JSON(entry.metric),
            "tag": JSON(entry.tag == 0 ? nil : entry.tag), "next-hop": JSON(route?.gateway),
            "interface": JSON(route?.interface ?? direct[prefix]), "from": JSON(route?.source),
            "expires": JSON(route.map { Self.seconds($0.expires - now) }),
        ]
        return members.compact
    }

    private static func seconds(_ duration: Duration) -> Int64 {
        duration.nanoseconds / 1_000_000_000
    }
}
