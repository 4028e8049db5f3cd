// SPDX-License-Identifier: Apache-2.0

import Primitives

extension OSPFPacket {
    /// Reads the payload of an IP packet: version 2 of IPv4, version 3 of IPv6. The checksums of
    /// the LSAs in it are for the caller to check, since a bad LSA is discarded alone.
    /// - Parameter authentication: what packets of version 2 have to carry.
    package init(
        decoding octets: [UInt8], source: IPAddress, destination: IPAddress,
        authentication: OSPFAuthentication = .none
    ) throws(WireError) {
        var reader = WireReader(octets)
        version = OSPFVersion(source.family)
        let number = try reader.read(UInt8.self, "Version #")
        guard number == version.rawValue else { throw reader.invalid(number, "Version #", back: 1) }
        let type = try reader.read(UInt8.self, "Type")
        let length = Int(try reader.read(UInt16.self, "Packet length"))
        guard length >= version.headerOctets, length <= octets.count else {
            throw reader.invalid(length, "Packet length", back: 2)
        }
        routerID = try reader.readIPv4("Router ID")
        areaID = try reader.readIPv4("Area ID")
        _ = try reader.read(UInt16.self, "Checksum")
        switch version {
        case .v2:
            instanceID = 0
            cryptographicSequence = try authentication.verify(octets, length: length)
            _ = try reader.readOctets(10, "Authentication")
        case .v3:
            cryptographicSequence = nil
            instanceID = try reader.read(UInt8.self, "Instance ID")
            _ = try reader.read(UInt8.self, "0")
            try Self.verifyChecksum(octets, length: length, source, destination)
        }
        var rest = try reader.readNested(length - reader.offset, "Packet length")
        body = try Body(decoding: &rest, type: type, version)
        try rest.expectEnd("Packet length")
    }

    private static func verifyChecksum(
        _ octets: [UInt8], length: Int, _ source: IPAddress, _ destination: IPAddress
    ) throws(WireError) {
        var checksum = InternetChecksum(
            source: source, destination: destination, nextHeader: ipProtocol, length: length)
        checksum.add(Array(octets[..<length]))
        guard checksum.value == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: 12)
        }
    }

    /// The packet in octets, with its checksum and what authenticates it.
    /// - Throws: when a value does not fit its field.
    package func encoded(
        source: IPAddress, destination: IPAddress, authentication: OSPFAuthentication = .none
    ) throws(WireError) -> [UInt8] {
        var writer = WireWriter(capacity: 128)
        writer.write(version.rawValue)
        writer.write(body.type)
        writer.write(UInt16.zero)
        writer.write(routerID)
        writer.write(areaID)
        writer.write(UInt16.zero)
        switch version {
        case .v2: writer.write([UInt8](repeating: 0, count: 10))
        case .v3: writer.write([instanceID, 0])
        }
        try body.encode(to: &writer, version)
        guard let length = UInt16(exactly: writer.count) else {
            throw WireError(
                .tooLong(octets: writer.count, limit: Int(UInt16.max)), field: "Packet length",
                offset: 2)
        }
        writer.overwrite(length, at: 2)
        guard version == .v3 else {
            return authentication.sealed(writer, sequence: cryptographicSequence ?? 0)
        }
        var checksum = InternetChecksum(
            source: source, destination: destination, nextHeader: Self.ipProtocol,
            length: writer.count)
        checksum.add(writer.octets)
        writer.overwrite(checksum.value, at: 12)
        return writer.octets
    }
}

extension OSPFPacket.Body {
    fileprivate init(
        decoding reader: inout WireReader, type: UInt8, _ version: OSPFVersion
    ) throws(WireError) {
        switch type {
        case 1: self = .hello(try OSPFHello(decoding: &reader, version))
        case 2: self = .databaseDescription(try OSPFDatabaseDescription(decoding: &reader, version))
        case 3:
            var keys: [OSPFLSAKey] = []
            while !reader.isEmpty { keys.append(try OSPFLSAKey(decoding: &reader, version)) }
            self = .request(keys)
        case 4:
            let count = try reader.read(UInt32.self, "# LSAs")
            var advertisements: [OSPFLSA] = []
            for _ in 0..<count {
                advertisements.append(try OSPFLSA(decoding: &reader, version))
            }
            self = .update(advertisements)
        case 5: self = .acknowledgment(try Self.headers(&reader, version))
        default: throw WireError(.invalidValue(UInt64(type)), field: "Type", offset: 1)
        }
    }

    fileprivate static func headers(
        _ reader: inout WireReader, _ version: OSPFVersion
    ) throws(WireError) -> [OSPFLSAHeader] {
        var headers: [OSPFLSAHeader] = []
        while !reader.isEmpty { headers.append(try OSPFLSAHeader(decoding: &reader, version)) }
        return headers
    }

    fileprivate func encode(
        to writer: inout WireWriter, _ version: OSPFVersion
    ) throws(WireError) {
        switch self {
        case .hello(let hello): try hello.encode(to: &writer, version)
        case .databaseDescription(let description): description.encode(to: &writer, version)
        case .request(let keys):
            for key in keys { key.encode(to: &writer, version) }
        case .update(let advertisements):
            writer.write(UInt32(advertisements.count))
            for advertisement in advertisements { advertisement.encode(to: &writer, version) }
        case .acknowledgment(let headers):
            for header in headers { header.encode(to: &writer, version) }
        }
    }
}

extension OSPFHello {
    fileprivate init(
        decoding reader: inout WireReader, _ version: OSPFVersion
    ) throws(WireError) {
        switch version {
        case .v2:
            networkMask = try reader.read(UInt32.self, "Network Mask")
            interfaceID = 0
            helloInterval = try reader.read(UInt16.self, "HelloInterval")
            options = OSPFOptions(rawValue: UInt32(try reader.read(UInt8.self, "Options")))
            priority = try reader.read(UInt8.self, "Rtr Pri")
            deadInterval = try reader.read(UInt32.self, "RouterDeadInterval")
        case .v3:
            networkMask = 0
            interfaceID = try reader.read(UInt32.self, "Interface ID")
            priority = try reader.read(UInt8.self, "Rtr Priority")
            options = OSPFOptions(rawValue: try reader.readUInt24("Options"))
            helloInterval = try reader.read(UInt16.self, "HelloInterval")
            deadInterval = UInt32(try reader.read(UInt16.self, "RouterDeadInterval"))
        }
        designatedRouter = try reader.readIPv4("Designated Router ID")
        backupDesignatedRouter = try reader.readIPv4("Backup Designated Router ID")
        neighbors = []
        while !reader.isEmpty { neighbors.append(try reader.readIPv4("Neighbor ID")) }
    }

    fileprivate func encode(
        to writer: inout WireWriter, _ version: OSPFVersion
    ) throws(WireError) {
        switch version {
        case .v2:
            writer.write(networkMask)
            writer.write(helloInterval)
            writer.write(UInt8(truncatingIfNeeded: options.rawValue))
            writer.write(priority)
            writer.write(deadInterval)
        case .v3:
            guard let deadInterval = UInt16(exactly: deadInterval) else {
                throw WireError(
                    .invalidValue(UInt64(deadInterval)), field: "RouterDeadInterval",
                    offset: writer.count + 10)
            }
            writer.write(interfaceID)
            writer.write(priority)
            writer.writeUInt24(options.rawValue)
            writer.write(helloInterval)
            writer.write(deadInterval)
        }
        writer.write(designatedRouter)
        writer.write(backupDesignatedRouter)
        for neighbor in neighbors { writer.write(neighbor) }
    }
}

extension OSPFDatabaseDescription {
    fileprivate init(
        decoding reader: inout WireReader, _ version: OSPFVersion
    ) throws(WireError) {
        if version == .v3 {
            _ = try reader.read(UInt8.self, "0")
            options = OSPFOptions(rawValue: try reader.readUInt24("Options"))
        } else {
            options = []
        }
        interfaceMTU = try reader.read(UInt16.self, "Interface MTU")
        let second = try reader.read(UInt8.self, version == .v2 ? "Options" : "0")
        if version == .v2 { options = OSPFOptions(rawValue: UInt32(second)) }
        let flags = try reader.read(UInt8.self, "I, M, MS")
        isMaster = flags & 1 != 0
        hasMore = flags & 2 != 0
        isInitial = flags & 4 != 0
        sequence = try reader.read(UInt32.self, "DD sequence number")
        headers = try OSPFPacket.Body.headers(&reader, version)
    }

    fileprivate func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        if version == .v3 {
            writer.write(UInt8.zero)
            writer.writeUInt24(options.rawValue)
        }
        writer.write(interfaceMTU)
        writer.write(version == .v2 ? UInt8(truncatingIfNeeded: options.rawValue) : 0)
        let flags = (isMaster ? 1 : 0) | (hasMore ? 2 : 0) | (isInitial ? 4 : 0)
        writer.write(UInt8(flags))
        writer.write(sequence)
        for header in headers { header.encode(to: &writer, version) }
    }
}
