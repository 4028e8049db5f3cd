// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The types of TLVs that are understood (RFC 5036 §4.3, RFC 5561, RFC 5918, RFC 5919).
enum LDPTLVType: UInt16 {
    case fec = 0x0100
    case addressList = 0x0101
    case hopCount = 0x0103
    case pathVector = 0x0104
    case genericLabel = 0x0200
    case status = 0x0300
    case extendedStatus = 0x0301
    case returnedPDU = 0x0302
    case returnedMessage = 0x0303
    case helloParameters = 0x0400
    case ipv4TransportAddress = 0x0401
    case configurationSequence = 0x0402
    case ipv6TransportAddress = 0x0403
    case sessionParameters = 0x0500
    case dynamicAnnouncement = 0x0506
    case typedWildcard = 0x050b
    case labelRequestID = 0x0600
    case unrecognizedNotification = 0x0603

    /// The U bit: whoever does not know the type is to ignore it in silence. The F bit, to pass on
    /// what is not known, is never set: no message is passed on.
    static let unknownBit: UInt16 = 0x8000
    private static let typeBits: UInt16 = 0x3fff

    /// Takes the next TLV that is understood.
    /// - Throws: `unknownTLV` for one that is not and lacks the U bit.
    static func next(
        _ reader: inout WireReader
    ) throws(LDPFault) -> (type: LDPTLVType, value: WireReader)? {
        while !reader.isEmpty {
            let (raw, value) = try header(&reader)
            if let type = LDPTLVType(rawValue: raw & typeBits) { return (type, value) }
            guard raw & unknownBit != 0 else {
                throw LDPFault(.unknownTLV, reader.invalid(raw, "TLV Type"))
            }
        }
        return nil
    }

    private static func header(
        _ reader: inout WireReader
    ) throws(LDPFault) -> (UInt16, WireReader) {
        try LDPFault.reading(&reader, else: .badTLVLength) { reader throws(WireError) in
            let raw = try reader.read(UInt16.self, "TLV Type")
            return (raw, try reader.readLengthPrefixed(as: UInt16.self, "TLV Length"))
        }
    }
}

extension LDPFault {
    /// Reads fields; what does not fit is the given fault.
    static func reading<Value>(
        _ reader: inout WireReader, else code: LDPStatusCode,
        _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(LDPFault) -> Value {
        do throws(WireError) {
            return try body(&reader)
        } catch {
            throw LDPFault(code, error)
        }
    }

    /// Reads the whole of a TLV's value; what does not fit is a malformed value.
    static func reading<Value>(
        _ value: WireReader, _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(LDPFault) -> Value {
        var reader = value
        return try reading(&reader, else: .malformedTLVValue) { reader throws(WireError) in
            let result = try body(&reader)
            try reader.expectEnd("TLV Length")
            return result
        }
    }
}

extension WireWriter {
    /// Writes a TLV whose value `body` writes.
    mutating func write(
        _ type: LDPTLVType, flags: UInt16 = 0,
        _ body: (inout WireWriter) throws(WireError) -> Void
    ) throws(WireError) {
        write(type.rawValue | flags)
        try writeLengthPrefixed(as: UInt16.self, "TLV Length", body)
    }
}
