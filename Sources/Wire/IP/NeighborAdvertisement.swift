// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A Neighbor Advertisement of ICMPv6 (RFC 4861 §4.4).
package struct NeighborAdvertisement: Hashable, Sendable {
    /// R: the sender is a router.
    package var isRouter: Bool
    /// S: it answers a solicitation.
    package var isSolicited: Bool
    /// O: the receiver must replace what it knew.
    package var isOverride: Bool
    /// The IPv6 address whose place is told.
    package var target: IPAddress
    /// The Target Link-Layer Address option.
    package var targetMAC: MACAddress?

    package init(
        isRouter: Bool, isSolicited: Bool, isOverride: Bool, target: IPAddress,
        targetMAC: MACAddress?
    ) {
        precondition(target.family == .ipv6, "an IPv6 address is advertised")
        self.isRouter = isRouter
        self.isSolicited = isSolicited
        self.isOverride = isOverride
        self.target = target
        self.targetMAC = targetMAC
    }

    /// What a new VRRP active router tells all nodes of the link (RFC 9568 §6.4.1).
    package static func unsolicited(_ target: IPAddress, at mac: MACAddress) -> Self {
        Self(
            isRouter: true, isSolicited: false, isOverride: true, target: target, targetMAC: mac)
    }

    /// Reads the payload of an IPv6 packet and verifies its checksum.
    package init(
        decoding octets: [UInt8], source: IPAddress, destination: IPAddress
    ) throws(WireError) {
        var reader = try NeighborDiscovery.reader(
            octets, .neighborAdvertisement, source: source, destination: destination)
        let flags = try reader.read(UInt32.self, "Flags")
        isRouter = flags & 0x8000_0000 != 0
        isSolicited = flags & 0x4000_0000 != 0
        isOverride = flags & 0x2000_0000 != 0
        target = try reader.readAddress(.ipv6, "Target Address")
        guard !target.isMulticast else { throw reader.invalid(0, "Target Address", back: 16) }
        var mac: MACAddress?
        try NeighborDiscovery.readOptions(&reader) { (type, value) throws(WireError) in
            guard type == NeighborDiscovery.Option.targetLinkLayer else { return }
            mac = try value.readMAC("Target Link-Layer Address")
        }
        targetMAC = mac
    }

    /// The message in octets, with its checksum.
    package func encoded(source: IPAddress, destination: IPAddress) -> [UInt8] {
        var writer = NeighborDiscovery.writer(.neighborAdvertisement)
        writer.write(
            (isRouter ? 0x8000_0000 : 0 as UInt32) | (isSolicited ? 0x4000_0000 : 0)
                | (isOverride ? 0x2000_0000 : 0))
        writer.write(target)
        NeighborDiscovery.writeLinkLayer(
            targetMAC, NeighborDiscovery.Option.targetLinkLayer, &writer)
        return NeighborDiscovery.finish(&writer, source: source, destination: destination)
    }
}
