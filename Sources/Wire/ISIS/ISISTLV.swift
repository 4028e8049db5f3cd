// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A part of an IS-IS PDU: a type, a length of one octet, and a value.
package enum ISISTLV: Hashable, Sendable {
    /// 1 (ISO 10589 §9.5).
    case areaAddresses([AreaAddress])
    /// 6: the neighbors that a LAN hello's sender hears (ISO 10589 §9.5).
    case lanNeighbors([MACAddress])
    /// 8: so many octets without meaning (ISO 10589 §9.5).
    case padding(Int)
    /// 9 (ISO 10589 §9.10).
    case lspEntries([LSPEntry])
    /// 10 (ISO 10589 §9.5, RFC 5304, RFC 5310).
    case authentication(ISISAuthentication)
    /// 22: adjacencies with wide metrics (RFC 5305 §3).
    case neighbors([ISISReachedNode])
    /// 129: network layer protocols by number (RFC 1195 §5.2).
    case protocols([UInt8])
    /// 132: in a hello the circuit's, in an LSP the router's (RFC 1195 §5.2).
    case ipv4Addresses([IPv4Address])
    /// 134 (RFC 5305 §4.3).
    case routerID(IPv4Address)
    /// 135 (RFC 5305 §4).
    case ipv4Prefixes([ISISPrefix])
    /// 137 (RFC 5301).
    case hostname(String)
    /// 148: what the sender of a hello has BFD for (RFC 6213 §6).
    case bfdEnabled([ISISBFDEnabled])
    /// 232: in a hello link-local ones, in an LSP the others (RFC 5308 §3).
    case ipv6Addresses([IPAddress])
    /// 236 (RFC 5308 §2).
    case ipv6Prefixes([ISISPrefix])
    /// 240 (RFC 5303 §3).
    case threeWay(ISISThreeWay)
    /// Types that are not known, and those of the known whose value is not what it should be: they
    /// are kept and passed on, and mean nothing (ISO 10589 §9.3, RFC 8918 §3).
    case other(UInt8, [UInt8])

    package var type: UInt8 {
        switch self {
        case .areaAddresses: 1
        case .lanNeighbors: 6
        case .padding: 8
        case .lspEntries: 9
        case .authentication: 10
        case .neighbors: 22
        case .protocols: 129
        case .ipv4Addresses: 132
        case .routerID: 134
        case .ipv4Prefixes: 135
        case .hostname: 137
        case .bfdEnabled: 148
        case .ipv6Addresses: 232
        case .ipv6Prefixes: 236
        case .threeWay: 240
        case .other(let type, _): type
        }
    }

    /// The network layer protocol number of IP (RFC 1195 §5.2) or IPv6 (RFC 5308 §4).
    package static func protocolNumber(_ family: AddressFamily) -> UInt8 {
        family == .ipv4 ? 0xcc : 0x8e
    }

    /// The longest value.
    package static let octetsMax = 255
    /// How much a type and a length are.
    package static let headerOctets = 2
}

/// That packets of one network layer protocol are watched by BFD, in one topology (RFC 6213 §6).
package struct ISISBFDEnabled: Hashable, Sendable {
    /// Of RFC 5120, in the lower 12 bits; 0 is the standard one. The others are as they came.
    package var topology: UInt16
    /// As in `protocols`.
    package var protocolNumber: UInt8

    package init(topology: UInt16 = 0, protocolNumber: UInt8) {
        self.topology = topology
        self.protocolNumber = protocolNumber
    }

    /// Whether it is of the standard topology, the only one without RFC 5120.
    package var isStandardTopology: Bool { topology & 0x0fff == 0 }
}

/// What an LSP says that its router reaches in one step: another router or a LAN.
package struct ISISReachedNode: Hashable, Sendable {
    package var node: ISISNodeID
    /// 24 bits.
    package var metric: UInt32
    /// Traffic engineering (RFC 5305 §3.1 on) as it came.
    package var subTLVs: [UInt8]

    package init(_ node: ISISNodeID, metric: UInt32, subTLVs: [UInt8] = []) {
        self.node = node
        self.metric = metric
        self.subTLVs = subTLVs
    }

    /// How much it takes in its TLV.
    package var octetCount: Int { 11 + subTLVs.count }
}

/// What an LSP says that its router reaches: a prefix of either family.
package struct ISISPrefix: Hashable, Sendable {
    package var prefix: IPPrefix
    package var metric: UInt32
    /// It came down from level 2, and must not go up again (RFC 5302, RFC 5305 §4.1).
    package var isDown: Bool
    /// From another protocol; only IPv6 can say so (RFC 5308 §2).
    package var isExternal: Bool
    /// As they came.
    package var subTLVs: [UInt8]

    package init(
        _ prefix: IPPrefix, metric: UInt32, isDown: Bool = false, isExternal: Bool = false,
        subTLVs: [UInt8] = []
    ) {
        self.prefix = prefix
        self.metric = metric
        self.isDown = isDown
        self.isExternal = isExternal
        self.subTLVs = subTLVs
    }

    /// How much it takes in its TLV.
    package var octetCount: Int {
        let fixed = prefix.family == .ipv4 ? 5 : 6
        let address = (Int(prefix.length) + 7) / 8
        return fixed + address + (subTLVs.isEmpty ? 0 : 1 + subTLVs.count)
    }
}

/// Point-to-point three-way adjacency (RFC 5303 §3).
package struct ISISThreeWay: Hashable, Sendable {
    package var state: State
    /// The sender's number of the circuit; nil from a sender that gives the state alone.
    package var circuitID: UInt32?
    /// Whom the sender hears: system ID, and that one's number of the circuit if it gave one.
    package var neighbor: Neighbor?

    package init(state: State, circuitID: UInt32? = nil, neighbor: Neighbor? = nil) {
        self.state = state
        self.circuitID = circuitID
        self.neighbor = neighbor
    }

    package struct Neighbor: Hashable, Sendable {
        package var system: SystemID
        package var circuitID: UInt32?

        package init(_ system: SystemID, circuitID: UInt32? = nil) {
            self.system = system
            self.circuitID = circuitID
        }
    }

    package enum State: UInt8, Hashable, Sendable {
        case up = 0
        case initializing = 1
        case down = 2
    }
}

/// The value of an authentication TLV.
package enum ISISAuthentication: Hashable, Sendable {
    /// 1: the password itself (ISO 10589 §9.5).
    case clearText([UInt8])
    /// 54: HMAC-MD5 (RFC 5304 §2).
    case hmacMD5(digest: [UInt8])
    /// 3: a digest by the algorithm and the key that the number stands for (RFC 5310 §3.1).
    case keyed(keyID: UInt16, digest: [UInt8])
}
