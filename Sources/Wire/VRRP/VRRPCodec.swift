// SPDX-License-Identifier: Apache-2.0

import Primitives

extension VRRPAdvertisement {
    /// Type 1, the only one.
    private static let advertisementType: UInt8 = 1
    private static let authenticationOctets = 8

    /// Reads the payload of an IP packet. Its addresses are in version 3's checksum; that the TTL
    /// is 255 is for the caller to check.
    package init(
        decoding octets: [UInt8], source: IPAddress, destination: IPAddress
    ) throws(WireError) {
        var reader = WireReader(octets)
        let first = try reader.read(UInt8.self, "Version and Type")
        // Version 2 is of IPv4 alone (RFC 3768 §1).
        guard let version = Version(rawValue: first >> 4),
            first & 0x0f == Self.advertisementType, version == .v3 || source.family == .ipv4
        else { throw reader.invalid(first, "Version and Type", back: 1) }
        self.version = version
        virtualRouterID = try Self.readNonZero(&reader, "Virtual Rtr ID")
        priority = try reader.read(UInt8.self, "Priority")
        let count = try Self.readNonZero(&reader, "IPvX Addr Count")
        let authType: UInt8
        (authType, interval) = try Self.readInterval(&reader, version)
        _ = try reader.read(UInt16.self, "Checksum")
        addresses = []
        for _ in 0..<count {
            addresses.append(try reader.readAddress(source.family, "IPvX Address"))
        }
        authentication = .none
        if version == .v2 {
            authentication = try Self.readAuthentication(&reader, type: authType)
        }
        try reader.expectEnd("IPvX Address")
        guard Self.checksum(octets, version, source, destination) == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: 6)
        }
    }

    private static func readNonZero(
        _ reader: inout WireReader, _ field: String
    ) throws(WireError) -> UInt8 {
        let value = try reader.read(UInt8.self, field)
        guard value != 0 else { throw reader.invalid(value, field, back: 1) }
        return value
    }

    /// Reads Auth Type and Adver Int of version 2, or the Max Advertise Interval of version 3. Zero
    /// would have a backup take over at once, and is discarded (RFC 5798 erratum 8301).
    private static func readInterval(
        _ reader: inout WireReader, _ version: Version
    ) throws(WireError) -> (authType: UInt8, hundredths: UInt16) {
        switch version {
        case .v2:
            let authType = try reader.read(UInt8.self, "Auth Type")
            guard authType <= 1 else { throw reader.invalid(authType, "Auth Type", back: 1) }
            let seconds = try readNonZero(&reader, "Adver Int")
            return (authType, UInt16(seconds) * 100)
        case .v3:
            // The high four bits are reserved and ignored.
            let interval = try reader.read(UInt16.self, "Max Advertise Interval") & 0x0fff
            guard interval != 0 else {
                throw reader.invalid(interval, "Max Advertise Interval", back: 2)
            }
            return (0, interval)
        }
    }

    private static func readAuthentication(
        _ reader: inout WireReader, type: UInt8
    ) throws(WireError) -> Authentication {
        let data = try reader.readOctets(authenticationOctets, "Authentication Data")
        guard type == 1 else { return .none }
        let end = (data.lastIndex { $0 != 0 }).map { $0 + 1 } ?? 0
        return .simpleText(Array(data[..<end]))
    }

    /// The advertisement in octets, with its checksum.
    /// - Throws: when a value does not fit the version: see the fields.
    package func encoded(
        source: IPAddress, destination: IPAddress
    ) throws(WireError) -> [UInt8] {
        try checkFields(source.family)
        var writer = WireWriter(capacity: 64)
        writer.write(version.rawValue << 4 | Self.advertisementType)
        writer.write(virtualRouterID)
        writer.write(priority)
        writer.write(UInt8(addresses.count))
        switch version {
        case .v2:
            writer.write(UInt8(authentication == .none ? 0 : 1))
            writer.write(UInt8(interval / 100))
        case .v3: writer.write(interval)
        }
        writer.write(UInt16.zero)
        for address in addresses { writer.write(address) }
        if version == .v2 {
            var data: [UInt8] = []
            if case .simpleText(let text) = authentication { data = text }
            writer.write(data)
            writer.write([UInt8](repeating: 0, count: Self.authenticationOctets - data.count))
        }
        let checksum = Self.checksum(writer.octets, version, source, destination)
        writer.overwrite(checksum, at: 6)
        return writer.octets
    }

    private func checkFields(_ family: AddressFamily) throws(WireError) {
        func require(
            _ condition: Bool, _ value: Int, _ field: String, at offset: Int
        ) throws(WireError) {
            guard !condition else { return }
            throw WireError(
                .invalidValue(UInt64(value)), field: field, offset: offset)
        }
        try require(version == .v3 || family == .ipv4, 2, "Version", at: 0)
        try require(virtualRouterID != 0, 0, "Virtual Rtr ID", at: 1)
        try require(1...255 ~= addresses.count, addresses.count, "IPvX Addr Count", at: 3)
        let fits =
            version == .v2
            ? interval % 100 == 0 && 100...25_500 ~= interval : 1...4095 ~= interval
        try require(fits, Int(interval), "Advertise Interval", at: 4)
        try require(
            addresses.allSatisfy { $0.family == family }, addresses.count, "IPvX Address", at: 8)
        if case .simpleText(let text) = authentication {
            let isText = version == .v2 && text.count <= Self.authenticationOctets
            try require(isText, text.count, "Authentication Data", at: 8)
        }
    }

    /// Version 2 sums the message (RFC 3768 §5.3.8), version 3 a pseudo-header as well, in IPv4 too
    /// (RFC 9568 §5.2.8).
    private static func checksum(
        _ octets: [UInt8], _ version: Version, _ source: IPAddress, _ destination: IPAddress
    ) -> UInt16 {
        guard version == .v3 else { return InternetChecksum.of(octets) }
        var checksum = InternetChecksum(
            source: source, destination: destination, nextHeader: ipProtocol,
            length: octets.count)
        checksum.add(octets)
        return checksum.value
    }
}
