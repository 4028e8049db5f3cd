// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Both versions have a header of 4 octets and entries of 20.
extension RIPPacket {
    private static let entryOctets = 20
    private static let requestCommand: UInt8 = 1
    private static let responseCommand: UInt8 = 2

    private static func version(_ family: AddressFamily) -> UInt8 { family == .ipv4 ? 2 : 1 }

    // MARK: Decoding

    /// Reads a UDP payload. Version 1 of RIP is not spoken. Whether the authentication holds,
    /// `RIPAuthenticationKey` tells.
    package init(decoding octets: [UInt8], _ family: AddressFamily) throws(WireError) {
        var reader = WireReader(octets)
        let command = try reader.read(UInt8.self, "command")
        guard command == Self.requestCommand || command == Self.responseCommand else {
            throw reader.invalid(command, "command", back: 1)
        }
        let version = try reader.read(UInt8.self, "version")
        guard version == Self.version(family) else {
            throw reader.invalid(version, "version", back: 1)
        }
        // Must be zero, and is ignored (RFC 2453 §3.6).
        _ = try reader.read(UInt16.self, "unused")
        self.init(family, .requestAll)
        if family == .ipv4 { authentication = try RIPAuthentication(reading: &reader) }
        var parser = EntryParser(family)
        var asksForAll = false
        while !reader.isEmpty {
            let isOnly = reader.count == Self.entryOctets && parser.count == 0
            var entry = try reader.readNested(Self.entryOctets, "route entry")
            let asks = try parser.take(&entry)
            asksForAll = asks && isOnly
        }
        asksForAll = (asksForAll || parser.asksForAll) && command == Self.requestCommand
        ignoredEntries = asksForAll ? 0 : parser.ignored
        if command == Self.responseCommand {
            content = .response(parser.entries)
        } else if !asksForAll {
            content = .request(parser.entries)
        }
    }

    /// Takes entries one after the other.
    private struct EntryParser {
        let family: AddressFamily
        private(set) var entries: [RIPEntry] = []
        private(set) var ignored = 0
        private(set) var count = 0
        /// Of RIPng: counts until another follows (RFC 2080 §2.1.1).
        private var nextHop: IPAddress?

        init(_ family: AddressFamily) { self.family = family }

        /// Of RIPng: the one entry that counts is the default route, at infinity (RFC 2080 §2.4.1);
        /// a next hop that is none, or an entry that none may be, does not make it another request.
        var asksForAll: Bool {
            guard family == .ipv6, entries.count == 1, let entry = entries.first else {
                return false
            }
            return entry.prefix == .zero(.ipv6) && entry.metric == RIPPacket.infinity
                && entry.nextHop == nil
        }

        /// - Returns: whether the entry, alone in a request, asks for all routes (RFC 2453 §3.9.1,
        ///   RFC 2080 §2.4.1).
        mutating func take(_ reader: inout WireReader) throws(WireError) -> Bool {
            count += 1
            return family == .ipv4 ? try takeVersion2(&reader) : try takeNextGeneration(&reader)
        }

        private mutating func takeVersion2(_ reader: inout WireReader) throws(WireError) -> Bool {
            let kind = try reader.read(UInt16.self, "address family identifier")
            let tag = try reader.read(UInt16.self, "route tag")
            let address = IPAddress(try reader.readIPv4("IP address"))
            let mask = try reader.read(UInt32.self, "subnet mask")
            let nextHop = IPAddress(try reader.readIPv4("next hop"))
            let metric = try reader.read(UInt32.self, "metric")
            let length = mask.leadingOnes
            let isNetwork = kind == 2 && length + mask.trailingZeroBitCount >= 32
            add(
                address, isNetwork ? length : nil, tag: tag, metric: metric,
                nextHop: nextHop.isUnspecified ? nil : nextHop)
            return kind == 0 && metric == UInt32(RIPPacket.infinity)
        }

        private mutating func takeNextGeneration(
            _ reader: inout WireReader
        ) throws(WireError) -> Bool {
            let address = try reader.readAddress(.ipv6, "IPv6 prefix")
            let tag = try reader.read(UInt16.self, "route tag")
            let length = try reader.read(UInt8.self, "prefix len")
            let metric = try reader.read(UInt8.self, "metric")
            if metric == 0xff {
                nextHop = address.isLinkLocal ? address : nil
                return false
            }
            add(
                address, length <= 128 ? Int(length) : nil, tag: tag, metric: UInt32(metric),
                nextHop: nextHop)
            return false
        }

        private mutating func add(
            _ address: IPAddress, _ length: Int?, tag: UInt16, metric: UInt32, nextHop: IPAddress?
        ) {
            guard let length, 1...UInt32(RIPPacket.infinity) ~= metric,
                IPPrefix(address, length: UInt8(length)).address == address
            else {
                ignored += 1
                return
            }
            entries.append(
                RIPEntry(
                    prefix: IPPrefix(address, length: UInt8(length)), metric: UInt8(metric),
                    tag: tag, nextHop: nextHop))
        }
    }

    // MARK: Encoding

    /// The packet in octets. Its authentication is written as it is: see `encoded(signedBy:…)`.
    /// - Throws: when an entry is of the other family, or its metric is none.
    package func encoded() throws(WireError) -> [UInt8] {
        try authentication?.check(family)
        var writer = WireWriter(capacity: 512)
        let isResponse = if case .response = content { true } else { false }
        writer.write(isResponse ? Self.responseCommand : Self.requestCommand)
        writer.write(Self.version(family))
        writer.write(UInt16.zero)
        authentication?.writeHeader(to: &writer, packetOctets: writtenOctets)
        switch content {
        case .requestAll: writeAll(to: &writer)
        case .request(let entries), .response(let entries): try write(entries, to: &writer)
        }
        authentication?.writeTrailer(to: &writer)
        return writer.octets
    }

    /// The octets before a trailer of authentication.
    private var writtenOctets: Int {
        let count =
            switch content {
            case .requestAll: 1
            case .request(let entries), .response(let entries): entries.count
            }
        return 4 + (count + (authentication == nil ? 0 : 1)) * Self.entryOctets
    }

    private func writeAll(to writer: inout WireWriter) {
        writer.write([UInt8](repeating: 0, count: Self.entryOctets - 1))
        writer.write(Self.infinity)
    }

    private func write(
        _ entries: [RIPEntry], to writer: inout WireWriter
    ) throws(WireError) {
        var nextHop: IPAddress?
        for entry in entries {
            guard entry.prefix.family == family, 1...Self.infinity ~= entry.metric,
                entry.nextHop.map({ $0.family == family }) ?? true
            else {
                throw WireError(
                    .invalidValue(UInt64(entry.metric)), field: "route entry",
                    offset: writer.count)
            }
            if family == .ipv4 {
                writeVersion2(entry, to: &writer)
                continue
            }
            if entry.nextHop != nextHop {
                nextHop = entry.nextHop
                writer.write(nextHop ?? .unspecified(.ipv6))
                writer.write(UInt32(0xff))
            }
            writer.write(entry.prefix.address)
            writer.write(entry.tag)
            writer.write(entry.prefix.length)
            writer.write(entry.metric)
        }
    }

    private func writeVersion2(_ entry: RIPEntry, to writer: inout WireWriter) {
        writer.write(UInt16(2))
        writer.write(entry.tag)
        writer.write(entry.prefix.address)
        let length = UInt32(entry.prefix.length)
        writer.write(length == 0 ? 0 : UInt32.max << (32 - length))
        writer.write(entry.nextHop ?? .unspecified(.ipv4))
        writer.write(UInt32(entry.metric))
    }
}

extension UInt32 {
    fileprivate var leadingOnes: Int { (~self).leadingZeroBitCount }
}
