// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A PDU of IS-IS (ISO 10589 §9), from the protocol discriminator on: what stands in a frame behind
/// the LLC header FE FE 03.
package enum ISISPacket: Hashable, Sendable {
    case hello(ISISHello)
    case linkState(ISISLinkState)
    case sequenceNumbers(ISISSequenceNumbers)

    /// Intradomain Routeing Protocol Discriminator, the first octet of every PDU.
    package static let discriminator: UInt8 = 0x83
    /// What LSPs may be long without agreement (originatingLSPBufferSize, ISO 10589 §7.5.1).
    package static let linkStateOctetsMax = 1492

    /// Where PDUs of a level go in a LAN (ISO 10589 §8.4.8).
    package static func allRouters(_ level: ISISLevel) -> MACAddress {
        MACAddress(bits: level == .one ? 0x0180_c200_0014 : 0x0180_c200_0015)
    }

    /// AllISs, where PDUs go on a point-to-point circuit over a LAN medium (RFC 5309 §4.1).
    package static let allIntermediateSystems = MACAddress(bits: 0x0900_2b00_0005)
}

/// An IS to IS hello PDU.
package struct ISISHello: Hashable, Sendable {
    /// The levels that the sender speaks on the circuit. Never empty.
    package var circuitType: ISISCircuitType
    package var source: SystemID
    /// Seconds after which a silent sender is gone.
    package var holdingTime: UInt16
    package var circuit: Circuit
    package var tlvs: [ISISTLV]

    package init(
        circuitType: ISISCircuitType, source: SystemID, holdingTime: UInt16, circuit: Circuit,
        tlvs: [ISISTLV] = []
    ) {
        self.circuitType = circuitType
        self.source = source
        self.holdingTime = holdingTime
        self.circuit = circuit
        self.tlvs = tlvs
    }

    package enum Circuit: Hashable, Sendable {
        /// Of one level, with the sender's priority to be designated router (0 to 127) and the LAN
        /// ID that the designated router gave (ISO 10589 §9.5, §9.6).
        case lan(ISISLevel, priority: UInt8, lanID: ISISNodeID)
        /// With the sender's circuit number (ISO 10589 §9.7).
        case pointToPoint(circuitID: UInt8)
    }
}

/// A link-state PDU, LSP (ISO 10589 §9.8).
package struct ISISLinkState: Hashable, Sendable {
    package var level: ISISLevel
    /// Seconds that are left; zero purges.
    package var lifetime: UInt16
    package var id: LSPID
    package var sequence: UInt32
    package var flags: Flags
    package var tlvs: [ISISTLV]

    package init(
        level: ISISLevel, lifetime: UInt16, id: LSPID, sequence: UInt32, flags: Flags,
        tlvs: [ISISTLV] = []
    ) {
        self.level = level
        self.lifetime = lifetime
        self.id = id
        self.sequence = sequence
        self.flags = flags
        self.tlvs = tlvs
    }

    /// P/ATT/LSPDBOL/IS Type.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The sender is a level 1 router; alone, it is nothing more.
        package static let levelOne = Flags(rawValue: 0x01)
        /// IS Type 3: a level 2 router, whatever its level 1.
        package static let levelTwo = Flags(rawValue: 0x03)
        /// Not to be passed through: the sender's memory or tables are not what they should be.
        package static let overload = Flags(rawValue: 0x04)
        /// Reaches other areas, by the default metric.
        package static let attached = Flags(rawValue: 0x08)
    }

    /// The most that a prefix's path may cost (RFC 5305 §3); dearer ones are not used.
    package static let pathMetricMax: UInt32 = 0xfe00_0000
    /// A link of this metric is announced but never used in paths (RFC 5305 §3); also what LDP
    /// synchronisation has while labels are missing, less one (RFC 5443 §2).
    package static let linkMetricMax: UInt32 = 0xff_ffff

    /// Where the remaining lifetime stands: it is not in the checksum, and whoever floods an LSP
    /// rewrites it and nothing else.
    package static let lifetimeOffset = 10
}

/// A complete or a partial sequence numbers PDU, CSNP or PSNP (ISO 10589 §9.10 to §9.13).
package struct ISISSequenceNumbers: Hashable, Sendable {
    package var level: ISISLevel
    package var source: ISISNodeID
    /// What a complete one covers: an LSP in it that is not listed is not in the sender's database.
    /// Nil in a partial one.
    package var range: ClosedRange<LSPID>?
    package var tlvs: [ISISTLV]

    package init(
        level: ISISLevel, source: ISISNodeID, range: ClosedRange<LSPID>? = nil,
        tlvs: [ISISTLV] = []
    ) {
        self.level = level
        self.source = source
        self.range = range
        self.tlvs = tlvs
    }

    /// The listed LSPs.
    package var entries: [LSPEntry] {
        tlvs.flatMap { if case .lspEntries(let entries) = $0 { entries } else { [LSPEntry]() } }
    }
}

/// What is told of an LSP in a sequence numbers PDU: the fields of its header.
package struct LSPEntry: Hashable, Sendable {
    package var lifetime: UInt16
    package var id: LSPID
    package var sequence: UInt32
    package var checksum: UInt16

    package init(lifetime: UInt16, id: LSPID, sequence: UInt32, checksum: UInt16) {
        self.lifetime = lifetime
        self.id = id
        self.sequence = sequence
        self.checksum = checksum
    }
}
