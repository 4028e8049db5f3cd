// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The fixed header of an IPv6 packet (RFC 8200 §3): 40 octets.
package struct IPv6Header: Hashable, Sendable {
    /// DSCP in the high six bits, ECN in the low two.
    package var trafficClass: UInt8
    /// 20 bits.
    package var flowLabel: UInt32
    /// Octets after this header, extension headers included.
    package var payloadLength: UInt16
    /// What follows: an extension header or the upper layer.
    package var nextHeader: UInt8
    package var hopLimit: UInt8
    package var source: IPAddress
    package var destination: IPAddress

    package init(
        source: IPAddress, destination: IPAddress, nextHeader: UInt8, hopLimit: UInt8,
        payloadLength: UInt16, trafficClass: UInt8 = 0, flowLabel: UInt32 = 0
    ) {
        self.trafficClass = trafficClass
        self.flowLabel = flowLabel
        self.payloadLength = payloadLength
        self.nextHeader = nextHeader
        self.hopLimit = hopLimit
        self.source = source
        self.destination = destination
    }

    package static let octetCount = 40

    /// Reads a header and leaves the reader at what follows, which may be shorter than the header
    /// says.
    package init(decoding reader: inout WireReader) throws(WireError) {
        let first = try reader.read(UInt32.self, "Version, Traffic Class and Flow Label")
        guard first >> 28 == 6 else {
            throw reader.invalid(first >> 28, "Version, Traffic Class and Flow Label", back: 4)
        }
        trafficClass = UInt8(truncatingIfNeeded: first >> 20)
        flowLabel = first & 0xf_ffff
        payloadLength = try reader.read(UInt16.self, "Payload Length")
        nextHeader = try reader.read(UInt8.self, "Next Header")
        hopLimit = try reader.read(UInt8.self, "Hop Limit")
        source = try reader.readAddress(.ipv6, "Source Address")
        destination = try reader.readAddress(.ipv6, "Destination Address")
    }

    /// - Precondition: both addresses are of IPv6.
    package func encode(to writer: inout WireWriter) {
        precondition(
            source.family == .ipv6 && destination.family == .ipv6, "an IPv6 header has IPv6 ends")
        writer.write(6 << 28 | UInt32(trafficClass) << 20 | flowLabel & 0xf_ffff)
        writer.write(payloadLength)
        writer.write(nextHeader)
        writer.write(hopLimit)
        writer.write(source)
        writer.write(destination)
    }
}
