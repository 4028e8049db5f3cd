// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What stands before a PDU's messages (RFC 5036 §3.1).
package struct LDPHeader: StreamHeader {
    package static let headerOctets = LDPPDU.headerOctets
    static let version: UInt16 = 1
    /// LDP Identifier and the least message: octets.
    private static let lengthMin = 14

    /// Of the whole PDU.
    package let messageOctets: Int
    let identifier: LDPIdentifier

    /// Reads and checks a header.
    /// - Throws: also when fewer octets are left than a header has.
    package init(_ reader: inout WireReader) throws(LDPFault) {
        let version = try LDPFault.reading(&reader, else: .badPDULength) {
            reader throws(WireError) in try reader.read(UInt16.self, "Version")
        }
        guard version == Self.version else {
            throw LDPFault(.badProtocolVersion, reader.invalid(version, "Version", back: 2))
        }
        let length = try LDPFault.reading(&reader, else: .badPDULength) {
            reader throws(WireError) in try reader.read(UInt16.self, "PDU Length")
        }
        guard Self.lengthMin...LDPPDU.lengthMax ~= Int(length) else {
            throw LDPFault(.badPDULength, reader.invalid(length, "PDU Length", back: 2))
        }
        identifier = try LDPFault.reading(&reader, else: .badPDULength) {
            reader throws(WireError) in try LDPIdentifier(&reader, "LDP Identifier")
        }
        messageOctets = Int(length) + 4
    }
}

extension LDPIdentifier {
    init(_ reader: inout WireReader, _ field: String) throws(WireError) {
        self.init(
            try reader.readIPv4(field), labelSpace: try reader.read(UInt16.self, field))
    }

    func encode(to writer: inout WireWriter) {
        writer.write(routerID)
        writer.write(labelSpace)
    }
}

extension LDPPDU {
    /// Reads a whole PDU: a datagram, or what `LDPFramer` gives. Messages of unknown type are left
    /// out, in silence if their U bit is set; so are those with faults that do not end a session,
    /// which are listed.
    /// - Throws: what ends a session.
    package init(decoding octets: [UInt8]) throws(LDPFault) {
        var reader = WireReader(octets)
        let header = try LDPHeader(&reader)
        guard header.messageOctets == octets.count else {
            throw LDPFault(
                .badPDULength, reader.invalid(octets.count, "PDU Length", back: 8))
        }
        self.init(identifier: header.identifier, messages: [])
        while !reader.isEmpty {
            do throws(LDPFault) {
                if let message = try LDPMessage(next: &reader) { messages.append(message) }
            } catch {
                guard !error.code.isFatal else { throw error }
                faults.append(error)
            }
        }
    }

    /// The PDU in octets.
    /// - Throws: when it is too long, or a message is not what it must be.
    package func encoded() throws(WireError) -> [UInt8] {
        var writer = WireWriter(capacity: 128)
        for message in messages { try message.encode(to: &writer) }
        return try Self.framed(writer.octets, from: identifier, limit: Self.lengthMax)
    }

    /// Messages in as few PDUs as hold them.
    /// - Parameter limit: the longest PDU that both ends agreed upon, at most 4096.
    /// - Throws: when one message alone is longer.
    package static func packed(
        _ messages: [LDPMessage], from identifier: LDPIdentifier, limit: Int
    ) throws(WireError) -> [[UInt8]] {
        var pdus: [[UInt8]] = []
        var pending = WireWriter(capacity: 1024)
        for message in messages {
            var writer = WireWriter(capacity: 64)
            try message.encode(to: &writer)
            if pending.count > 0, pending.count + writer.count + 6 > limit {
                pdus.append(try framed(pending.octets, from: identifier, limit: limit))
                pending = WireWriter(capacity: 1024)
            }
            pending.write(writer.octets)
        }
        if pending.count > 0 {
            pdus.append(try framed(pending.octets, from: identifier, limit: limit))
        }
        return pdus
    }

    private static func framed(
        _ messages: [UInt8], from identifier: LDPIdentifier, limit: Int
    ) throws(WireError) -> [UInt8] {
        let length = messages.count + 6
        guard length <= limit else {
            throw WireError(
                .tooLong(octets: length, limit: limit), field: "PDU Length", offset: 2)
        }
        var writer = WireWriter(capacity: length + 4)
        writer.write(LDPHeader.version)
        writer.write(UInt16(length))
        identifier.encode(to: &writer)
        writer.write(messages)
        return writer.octets
    }
}

extension LDPMessage {
    /// Reads the next message.
    /// - Returns: nil for one of an unknown type that asks to be ignored.
    fileprivate init?(next reader: inout WireReader) throws(LDPFault) {
        var (type, body) = try Self.header(&reader)
        id = try LDPFault.reading(&body, else: .badMessageLength) {
            reader throws(WireError) in try reader.read(UInt32.self, "Message ID")
        }
        guard let kind = Kind(rawValue: type & ~LDPTLVType.unknownBit) else {
            if type & LDPTLVType.unknownBit != 0 { return nil }
            throw Self.about(id, type, LDPFault(.unknownMessageType))
        }
        do throws(LDPFault) {
            self.body = try Body(kind, &body)
        } catch {
            throw Self.about(id, type, error)
        }
    }

    private static func header(
        _ reader: inout WireReader
    ) throws(LDPFault) -> (UInt16, WireReader) {
        try LDPFault.reading(&reader, else: .badMessageLength) { reader throws(WireError) in
            let type = try reader.read(UInt16.self, "Message Type")
            return (type, try reader.readLengthPrefixed(as: UInt16.self, "Message Length"))
        }
    }

    private static func about(_ id: UInt32, _ type: UInt16, _ fault: LDPFault) -> LDPFault {
        var fault = fault
        fault.messageID = id
        fault.messageType = type
        return fault
    }

    func encode(to writer: inout WireWriter) throws(WireError) {
        writer.write(kind.rawValue)
        try writer.writeLengthPrefixed(as: UInt16.self, "Message Length") {
            writer throws(WireError) in
            writer.write(id)
            try body.encode(to: &writer)
        }
    }
}
