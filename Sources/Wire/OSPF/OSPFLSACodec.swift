// SPDX-License-Identifier: Apache-2.0

import Primitives

extension OSPFLSAKey {
    /// As a Link State Request has it (RFC 2328 §A.3.4, RFC 5340 §A.3.4).
    init(decoding reader: inout WireReader, _ version: OSPFVersion) throws(WireError) {
        switch version {
        case .v2:
            let number = try reader.read(UInt32.self, "LS type")
            guard let number = UInt8(exactly: number) else {
                throw reader.invalid(number, "LS type", back: 4)
            }
            type = OSPFLSAType(v2: number)
        case .v3:
            _ = try reader.read(UInt16.self, "0")
            type = OSPFLSAType(rawValue: try reader.read(UInt16.self, "LS Type"))
        }
        linkStateID = try reader.readIPv4("Link State ID")
        advertisingRouter = try reader.readIPv4("Advertising Router")
    }

    func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        writer.write(version == .v2 ? UInt32(type.v2) : UInt32(type.rawValue))
        writer.write(linkStateID)
        writer.write(advertisingRouter)
    }
}

extension OSPFLSAHeader {
    init(decoding reader: inout WireReader, _ version: OSPFVersion) throws(WireError) {
        age = try reader.read(UInt16.self, "LS age")
        let type: OSPFLSAType
        switch version {
        case .v2:
            options = OSPFOptions(rawValue: UInt32(try reader.read(UInt8.self, "Options")))
            type = OSPFLSAType(v2: try reader.read(UInt8.self, "LS type"))
        case .v3:
            options = []
            type = OSPFLSAType(rawValue: try reader.read(UInt16.self, "LS Type"))
        }
        let linkStateID = try reader.readIPv4("Link State ID")
        key = OSPFLSAKey(type, linkStateID, try reader.readIPv4("Advertising Router"))
        sequence = Int32(bitPattern: try reader.read(UInt32.self, "LS sequence number"))
        checksum = try reader.read(UInt16.self, "LS checksum")
        length = try reader.read(UInt16.self, "length")
        guard length >= Self.octets else { throw reader.invalid(length, "length", back: 2) }
    }

    func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        writer.write(age)
        switch version {
        case .v2:
            writer.write(UInt8(truncatingIfNeeded: options.rawValue))
            writer.write(key.type.v2)
        case .v3: writer.write(key.type.rawValue)
        }
        writer.write(key.linkStateID)
        writer.write(key.advertisingRouter)
        writer.write(UInt32(bitPattern: sequence))
        writer.write(checksum)
        writer.write(length)
    }
}

extension OSPFLSA {
    /// An LSA of our own, with its length and checksum.
    /// - Throws: `tooLong` when it does not fit the 16 bits of its length.
    package init(
        _ key: OSPFLSAKey, _ contents: OSPFLSAContents, version: OSPFVersion,
        options: OSPFOptions = [], sequence: Int32 = OSPFLSAHeader.initialSequence,
        age: UInt16 = 0
    ) throws(WireError) {
        body = contents.encoded(version)
        let octets = OSPFLSAHeader.octets + body.count
        guard let length = UInt16(exactly: octets) else {
            throw WireError(
                .tooLong(octets: octets, limit: Int(UInt16.max)), field: "length", offset: 18)
        }
        header = OSPFLSAHeader(
            age: age, options: options, key: key, sequence: sequence, checksum: 0, length: length)
        header.checksum = FletcherChecksum.of(summed(version), fieldAt: Self.checksumOffset - 2)
    }

    init(decoding reader: inout WireReader, _ version: OSPFVersion) throws(WireError) {
        header = try OSPFLSAHeader(decoding: &reader, version)
        body = try reader.readOctets(Int(header.length) - OSPFLSAHeader.octets, "length")
    }

    func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        header.encode(to: &writer, version)
        writer.write(body)
    }

    private static let checksumOffset = 16

    /// All but the LS age, which changes on the way (RFC 2328 §12.1.7).
    private func summed(_ version: OSPFVersion) -> ArraySlice<UInt8> {
        var writer = WireWriter(capacity: Int(header.length))
        encode(to: &writer, version)
        return writer.octets[2...]
    }

    /// Whether it is as its originator wrote it.
    package func hasValidChecksum(_ version: OSPFVersion) -> Bool {
        FletcherChecksum.verifies(summed(version))
    }
}
