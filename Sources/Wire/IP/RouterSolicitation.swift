// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A Router Solicitation of ICMPv6 (RFC 4861 §4.1): a host asks routers to advertise at once.
package struct RouterSolicitation: Hashable, Sendable {
    /// The Source Link-Layer Address option.
    package var sourceMAC: MACAddress?

    package init(sourceMAC: MACAddress? = nil) { self.sourceMAC = sourceMAC }

    /// ICMPv6's number for it.
    package static let type = NeighborDiscovery.MessageType.routerSolicitation.rawValue

    /// Reads the payload of an IPv6 packet and makes the checks of RFC 4861 §6.1.1, but for that of
    /// the hop limit.
    package init(
        decoding octets: [UInt8], source: IPAddress, destination: IPAddress
    ) throws(WireError) {
        var reader = try NeighborDiscovery.reader(
            octets, .routerSolicitation, source: source, destination: destination)
        _ = try reader.read(UInt32.self, "Reserved")
        var mac: MACAddress?
        try NeighborDiscovery.readOptions(&reader) { (type, value) throws(WireError) in
            guard type == NeighborDiscovery.Option.sourceLinkLayer else { return }
            guard !source.isUnspecified else { throw value.invalid(type, "Option Type", back: 2) }
            mac = try value.readMAC("Source Link-Layer Address")
        }
        sourceMAC = mac
    }

    /// The message in octets, with its checksum.
    package func encoded(source: IPAddress, destination: IPAddress) -> [UInt8] {
        var writer = NeighborDiscovery.writer(.routerSolicitation)
        writer.write(UInt32.zero)
        NeighborDiscovery.writeLinkLayer(
            sourceMAC, NeighborDiscovery.Option.sourceLinkLayer, &writer)
        return NeighborDiscovery.finish(&writer, source: source, destination: destination)
    }
}
