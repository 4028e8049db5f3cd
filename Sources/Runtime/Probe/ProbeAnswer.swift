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
        case unreachable(isPort: Bool)
        /// The next link takes packets of so many octets.
        case tooBig(mtu: UInt32)
    }

    var subject: Subject
    var kind: Kind
    /// Of the message.
    var type: UInt8
    var code: UInt8
    /// Who sent it.
    var from: IPAddress

    /// Reads what a raw ICMP socket received; nil for what is about something else.
    init?(_ datagram: Datagram) {
        from = datagram.source.address
        let family = from.family
        guard let message = Self.message(datagram.octets, family) else { return nil }
        (type, code) = message.typeAndCode(family)
        let quoted: [UInt8]
        switch message {
        case .echoReply(let identifier, let sequence, _):
            kind = .echoReply
            subject = .echo(identifier: identifier, sequence: sequence)
            return
        case .timeExceeded(_, let octets): (kind, quoted) = (.timeExceeded, octets)
        case .packetTooBig(let mtu, let octets): (kind, quoted) = (.tooBig(mtu: mtu), octets)
        case .destinationUnreachable(let code, let octets):
            let isPort = code == ICMPMessage.portUnreachable(family)
            (kind, quoted) = (.unreachable(isPort: isPort), octets)
        case .echoRequest, .other: return nil
        }
        guard let subject = Self.subject(quoted, family) else { return nil }
        self.subject = subject
    }

    /// A raw socket of IPv6 leaves the IP header out, and has verified the checksum.
    private static func message(_ octets: [UInt8], _ family: AddressFamily) -> ICMPMessage? {
        var reader = WireReader(octets)
        if family == .ipv4, (try? IPv4Header(decoding: &reader, isQuoted: true)) == nil {
            return nil
        }
        return try? ICMPMessage(decoding: reader.readRest(), family)
    }

    private static func subject(_ quoted: [UInt8], _ family: AddressFamily) -> Subject? {
        guard let quotation = try? ICMPQuotation(decoding: quoted, family) else { return nil }
        if let (identifier, sequence) = quotation.echo {
            return .echo(identifier: identifier, sequence: sequence)
        }
        return quotation.udpPorts.map {
            .udp(source: $0.source, destination: $0.destination, to: quotation.destination)
        }
    }
}
