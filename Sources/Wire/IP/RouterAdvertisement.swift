// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A Router Advertisement of ICMPv6 (RFC 4861 §4.2). The flags of DHCPv6 and the timers of
/// unreachability detection are left to the hosts: written as zero, and not read.
package struct RouterAdvertisement: Hashable, Sendable {
    /// Cur Hop Limit: what hosts give their packets; 0 says nothing.
    package var hopLimit: UInt8
    /// Router Lifetime in seconds: how long the sender may be a default router, 0 for no more.
    package var lifetime: UInt16
    /// The Source Link-Layer Address option.
    package var sourceMAC: MACAddress?
    /// Prefix Information options.
    package var prefixes: [Prefix]

    /// A Prefix Information option (RFC 4861 §4.6.2).
    package struct Prefix: Hashable, Sendable {
        package var prefix: IPPrefix
        /// L: its addresses are on the link.
        package var isOnLink: Bool
        /// A: hosts may make themselves addresses of it (RFC 4862).
        package var isAutonomous: Bool
        /// Seconds; all ones for ever.
        package var validLifetime: UInt32
        package var preferredLifetime: UInt32

        package init(
            _ prefix: IPPrefix, isOnLink: Bool = true, isAutonomous: Bool = false,
            validLifetime: UInt32 = .max, preferredLifetime: UInt32 = .max
        ) {
            precondition(prefix.family == .ipv6, "an IPv6 prefix is advertised")
            self.prefix = prefix
            self.isOnLink = isOnLink
            self.isAutonomous = isAutonomous
            self.validLifetime = validLifetime
            self.preferredLifetime = preferredLifetime
        }
    }

    package init(
        hopLimit: UInt8 = 64, lifetime: UInt16, sourceMAC: MACAddress? = nil,
        prefixes: [Prefix] = []
    ) {
        self.hopLimit = hopLimit
        self.lifetime = lifetime
        self.sourceMAC = sourceMAC
        self.prefixes = prefixes
    }

    /// Reads the payload of an IPv6 packet and makes the checks of RFC 4861 §6.1.2, but for that of
    /// the hop limit.
    package init(
        decoding octets: [UInt8], source: IPAddress, destination: IPAddress
    ) throws(WireError) {
        var reader = try NeighborDiscovery.reader(
            octets, .routerAdvertisement, source: source, destination: destination)
        guard source.isLinkLocal else { throw reader.invalid(0, "Source Address") }
        hopLimit = try reader.read(UInt8.self, "Cur Hop Limit")
        _ = try reader.read(UInt8.self, "Flags")
        lifetime = try reader.read(UInt16.self, "Router Lifetime")
        _ = try reader.read(UInt32.self, "Reachable Time")
        _ = try reader.read(UInt32.self, "Retrans Timer")
        var mac: MACAddress?
        var prefixes: [Prefix] = []
        try NeighborDiscovery.readOptions(&reader) { (type, value) throws(WireError) in
            switch type {
            case NeighborDiscovery.Option.sourceLinkLayer:
                mac = try value.readMAC("Source Link-Layer Address")
            case NeighborDiscovery.Option.prefixInformation:
                prefixes.append(try Prefix(decoding: &value))
            default: break
            }
        }
        sourceMAC = mac
        self.prefixes = prefixes
    }

    /// The message in octets, with its checksum.
    package func encoded(source: IPAddress, destination: IPAddress) -> [UInt8] {
        var writer = NeighborDiscovery.writer(.routerAdvertisement)
        writer.write(hopLimit)
        writer.write(UInt8.zero)
        writer.write(lifetime)
        writer.write(UInt32.zero)
        writer.write(UInt32.zero)
        NeighborDiscovery.writeLinkLayer(
            sourceMAC, NeighborDiscovery.Option.sourceLinkLayer, &writer)
        for prefix in prefixes { prefix.write(&writer) }
        return NeighborDiscovery.finish(&writer, source: source, destination: destination)
    }
}

extension RouterAdvertisement.Prefix {
    /// Reads what follows an option's type and length.
    fileprivate init(decoding reader: inout WireReader) throws(WireError) {
        let length = try reader.read(UInt8.self, "Prefix Length")
        guard length <= 128 else { throw reader.invalid(length, "Prefix Length", back: 1) }
        let flags = try reader.read(UInt8.self, "Flags")
        isOnLink = flags & 0x80 != 0
        isAutonomous = flags & 0x40 != 0
        validLifetime = try reader.read(UInt32.self, "Valid Lifetime")
        preferredLifetime = try reader.read(UInt32.self, "Preferred Lifetime")
        _ = try reader.read(UInt32.self, "Reserved")
        prefix = IPPrefix(try reader.readAddress(.ipv6, "Prefix"), length: length)
    }

    fileprivate func write(_ writer: inout WireWriter) {
        writer.write(NeighborDiscovery.Option.prefixInformation)
        writer.write(UInt8(4))
        writer.write(prefix.length)
        writer.write((isOnLink ? 0x80 : 0 as UInt8) | (isAutonomous ? 0x40 : 0))
        writer.write(validLifetime)
        writer.write(preferredLifetime)
        writer.write(UInt32.zero)
        writer.write(prefix.address)
    }
}
