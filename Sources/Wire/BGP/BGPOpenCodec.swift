// SPDX-License-Identifier: Apache-2.0

import Primitives

extension BGPOpen {
    /// Optional Parameter type 2 holds capabilities (RFC 5492 §4).
    private static let capabilitiesParameter: UInt8 = 2
    /// Marks lengths of two octets (RFC 9072 §2).
    private static let extendedMark: UInt8 = 255

    /// Reads what follows the header and checks each field by itself (RFC 4271 §6.2).
    /// - Throws: the NOTIFICATION that the peer must get.
    init(decoding reader: inout WireReader) throws(BGPNotification) {
        do throws(WireError) {
            version = try reader.read(UInt8.self, "Version")
            myAS = try reader.read(UInt16.self, "My Autonomous System")
            holdTime = try reader.read(UInt16.self, "Hold Time")
            identifier = try reader.readIPv4("BGP Identifier")
            capabilities = []
        } catch { throw .openMessage(.unspecific) }
        // Before anything else: another version may have another layout. Data is ours.
        guard version == 4 else {
            throw .openMessage(.unsupportedVersionNumber, data: [0, 4])
        }
        capabilities = try Self.optionalParameters(&reader)
        // AS 0 is no AS (RFC 7607), identifier 0 no router (RFC 6286 §2.2).
        guard myAS != 0, asNumber.value != 0 else { throw .openMessage(.badPeerAS) }
        guard identifier.bits != 0 else { throw .openMessage(.badBGPIdentifier) }
        guard holdTime != 1, holdTime != 2 else { throw .openMessage(.unacceptableHoldTime) }
    }

    private static func optionalParameters(
        _ reader: inout WireReader
    ) throws(BGPNotification) -> [BGPCapability] {
        var parameters: [(type: UInt8, value: WireReader)] = []
        do throws(WireError) {
            parameters = try rawParameters(&reader)
        } catch { throw .openMessage(.unspecific) }
        var capabilities: [BGPCapability] = []
        for parameter in parameters {
            guard parameter.type == capabilitiesParameter else {
                throw .openMessage(.unsupportedOptionalParameter)
            }
            var value = parameter.value
            do throws(WireError) {
                while !value.isEmpty { capabilities.append(try BGPCapability(decoding: &value)) }
            } catch { throw .openMessage(.unspecific) }
        }
        return capabilities
    }

    private static func rawParameters(
        _ reader: inout WireReader
    ) throws(WireError) -> [(type: UInt8, value: WireReader)] {
        let field = "Optional Parameters"
        let plainLength = try reader.read(UInt8.self, "Opt Parm Len")
        var peek = reader
        let isExtended = plainLength != 0 && (try? peek.read(UInt8.self, field)) == extendedMark
        if isExtended { reader = peek }
        let length = isExtended ? Int(try reader.read(UInt16.self, field)) : Int(plainLength)
        var list = try reader.readNested(length, field)
        try reader.expectEnd(field)
        var parameters: [(type: UInt8, value: WireReader)] = []
        while !list.isEmpty {
            let type = try list.read(UInt8.self, "Parm. Type")
            let value =
                isExtended
                ? try list.readLengthPrefixed(as: UInt16.self, "Parm. Length")
                : try list.readLengthPrefixed(as: UInt8.self, "Parm. Length")
            parameters.append((type, value))
        }
        return parameters
    }

    /// Writes what follows the header: all capabilities in one parameter, in the extended form
    /// only when they need it.
    func encode(to writer: inout WireWriter) throws(WireError) {
        writer.write(version)
        writer.write(myAS)
        writer.write(holdTime)
        writer.write(identifier)
        var list = WireWriter()
        for capability in capabilities { try capability.encode(to: &list) }
        if list.octets.isEmpty {
            writer.write(UInt8.zero)
        } else if list.count + 2 < Int(Self.extendedMark) {
            writer.write(UInt8(list.count + 2))
            writer.write(Self.capabilitiesParameter)
            writer.write(UInt8(list.count))
            writer.write(list.octets)
        } else {
            writer.write(Self.extendedMark)
            writer.write(Self.extendedMark)
            try writer.writeLengthPrefixed(as: UInt16.self, "Opt Parm Len") {
                writer throws(WireError) in
                writer.write(Self.capabilitiesParameter)
                try writer.writeLengthPrefixed(as: UInt16.self, "Parm. Length") {
                    writer throws(WireError) in writer.write(list.octets)
                }
            }
        }
    }
}

extension BGPCapability {
    /// Reads code, length and value. A known capability of another length than its RFC's is an
    /// error; an unknown one is kept.
    init(decoding reader: inout WireReader) throws(WireError) {
        let code = try reader.read(UInt8.self, "Capability Code")
        var value = try reader.readLengthPrefixed(as: UInt8.self, "Capability Length")
        switch code {
        case 1:
            let afi = try value.read(UInt16.self, "AFI")
            let reserved = try value.read(UInt8.self, "Reserved")
            let safi = try value.read(UInt8.self, "SAFI")
            if let family = BGPFamily(afi: afi, safi: safi) {
                self = .multiprotocol(family)
            } else {
                let octets = [UInt8(afi >> 8), UInt8(afi & 0xff), reserved, safi]
                self = .other(code: code, value: octets)
            }
        case 2: self = .routeRefresh
        case 64: self = .gracefulRestart(value.readRest())
        case 65: self = .fourOctetAS(ASNumber(try value.read(UInt32.self, "AS Number")))
        case 69:
            var offers: [AddPathOffer] = []
            while !value.isEmpty {
                offers.append(
                    AddPathOffer(
                        afi: try value.read(UInt16.self, "AFI"),
                        safi: try value.read(UInt8.self, "SAFI"),
                        mode: try value.read(UInt8.self, "Send/Receive")))
            }
            self = .addPath(offers)
        default: self = .other(code: code, value: value.readRest())
        }
        try value.expectEnd("Capability Value")
    }

    func encode(to writer: inout WireWriter) throws(WireError) {
        writer.write(code)
        try writer.writeLengthPrefixed(as: UInt8.self, "Capability Length") {
            writer throws(WireError) in
            switch self {
            case .multiprotocol(let family):
                writer.write(family.afi)
                writer.write(UInt8.zero)
                writer.write(family.safi)
            case .routeRefresh: break
            case .fourOctetAS(let asNumber): writer.write(asNumber.value)
            case .addPath(let offers):
                for offer in offers {
                    writer.write(offer.afi)
                    writer.write(offer.safi)
                    writer.write(offer.mode)
                }
            case .gracefulRestart(let value), .other(_, let value): writer.write(value)
            }
        }
    }
}
