// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What the messages of Neighbor Discovery have in common (RFC 4861 §4): they are ICMPv6, never
/// come from beyond the link, and end with options.
package enum NeighborDiscovery {
    /// Next header of ICMPv6.
    package static let ipProtocol: UInt8 = 58
    /// What packets must arrive with (RFC 4861 §6.1, §7.1).
    package static let hopLimit: UInt8 = 255

    enum MessageType: UInt8 {
        case routerSolicitation = 133
        case routerAdvertisement = 134
        case neighborAdvertisement = 136
    }

    enum Option {
        static let sourceLinkLayer: UInt8 = 1
        static let targetLinkLayer: UInt8 = 2
        static let prefixInformation: UInt8 = 3
    }

    /// Begins to read the payload of an IPv6 packet, after its checksum has been found right.
    static func reader(
        _ octets: [UInt8], _ type: MessageType, source: IPAddress, destination: IPAddress
    ) throws(WireError) -> WireReader {
        var reader = WireReader(octets)
        let typeAndCode = try reader.read(UInt16.self, "Type and Code")
        guard typeAndCode == UInt16(type.rawValue) << 8 else {
            throw reader.invalid(typeAndCode, "Type and Code", back: 2)
        }
        _ = try reader.read(UInt16.self, "Checksum")
        guard checksum(octets, source, destination) == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: 2)
        }
        return reader
    }

    /// Reads options to the end; whoever does not know one leaves it alone (RFC 4861 §4.6).
    static func readOptions(
        _ reader: inout WireReader,
        _ take: (_ type: UInt8, _ value: inout WireReader) throws(WireError) -> Void
    ) throws(WireError) {
        while !reader.isEmpty {
            let type = try reader.read(UInt8.self, "Option Type")
            let length = Int(try reader.read(UInt8.self, "Option Length")) * 8
            guard length > 0 else { throw reader.invalid(0, "Option Length", back: 1) }
            var value = try reader.readNested(length - 2, "Option")
            try take(type, &value)
        }
    }

    /// Begins a message; its checksum is put in by `finish`.
    static func writer(_ type: MessageType) -> WireWriter {
        var writer = WireWriter(capacity: 64)
        writer.write(UInt16(type.rawValue) << 8)
        writer.write(UInt16.zero)
        return writer
    }

    static func writeLinkLayer(_ mac: MACAddress?, _ option: UInt8, _ writer: inout WireWriter) {
        guard let mac else { return }
        writer.write(option)
        writer.write(UInt8(1))
        writer.write(mac)
    }

    static func finish(
        _ writer: inout WireWriter, source: IPAddress, destination: IPAddress
    ) -> [UInt8] {
        writer.overwrite(checksum(writer.octets, source, destination), at: 2)
        return writer.octets
    }

    private static func checksum(
        _ octets: [UInt8], _ source: IPAddress, _ destination: IPAddress
    ) -> UInt16 {
        var checksum = InternetChecksum(
            source: source, destination: destination, nextHeader: ipProtocol,
            length: octets.count)
        checksum.add(octets)
        return checksum.value
    }
}
