// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// BGP's neighbors.
extension FRRAnswers {
    func neighbors() throws(FRRError) -> JSON {
        guard !router.neighbors.isEmpty else { return ["neighbors": []] }
        let seen = try json(.bgpd, "show bgp vrf all neighbors json")
        return [
            "neighbors": JSON(
                router.neighbors.map { neighbor in
                    let device = router.vrfs.first { $0.name == neighbor.vrf }?.device
                    let state = seen[device ?? "default"]?["\(neighbor.address)"]
                    return row(neighbor, state ?? .null)
                })
        ]
    }

    private func row(_ neighbor: NeighborConfiguration, _ state: JSON) -> JSON {
        let isEstablished = state["bgpState"]?.string == "Established"
        let families = state["addressFamilyInfo"]?.members.map(\.value) ?? []
        func sum(_ name: String) -> Int64 { families.reduce(0) { $0 + ($1[name]?.int ?? 0) } }
        let row: JSON = [
            "name": .string(neighbor.name), "address": JSON(neighbor.address),
            "vrf": JSON(neighbor.vrf), "local-address": JSON(neighbor.localAddress),
            "remote-as": JSON(neighbor.remoteAS.value), "local-as": JSON(neighbor.localAS.value),
            "type": .string(neighbor.isInternal ? "internal" : "external"),
            "state": .string((state["bgpState"]?.string ?? "idle").lowercased()),
            "uptime": isEstablished
                ? JSON(state["bgpTimerUpMsec"]?.int.map { $0 / 1000 }) : .null,
            "hold-time": JSON(state["bgpTimerHoldTimeMsecs"]?.int.map { $0 / 1000 }),
            "families": JSON(neighbor.families), "received": JSON(sum("acceptedPrefixCounter")),
            "accepted": JSON(sum("acceptedPrefixCounter")),
            "advertised": JSON(sum("sentPrefixCounter")),
            "messages-sent": state["messageStats"]?["totalSent"] ?? .null,
            "messages-received": state["messageStats"]?["totalRecv"] ?? .null,
            "last-error": isEstablished ? .null : state["lastResetDueTo"] ?? .null,
            "deactivated": JSON(state["adminShutDown"]?.bool ?? false),
        ]
        return row.compact
    }
}
