// SPDX-License-Identifier: Apache-2.0

import Primitives

extension LDPBinding {
    /// Reads a label message's TLVs, and checks that those are there that its kind needs.
    init(_ kind: LDPMessage.Kind, _ reader: inout WireReader) throws(LDPFault) {
        self.init([])
        while let (type, value) = try LDPTLVType.next(&reader) {
            try take(type, value)
        }
        guard !fec.isEmpty, label != nil || kind != .labelMapping,
            requestID != nil || kind != .labelAbortRequest
        else { throw LDPFault(.missingMessageParameters) }
        // A wildcard stands alone, and has a meaning only where bindings end (RFC 5036 §3.4.1).
        if fec.contains(.wildcard) {
            guard fec.count == 1, kind == .labelWithdraw || kind == .labelRelease else {
                throw LDPFault(.unknownFEC)
            }
        }
    }

    private mutating func take(_ type: LDPTLVType, _ value: WireReader) throws(LDPFault) {
        switch type {
        case .fec: fec = try LDPFECElement.all(value)
        case .genericLabel: label = try Self.label(value)
        case .labelRequestID:
            requestID = try LDPFault.reading(value) { reader throws(WireError) in
                try reader.read(UInt32.self, "Label Request Message ID")
            }
        case .hopCount:
            hopCount = try LDPFault.reading(value) { reader throws(WireError) in
                try reader.read(UInt8.self, "HC Value")
            }
        case .pathVector:
            pathVector = try LDPFault.reading(value) { reader throws(WireError) in
                var routers: [IPv4Address] = []
                while !reader.isEmpty { routers.append(try reader.readIPv4("LSR Id")) }
                return routers
            }
        default: break
        }
    }

    /// A label that packets can carry, or one of the nulls (RFC 3032 §2.1).
    private static func label(_ value: WireReader) throws(LDPFault) -> Label {
        try LDPFault.reading(value) { reader throws(WireError) in
            let number = try reader.read(UInt32.self, "Label")
            guard number <= Label.max.value else { throw reader.invalid(number, "Label", back: 4) }
            let label = Label(number)
            let nulls = [Label.ipv4ExplicitNull, .ipv6ExplicitNull, .implicitNull]
            guard label >= .firstUnreserved || nulls.contains(label) else {
                throw reader.invalid(number, "Label", back: 4)
            }
            return label
        }
    }

    func encode(to writer: inout WireWriter) throws(WireError) {
        try LDPFECElement.encode(fec, to: &writer)
        if let label {
            try writer.write(.genericLabel) { $0.write(label.value) }
        }
        if let requestID {
            try writer.write(.labelRequestID) { $0.write(requestID) }
        }
        if let hopCount {
            try writer.write(.hopCount) { $0.write(hopCount) }
        }
        if !pathVector.isEmpty {
            try writer.write(.pathVector) { writer in
                for router in pathVector { writer.write(router) }
            }
        }
    }
}

extension LDPFECElement {
    private static let wildcardType: UInt8 = 1
    private static let prefixType: UInt8 = 2
    private static let typedWildcardType: UInt8 = 5

    /// Reads a FEC TLV's value.
    static func all(_ value: WireReader) throws(LDPFault) -> [LDPFECElement] {
        var reader = value
        var elements: [LDPFECElement] = []
        while !reader.isEmpty { elements.append(try LDPFECElement(&reader)) }
        return elements
    }

    /// Writes a FEC TLV.
    static func encode(
        _ elements: [LDPFECElement], to writer: inout WireWriter
    ) throws(WireError) {
        try writer.write(.fec) { writer in
            for element in elements { element.encode(to: &writer) }
        }
    }

    /// Takes the next element of a FEC TLV.
    private init(_ reader: inout WireReader) throws(LDPFault) {
        let type = try Self.read(&reader) { reader throws(WireError) in
            try reader.read(UInt8.self, "FEC Element Type")
        }
        switch type {
        case Self.wildcardType: self = .wildcard
        case Self.prefixType: self = .prefix(try Self.prefix(&reader))
        case Self.typedWildcardType: self = .prefixes(try Self.typedWildcard(&reader))
        default:
            throw LDPFault(.unknownFEC, reader.invalid(type, "FEC Element Type", back: 1))
        }
    }

    private static func read<Value>(
        _ reader: inout WireReader, _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(LDPFault) -> Value {
        try LDPFault.reading(&reader, else: .malformedTLVValue, body)
    }

    /// Address Family, PreLen, and as many octets as the prefix needs. Bits past its length are
    /// ignored.
    private static func prefix(_ reader: inout WireReader) throws(LDPFault) -> IPPrefix {
        let family = try AddressFamily(ldp: &reader)
        return try read(&reader) { reader throws(WireError) in
            let length = try reader.read(UInt8.self, "PreLen")
            guard Int(length) <= family.bitWidth else {
                throw reader.invalid(length, "PreLen", back: 1)
            }
            var octets = try reader.readOctets((Int(length) + 7) / 8, "Prefix")
            octets += [UInt8](repeating: 0, count: family.bitWidth / 8 - octets.count)
            let bits = octets.reduce(0 as UInt128) { $0 << 8 | UInt128($1) }
            return IPPrefix(IPAddress(family: family, bits: bits), length: length)
        }
    }

    /// FEC Element Type, its length, and for the prefix element an address family
    /// (RFC 5918 §3 and §4).
    private static func typedWildcard(
        _ reader: inout WireReader
    ) throws(LDPFault) -> AddressFamily {
        let type = try read(&reader) { reader throws(WireError) in
            try reader.read(UInt8.self, "Typed FEC Element Type")
        }
        guard type == prefixType else {
            throw LDPFault(.unknownFEC, reader.invalid(type, "Typed FEC Element Type", back: 1))
        }
        var value = try read(&reader) { reader throws(WireError) in
            try reader.readLengthPrefixed(as: UInt8.self, "Length of FEC Type Info")
        }
        let family = try AddressFamily(ldp: &value)
        try read(&value) { reader throws(WireError) in
            try reader.expectEnd("Length of FEC Type Info")
        }
        return family
    }

    private func encode(to writer: inout WireWriter) {
        switch self {
        case .wildcard: writer.write(Self.wildcardType)
        case .prefix(let prefix):
            writer.write(Self.prefixType)
            writer.write(prefix.family.ldpNumber)
            writer.write(prefix.length)
            writer.write(prefix.address, octets: (Int(prefix.length) + 7) / 8)
        case .prefixes(let family):
            writer.write(Self.typedWildcardType)
            writer.write(Self.prefixType)
            writer.write(UInt8(2))
            writer.write(family.ldpNumber)
        }
    }
}
