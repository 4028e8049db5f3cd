// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The Tunnel Encapsulation attribute (RFC 9012): by which tunnels the egress router takes packets
/// of a route. What is not understood stays as it came, since it has to travel on unchanged (§13).
package struct TunnelEncapsulation: Hashable, Sendable {
    /// Never empty in a received attribute.
    package var tunnels: [Tunnel]

    package init(_ tunnels: [Tunnel]) { self.tunnels = tunnels }

    /// A Tunnel TLV (§2).
    package struct Tunnel: Hashable, Sendable {
        /// MPLS in GRE (RFC 4023).
        package static let mplsInGRE: UInt16 = 11

        package var type: UInt16
        /// In the order received. Of a kind that may stand once only the first counts (§13).
        package var subTLVs: [SubTLV]

        package init(type: UInt16, subTLVs: [SubTLV]) {
            self.type = type
            self.subTLVs = subTLVs
        }

        /// A tunnel to `endpoint` for MPLS in GRE with a key, or without one (§3.1, §3.2.5).
        package init(mplsInGRETo endpoint: IPv4Address, key: UInt32?) {
            var address = WireWriter()
            address.write(UInt32.zero)
            address.write(AddressFamilyNumber.ipv4)
            address.write(endpoint)
            subTLVs = [SubTLV(type: SubTLV.egressEndpoint, value: address.octets)]
            type = Self.mplsInGRE
            guard let key else { return }
            var encapsulation = WireWriter()
            encapsulation.write(key)
            subTLVs.append(SubTLV(type: SubTLV.encapsulation, value: encapsulation.octets))
        }

        /// Where the tunnel ends; nil where the sub-TLV is missing or malformed, or there are two
        /// of them (§3.1, §13).
        package var egressEndpoint: EgressEndpoint? {
            let all = subTLVs.filter { $0.type == SubTLV.egressEndpoint }
            return all.count == 1 ? EgressEndpoint(all[0].value) : nil
        }

        /// The GRE key; nil where there is none, or the sub-TLV is malformed (§3.2.5, §13). Of an
        /// MPLS-in-GRE tunnel only.
        package var greKey: UInt32? {
            let first = subTLVs.first { $0.type == SubTLV.encapsulation }
            guard type == Self.mplsInGRE, let value = first?.value, value.count == 4 else {
                return nil
            }
            return value.reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    package struct SubTLV: Hashable, Sendable {
        static let encapsulation: UInt8 = 1
        static let egressEndpoint: UInt8 = 6

        package var type: UInt8
        package var value: [UInt8]

        package init(type: UInt8, value: [UInt8]) {
            self.type = type
            self.value = value
        }
    }

    /// The value of a Tunnel Egress Endpoint sub-TLV (§3.1).
    package enum EgressEndpoint: Hashable, Sendable {
        /// Address family 0: the route's next hop.
        case nextHop
        case address(IPAddress)

        /// nil for what cannot be one. The first four octets are reserved.
        init?(_ octets: [UInt8]) {
            var reader = WireReader(octets)
            do throws(WireError) {
                _ = try reader.read(UInt32.self, "Reserved")
                switch try reader.read(UInt16.self, "Address Family") {
                case 0: self = .nextHop
                case AddressFamilyNumber.ipv4:
                    self = .address(try reader.readAddress(.ipv4, "Address"))
                case AddressFamilyNumber.ipv6:
                    self = .address(try reader.readAddress(.ipv6, "Address"))
                default: return nil
                }
                try reader.expectEnd("Address")
            } catch { return nil }
            if case .address(let address) = self, !PathAttributeTable.isHost(address) { return nil }
        }
    }
}

/// Address Family Numbers (IANA).
private enum AddressFamilyNumber {
    static let ipv4: UInt16 = 1
    static let ipv6: UInt16 = 2
}

extension PathAttributeTable {
    /// Reads the attribute (RFC 9012 §13). An MPLS-in-GRE tunnel without exactly one valid egress
    /// endpoint goes; when no tunnel is left the attribute is malformed.
    @Sendable static func decodeTunnelEncapsulation(
        _ reader: inout WireReader, _ into: inout ReceivedAttributes, _ context: BGPCodecContext
    ) throws(WireError) {
        var tunnels: [TunnelEncapsulation.Tunnel] = []
        let start = reader.offset
        while !reader.isEmpty {
            let type = try reader.read(UInt16.self, "Tunnel Type")
            var value = try reader.readLengthPrefixed(as: UInt16.self, "Tunnel Length")
            var tunnel = TunnelEncapsulation.Tunnel(type: type, subTLVs: [])
            while !value.isEmpty { tunnel.subTLVs.append(try decodeSubTLV(&value)) }
            let isKnown = type == TunnelEncapsulation.Tunnel.mplsInGRE
            if !isKnown || tunnel.egressEndpoint != nil { tunnels.append(tunnel) }
        }
        guard !tunnels.isEmpty else {
            throw reader.invalid(0, "TUNNEL_ENCAPSULATION", back: reader.offset - start)
        }
        into.attributes.tunnelEncapsulation = TunnelEncapsulation(tunnels)
    }

    /// Types from 128 on have a length of two octets (§2).
    private static func decodeSubTLV(
        _ reader: inout WireReader
    ) throws(WireError) -> TunnelEncapsulation.SubTLV {
        let type = try reader.read(UInt8.self, "Sub-TLV Type")
        var value =
            type < 128
            ? try reader.readLengthPrefixed(as: UInt8.self, "Sub-TLV Length")
            : try reader.readLengthPrefixed(as: UInt16.self, "Sub-TLV Length")
        return TunnelEncapsulation.SubTLV(type: type, value: value.readRest())
    }

    @Sendable static func encodeTunnelEncapsulation(
        _ attributes: PathAttributes, _ context: BGPCodecContext, _ writer: inout WireWriter
    ) -> Bool {
        guard let tunnels = attributes.tunnelEncapsulation?.tunnels else { return false }
        for tunnel in tunnels {
            var value = WireWriter()
            for subTLV in tunnel.subTLVs {
                value.write(subTLV.type)
                if subTLV.type < 128 {
                    value.write(UInt8(truncatingIfNeeded: subTLV.value.count))
                } else {
                    value.write(UInt16(truncatingIfNeeded: subTLV.value.count))
                }
                value.write(subTLV.value)
            }
            writer.write(tunnel.type)
            writer.write(UInt16(truncatingIfNeeded: value.count))
            writer.write(value.octets)
        }
        return true
    }
}
