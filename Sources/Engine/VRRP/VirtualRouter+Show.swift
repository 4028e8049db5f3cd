// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension VirtualRouter {
    /// `initialize`, `backup` or `master`.
    package var stateName: String {
        switch state {
        case .initialize: "initialize"
        case .backup: "backup"
        case .master: "master"
        }
    }

    private var masterAddress: IPAddress? {
        switch state {
        case .initialize: nil
        case .backup(let backup): backup.master?.address
        case .master: configuration.primaryAddress
        }
    }

    /// The member of `Query.vrrp`.
    package var json: JSON {
        let mac = MACAddress.virtualRouter(
            configuration.group, configuration.primaryAddress.family)
        let tracks = zip(configuration.tracks, tracksUp).map { track, isUp -> JSON in
            [
                "object": JSON(track.object), "up": JSON(isUp),
                "priority-cost": JSON(track.priorityCost),
            ]
        }
        let members: JSON = [
            "interface": .string(configuration.interface), "group": JSON(configuration.group),
            "family": .string("\(key.family)"),
            "version": JSON(configuration.version), "state": .string(stateName),
            "priority": JSON(configuration.priority),
            "effective-priority": JSON(effectivePriority),
            "virtual-addresses": JSON(configuration.virtualAddresses),
            "virtual-mac": JSON(mac), "primary-address": JSON(configuration.primaryAddress),
            "master-address": JSON(masterAddress),
            "advertisement-interval": .string(configuration.advertisementInterval.text),
            "preempt": JSON(configuration.preempt), "tracks": JSON(tracks),
            "last-error": JSON(lastError),
        ]
        return members.compact
    }
}

extension VRRPConfiguration.Track.Object: CustomStringConvertible {
    /// As the topology file names it.
    package var description: String {
        switch self {
        case .interface(let name): "interface \(name)"
        case .route(let vrf, let prefix): "route \(prefix)" + (vrf.map { " vrf \($0)" } ?? "")
        case .session(let key): "session \(key)"
        }
    }
}
