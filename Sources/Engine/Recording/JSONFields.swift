// SPDX-License-Identifier: Apache-2.0

import Primitives

// How the parts of events and effects are written in recordings. Members that are nil are left
// out by `compact`.

extension ConnectionID {
    /// `out-3` for our third connection, `in-1` for the first accepted one.
    var text: String { "\(isOutgoing ? "out" : "in")-\(number)" }

    init?(_ text: String?) {
        guard let parts = text?.split(separator: "-"), parts.count == 2,
            parts[0] == "out" || parts[0] == "in", let number = UInt64(parts[1])
        else { return nil }
        self.init(isOutgoing: parts[0] == "out", number: number)
    }
}

extension NeighborKey {
    var members: [JSON.Member] {
        [.init("vrf", JSON(vrf)), .init("neighbor", JSON(address))]
    }

    init?(_ json: JSON) {
        guard let address = json["neighbor"]?.string.flatMap({ IPAddress($0) }) else { return nil }
        self.init(vrf: json["vrf"]?.string, address: address)
    }
}

extension VRRPKey {
    var members: [JSON.Member] {
        [
            .init("interface", .string(interface)), .init("group", JSON(group)),
            .init("family", .string("\(family)")),
        ]
    }

    init?(_ json: JSON) {
        guard let interface = json["interface"]?.string,
            let group = json["group"]?.int.flatMap({ UInt8(exactly: $0) }),
            let family = AddressFamily.allCases.first(where: {
                "\($0)" == json["family"]?.string
            })
        else { return nil }
        self.init(interface: interface, group: group, family: family)
    }
}

extension TimerID {
    var members: [JSON.Member] {
        switch self {
        case .connectRetry(let key): Self.members("connect-retry", key.members)
        case .hold(let key): Self.members("hold", key.members)
        case .keepalive(let key): Self.members("keepalive", key.members)
        case .openDelay(let id):
            Self.members("open-delay", [.init("connection", .string(id.text))])
        case .vrrpAdvertisement(let key): Self.members("vrrp-advertisement", key.members)
        case .vrrpMasterDown(let key): Self.members("vrrp-master-down", key.members)
        case .vrrpPreempt(let key): Self.members("vrrp-preempt", key.members)
        case .routerAdvertisement(let device):
            Self.members("router-advertisement", [.init("device", .string(device))])
        case .labelQuarantine: Self.members("label-quarantine", [])
        case .resolution: Self.members("resolution", [])
        case .routing(let id, let timer):
            Self.members(
                "routing",
                id.members + [
                    .init("name", .string(timer.name)), .init("subject", .string(timer.subject)),
                ])
        }
    }

    private static func members(_ name: String, _ rest: [JSON.Member]) -> [JSON.Member] {
        [.init("timer", .string(name))] + rest
    }

    init?(_ json: JSON) {
        let made: TimerID? =
            switch json["timer"]?.string {
            case "connect-retry": NeighborKey(json).map { .connectRetry($0) }
            case "hold": NeighborKey(json).map { .hold($0) }
            case "keepalive": NeighborKey(json).map { .keepalive($0) }
            case "open-delay":
                ConnectionID(json["connection"]?.string).map { .openDelay($0) }
            case "vrrp-advertisement": VRRPKey(json).map { .vrrpAdvertisement($0) }
            case "vrrp-master-down": VRRPKey(json).map { .vrrpMasterDown($0) }
            case "vrrp-preempt": VRRPKey(json).map { .vrrpPreempt($0) }
            case "router-advertisement":
                json["device"]?.string.map { .routerAdvertisement(device: $0) }
            case "label-quarantine": .labelQuarantine
            case "resolution": .resolution
            case "routing":
                RoutingProtocolID(json).flatMap { id in
                    RoutingTimer(json).map { .routing(id, $0) }
                }
            default: nil
            }
        guard let made else { return nil }
        self = made
    }
}
