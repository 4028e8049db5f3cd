// SPDX-License-Identifier: Apache-2.0

import Primitives

/// NLRI in octets: perhaps a path identifier (RFC 7911 §3), a length in bits, then the label in
/// families that have one, then the route distinguisher in the VPN families, then as many octets of
/// the prefix as its length needs (RFC 4271 §4.3, RFC 8277 §2.2, RFC 4364 §4.3.4).
enum NLRICodec {
    private static let labelBits = 24
    private static let rdBits = 64
    private static let pathIDOctets = 4
    /// What stands for the label in a withdrawal (RFC 8277 §2.4).
    private static let withdrawnLabel: UInt32 = 0x80_0000

    /// Reads NLRI to the end of the reader. Labels of withdrawals are ignored.
    static func decodeAll(
        _ reader: inout WireReader, _ family: BGPFamily, isWithdrawal: Bool,
        _ context: BGPCodecContext
    ) throws(WireError) -> [NLRI] {
        let hasPathIDs = context.receivesPathIDs.contains(family)
        var nlri: [NLRI] = []
        while !reader.isEmpty {
            let pathID =
                hasPathIDs ? try reader.read(UInt32.self, "Path Identifier") : nil
            var next = try decode(&reader, family, isWithdrawal: isWithdrawal)
            next.pathID = pathID
            nlri.append(next)
        }
        return nlri
    }

    private static func decode(
        _ reader: inout WireReader, _ family: BGPFamily, isWithdrawal: Bool
    ) throws(WireError) -> NLRI {
        let bits = Int(try reader.read(UInt8.self, "NLRI length"))
        let prefixBits = bits - bitsBeforePrefix(family)
        guard 0...family.family.bitWidth ~= prefixBits else {
            throw reader.invalid(bits, "NLRI length", back: 1)
        }
        var nlri = NLRI(prefix: .zero(family.family))
        if family.hasLabels {
            // Exactly one label, whose bottom-of-stack bit is ignored (RFC 8277 §2.2).
            let label = try reader.readUInt24("Label")
            if !isWithdrawal { nlri.labels = [Label(label >> 4)] }
        }
        if family.isVPN {
            nlri.rd = RouteDistinguisher(bits: try reader.read(UInt64.self, "RD"))
        }
        nlri.prefix = try decodePrefix(&reader, family.family, length: prefixBits)
        return nlri
    }

    /// How much of the length is not the prefix's.
    private static func bitsBeforePrefix(_ family: BGPFamily) -> Int {
        (family.hasLabels ? labelBits : 0) + (family.isVPN ? rdBits : 0)
    }

    /// Reads the octets of a prefix; bits past its length are of no consequence and are cleared.
    private static func decodePrefix(
        _ reader: inout WireReader, _ family: AddressFamily, length: Int
    ) throws(WireError) -> IPPrefix {
        let octets = try reader.readOctets((length + 7) / 8, "Prefix")
        var bits: UInt128 = 0
        for octet in octets { bits = bits << 8 | UInt128(octet) }
        let missing = family.bitWidth - octets.count * 8
        let address = IPAddress(family: family, bits: missing == 128 ? 0 : bits << UInt128(missing))
        return IPPrefix(address, length: UInt8(length))
    }

    /// How many octets `encode` writes.
    static func octetCount(
        _ nlri: NLRI, _ family: BGPFamily, _ context: BGPCodecContext
    ) -> Int {
        let hasPathID = context.sendsPathIDs.contains(family)
        return (hasPathID ? pathIDOctets : 0) + 1 + bitsBeforePrefix(family) / 8
            + (Int(nlri.prefix.length) + 7) / 8
    }

    /// Writes one destination.
    /// - Throws: when it is not of `family`: the prefix of the other address family, no route
    ///   distinguisher in a VPN family, not exactly one label where one is announced, no path
    ///   identifier where they are negotiated.
    static func encode(
        _ nlri: NLRI, _ family: BGPFamily, isWithdrawal: Bool, _ context: BGPCodecContext,
        to writer: inout WireWriter
    ) throws(WireError) {
        if context.sendsPathIDs.contains(family) {
            guard let pathID = nlri.pathID else { throw unfit(0, "Path Identifier", writer) }
            writer.write(pathID)
        }
        guard nlri.prefix.family == family.family else {
            throw unfit(nlri.prefix.family.rawValue, "Prefix", writer)
        }
        writer.write(UInt8(Int(nlri.prefix.length) + bitsBeforePrefix(family)))
        if family.hasLabels {
            guard isWithdrawal || nlri.labels.count == 1 else {
                throw unfit(nlri.labels.count, "Label", writer)
            }
            // The last label of a stack has its lowest bit set.
            let label = nlri.labels.first.map { $0.value << 4 | 1 } ?? withdrawnLabel
            writer.writeUInt24(isWithdrawal ? withdrawnLabel : label)
        }
        if family.isVPN {
            guard let rd = nlri.rd else { throw unfit(0, "RD", writer) }
            writer.write(rd.bits)
        }
        writer.write(nlri.prefix.address, octets: (Int(nlri.prefix.length) + 7) / 8)
    }

    private static func unfit(
        _ value: some BinaryInteger, _ field: String, _ writer: WireWriter
    ) -> WireError {
        WireError(
            .invalidValue(UInt64(truncatingIfNeeded: value)), field: field, offset: writer.count)
    }
}
