// SPDX-License-Identifier: Apache-2.0

import Primitives

extension ISISPacket {
    /// PDU types (ISO 10589 §9).
    private enum PDUType: UInt8 {
        case lanHelloLevelOne = 15
        case lanHelloLevelTwo = 16
        case pointToPointHello = 17
        case linkStateLevelOne = 18
        case linkStateLevelTwo = 20
        case completeLevelOne = 24
        case completeLevelTwo = 25
        case partialLevelOne = 26
        case partialLevelTwo = 27

        /// The level of those that have one.
        var level: ISISLevel? {
            switch self {
            case .lanHelloLevelOne, .linkStateLevelOne, .completeLevelOne, .partialLevelOne: .one
            case .lanHelloLevelTwo, .linkStateLevelTwo, .completeLevelTwo, .partialLevelTwo: .two
            case .pointToPointHello: nil
            }
        }

        /// The length of the header, which the header also tells.
        var headerOctets: Int {
            switch self {
            case .lanHelloLevelOne, .lanHelloLevelTwo: 27
            case .pointToPointHello: 20
            case .linkStateLevelOne, .linkStateLevelTwo: 27
            case .completeLevelOne, .completeLevelTwo: 33
            case .partialLevelOne, .partialLevelTwo: 17
            }
        }

        /// Where the PDU's length stands.
        var lengthOffset: Int {
            switch self {
            case .lanHelloLevelOne, .lanHelloLevelTwo, .pointToPointHello: 17
            default: 8
            }
        }
    }

    /// Reads a PDU; octets behind the length that it tells are a frame's padding.
    /// - Throws: for a PDU that must be thrown away. What is wrong within a TLV is no reason.
    package init(decoding octets: [UInt8]) throws(WireError) {
        var reader = WireReader(octets)
        let type = try Self.readCommonHeader(&reader)
        let length = try Self.readLength(octets, type)
        var body = try Self.pdu(octets, length: length, from: reader.offset)
        switch type {
        case .lanHelloLevelOne, .lanHelloLevelTwo, .pointToPointHello:
            self = .hello(try ISISHello(reading: &body, level: type.level))
        case .linkStateLevelOne: self = .linkState(try ISISLinkState(reading: &body, .one))
        case .linkStateLevelTwo: self = .linkState(try ISISLinkState(reading: &body, .two))
        case .completeLevelOne, .completeLevelTwo, .partialLevelOne, .partialLevelTwo:
            let isComplete = type == .completeLevelOne || type == .completeLevelTwo
            self = .sequenceNumbers(
                try ISISSequenceNumbers(
                    reading: &body, level: type.level ?? .one, isComplete: isComplete))
        }
        if case .linkState(let lsp) = self { try lsp.verify(octets[..<length]) }
    }

    /// The fields that all PDUs begin with (ISO 10589 §9.4).
    private static func readCommonHeader(_ reader: inout WireReader) throws(WireError) -> PDUType {
        func read(_ field: String, _ allowed: UInt8...) throws(WireError) {
            let value = try reader.read(UInt8.self, field)
            guard allowed.contains(value) else { throw reader.invalid(value, field, back: 1) }
        }
        try read("Protocol Discriminator", discriminator)
        let headerLength = try reader.read(UInt8.self, "Length Indicator")
        try read("Version/Protocol ID Extension", 1)
        // Zero stands for six.
        try read("ID Length", 0, 6)
        // The three high bits are reserved.
        let octet = try reader.read(UInt8.self, "PDU Type") & 0x1f
        guard let type = PDUType(rawValue: octet) else {
            throw reader.invalid(octet, "PDU Type", back: 1)
        }
        guard Int(headerLength) == type.headerOctets else {
            throw WireError(
                .invalidValue(UInt64(headerLength)), field: "Length Indicator", offset: 1)
        }
        try read("Version", 1)
        _ = try reader.read(UInt8.self, "Reserved")
        // Zero stands for three, and others must be let through by routers that are not in the
        // area.
        _ = try reader.read(UInt8.self, "Maximum Area Addresses")
        return type
    }

    private static func readLength(_ octets: [UInt8], _ type: PDUType) throws(WireError) -> Int {
        var reader = WireReader(octets)
        _ = try reader.readOctets(type.lengthOffset, "PDU Length")
        let length = Int(try reader.read(UInt16.self, "PDU Length"))
        guard length >= type.headerOctets else {
            throw reader.invalid(length, "PDU Length", back: 2)
        }
        return length
    }

    /// A reader of the PDU alone that stands behind the common header.
    private static func pdu(
        _ octets: [UInt8], length: Int, from offset: Int
    ) throws(WireError) -> WireReader {
        var whole = WireReader(octets)
        var pdu = try whole.readNested(length, "PDU Length")
        _ = try pdu.readOctets(offset, "Header")
        return pdu
    }

    private var type: PDUType {
        switch self {
        case .hello(let hello):
            switch hello.circuit {
            case .pointToPoint: .pointToPointHello
            case .lan(let level, _, _): level == .one ? .lanHelloLevelOne : .lanHelloLevelTwo
            }
        case .linkState(let lsp): lsp.level == .one ? .linkStateLevelOne : .linkStateLevelTwo
        case .sequenceNumbers(let numbers):
            switch (numbers.level, numbers.range != nil) {
            case (.one, true): .completeLevelOne
            case (.two, true): .completeLevelTwo
            case (.one, false): .partialLevelOne
            case (.two, false): .partialLevelTwo
            }
        }
    }

    /// The PDU in octets, with its checksum if it has one.
    /// - Parameter key: makes the authentication TLV, which goes before the others.
    /// - Throws: when a TLV is longer than 255 octets.
    package func encoded(key: ISISKey? = nil) throws(WireError) -> [UInt8] {
        var writer = WireWriter(capacity: 128)
        let type = type
        writer.write(Self.discriminator)
        writer.write(UInt8(type.headerOctets))
        for octet in [1, 0, type.rawValue, 1, 0, 0] as [UInt8] { writer.write(octet) }
        let tlvs: [ISISTLV]
        switch self {
        case .hello(let hello): tlvs = hello.writeHeader(to: &writer)
        case .linkState(let lsp): tlvs = lsp.writeHeader(to: &writer)
        case .sequenceNumbers(let numbers): tlvs = numbers.writeHeader(to: &writer)
        }
        let place = writer.count
        if let key { try ISISTLV.authentication(key.blank).write(to: &writer) }
        for tlv in tlvs { try tlv.write(to: &writer) }
        guard let length = UInt16(exactly: writer.count) else {
            throw WireError(
                .tooLong(octets: writer.count, limit: 65_535), field: "PDU Length", offset: 8)
        }
        writer.overwrite(length, at: type.lengthOffset)
        if let key {
            writer.overwrite(
                key.value(of: writer.octets), at: place + ISISTLV.headerOctets)
        }
        if case .linkState(let lsp) = self { lsp.finish(&writer) }
        return writer.octets
    }
}

extension ISISHello {
    /// - Parameter level: of a LAN hello.
    fileprivate init(reading reader: inout WireReader, level: ISISLevel?) throws(WireError) {
        let type = try reader.read(UInt8.self, "Circuit Type") & 3
        guard type != 0 else { throw reader.invalid(type, "Circuit Type", back: 1) }
        circuitType = ISISCircuitType(rawValue: type)
        source = try reader.readSystemID("Source ID")
        holdingTime = try reader.read(UInt16.self, "Holding Time")
        _ = try reader.read(UInt16.self, "PDU Length")
        if let level {
            // The high bit is reserved.
            let priority = try reader.read(UInt8.self, "Priority") & 0x7f
            circuit = .lan(level, priority: priority, lanID: try reader.readNodeID("LAN ID"))
        } else {
            circuit = .pointToPoint(circuitID: try reader.read(UInt8.self, "Local Circuit ID"))
        }
        tlvs = try ISISTLV.readAll(&reader)
    }

    /// Writes what stands before the TLVs, and returns those.
    fileprivate func writeHeader(to writer: inout WireWriter) -> [ISISTLV] {
        writer.write(circuitType.rawValue)
        writer.write(source)
        writer.write(holdingTime)
        writer.write(UInt16.zero)
        switch circuit {
        case .lan(_, let priority, let lanID):
            writer.write(priority & 0x7f)
            writer.write(lanID)
        case .pointToPoint(let circuitID): writer.write(circuitID)
        }
        return tlvs
    }
}

extension ISISLinkState {
    /// What the checksum begins with: the LSP ID (ISO 10589 §7.3.11).
    private static let summedFrom = 12
    static let checksumOffset = 24

    fileprivate init(reading reader: inout WireReader, _ level: ISISLevel) throws(WireError) {
        self.level = level
        _ = try reader.read(UInt16.self, "PDU Length")
        lifetime = try reader.read(UInt16.self, "Remaining Lifetime")
        id = try reader.readLSPID("LSP ID")
        sequence = try reader.read(UInt32.self, "Sequence Number")
        _ = try reader.read(UInt16.self, "Checksum")
        flags = Flags(rawValue: try reader.read(UInt8.self, "P/ATT/LSPDBOL/IS Type"))
        tlvs = try ISISTLV.readAll(&reader)
    }

    /// What purges holds a header of the LSP that was, and its checksum is not looked at
    /// (ISO 10589 §7.3.15.1).
    fileprivate func verify(_ octets: ArraySlice<UInt8>) throws(WireError) {
        let isRight = lifetime == 0 || FletcherChecksum.verifies(octets.dropFirst(Self.summedFrom))
        guard isRight else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: Self.checksumOffset)
        }
    }

    /// The lifetime and the checksum stay zero until the rest is known: neither is authenticated.
    fileprivate func writeHeader(to writer: inout WireWriter) -> [ISISTLV] {
        writer.write(UInt16.zero)
        writer.write(UInt16.zero)
        writer.write(id)
        writer.write(sequence)
        writer.write(UInt16.zero)
        writer.write(flags.rawValue)
        return tlvs
    }

    fileprivate func finish(_ writer: inout WireWriter) {
        writer.overwrite(lifetime, at: Self.lifetimeOffset)
        let summed = writer.octets.dropFirst(Self.summedFrom)
        let checksum = FletcherChecksum.of(
            summed, fieldAt: Self.checksumOffset - Self.summedFrom)
        writer.overwrite(checksum, at: Self.checksumOffset)
    }

    /// The checksum that an encoded LSP carries.
    /// - Precondition: the octets are those of an LSP.
    package static func checksum(of octets: [UInt8]) -> UInt16 {
        precondition(octets.count > checksumOffset + 1, "an LSP has a header")
        return UInt16(octets[checksumOffset]) << 8 | UInt16(octets[checksumOffset + 1])
    }
}

extension ISISSequenceNumbers {
    fileprivate init(
        reading reader: inout WireReader, level: ISISLevel, isComplete: Bool
    ) throws(WireError) {
        self.level = level
        _ = try reader.read(UInt16.self, "PDU Length")
        source = try reader.readNodeID("Source ID")
        if isComplete {
            let first = try reader.readLSPID("Start LSP ID")
            let last = try reader.readLSPID("End LSP ID")
            guard first <= last else { throw reader.invalid(last.fragment, "End LSP ID", back: 8) }
            range = first...last
        }
        tlvs = try ISISTLV.readAll(&reader)
    }

    fileprivate func writeHeader(to writer: inout WireWriter) -> [ISISTLV] {
        writer.write(UInt16.zero)
        writer.write(source)
        if let range {
            writer.write(range.lowerBound)
            writer.write(range.upperBound)
        }
        return tlvs
    }
}
