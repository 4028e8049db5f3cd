// SPDX-License-Identifier: Apache-2.0

import Primitives

// An event as one JSON object; its text is a line of a recording, and reading the line gives the
// same event again.
//
//     {"event":"link","interface":"eth1","up":true}
//     {"event":"received","connection":"out-1","octets":"ffff…"}
//     {"event":"timer","timer":"hold","vrf":"ipvpn","neighbor":"4.0.0.21"}
//
// The one exception is a new configuration, which has passwords in it: a recording tells that it
// came and not what it was, and so cannot be replayed any further.
extension Event {
    /// What a new configuration is called.
    package static let reconfigureName = "reconfigure"

    package var json: JSON {
        switch self {
        case .start: Self.object("start", [])
        case .link(let interface, let isUp):
            Self.object(
                "link", [.init("interface", .string(interface)), .init("up", .bool(isUp))])
        case .connection(let id, let event):
            Self.object(event.name, [.init("connection", .string(id.text))] + event.members)
        case .vrrp(let interface, let source, let hopLimit, let payload):
            Self.packet("vrrp", interface, source, hopLimit, payload)
        case .routerSolicitation(let interface, let source, let hopLimit, let payload):
            Self.packet("router-solicitation", interface, source, hopLimit, payload)
        case .timer(let id): Self.object("timer", id.members)
        case .packet(let packet): Self.object("packet", packet.members)
        case .command(let command): Self.object(command.name, command.members)
        }
    }

    private static func object(_ name: String, _ members: [JSON.Member]) -> JSON {
        JSON.object([.init("event", .string(name))] + members).compact
    }

    private static func packet(
        _ name: String, _ interface: String, _ source: IPAddress, _ hopLimit: UInt8,
        _ payload: [UInt8]
    ) -> JSON {
        object(
            name,
            [
                .init("interface", .string(interface)), .init("source", JSON(source)),
                .init("hop-limit", JSON(hopLimit)),
                .init("octets", .string(Hexadecimal.text(payload))),
            ])
    }

    /// - Returns: nil for what is not an event.
    package init?(json: JSON) {
        let made: Event? =
            switch json["event"]?.string {
            case "start": .start
            case "link": Self.link(json)
            case "vrrp":
                Self.packet(json).map {
                    .vrrp(interface: $0, source: $1, hopLimit: $2, payload: $3)
                }
            case "router-solicitation":
                Self.packet(json).map {
                    .routerSolicitation(interface: $0, source: $1, hopLimit: $2, payload: $3)
                }
            case "timer": TimerID(json).map { .timer($0) }
            case "packet": RoutingPacket(json).map { .packet($0) }
            case let name?: Self.connection(name, json) ?? Self.command(name, json)
            case nil: nil
            }
        guard let made else { return nil }
        self = made
    }

    private static func link(_ json: JSON) -> Event? {
        guard let interface = json["interface"]?.string, let isUp = json["up"]?.bool else {
            return nil
        }
        return .link(interface: interface, isUp: isUp)
    }

    private static func packet(_ json: JSON) -> (String, IPAddress, UInt8, [UInt8])? {
        guard let interface = json["interface"]?.string,
            let source = json["source"]?.string.flatMap({ IPAddress($0) }),
            let hopLimit = json["hop-limit"]?.int.flatMap({ UInt8(exactly: $0) }),
            let payload = Hexadecimal.octets(json["octets"]?.string)
        else { return nil }
        return (interface, source, hopLimit, payload)
    }

    private static func connection(_ name: String, _ json: JSON) -> Event? {
        guard let id = ConnectionID(json["connection"]?.string) else { return nil }
        let reason = json["reason"]?.string
        let event: ConnectionEvent? =
            switch name {
            case "accepted": ConnectionPeer(json).map { .accepted($0) }
            case "connected": .connected
            case "failed": reason.map { .failed(reason: $0) }
            case "received": Hexadecimal.octets(json["octets"]?.string).map { .received($0) }
            case "closed": reason.map { .closed(reason: $0) }
            default: nil
            }
        return event.map { .connection(id, $0) }
    }

    private static func command(_ name: String, _ json: JSON) -> Event? {
        switch name {
        case "deactivate": NeighborKey(json).map { .command(.deactivate($0)) }
        case "activate": NeighborKey(json).map { .command(.activate($0)) }
        case "shut-down": .command(.shutDown)
        default: nil
        }
    }
}

extension ConnectionEvent {
    fileprivate var name: String {
        switch self {
        case .accepted: "accepted"
        case .connected: "connected"
        case .failed: "failed"
        case .received: "received"
        case .closed: "closed"
        }
    }

    fileprivate var members: [JSON.Member] {
        switch self {
        case .accepted(let peer): peer.members
        case .connected: []
        case .failed(let reason), .closed(let reason): [.init("reason", .string(reason))]
        case .received(let octets): [.init("octets", .string(Hexadecimal.text(octets)))]
        }
    }
}

extension Command {
    fileprivate var name: String {
        switch self {
        case .deactivate: "deactivate"
        case .activate: "activate"
        case .shutDown: "shut-down"
        case .reconfigure: Event.reconfigureName
        }
    }

    fileprivate var members: [JSON.Member] {
        switch self {
        case .deactivate(let key), .activate(let key): key.members
        case .shutDown, .reconfigure: []
        }
    }
}

/// An event with its moment: a line of a recording.
package struct RecordedEvent: Hashable, Sendable {
    package var at: Instant
    package var event: Event

    package init(at: Instant, event: Event) {
        self.at = at
        self.event = event
    }

    /// The event's object, with the moment in nanoseconds in front.
    package var json: JSON {
        .object([.init("at", JSON(at.nanoseconds))] + event.json.members)
    }

    package init?(json: JSON) {
        guard let nanoseconds = json["at"]?.int, let event = Event(json: json) else { return nil }
        self.init(at: Instant(nanoseconds: nanoseconds), event: event)
    }
}
