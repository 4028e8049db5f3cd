// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

extension Report {
    /// As the control protocol has it: {type: session|route|vrrp|link|adjacency|malformed, …}.
    var controlJSON: JSON {
        switch self {
        case .session(let key, let state, let reason):
            return JSON.object([
                .init("type", "session"), .init("vrf", JSON(key.vrf)),
                .init("neighbor", JSON(key.address)), .init("state", .string(state)),
                .init("reason", JSON(reason)),
            ]).compact
        case .route(let vrf, let prefix):
            return JSON.object([
                .init("type", "route"), .init("vrf", JSON(vrf)), .init("prefix", JSON(prefix)),
            ]).compact
        case .vrrp(let interface, let group, let state):
            return [
                "type": "vrrp", "interface": .string(interface), "group": JSON(group),
                "state": .string(state),
            ]
        case .link(let interface, let isUp):
            return ["type": "link", "interface": .string(interface), "up": .bool(isUp)]
        case .adjacency(let id, let interface, let neighbor, let state, let reason):
            return JSON.object([
                .init("type", "adjacency"), .init("protocol", .string(id.kind.rawValue)),
                .init("vrf", JSON(id.vrf)), .init("interface", JSON(interface)),
                .init("neighbor", .string(neighbor)), .init("state", .string(state)),
                .init("reason", JSON(reason)),
            ]).compact
        case .malformed(let key, let text):
            return JSON.object([
                .init("type", "malformed"), .init("vrf", JSON(key.vrf)),
                .init("neighbor", JSON(key.address)), .init("text", .string(text)),
            ]).compact
        }
    }
}
