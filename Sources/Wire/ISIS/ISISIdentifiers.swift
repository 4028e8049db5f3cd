// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The two levels of IS-IS: within an area, and between areas.
package enum ISISLevel: UInt8, Hashable, Sendable, Comparable, CaseIterable {
    case one = 1
    case two = 2

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One level, or both; the circuit type of hellos.
package struct ISISCircuitType: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package init(_ level: ISISLevel) { rawValue = level.rawValue }

    package static let one = ISISCircuitType(.one)
    package static let two = ISISCircuitType(.two)
    package static let both: ISISCircuitType = [.one, .two]

    package func contains(_ level: ISISLevel) -> Bool { contains(ISISCircuitType(level)) }

    /// The levels in it, the first one first.
    package var levels: [ISISLevel] { ISISLevel.allCases.filter { contains($0) } }
}

/// A router, or a LAN as its designated router presents it: a system ID and a pseudonode number
/// that is zero for the router itself (ISO 10589 §9.8). Text: 1000.0000.0001.00.
package struct ISISNodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Seven octets, which sort as the identifiers do.
    package let number: UInt64

    package init(_ system: SystemID, pseudonode: UInt8 = 0) {
        number = system.bits << 8 | UInt64(pseudonode)
    }

    fileprivate init(number: UInt64) { self.number = number }

    package var system: SystemID { SystemID(bits: number >> 8) }
    package var pseudonode: UInt8 { UInt8(truncatingIfNeeded: number) }
    package var isPseudonode: Bool { pseudonode != 0 }

    package var description: String { "\(system).\(Hexadecimal.text([pseudonode]))" }

    package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// The identifier of a link-state PDU: whose it is, and which fragment. Text:
/// 1000.0000.0001.00-00.
package struct LSPID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Eight octets, which sort as the identifiers do.
    package let number: UInt64

    package init(number: UInt64) { self.number = number }

    package init(_ node: ISISNodeID, fragment: UInt8 = 0) {
        number = node.number << 8 | UInt64(fragment)
    }

    package var node: ISISNodeID { ISISNodeID(number: number >> 8) }
    package var fragment: UInt8 { UInt8(truncatingIfNeeded: number) }

    /// The first and the last there can be: the ends of what a CSNP covers.
    package static let first = LSPID(number: 0)
    package static let last = LSPID(number: .max)

    package var description: String { "\(node)-\(Hexadecimal.text([fragment]))" }

    package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

extension WireReader {
    mutating func readSystemID(_ field: String) throws(WireError) -> SystemID {
        SystemID(bits: try readMAC(field).bits)
    }

    mutating func readNodeID(_ field: String) throws(WireError) -> ISISNodeID {
        ISISNodeID(try readSystemID(field), pseudonode: try read(UInt8.self, field))
    }

    mutating func readLSPID(_ field: String) throws(WireError) -> LSPID {
        LSPID(number: try read(UInt64.self, field))
    }
}

extension WireWriter {
    mutating func write(_ system: SystemID) { write(system.octets) }

    mutating func write(_ node: ISISNodeID) {
        write(node.system)
        write(node.pseudonode)
    }

    mutating func write(_ id: LSPID) { write(id.number) }
}
