// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An IPv4 header (RFC 791 §3.1).
package struct IPv4Header: Hashable, Sendable {
    /// DSCP in the high six bits, ECN in the low two.
    package var trafficClass: UInt8
    /// Octets of header and payload.
    package var totalLength: UInt16
    package var identification: UInt16
    /// DF.
    package var dontFragment: Bool
    /// MF.
    package var moreFragments: Bool
    /// In units of 8 octets, 13 bits.
    package var fragmentOffset: UInt16
    package var timeToLive: UInt8
    package var ipProtocol: UInt8
    package var source: IPv4Address
    package var destination: IPv4Address
    /// A multiple of 4 octets, at most 40.
    package var options: [UInt8]

    package init(
        source: IPv4Address, destination: IPv4Address, ipProtocol: UInt8, timeToLive: UInt8,
        payloadLength: UInt16, identification: UInt16 = 0, dontFragment: Bool = false,
        trafficClass: UInt8 = 0
    ) {
        self.trafficClass = trafficClass
        totalLength = payloadLength &+ UInt16(Self.octetsMin)
        self.identification = identification
        self.dontFragment = dontFragment
        moreFragments = false
        fragmentOffset = 0
        self.timeToLive = timeToLive
        self.ipProtocol = ipProtocol
        self.source = source
        self.destination = destination
        options = []
    }

    /// The header without options: 20 octets.
    package static let octetsMin = 20

    /// Octets of the header, options included.
    package var octetCount: Int { Self.octetsMin + options.count }

    /// Reads a header and leaves the reader at the payload.
    ///
    /// The payload may be shorter than the header says: an ICMP error quotes only its front. There
    /// the checksum is not verified either, as routers on the way may have changed the header.
    package init(
        decoding reader: inout WireReader, isQuoted: Bool = false
    ) throws(WireError) {
        let start = reader.offset
        let first = try reader.read(UInt8.self, "Version and IHL")
        let headerOctets = Int(first & 0x0f) * 4
        guard first >> 4 == 4, headerOctets >= Self.octetsMin else {
            throw reader.invalid(first, "Version and IHL", back: 1)
        }
        trafficClass = try reader.read(UInt8.self, "Type of Service")
        totalLength = try reader.read(UInt16.self, "Total Length")
        identification = try reader.read(UInt16.self, "Identification")
        let fragment = try reader.read(UInt16.self, "Flags and Fragment Offset")
        dontFragment = fragment & 0x4000 != 0
        moreFragments = fragment & 0x2000 != 0
        fragmentOffset = fragment & 0x1fff
        timeToLive = try reader.read(UInt8.self, "Time to Live")
        ipProtocol = try reader.read(UInt8.self, "Protocol")
        _ = try reader.read(UInt16.self, "Header Checksum")
        source = try reader.readIPv4("Source Address")
        destination = try reader.readIPv4("Destination Address")
        options = try reader.readOctets(headerOctets - Self.octetsMin, "Options")
        guard Int(totalLength) >= headerOctets else {
            throw WireError(
                .invalidValue(UInt64(totalLength)), field: "Total Length", offset: start + 2)
        }
        let octets = reader.quote(from: start, to: reader.offset)
        guard isQuoted || InternetChecksum.of(octets) == 0 else {
            throw WireError(.checksumMismatch, field: "Header Checksum", offset: start + 10)
        }
    }

    /// Writes the header with its checksum.
    /// - Precondition: options are a multiple of 4 octets, at most 40.
    package func encode(to writer: inout WireWriter) {
        precondition(options.count % 4 == 0 && options.count <= 40, "options fill whole words")
        var header = WireWriter(capacity: octetCount)
        header.write(UInt8(0x40 | octetCount / 4))
        header.write(trafficClass)
        header.write(totalLength)
        header.write(identification)
        let flags: UInt16 = (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0)
        header.write(flags | fragmentOffset & 0x1fff)
        header.write(timeToLive)
        header.write(ipProtocol)
        header.write(UInt16.zero)
        header.write(source)
        header.write(destination)
        header.write(options)
        header.overwrite(InternetChecksum.of(header.octets), at: 10)
        writer.write(header.octets)
    }
}
