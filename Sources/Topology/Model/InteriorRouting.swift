// SPDX-License-Identifier: Apache-2.0

import Primitives

/// IS-IS on one node (ISO 10589, RFC 1195).
package struct ISIS: Hashable, Sendable {
    package var level: Level
    package var area: AreaAddress
    package var systemID: SystemID
    /// Of the descriptions (LSPs) that routers flood, and of numbers of those.
    package var authentication: Authentication?
    package var lspLifetime: Duration
    package var overloadOnStart: Duration
    package var isOverloaded: Bool
    package var spf: SPFTimes
    package var hasIPv6: Bool
    /// In the node's order; loopbacks have no entry, and are always told of.
    package var interfaces: [Circuit]

    package enum Level: String, Hashable, Sendable, CaseIterable {
        case one = "1"
        case two = "2"
        case both = "1-2"

        var numbers: Set<Int> { self == .both ? [1, 2] : self == .one ? [1] : [2] }

        /// The levels of both; nil where there is none.
        func common(_ other: Level) -> Level? {
            let numbers = numbers.intersection(other.numbers)
            return Level.allCases.first { $0.numbers == numbers }
        }
    }

    /// An interface that takes part.
    package struct Circuit: Hashable, Sendable {
        /// `Interface.name`.
        package var interface: String
        package var level: Level
        package var type: CircuitType
        package var metric: UInt32
        package var isPassive: Bool
        /// To become a LAN's designated intermediate system.
        package var priority: UInt8
        package var helloInterval: Duration
        package var holdMultiplier: UInt8
        /// Of hellos.
        package var authentication: Authentication?
        package var bfd: BFD?
        /// Whether the link is the last resort while LDP is not up on it.
        package var awaitsLDP: Bool
    }
}

/// OSPF in one routing table of a node: version 2 (RFC 2328) or 3 (RFC 5340).
package struct OSPF: Hashable, Sendable {
    /// IPv4 is version 2, IPv6 version 3.
    package var family: AddressFamily
    /// nil is the default VRF.
    package var vrf: String?
    package var stubAreas: [IPv4Address]
    package var totallyStubAreas: [IPv4Address]
    package var exportPolicy: [String]
    /// Whether external routes cost what the way to their router does, too (RFC 2328 §16.4).
    package var hasExternalType1: Bool
    package var spf: SPFTimes
    /// Loopbacks are told of in this area; nil where they are not.
    package var loopbackArea: IPv4Address?
    package var interfaces: [Circuit]
    /// Of a VRF: what routes carry between sites (RFC 4577 §4.2.4).
    package var domainID: IPv4Address?
    package var shamLinks: [ShamLink]

    /// An interface that takes part.
    package struct Circuit: Hashable, Sendable {
        /// `Interface.name`.
        package var interface: String
        package var area: IPv4Address
        package var type: CircuitType
        package var cost: UInt16
        package var isPassive: Bool
        package var priority: UInt8
        package var helloInterval: Duration
        package var deadInterval: Duration
        package var authentication: Authentication?
        package var bfd: BFD?
        /// Whether the link is the last resort while LDP is not up on it.
        package var awaitsLDP: Bool
    }

    /// A link over the core between two VRFs (RFC 4577 §4.2.7).
    package struct ShamLink: Hashable, Sendable {
        package var local: IPAddress
        package var remote: IPAddress
        package var area: IPv4Address
        package var cost: UInt16
    }

    /// An area: `1` or `0.0.0.1`.
    static func area(_ text: String) -> IPv4Address? {
        IPv4Address(text) ?? Form.number(text).flatMap(UInt32.init(exactly:)).map(
            IPv4Address.init(bits:))
    }
}

/// RIP version 2 (RFC 2453) or RIPng (RFC 2080) in one routing table of a node.
package struct RIP: Hashable, Sendable {
    /// IPv6 is RIPng.
    package var family: AddressFamily
    /// nil is the default VRF.
    package var vrf: String?
    package var exportPolicy: [String]
    package var updateInterval: Duration
    package var timeout: Duration
    package var garbageTime: Duration
    package var authentication: Authentication?
    /// Whether loopbacks are told of.
    package var hasLoopbacks: Bool
    package var interfaces: [Circuit]

    /// An interface that takes part.
    package struct Circuit: Hashable, Sendable {
        /// `Interface.name`.
        package var interface: String
        package var isPassive: Bool
    }
}
