// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An ICMP (RFC 792) or ICMPv6 (RFC 4443) message: those that probes need, the others as they come.
///
/// What differs between the families is the numbers and the checksum, which in ICMPv6 covers the
/// packet's addresses. A raw socket keeps that checksum itself: it verifies what arrives and fills
/// in what is sent. So the addresses may be left out, and the checksum is then not looked at, or
/// zero.
package enum ICMPMessage: Hashable, Sendable {
    case echoRequest(identifier: UInt16, sequence: UInt16, payload: [UInt8])
    case echoReply(identifier: UInt16, sequence: UInt16, payload: [UInt8])
    /// But for IPv4's code 4, which is `packetTooBig`.
    case destinationUnreachable(code: UInt8, quoted: [UInt8])
    /// Type 2 of ICMPv6; Destination Unreachable, fragmentation needed and DF set, of ICMP
    /// (RFC 1191 §4), where the MTU has 16 bits and is zero from a router that does not tell it.
    case packetTooBig(mtu: UInt32, quoted: [UInt8])
    case timeExceeded(code: UInt8, quoted: [UInt8])
    /// Everything after the checksum.
    case other(type: UInt8, code: UInt8, rest: [UInt8])

    /// The addresses of the packet around a message.
    package typealias Ends = (source: IPAddress, destination: IPAddress)

    /// The protocol number, or next header.
    package static func ipProtocol(_ family: AddressFamily) -> UInt8 {
        family == .ipv4 ? IPProtocol.icmp : IPProtocol.icmpv6
    }

    /// The code of Destination Unreachable that says that nobody listens at a port.
    package static func portUnreachable(_ family: AddressFamily) -> UInt8 {
        family == .ipv4 ? 3 : 4
    }

    /// Reads the payload of an IP packet and verifies its checksum.
    /// - Parameter ends: nil leaves the checksum of ICMPv6 to the kernel.
    package init(
        decoding octets: [UInt8], _ family: AddressFamily, _ ends: Ends? = nil
    ) throws(WireError) {
        var reader = WireReader(octets)
        let type = try reader.read(UInt8.self, "Type")
        let code = try reader.read(UInt8.self, "Code")
        _ = try reader.read(UInt16.self, "Checksum")
        guard Self.checksum(octets, family, ends) ?? 0 == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: 2)
        }
        switch Numbers(family).kind(type, code) {
        case .echoRequest:
            let (identifier, sequence, payload) = try Self.readEcho(&reader)
            self = .echoRequest(identifier: identifier, sequence: sequence, payload: payload)
        case .echoReply:
            let (identifier, sequence, payload) = try Self.readEcho(&reader)
            self = .echoReply(identifier: identifier, sequence: sequence, payload: payload)
        case .destinationUnreachable:
            _ = try reader.read(UInt32.self, "unused")
            self = .destinationUnreachable(code: code, quoted: reader.readRest())
        case .packetTooBig:
            let mtu = try reader.read(UInt32.self, "MTU")
            // The high half of ICMP's is unused, and may hold the length of RFC 4884.
            self = .packetTooBig(
                mtu: family == .ipv4 ? mtu & 0xffff : mtu, quoted: reader.readRest())
        case .timeExceeded:
            _ = try reader.read(UInt32.self, "unused")
            self = .timeExceeded(code: code, quoted: reader.readRest())
        case nil: self = .other(type: type, code: code, rest: reader.readRest())
        }
    }

    private static func readEcho(
        _ reader: inout WireReader
    ) throws(WireError) -> (UInt16, UInt16, [UInt8]) {
        let identifier = try reader.read(UInt16.self, "Identifier")
        let sequence = try reader.read(UInt16.self, "Sequence Number")
        return (identifier, sequence, reader.readRest())
    }

    /// The message in octets, with its checksum.
    /// - Parameter ends: nil leaves the checksum of ICMPv6 to the kernel.
    package func octets(_ family: AddressFamily, _ ends: Ends? = nil) -> [UInt8] {
        var writer = WireWriter(capacity: 64)
        let (type, code) = typeAndCode(Numbers(family))
        writer.write(type)
        writer.write(code)
        writer.write(UInt16.zero)
        switch self {
        case .echoRequest(let identifier, let sequence, let payload),
            .echoReply(let identifier, let sequence, let payload):
            writer.write(identifier)
            writer.write(sequence)
            writer.write(payload)
        case .destinationUnreachable(_, let quoted), .timeExceeded(_, let quoted):
            writer.write(UInt32.zero)
            writer.write(quoted)
        case .packetTooBig(let mtu, let quoted):
            writer.write(family == .ipv4 ? min(mtu, 0xffff) : mtu)
            writer.write(quoted)
        case .other(_, _, let rest): writer.write(rest)
        }
        if let checksum = Self.checksum(writer.octets, family, ends) {
            writer.overwrite(checksum, at: 2)
        }
        return writer.octets
    }

    package func typeAndCode(_ family: AddressFamily) -> (type: UInt8, code: UInt8) {
        typeAndCode(Numbers(family))
    }

    private func typeAndCode(_ numbers: Numbers) -> (type: UInt8, code: UInt8) {
        switch self {
        case .echoRequest: (numbers.echoRequest, 0)
        case .echoReply: (numbers.echoReply, 0)
        case .destinationUnreachable(let code, _): (numbers.destinationUnreachable, code)
        case .packetTooBig: numbers.packetTooBig
        case .timeExceeded(let code, _): (numbers.timeExceeded, code)
        case .other(let type, let code, _): (type, code)
        }
    }

    /// nil where it cannot be known.
    private static func checksum(
        _ octets: [UInt8], _ family: AddressFamily, _ ends: Ends?
    ) -> UInt16? {
        if family == .ipv4 { return InternetChecksum.of(octets) }
        guard let ends else { return nil }
        var checksum = InternetChecksum(
            source: ends.source, destination: ends.destination, nextHeader: ipProtocol(family),
            length: octets.count)
        checksum.add(octets)
        return checksum.value
    }

    /// The types of a family.
    private struct Numbers {
        enum Kind {
            case echoRequest, echoReply, destinationUnreachable, packetTooBig, timeExceeded
        }

        let echoRequest, echoReply, destinationUnreachable, timeExceeded: UInt8
        let packetTooBig: (type: UInt8, code: UInt8)

        init(_ family: AddressFamily) {
            switch family {
            case .ipv4:
                (echoRequest, echoReply) = (8, 0)
                (destinationUnreachable, timeExceeded, packetTooBig) = (3, 11, (3, 4))
            case .ipv6:
                (echoRequest, echoReply) = (128, 129)
                (destinationUnreachable, timeExceeded, packetTooBig) = (1, 3, (2, 0))
            }
        }

        func kind(_ type: UInt8, _ code: UInt8) -> Kind? {
            switch type {
            case echoRequest: .echoRequest
            case echoReply: .echoReply
            // ICMPv6 has a type for it, whose code does not matter.
            case packetTooBig.type
            where code == packetTooBig.code || type != destinationUnreachable:
                .packetTooBig
            case destinationUnreachable: .destinationUnreachable
            case timeExceeded: .timeExceeded
            default: nil
            }
        }
    }
}

/// The front of the packet that an ICMP error is about: enough to tell which probe it was.
package struct ICMPQuotation: Hashable, Sendable {
    package let source: IPAddress
    package let destination: IPAddress
    package let ipProtocol: UInt8
    /// What the packet's payload begins with.
    package let payload: [UInt8]

    /// Reads the quoted octets of an error. Routers on the way may have changed the header, so its
    /// checksum is not verified.
    package init(decoding octets: [UInt8], _ family: AddressFamily) throws(WireError) {
        var reader = WireReader(octets)
        switch family {
        case .ipv4:
            let header = try IPv4Header(decoding: &reader, isQuoted: true)
            (source, destination) = (IPAddress(header.source), IPAddress(header.destination))
            ipProtocol = header.ipProtocol
        case .ipv6:
            let header = try IPv6Header(decoding: &reader)
            (source, destination) = (header.source, header.destination)
            ipProtocol = header.nextHeader
        }
        payload = reader.readRest()
    }

    /// Identifier and sequence number, when the packet was an echo request.
    package var echo: (identifier: UInt16, sequence: UInt16)? {
        let family = destination.family
        // The quotation may end before what its checksum covers.
        guard ipProtocol == ICMPMessage.ipProtocol(family),
            payload.first == (family == .ipv4 ? 8 : 128)
        else { return nil }
        return words(from: 4).map { (identifier: $0.0, sequence: $0.1) }
    }

    /// The ports, when the packet was UDP.
    package var udpPorts: (source: UInt16, destination: UInt16)? {
        guard ipProtocol == IPProtocol.udp else { return nil }
        return words(from: 0).map { (source: $0.0, destination: $0.1) }
    }

    private func words(from offset: Int) -> (UInt16, UInt16)? {
        guard payload.count >= offset + 4 else { return nil }
        func word(_ at: Int) -> UInt16 { UInt16(payload[at]) << 8 | UInt16(payload[at + 1]) }
        return (word(offset), word(offset + 2))
    }
}
