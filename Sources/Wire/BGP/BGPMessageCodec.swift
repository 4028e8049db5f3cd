// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The header before every message: Marker, Length, Type (RFC 4271 §4.1).
package struct BGPHeader: StreamHeader {
    package static let headerOctets = BGPMessage.headerOctets

    let kind: BGPMessage.Kind
    package let messageOctets: Int

    /// Reads and checks a header (RFC 4271 §6.1).
    /// - Throws: the NOTIFICATION that the peer must get; also when fewer than 19 octets are left.
    package init(_ reader: inout WireReader) throws(BGPNotification) {
        guard let marker = try? reader.read(UInt128.self, "Marker"), marker == .max else {
            throw .messageHeader(.connectionNotSynchronized)
        }
        guard let length = try? reader.read(UInt16.self, "Length"),
            let type = try? reader.read(UInt8.self, "Type")
        else { throw .messageHeader(.badMessageLength) }
        let lengthField = [UInt8(length >> 8), UInt8(length & 0xff)]
        guard BGPMessage.headerOctets...BGPMessage.octetsMax ~= Int(length) else {
            throw .messageHeader(.badMessageLength, data: lengthField)
        }
        guard let kind = BGPMessage.Kind(rawValue: type) else {
            throw .messageHeader(.badMessageType, data: [type])
        }
        guard kind.lengths ~= Int(length) else {
            throw .messageHeader(.badMessageLength, data: lengthField)
        }
        self.kind = kind
        messageOctets = Int(length)
    }
}

extension BGPMessage.Kind {
    /// The lengths that a whole message of this type can have.
    var lengths: ClosedRange<Int> {
        switch self {
        case .open: 29...BGPMessage.octetsMax
        case .update: 23...BGPMessage.octetsMax
        case .notification: 21...BGPMessage.octetsMax
        case .keepalive: 19...19
        case .routeRefresh: 23...23
        }
    }
}

extension BGPMessage {
    /// Reads one whole message, as `BGPFramer` gives it.
    ///
    /// A faulty UPDATE throws only where RFC 7606 keeps the session reset; else the remedies are
    /// applied and listed in its `faults`.
    /// - Throws: the NOTIFICATION that the peer must get.
    package init(
        decoding octets: [UInt8], in context: BGPCodecContext
    ) throws(BGPNotification) {
        var reader = WireReader(octets)
        let header = try BGPHeader(&reader)
        guard header.messageOctets == octets.count else { throw .messageHeader(.badMessageLength) }
        switch header.kind {
        case .open: self = .open(try BGPOpen(decoding: &reader))
        case .update: self = .update(try UpdateDecoder.decode(&reader, in: context))
        case .notification: self = .notification(try BGPNotification(decoding: &reader))
        case .keepalive: self = .keepalive
        case .routeRefresh: self = .routeRefresh(try BGPRouteRefresh(decoding: &reader))
        }
    }

    /// The whole message in octets.
    /// - Throws: when it is longer than 4096 octets, or a field than it may be.
    package func encoded(in context: BGPCodecContext) throws(WireError) -> [UInt8] {
        try Self.framed(kind) { writer throws(WireError) in
            switch self {
            case .open(let open): try open.encode(to: &writer)
            case .update(let update):
                try UpdateEncoder(context: context).encode(update, to: &writer)
            case .notification(let notification): notification.encode(to: &writer)
            case .keepalive: break
            case .routeRefresh(let request): request.encode(to: &writer)
            }
        }
    }

    /// Puts a header before what `body` writes.
    static func framed(
        _ kind: Kind, capacity: Int = 64, _ body: (inout WireWriter) throws(WireError) -> Void
    ) throws(WireError) -> [UInt8] {
        var writer = WireWriter(capacity: capacity)
        writer.write(UInt128.max)
        writer.write(UInt16.zero)
        writer.write(kind.rawValue)
        try body(&writer)
        guard writer.count <= octetsMax else {
            throw WireError(
                .tooLong(octets: writer.count, limit: octetsMax), field: "Length", offset: 16)
        }
        writer.overwrite(UInt16(writer.count), at: 16)
        return writer.octets
    }
}

extension BGPNotification {
    /// Reads what follows the header.
    init(decoding reader: inout WireReader) throws(BGPNotification) {
        guard let code = try? reader.read(UInt8.self, "Error Code"),
            let subcode = try? reader.read(UInt8.self, "Error Subcode")
        else { throw .messageHeader(.badMessageLength) }
        self.init(code: code, subcode: subcode, data: reader.readRest())
    }

    /// Data that would make the message too long is cut: it quotes, and a quote may be short.
    func encode(to writer: inout WireWriter) {
        writer.write(code)
        writer.write(subcode)
        writer.write(data.prefix(BGPMessage.octetsMax - BGPMessage.headerOctets - 2))
    }
}

extension BGPRouteRefresh {
    /// Reads what follows the header.
    init(decoding reader: inout WireReader) throws(BGPNotification) {
        guard let afi = try? reader.read(UInt16.self, "AFI"),
            let subtype = try? reader.read(UInt8.self, "Message Subtype"),
            let safi = try? reader.read(UInt8.self, "SAFI")
        else { throw .messageHeader(.badMessageLength) }
        self.init(afi: afi, safi: safi, subtype: subtype)
    }

    func encode(to writer: inout WireWriter) {
        writer.write(afi)
        writer.write(subtype)
        writer.write(safi)
    }
}
