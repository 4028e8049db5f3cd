// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An ICMP message (RFC 792): those that ping and traceroute need, the others as they come.
package enum ICMPv4Message: Hashable, Sendable {
    case echoRequest(identifier: UInt16, sequence: UInt16, payload: [UInt8])
    case echoReply(identifier: UInt16, sequence: UInt16, payload: [UInt8])
    /// `nextHopMTU` is that of code 4, zero in the others (RFC 1191 §4).
    case destinationUnreachable(code: UInt8, nextHopMTU: UInt16, quoted: [UInt8])
    case timeExceeded(code: UInt8, quoted: [UInt8])
    /// Everything after the checksum.
    case other(type: UInt8, code: UInt8, rest: [UInt8])

    /// The codes of Destination Unreachable that are commonly met (RFC 792, RFC 1812 §5.2.7.1).
    package enum UnreachableCode: UInt8, Hashable, Sendable {
        case network = 0
        case host = 1
        case `protocol` = 2
        case port = 3
        case fragmentationNeeded = 4
        case administrativelyProhibited = 13
    }

    private enum MessageType {
        static let echoReply: UInt8 = 0
        static let destinationUnreachable: UInt8 = 3
        static let echoRequest: UInt8 = 8
        static let timeExceeded: UInt8 = 11
    }

    /// Reads the payload of an IPv4 packet and verifies its checksum.
    package init(decoding octets: [UInt8]) throws(WireError) {
        var reader = WireReader(octets)
        let type = try reader.read(UInt8.self, "Type")
        let code = try reader.read(UInt8.self, "Code")
        _ = try reader.read(UInt16.self, "Checksum")
        guard InternetChecksum.of(octets) == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: 2)
        }
        switch type {
        case MessageType.echoRequest, MessageType.echoReply:
            let identifier = try reader.read(UInt16.self, "Identifier")
            let sequence = try reader.read(UInt16.self, "Sequence Number")
            let payload = reader.readRest()
            self =
                type == MessageType.echoRequest
                ? .echoRequest(identifier: identifier, sequence: sequence, payload: payload)
                : .echoReply(identifier: identifier, sequence: sequence, payload: payload)
        case MessageType.destinationUnreachable:
            _ = try reader.read(UInt16.self, "unused")
            let mtu = try reader.read(UInt16.self, "Next-Hop MTU")
            self = .destinationUnreachable(
                code: code, nextHopMTU: mtu, quoted: reader.readRest())
        case MessageType.timeExceeded:
            _ = try reader.read(UInt32.self, "unused")
            self = .timeExceeded(code: code, quoted: reader.readRest())
        default: self = .other(type: type, code: code, rest: reader.readRest())
        }
    }

    /// The message in octets, with its checksum.
    package var octets: [UInt8] {
        var writer = WireWriter(capacity: 64)
        writer.write(type)
        writer.write(code)
        writer.write(UInt16.zero)
        switch self {
        case .echoRequest(let identifier, let sequence, let payload),
            .echoReply(let identifier, let sequence, let payload):
            writer.write(identifier)
            writer.write(sequence)
            writer.write(payload)
        case .destinationUnreachable(_, let mtu, let quoted):
            writer.write(UInt16.zero)
            writer.write(mtu)
            writer.write(quoted)
        case .timeExceeded(_, let quoted):
            writer.write(UInt32.zero)
            writer.write(quoted)
        case .other(_, _, let rest): writer.write(rest)
        }
        writer.overwrite(InternetChecksum.of(writer.octets), at: 2)
        return writer.octets
    }

    private var type: UInt8 {
        switch self {
        case .echoRequest: MessageType.echoRequest
        case .echoReply: MessageType.echoReply
        case .destinationUnreachable: MessageType.destinationUnreachable
        case .timeExceeded: MessageType.timeExceeded
        case .other(let type, _, _): type
        }
    }

    private var code: UInt8 {
        switch self {
        case .echoRequest, .echoReply: 0
        case .destinationUnreachable(let code, _, _), .timeExceeded(let code, _): code
        case .other(_, let code, _): code
        }
    }
}

/// The front of the packet that an ICMP error is about: at least the IPv4 header and 8 octets,
/// enough to tell which probe it was.
package struct ICMPv4Quotation: Hashable, Sendable {
    package let header: IPv4Header
    /// What the header's payload begins with.
    package let payload: [UInt8]

    /// Reads the quoted octets of an error.
    package init(decoding octets: [UInt8]) throws(WireError) {
        var reader = WireReader(octets)
        header = try IPv4Header(decoding: &reader, isQuoted: true)
        payload = reader.readRest()
    }

    /// Identifier and sequence number, when the packet was an echo request.
    package var echo: (identifier: UInt16, sequence: UInt16)? {
        guard header.ipProtocol == IPv4Header.ProtocolNumber.icmp, payload.first == 8 else {
            return nil
        }
        return words(from: 4).map { (identifier: $0.0, sequence: $0.1) }
    }

    /// The ports, when the packet was UDP.
    package var udpPorts: (source: UInt16, destination: UInt16)? {
        guard header.ipProtocol == IPv4Header.ProtocolNumber.udp else { return nil }
        return words(from: 0).map { (source: $0.0, destination: $0.1) }
    }

    private func words(from offset: Int) -> (UInt16, UInt16)? {
        guard payload.count >= offset + 4 else { return nil }
        func word(_ at: Int) -> UInt16 { UInt16(payload[at]) << 8 | UInt16(payload[at + 1]) }
        return (word(offset), word(offset + 2))
    }
}
