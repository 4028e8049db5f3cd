// SPDX-License-Identifier: Apache-2.0

import Primitives

extension ISISTLV {
    /// Reads all TLVs that are left.
    /// - Throws: when a length does not fit; a value that is not what it should be makes `other`.
    static func readAll(_ reader: inout WireReader) throws(WireError) -> [ISISTLV] {
        var tlvs: [ISISTLV] = []
        while !reader.isEmpty {
            let type = try reader.read(UInt8.self, "TLV Type")
            let value = try reader.readLengthPrefixed(as: UInt8.self, "TLV Length")
            tlvs.append(ISISTLV(type, value))
        }
        return tlvs
    }

    private init(_ type: UInt8, _ value: WireReader) {
        var reader = value
        do throws(WireError) {
            self = try Self.read(type, &reader)
            try reader.expectEnd("TLV \(type)")
        } catch {
            var whole = value
            self = .other(type, whole.readRest())
        }
    }

    private static func read(_ type: UInt8, _ reader: inout WireReader) throws(WireError) -> ISISTLV
    {
        switch type {
        case 1: return .areaAddresses(try reader.readAll(ISISTLV.readArea))
        case 6:
            return .lanNeighbors(
                try reader.readAll { r throws(WireError) in
                    try r.readMAC("LAN Address")
                })
        case 8: return .padding(reader.readRest().count)
        case 9: return .lspEntries(try reader.readAll(LSPEntry.init(reading:)))
        case 10: return .authentication(try ISISAuthentication(reading: &reader))
        case 22: return .neighbors(try reader.readAll(ISISReachedNode.init(reading:)))
        case 129: return .protocols(reader.readRest())
        case 132:
            return .ipv4Addresses(
                try reader.readAll { r throws(WireError) in
                    try r.readIPv4("IP Address")
                })
        case 134: return .routerID(try reader.readIPv4("Router ID"))
        case 135: return .ipv4Prefixes(try reader.readAll(ISISPrefix.init(readingIPv4:)))
        case 137: return .hostname(try readHostname(&reader))
        case 148: return .bfdEnabled(try reader.readAll(ISISBFDEnabled.init(reading:)))
        case 232:
            return .ipv6Addresses(
                try reader.readAll { r throws(WireError) in
                    try r.readAddress(.ipv6, "IPv6 Address")
                })
        case 236: return .ipv6Prefixes(try reader.readAll(ISISPrefix.init(readingIPv6:)))
        case 240: return .threeWay(try ISISThreeWay(reading: &reader))
        default: return .other(type, reader.readRest())
        }
    }

    private static func readArea(_ reader: inout WireReader) throws(WireError) -> AreaAddress {
        let octets = try reader.readLengthPrefixed(as: UInt8.self, "Area Address").rest
        guard 1...13 ~= octets.count else { throw reader.invalid(octets.count, "Address Length") }
        return AreaAddress(octets: octets)
    }

    private static func readHostname(_ reader: inout WireReader) throws(WireError) -> String {
        let octets = reader.readRest()
        guard !octets.isEmpty, let name = String(validating: octets, as: UTF8.self) else {
            throw reader.invalid(octets.count, "Hostname")
        }
        return name
    }

    /// Writes the type, the length and the value.
    /// - Throws: when the value is longer than 255 octets.
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.write(type)
        try writer.writeLengthPrefixed(as: UInt8.self, "TLV \(type)") { w throws(WireError) in
            try writeValue(to: &w)
        }
    }

    private func writeValue(to writer: inout WireWriter) throws(WireError) {
        switch self {
        case .areaAddresses(let areas):
            for area in areas {
                writer.write(UInt8(area.octets.count))
                writer.write(area.octets)
            }
        case .lanNeighbors(let addresses): for address in addresses { writer.write(address) }
        case .padding(let count): writer.write(repeatElement(0, count: count))
        case .lspEntries(let entries): for entry in entries { entry.write(to: &writer) }
        case .authentication(let authentication): authentication.write(to: &writer)
        case .neighbors(let nodes): for node in nodes { try node.write(to: &writer) }
        case .protocols(let numbers): writer.write(numbers)
        case .ipv4Addresses(let addresses): for address in addresses { writer.write(address) }
        case .routerID(let address): writer.write(address)
        case .ipv4Prefixes(let prefixes), .ipv6Prefixes(let prefixes):
            for prefix in prefixes { try prefix.write(to: &writer) }
        case .hostname(let name): writer.write(name.utf8)
        case .bfdEnabled(let entries): for entry in entries { entry.write(to: &writer) }
        case .ipv6Addresses(let addresses): for address in addresses { writer.write(address) }
        case .threeWay(let threeWay): threeWay.write(to: &writer)
        case .other(_, let octets): writer.write(octets)
        }
    }
}

extension WireReader {
    /// Reads values until nothing is left.
    fileprivate mutating func readAll<Value>(
        _ read: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> [Value] {
        var values: [Value] = []
        while !isEmpty { values.append(try read(&self)) }
        return values
    }

    /// All octets of a nested reader.
    fileprivate var rest: [UInt8] {
        var copy = self
        return copy.readRest()
    }
}

extension LSPEntry {
    fileprivate init(reading reader: inout WireReader) throws(WireError) {
        lifetime = try reader.read(UInt16.self, "Remaining Lifetime")
        id = try reader.readLSPID("LSP ID")
        sequence = try reader.read(UInt32.self, "LSP Sequence Number")
        checksum = try reader.read(UInt16.self, "Checksum")
    }

    /// How much an entry takes in its TLV.
    package static let octetCount = 16

    fileprivate func write(to writer: inout WireWriter) {
        writer.write(lifetime)
        writer.write(id)
        writer.write(sequence)
        writer.write(checksum)
    }
}

extension ISISBFDEnabled {
    fileprivate init(reading reader: inout WireReader) throws(WireError) {
        topology = try reader.read(UInt16.self, "MTID")
        protocolNumber = try reader.read(UInt8.self, "NLPID")
    }

    fileprivate func write(to writer: inout WireWriter) {
        writer.write(topology)
        writer.write(protocolNumber)
    }
}

extension ISISReachedNode {
    fileprivate init(reading reader: inout WireReader) throws(WireError) {
        node = try reader.readNodeID("Neighbor ID")
        metric = try reader.readUInt24("Metric")
        subTLVs = try reader.readLengthPrefixed(as: UInt8.self, "Sub-TLVs").rest
    }

    fileprivate func write(to writer: inout WireWriter) throws(WireError) {
        writer.write(node)
        writer.writeUInt24(metric)
        try writer.writeLengthPrefixed(as: UInt8.self, "Sub-TLVs") { $0.write(subTLVs) }
    }
}

extension ISISPrefix {
    private static let downBit: (ipv4: UInt8, ipv6: UInt8) = (0x80, 0x80)
    private static let externalBit: UInt8 = 0x40
    private static let subTLVBit: (ipv4: UInt8, ipv6: UInt8) = (0x40, 0x20)

    /// Metric, one octet of two flags and the length, the address (RFC 5305 §4).
    fileprivate init(readingIPv4 reader: inout WireReader) throws(WireError) {
        let metric = try reader.read(UInt32.self, "Metric")
        let control = try reader.read(UInt8.self, "Control")
        let prefix = try Self.readPrefix(&reader, .ipv4, length: control & 0x3f)
        self.init(prefix, metric: metric, isDown: control & Self.downBit.ipv4 != 0)
        if control & Self.subTLVBit.ipv4 != 0 { try readSubTLVs(&reader) }
    }

    /// Metric, an octet of three flags, one of the length, the address (RFC 5308 §2).
    fileprivate init(readingIPv6 reader: inout WireReader) throws(WireError) {
        let metric = try reader.read(UInt32.self, "Metric")
        let control = try reader.read(UInt8.self, "Control")
        let length = try reader.read(UInt8.self, "Prefix Len")
        let prefix = try Self.readPrefix(&reader, .ipv6, length: length)
        self.init(
            prefix, metric: metric, isDown: control & Self.downBit.ipv6 != 0,
            isExternal: control & Self.externalBit != 0)
        if control & Self.subTLVBit.ipv6 != 0 { try readSubTLVs(&reader) }
    }

    private static func readPrefix(
        _ reader: inout WireReader, _ family: AddressFamily, length: UInt8
    ) throws(WireError) -> IPPrefix {
        guard Int(length) <= family.bitWidth else { throw reader.invalid(length, "Prefix Length") }
        let octets = try reader.readOctets((Int(length) + 7) / 8, "Prefix")
        let bits = octets.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let shift = UInt128(family.bitWidth - 8 * octets.count)
        // All of an address of no octets is to the right of the shift.
        let address = IPAddress(family: family, bits: octets.isEmpty ? 0 : bits << shift)
        return IPPrefix(address, length: length)
    }

    private mutating func readSubTLVs(_ reader: inout WireReader) throws(WireError) {
        subTLVs = try reader.readLengthPrefixed(as: UInt8.self, "Sub-TLVs").rest
    }

    fileprivate func write(to writer: inout WireWriter) throws(WireError) {
        writer.write(metric)
        switch prefix.family {
        case .ipv4:
            let down = isDown ? Self.downBit.ipv4 : 0
            writer.write(down | (subTLVs.isEmpty ? 0 : Self.subTLVBit.ipv4) | prefix.length)
        case .ipv6:
            let flags = (isDown ? Self.downBit.ipv6 : 0) | (isExternal ? Self.externalBit : 0)
            writer.write(flags | (subTLVs.isEmpty ? 0 : Self.subTLVBit.ipv6))
            writer.write(prefix.length)
        }
        writer.write(prefix.address, octets: (Int(prefix.length) + 7) / 8)
        guard !subTLVs.isEmpty else { return }
        try writer.writeLengthPrefixed(as: UInt8.self, "Sub-TLVs") { $0.write(subTLVs) }
    }
}

extension ISISThreeWay {
    /// The state alone, with the circuit's number, or with the neighbor as well; the last part of
    /// that is left out by some (RFC 5303 §3.1).
    fileprivate init(reading reader: inout WireReader) throws(WireError) {
        let octet = try reader.read(UInt8.self, "Adjacency Three-Way State")
        guard let state = State(rawValue: octet) else {
            throw reader.invalid(octet, "Adjacency Three-Way State", back: 1)
        }
        self.init(state: state)
        guard !reader.isEmpty else { return }
        circuitID = try reader.read(UInt32.self, "Extended Local Circuit ID")
        guard !reader.isEmpty else { return }
        neighbor = Neighbor(try reader.readSystemID("Neighbor System ID"))
        guard !reader.isEmpty else { return }
        neighbor?.circuitID = try reader.read(UInt32.self, "Neighbor Extended Local Circuit ID")
    }

    fileprivate func write(to writer: inout WireWriter) {
        writer.write(state.rawValue)
        guard let circuitID else { return }
        writer.write(circuitID)
        guard let neighbor else { return }
        writer.write(neighbor.system)
        guard let circuitID = neighbor.circuitID else { return }
        writer.write(circuitID)
    }
}
