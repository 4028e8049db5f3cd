// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a routing protocol's packets travel in.
package enum PacketChannel: String, Hashable, Sendable, CaseIterable {
    /// IEEE 802.2 frames with DSAP and SSAP 0xFE (ISO 10589 §8); the payload begins with the
    /// protocol discriminator.
    case isis
    /// IP protocol 89, over IPv4 (RFC 2328) and IPv6 (RFC 5340).
    case ospf
    /// UDP port 520 (RFC 2453).
    case rip
    /// UDP port 521 (RFC 2080).
    case ripng
    /// UDP port 646, hellos (RFC 5036 §2.4).
    case ldp
    /// UDP port 3784 (RFC 5881).
    case bfd
    /// UDP port 4784 (RFC 5883).
    case bfdMultihop = "bfd-multihop"
}

/// One end of a packet.
package enum PacketAddress: Hashable, Sendable {
    case ip(IPAddress)
    /// Of the link, where there is no IP (IS-IS).
    case mac(MACAddress)

    package var ip: IPAddress? { if case .ip(let address) = self { address } else { nil } }
    package var mac: MACAddress? { if case .mac(let address) = self { address } else { nil } }
}

/// A packet of a routing protocol, as it came or as it is to go.
package struct RoutingPacket: Hashable, Sendable {
    package var channel: PacketChannel
    /// nil is the default VRF.
    package var vrf: String?
    /// By which it came or is to go; nil lets the kernel route it (multihop), and where it came by
    /// a socket that hears all interfaces.
    package var interface: String?
    /// Of what is sent in frames, the interface's own address is put in instead.
    package var source: PacketAddress
    package var destination: PacketAddress
    /// TTL or hop limit; of frames 255.
    package var hopLimit: UInt8
    /// What stands after the IP, UDP or 802.2 header.
    package var payload: [UInt8]

    package init(
        _ channel: PacketChannel, vrf: String? = nil, interface: String?, source: PacketAddress,
        destination: PacketAddress, hopLimit: UInt8, payload: [UInt8]
    ) {
        self.channel = channel
        self.vrf = vrf
        self.interface = interface
        self.source = source
        self.destination = destination
        self.hopLimit = hopLimit
        self.payload = payload
    }
}

/// Where a router hears packets of a channel: what Runtime opens a socket for.
package struct PacketListener: Hashable, Sendable {
    package var channel: PacketChannel
    package var family: AddressFamily
    package var vrf: String?
    /// nil hears unicast by all interfaces of the VRF.
    package var interface: String?
    /// Multicast groups that are joined on the interface.
    package var groups: [PacketAddress]

    package init(
        _ channel: PacketChannel, _ family: AddressFamily = .ipv4, vrf: String? = nil,
        interface: String?, groups: [PacketAddress] = []
    ) {
        self.channel = channel
        self.family = family
        self.vrf = vrf
        self.interface = interface
        self.groups = groups
    }
}
