// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A UDP datagram (RFC 768, over IPv6 RFC 8200 §8.1).
package struct UDPDatagram: Hashable, Sendable {
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    package var payload: [UInt8]

    package init(sourcePort: UInt16, destinationPort: UInt16, payload: [UInt8]) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.payload = payload
    }

    package static let headerOctets = 8

    /// Reads the payload of an IP packet and verifies its checksum, where there is one: IPv4 may
    /// do without.
    package init(
        decoding octets: [UInt8], source: IPAddress, destination: IPAddress
    ) throws(WireError) {
        var reader = WireReader(octets)
        sourcePort = try reader.read(UInt16.self, "Source Port")
        destinationPort = try reader.read(UInt16.self, "Destination Port")
        let length = try reader.read(UInt16.self, "Length")
        let checksum = try reader.read(UInt16.self, "Checksum")
        guard Int(length) == octets.count else {
            throw WireError(.invalidValue(UInt64(length)), field: "Length", offset: 4)
        }
        let isAbsent = checksum == 0 && source.family == .ipv4
        guard isAbsent || Self.checksum(octets, source, destination) == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: 6)
        }
        payload = reader.readRest()
    }

    /// The datagram in octets, with its checksum.
    /// - Throws: when it is longer than 65535 octets.
    package func encoded(
        source: IPAddress, destination: IPAddress
    ) throws(WireError) -> [UInt8] {
        let octetCount = Self.headerOctets + payload.count
        guard let length = UInt16(exactly: octetCount) else {
            throw WireError(
                .tooLong(octets: octetCount, limit: Int(UInt16.max)), field: "Length", offset: 4)
        }
        var writer = WireWriter(capacity: octetCount)
        writer.write(sourcePort)
        writer.write(destinationPort)
        writer.write(length)
        writer.write(UInt16.zero)
        writer.write(payload)
        let checksum = Self.checksum(writer.octets, source, destination)
        // Zero would say that there is none; its other form sums to the same.
        writer.overwrite(checksum == 0 ? .max : checksum, at: 6)
        return writer.octets
    }

    private static func checksum(
        _ octets: [UInt8], _ source: IPAddress, _ destination: IPAddress
    ) -> UInt16 {
        var checksum = InternetChecksum(
            source: source, destination: destination,
            nextHeader: IPProtocol.udp, length: octets.count)
        checksum.add(octets)
        return checksum.value
    }
}
