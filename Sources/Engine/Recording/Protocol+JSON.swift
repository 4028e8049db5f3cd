// SPDX-License-Identifier: Apache-2.0

import Primitives

// How what routing protocols share is written in recordings.

extension ConnectionPeer {
    /// A BGP neighbor as ever; an LDP peer by its address.
    var members: [JSON.Member] {
        switch self {
        case .bgp(let key): key.members
        case .ldp(let address): [.init("ldp", JSON(address))]
        }
    }

    init?(_ json: JSON) {
        if let address = json["ldp"]?.string.flatMap({ IPv4Address($0) }) {
            self = .ldp(address)
        } else if let key = NeighborKey(json) {
            self = .bgp(key)
        } else {
            return nil
        }
    }
}

extension RoutingProtocolID {
    var members: [JSON.Member] {
        [.init("protocol", .string(kind.rawValue)), .init("vrf", JSON(vrf))]
    }

    init?(_ json: JSON) {
        guard let kind = json["protocol"]?.string.flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(kind, vrf: json["vrf"]?.string)
    }
}

extension RoutingTimer {
    init?(_ json: JSON) {
        guard let name = json["name"]?.string else { return nil }
        self.init(name, json["subject"]?.string ?? "")
    }
}

extension PacketAddress {
    var text: String {
        switch self {
        case .ip(let address): address.description
        case .mac(let address): address.description
        }
    }

    init?(_ text: String?) {
        guard let text else { return nil }
        if let address = IPAddress(text) {
            self = .ip(address)
        } else if let address = MACAddress(text) {
            self = .mac(address)
        } else {
            return nil
        }
    }
}

extension RoutingPacket {
    var members: [JSON.Member] {
        [
            .init("channel", .string(channel.rawValue)), .init("vrf", JSON(vrf)),
            .init("interface", JSON(interface)), .init("source", .string(source.text)),
            .init("destination", .string(destination.text)),
            .init("hop-limit", JSON(hopLimit)),
            .init("octets", .string(Hexadecimal.text(payload))),
        ]
    }

    init?(_ json: JSON) {
        guard let channel = json["channel"]?.string.flatMap(PacketChannel.init(rawValue:)),
            let source = PacketAddress(json["source"]?.string),
            let destination = PacketAddress(json["destination"]?.string),
            let hopLimit = json["hop-limit"]?.int.flatMap({ UInt8(exactly: $0) }),
            let payload = Hexadecimal.octets(json["octets"]?.string)
        else { return nil }
        self.init(
            channel, vrf: json["vrf"]?.string, interface: json["interface"]?.string,
            source: source, destination: destination, hopLimit: hopLimit, payload: payload)
    }
}
