// SPDX-License-Identifier: Apache-2.0

import Primitives

extension OSPFLSA {
    /// What it says.
    /// - Throws: when its octets are not what its LS type asks for.
    package func contents(_ version: OSPFVersion) throws(WireError) -> OSPFLSAContents {
        var reader = WireReader(body)
        switch (key.type, version) {
        case (.router, _): return .router(try OSPFRouterLSA(decoding: &reader, version))
        case (.network, _):
            return .network(try OSPFNetworkLSA(decoding: &reader, version, key.linkStateID))
        case (.interAreaPrefix, _):
            return .interAreaPrefix(
                try OSPFInterAreaPrefixLSA(decoding: &reader, version, key.linkStateID))
        case (.interAreaRouter, _):
            return .interAreaRouter(
                try OSPFInterAreaRouterLSA(decoding: &reader, version, key.linkStateID))
        case (.external, _):
            return .external(try OSPFExternalLSA(decoding: &reader, version, key.linkStateID))
        case (.link, .v3): return .link(try OSPFLinkLSA(decoding: &reader))
        case (.intraAreaPrefix, .v3):
            return .intraAreaPrefix(try OSPFIntraAreaPrefixLSA(decoding: &reader))
        default: return .unknown
        }
    }
}

extension OSPFLSAContents {
    /// What stands after the header. Prefixes that version 2 keeps in the Link State ID are for the
    /// LSA's key.
    func encoded(_ version: OSPFVersion) -> [UInt8] {
        var writer = WireWriter(capacity: 64)
        switch self {
        case .router(let lsa): lsa.encode(to: &writer, version)
        case .network(let lsa): lsa.encode(to: &writer, version)
        case .interAreaPrefix(let lsa): lsa.encode(to: &writer, version)
        case .interAreaRouter(let lsa): lsa.encode(to: &writer, version)
        case .external(let lsa): lsa.encode(to: &writer, version)
        case .link(let lsa): lsa.encode(to: &writer)
        case .intraAreaPrefix(let lsa): lsa.encode(to: &writer)
        case .unknown: break
        }
        return writer.octets
    }
}

// MARK: Prefixes

extension IPPrefix {
    /// The mask of version 2's LSAs and Hellos; an IPv4 prefix's.
    package var networkMask: UInt32 {
        length == 0 ? 0 : UInt32.max << UInt32(32 - min(length, 32))
    }
}

extension WireReader {
    /// Reads a mask whose ones are all in front, and makes a prefix of it.
    fileprivate mutating func readMask(of address: IPv4Address) throws(WireError) -> IPPrefix {
        let mask = try read(UInt32.self, "Network Mask")
        guard ~mask & (~mask &+ 1) == 0 else { throw invalid(mask, "Network Mask", back: 4) }
        return IPPrefix(IPAddress(address), length: UInt8(mask.nonzeroBitCount))
    }

    /// Reads PrefixLength, PrefixOptions and the 16 bits after them, without the address.
    fileprivate mutating func readPrefixHead() throws(WireError) -> (
        length: UInt8, options: OSPFPrefixOptions, word: UInt16
    ) {
        let length = try read(UInt8.self, "PrefixLength")
        guard length <= 128 else { throw invalid(length, "PrefixLength", back: 1) }
        let options = OSPFPrefixOptions(rawValue: try read(UInt8.self, "PrefixOptions"))
        return (length, options, try read(UInt16.self, "Metric"))
    }

    /// Reads the words of 32 bits that a prefix of this length takes.
    fileprivate mutating func readPrefix(length: UInt8) throws(WireError) -> IPPrefix {
        let octets = try readOctets((Int(length) + 31) / 32 * 4, "Address Prefix")
        let padded = octets + [UInt8](repeating: 0, count: 16 - octets.count)
        let bits = padded.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return IPPrefix(IPAddress(family: .ipv6, bits: bits), length: length)
    }
}

extension WireWriter {
    fileprivate mutating func write(
        _ prefix: IPPrefix, _ options: OSPFPrefixOptions, word: UInt16
    ) {
        write([prefix.length, options.rawValue])
        write(word)
        write(prefix.address, octets: (Int(prefix.length) + 31) / 32 * 4)
    }
}

extension [OSPFPrefix] {
    fileprivate init(decoding reader: inout WireReader, count: UInt32) throws(WireError) {
        self = []
        for _ in 0..<count {
            let (length, options, metric) = try reader.readPrefixHead()
            append(
                OSPFPrefix(
                    try reader.readPrefix(length: length), options: options, metric: metric))
        }
    }

    fileprivate func encode(to writer: inout WireWriter) {
        for prefix in self { writer.write(prefix.prefix, prefix.options, word: prefix.metric) }
    }
}

// MARK: The types

extension OSPFRouterLSA {
    fileprivate init(
        decoding reader: inout WireReader, _ version: OSPFVersion
    ) throws(WireError) {
        flags = Flags(rawValue: try reader.read(UInt8.self, "V, E, B"))
        options = []
        links = []
        switch version {
        case .v2:
            _ = try reader.read(UInt8.self, "0")
            for _ in 0..<(try reader.read(UInt16.self, "# links")) {
                links.append(try Link(decodingV2: &reader))
            }
            try reader.expectEnd("# links")
        case .v3:
            options = OSPFOptions(rawValue: try reader.readUInt24("Options"))
            while !reader.isEmpty { links.append(try Link(decodingV3: &reader)) }
        }
    }

    fileprivate func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        writer.write(flags.rawValue)
        switch version {
        case .v2:
            writer.write(UInt8.zero)
            writer.write(UInt16(truncatingIfNeeded: links.count))
            for link in links { link.encodeV2(to: &writer) }
        case .v3:
            writer.writeUInt24(options.rawValue)
            for link in links { link.encodeV3(to: &writer) }
        }
    }
}

extension OSPFRouterLSA.Link {
    fileprivate init(decodingV2 reader: inout WireReader) throws(WireError) {
        linkID = try reader.readIPv4("Link ID")
        data = try reader.read(UInt32.self, "Link Data")
        type = try Self.readType(&reader)
        let services = try reader.read(UInt8.self, "# TOS")
        metric = try reader.read(UInt16.self, "metric")
        // Metrics of other types of service are of the past (RFC 2328 §4.3).
        _ = try reader.readOctets(Int(services) * 4, "TOS metric")
        neighborInterfaceID = 0
    }

    fileprivate init(decodingV3 reader: inout WireReader) throws(WireError) {
        type = try Self.readType(&reader)
        _ = try reader.read(UInt8.self, "0")
        metric = try reader.read(UInt16.self, "Metric")
        data = try reader.read(UInt32.self, "Interface ID")
        neighborInterfaceID = try reader.read(UInt32.self, "Neighbor Interface ID")
        linkID = try reader.readIPv4("Neighbor Router ID")
    }

    private static func readType(
        _ reader: inout WireReader
    ) throws(WireError) -> OSPFRouterLSA.LinkType {
        let number = try reader.read(UInt8.self, "Type")
        guard let type = OSPFRouterLSA.LinkType(rawValue: number) else {
            throw reader.invalid(number, "Type", back: 1)
        }
        return type
    }

    fileprivate func encodeV2(to writer: inout WireWriter) {
        writer.write(linkID)
        writer.write(data)
        writer.write([type.rawValue, 0])
        writer.write(metric)
    }

    fileprivate func encodeV3(to writer: inout WireWriter) {
        writer.write([type.rawValue, 0])
        writer.write(metric)
        writer.write(data)
        writer.write(neighborInterfaceID)
        writer.write(linkID)
    }
}

extension OSPFNetworkLSA {
    fileprivate init(
        decoding reader: inout WireReader, _ version: OSPFVersion, _ linkStateID: IPv4Address
    ) throws(WireError) {
        switch version {
        case .v2:
            prefix = try reader.readMask(of: linkStateID)
            options = []
        case .v3:
            prefix = nil
            _ = try reader.read(UInt8.self, "0")
            options = OSPFOptions(rawValue: try reader.readUInt24("Options"))
        }
        routers = []
        while !reader.isEmpty { routers.append(try reader.readIPv4("Attached Router")) }
    }

    fileprivate func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        writer.write(version == .v2 ? prefix?.networkMask ?? 0 : options.rawValue & 0xff_ffff)
        for router in routers { writer.write(router) }
    }
}

extension OSPFInterAreaPrefixLSA {
    fileprivate init(
        decoding reader: inout WireReader, _ version: OSPFVersion, _ linkStateID: IPv4Address
    ) throws(WireError) {
        switch version {
        case .v2:
            prefix = try reader.readMask(of: linkStateID)
            options = []
            _ = try reader.read(UInt8.self, "0")
            metric = try reader.readUInt24("metric")
            _ = reader.readRest()
        case .v3:
            _ = try reader.read(UInt8.self, "0")
            metric = try reader.readUInt24("Metric")
            let head = try reader.readPrefixHead()
            options = head.options
            prefix = try reader.readPrefix(length: head.length)
        }
    }

    fileprivate func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        if version == .v2 { writer.write(prefix.networkMask) }
        writer.write(UInt8.zero)
        writer.writeUInt24(metric)
        if version == .v3 { writer.write(prefix, options, word: 0) }
    }
}

extension OSPFInterAreaRouterLSA {
    fileprivate init(
        decoding reader: inout WireReader, _ version: OSPFVersion, _ linkStateID: IPv4Address
    ) throws(WireError) {
        // Version 2 has a mask here that means nothing.
        let options = OSPFOptions(rawValue: try reader.read(UInt32.self, "Options") & 0xff_ffff)
        self.options = version == .v2 ? [] : options
        _ = try reader.read(UInt8.self, "0")
        metric = try reader.readUInt24("Metric")
        router = version == .v2 ? linkStateID : try reader.readIPv4("Destination Router ID")
    }

    fileprivate func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        writer.write(options.rawValue & 0xff_ffff)
        writer.write(UInt8.zero)
        writer.writeUInt24(metric)
        if version == .v3 { writer.write(router) }
    }
}

extension OSPFExternalLSA {
    /// The flags of version 3 (RFC 5340 §A.4.7); the E-bit of version 2 is bit 7.
    private static let (e, f, t) = (UInt8(4), UInt8(2), UInt8(1))
    private static let v2E: UInt8 = 0x80

    fileprivate init(
        decoding reader: inout WireReader, _ version: OSPFVersion, _ linkStateID: IPv4Address
    ) throws(WireError) {
        switch version {
        case .v2:
            prefix = try reader.readMask(of: linkStateID)
            options = []
            isType2 = try reader.read(UInt8.self, "E") & Self.v2E != 0
            metric = try reader.readUInt24("metric")
            let address = IPAddress(try reader.readIPv4("Forwarding address"))
            forwardingAddress = address.isUnspecified ? nil : address
            tag = try reader.read(UInt32.self, "External Route Tag")
            _ = reader.readRest()
        case .v3:
            let flags = try reader.read(UInt8.self, "E, F, T")
            isType2 = flags & Self.e != 0
            metric = try reader.readUInt24("Metric")
            let head = try reader.readPrefixHead()
            options = head.options
            prefix = try reader.readPrefix(length: head.length)
            forwardingAddress =
                flags & Self.f == 0 ? nil : try reader.readAddress(.ipv6, "Forwarding Address")
            tag = flags & Self.t == 0 ? 0 : try reader.read(UInt32.self, "External Route Tag")
            // What it refers to is for extensions, and of no use to us.
            _ = reader.readRest()
        }
    }

    fileprivate func encode(to writer: inout WireWriter, _ version: OSPFVersion) {
        switch version {
        case .v2:
            writer.write(prefix.networkMask)
            writer.write(isType2 ? Self.v2E : 0)
            writer.writeUInt24(metric)
            writer.write(forwardingAddress ?? .unspecified(.ipv4))
            writer.write(tag)
        case .v3:
            let flags: [UInt8] = [
                isType2 ? Self.e : 0, forwardingAddress == nil ? 0 : Self.f,
                tag == 0 ? 0 : Self.t,
            ]
            writer.write(flags.reduce(0, |))
            writer.writeUInt24(metric)
            writer.write(prefix, options, word: 0)
            if let forwardingAddress { writer.write(forwardingAddress) }
            if tag != 0 { writer.write(tag) }
        }
    }
}

extension OSPFLinkLSA {
    fileprivate init(decoding reader: inout WireReader) throws(WireError) {
        priority = try reader.read(UInt8.self, "Rtr Priority")
        options = OSPFOptions(rawValue: try reader.readUInt24("Options"))
        linkLocal = try reader.readAddress(.ipv6, "Link-local Interface Address")
        let count = try reader.read(UInt32.self, "# prefixes")
        prefixes = try [OSPFPrefix](decoding: &reader, count: count)
    }

    fileprivate func encode(to writer: inout WireWriter) {
        writer.write(priority)
        writer.writeUInt24(options.rawValue)
        writer.write(linkLocal)
        writer.write(UInt32(prefixes.count))
        prefixes.encode(to: &writer)
    }
}

extension OSPFIntraAreaPrefixLSA {
    fileprivate init(decoding reader: inout WireReader) throws(WireError) {
        let count = try reader.read(UInt16.self, "# Prefixes")
        let type = OSPFLSAType(rawValue: try reader.read(UInt16.self, "Referenced LS Type"))
        let linkStateID = try reader.readIPv4("Referenced Link State ID")
        reference = OSPFLSAKey(
            type, linkStateID, try reader.readIPv4("Referenced Advertising Router"))
        prefixes = try [OSPFPrefix](decoding: &reader, count: UInt32(count))
    }

    fileprivate func encode(to writer: inout WireWriter) {
        writer.write(UInt16(truncatingIfNeeded: prefixes.count))
        writer.write(reference.type.rawValue)
        writer.write(reference.linkStateID)
        writer.write(reference.advertisingRouter)
        prefixes.encode(to: &writer)
    }
}
