// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Wire

/// What an ICMP message says about a probe of ours.
struct ProbeAnswer: Hashable {
    /// Which packet it answers.
    enum Subject: Hashable {
        case echo(identifier: UInt16, sequence: UInt16)
        case udp(source: UInt16, destination: UInt16, to: IPAddress)
    }

    enum Kind: Hashable {
        case echoReply
        case timeExceeded
        /// With the type and code of the message.
        case unreachable(type: UInt8, code: UInt8, isPort: Bool)
    }

    var subject: Subject
    var kind: Kind
    /// Who sent it.
    var from: IPAddress

    /// Reads what a raw ICMP socket received; nil for what is about something else.
    init?(_ datagram: Datagram) {
        from = datagram.source.address
        let answer =
            switch from.family {
            case .ipv4: Self.ipv4(datagram.octets)
            case .ipv6: Self.ipv6(datagram.octets)
            }
        guard let answer else { return nil }
        (kind, subject) = answer
    }

    // MARK: IPv4

    private static func ipv4(_ octets: [UInt8]) -> (Kind, Subject)? {
        var reader = WireReader(octets)
        guard (try? IPv4Header(decoding: &reader, isQuoted: true)) != nil,
            let message = try? ICMPv4Message(decoding: reader.readRest())
        else { return nil }
        switch message {
        case .echoReply(let identifier, let sequence, _):
            return (.echoReply, .echo(identifier: identifier, sequence: sequence))
        case .timeExceeded(_, let quoted):
            return quotedIPv4(quoted).map { (.timeExceeded, $0) }
        case .destinationUnreachable(let code, _, let quoted):
            let isPort = code == ICMPv4Message.UnreachableCode.port.rawValue
            let kind = Kind.unreachable(type: 3, code: code, isPort: isPort)
            return quotedIPv4(quoted).map { (kind, $0) }
        case .echoRequest, .other: return nil
        }
    }

    private static func quotedIPv4(_ octets: [UInt8]) -> Subject? {
        guard let quotation = try? ICMPv4Quotation(decoding: octets) else { return nil }
        if let (identifier, sequence) = quotation.echo {
            return .echo(identifier: identifier, sequence: sequence)
        }
        return quotation.udpPorts.map {
            .udp(
                source: $0.source, destination: $0.destination,
                to: IPAddress(quotation.header.destination))
        }
    }

    // MARK: IPv6 (RFC 4443)

    /// A raw ICMPv6 socket leaves the IPv6 header out; the kernel has verified the checksum.
    private static func ipv6(_ octets: [UInt8]) -> (Kind, Subject)? {
        var reader = WireReader(octets)
        guard let type = try? reader.read(UInt8.self, "Type"),
            let code = try? reader.read(UInt8.self, "Code"),
            (try? reader.read(UInt16.self, "Checksum")) != nil
        else { return nil }
        if type == 129 { return echo(&reader).map { (.echoReply, $0) } }
        guard (1...4).contains(type), (try? reader.read(UInt32.self, "unused")) != nil,
            let subject = quotedIPv6(&reader)
        else { return nil }
        if type == 3 { return (.timeExceeded, subject) }
        return (.unreachable(type: type, code: code, isPort: type == 1 && code == 4), subject)
    }

    private static func echo(_ reader: inout WireReader) -> Subject? {
        guard let identifier = try? reader.read(UInt16.self, "Identifier"),
            let sequence = try? reader.read(UInt16.self, "Sequence Number")
        else { return nil }
        return .echo(identifier: identifier, sequence: sequence)
    }

    private static func quotedIPv6(_ reader: inout WireReader) -> Subject? {
        guard (try? reader.readOctets(6, "Version to Payload Length")) != nil,
            let next = try? reader.read(UInt8.self, "Next Header"),
            (try? reader.readOctets(17, "Hop Limit and Source Address")) != nil,
            let to = try? reader.readAddress(.ipv6, "Destination Address")
        else { return nil }
        if next == 58 {
            guard (try? reader.read(UInt32.self, "Type, Code, Checksum")) != nil else {
                return nil
            }
            return echo(&reader)
        }
        guard next == 17, let source = try? reader.read(UInt16.self, "Source Port"),
            let destination = try? reader.read(UInt16.self, "Destination Port")
        else { return nil }
        return .udp(source: source, destination: destination, to: to)
    }
}

/// Builds echo requests of both families.
enum EchoRequest {
    /// The octets for a raw ICMP socket. The kernel fills in the checksum of ICMPv6.
    static func octets(
        _ family: AddressFamily, identifier: UInt16, sequence: UInt16, payload: [UInt8]
    ) -> [UInt8] {
        guard family == .ipv6 else {
            return ICMPv4Message.echoRequest(
                identifier: identifier, sequence: sequence, payload: payload
            ).octets
        }
        var writer = WireWriter(capacity: 8 + payload.count)
        writer.write(UInt32(128) << 24)
        writer.write(identifier)
        writer.write(sequence)
        writer.write(payload)
        return writer.octets
    }

    /// The protocol number of ICMP.
    static func ipProtocol(_ family: AddressFamily) -> UInt8 { family == .ipv4 ? 1 : 58 }
}
