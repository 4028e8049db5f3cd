// SPDX-License-Identifier: Apache-2.0

import Primitives

// An effect as one JSON object, for the expectations of recorded tests. It is only written.
extension Effect {
    package var json: JSON {
        switch self {
        case .connect(let id, let peer):
            Self.object("connect", [.init("connection", .string(id.text))] + peer.members)
        case .send(let id, let octets):
            Self.object(
                "send",
                [
                    .init("connection", .string(id.text)),
                    .init("octets", .string(Hexadecimal.text(octets))),
                ])
        case .close(let id): Self.object("close", [.init("connection", .string(id.text))])
        case .arm(let id, let moment):
            Self.object("arm", id.members + [.init("at", JSON(moment.nanoseconds))])
        case .cancel(let id): Self.object("cancel", id.members)
        case .forwarding(let change): change.json
        case .vrrp(let effect): effect.json
        case .routerAdvertisement(let device, let source, let payload):
            Self.object(
                "router-advertisement",
                [
                    .init("device", .string(device)), .init("source", JSON(source)),
                    .init("octets", .string(Hexadecimal.text(payload))),
                ])
        case .packet(let packet): Self.object("packet", packet.members)
        case .report(let report): report.json
        }
    }

    fileprivate static func object(_ name: String, _ members: [JSON.Member]) -> JSON {
        JSON.object([.init("effect", .string(name))] + members).compact
    }
}

extension ForwardingChange {
    fileprivate var json: JSON {
        switch self {
        case .setRoute(let route):
            Effect.object(
                "set-route",
                [
                    .init("vrf", JSON(route.vrf)), .init("prefix", JSON(route.prefix)),
                    .init("next-hops", JSON(route.nextHops.map(\.json))),
                    .init("group", JSON(route.group?.number)),
                    .init("source", JSON(route.source)),
                ])
        case .removeRoute(let vrf, let prefix):
            Effect.object(
                "remove-route", [.init("vrf", JSON(vrf)), .init("prefix", JSON(prefix))])
        case .setLabel(let label, let action):
            Effect.object(
                "set-label", [.init("label", JSON(label.value))] + action.members)
        case .removeLabel(let label):
            Effect.object("remove-label", [.init("label", JSON(label.value))])
        case .setEndpoint(let endpoint):
            Effect.object(
                "set-endpoint",
                [
                    .init("interface", .string(endpoint.interface)),
                    .init("overlay", JSON(endpoint.overlay)),
                    .init("transport", JSON(endpoint.transport)),
                ])
        case .removeEndpoint(let interface, let overlay):
            Effect.object(
                "remove-endpoint",
                [.init("interface", .string(interface)), .init("overlay", JSON(overlay))])
        case .setGroup(let group):
            Effect.object(
                "set-group",
                [
                    .init("group", JSON(group.id.number)),
                    .init("family", .string(group.family == .ipv4 ? "ipv4" : "ipv6")),
                    .init("next-hops", JSON(group.nextHops.map(\.json))),
                    .init("backup", JSON(group.backup.map(\.json))),
                ])
        case .removeGroup(let id):
            Effect.object("remove-group", [.init("group", JSON(id.number))])
        }
    }
}

extension ForwardingNextHop {
    fileprivate var json: JSON {
        [
            "gateway": JSON(gateway), "interface": .string(interface),
            "labels": JSON(labels.map { JSON($0.value) }),
        ]
    }
}

extension LabelAction {
    fileprivate var members: [JSON.Member] {
        switch self {
        case .forward(let nextHops): [.init("next-hops", JSON(nextHops.map(\.json)))]
        case .lookUp(let vrf, let family):
            [
                .init("look-up", .string(vrf)),
                .init("family", .string(family == .ipv4 ? "ipv4" : "ipv6")),
            ]
        }
    }
}

extension VRRPEffect {
    fileprivate var json: JSON {
        switch self {
        case .send(let interface, let device, let source, let payload):
            Effect.object(
                "vrrp-send",
                [
                    .init("interface", .string(interface)), .init("device", .string(device)),
                    .init("source", JSON(source)),
                    .init("octets", .string(Hexadecimal.text(payload))),
                ])
        case .takeOver(let device, let addresses):
            Effect.object("vrrp-take-over", Self.members(device, addresses))
        case .release(let device, let addresses):
            Effect.object("vrrp-release", Self.members(device, addresses))
        }
    }

    private static func members(_ device: String, _ addresses: [IPAddress]) -> [JSON.Member] {
        [.init("device", .string(device)), .init("addresses", JSON(addresses))]
    }
}

extension Report {
    fileprivate var json: JSON {
        switch self {
        case .session(let key, let state, let reason):
            Effect.object(
                "report-session",
                key.members + [.init("state", .string(state)), .init("reason", JSON(reason))])
        case .route(let vrf, let prefix):
            Effect.object(
                "report-route", [.init("vrf", JSON(vrf)), .init("prefix", JSON(prefix))])
        case .vrrp(let interface, let group, let state):
            Effect.object(
                "report-vrrp",
                [
                    .init("interface", .string(interface)), .init("group", JSON(group)),
                    .init("state", .string(state)),
                ])
        case .link(let interface, let isUp):
            Effect.object(
                "report-link", [.init("interface", .string(interface)), .init("up", .bool(isUp))])
        case .adjacency(let id, let interface, let neighbor, let state, let reason):
            Effect.object(
                "report-adjacency",
                id.members + [
                    .init("interface", JSON(interface)), .init("neighbor", .string(neighbor)),
                    .init("state", .string(state)), .init("reason", JSON(reason)),
                ])
        case .malformed(let key, let text):
            Effect.object("report-malformed", key.members + [.init("text", .string(text))])
        }
    }
}
