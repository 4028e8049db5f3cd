// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension BFDSession {
    /// The member of `Query.bfd`.
    func json(at now: Instant) -> JSON {
        let members: JSON = [
            "address": JSON(key.remote), "vrf": JSON(key.vrf), "interface": JSON(key.interface),
            "local-address": JSON(key.local), "multihop": JSON(key.interface == nil),
            "state": .string(state.name), "remote-state": .string(remote.state.name),
            "uptime": JSON(state == .up ? Int64((now - since).nanoseconds / 1_000_000_000) : nil),
            "diagnostic": JSON(diagnostic == .none ? nil : diagnostic.description),
            "remote-diagnostic": JSON(
                remote.diagnostic == .none ? nil : remote.diagnostic.description),
            "detection-time": JSON(detectionTime?.text),
            "transmit-interval": .string(transmitInterval.text),
            "receive-interval": .string(parameters.receiveInterval.text),
            "multiplier": JSON(parameters.multiplier),
            "remote-multiplier": JSON(remote.minTx == nil ? nil : remote.multiplier),
            "discriminator": JSON(discriminator),
            "remote-discriminator": JSON(
                remote.discriminator == 0 ? nil : remote.discriminator),
            "demand": JSON(parameters.isDemand),
            "authentication": JSON(parameters.authentication?.method.rawValue),
            "clients": JSON(clients.keys.sorted().map(\.description)),
            "losses": JSON(losses), "last-error": JSON(lastError),
        ]
        return members.compact
    }
}

extension BFDPacket.State {
    /// As our answers name it.
    fileprivate var name: String {
        switch self {
        case .adminDown: "admin-down"
        case .down: "down"
        case .initialize: "init"
        case .up: "up"
        }
    }
}

extension BFDClient: CustomStringConvertible {
    /// As our answers name it: `isis`, `bgp 10.0.0.1`, `static 10.0.0.0/8`.
    package var description: String {
        switch self {
        case .routing(let id): id.description
        case .bgp(let key): "bgp \(key)"
        case .staticRoute(let vrf, let prefix): "static \(prefix)" + (vrf.map { "@\($0)" } ?? "")
        }
    }
}
