// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The two versions of OSPF: 2 is of IPv4 (RFC 2328), 3 of IPv6 (RFC 5340).
package enum OSPFVersion: UInt8, Hashable, Sendable {
    case v2 = 2
    case v3 = 3

    /// The family of the addresses that its packets have.
    package init(_ family: AddressFamily) { self = family == .ipv4 ? .v2 : .v3 }

    package var family: AddressFamily { self == .v2 ? .ipv4 : .ipv6 }

    /// Octets of a packet's header (RFC 2328 §A.3.1, RFC 5340 §A.3.1).
    package var headerOctets: Int { self == .v2 ? 24 : 16 }
}

/// An OSPF packet, version 2 (RFC 2328 §A.3) or 3 (RFC 5340 §A.3).
package struct OSPFPacket: Hashable, Sendable {
    package var version: OSPFVersion
    package var routerID: IPv4Address
    /// 0.0.0.0 is the backbone.
    package var areaID: IPv4Address
    /// Of version 3; always 0 in version 2.
    package var instanceID: UInt8
    /// Of version 2 with cryptographic authentication: it never decreases (RFC 2328 §D.3).
    package var cryptographicSequence: UInt32?
    package var body: Body

    package init(
        version: OSPFVersion, routerID: IPv4Address, areaID: IPv4Address, instanceID: UInt8 = 0,
        cryptographicSequence: UInt32? = nil, body: Body
    ) {
        self.version = version
        self.routerID = routerID
        self.areaID = areaID
        self.instanceID = instanceID
        self.cryptographicSequence = cryptographicSequence
        self.body = body
    }

    /// The five kinds of packets.
    package enum Body: Hashable, Sendable {
        case hello(OSPFHello)
        case databaseDescription(OSPFDatabaseDescription)
        /// Link State Request: what the sender wants in full.
        case request([OSPFLSAKey])
        /// Link State Update.
        case update([OSPFLSA])
        /// Link State Acknowledgment.
        case acknowledgment([OSPFLSAHeader])

        /// The Type field, 1 to 5.
        package var type: UInt8 {
            switch self {
            case .hello: 1
            case .databaseDescription: 2
            case .request: 3
            case .update: 4
            case .acknowledgment: 5
            }
        }
    }

    /// The protocol number of OSPF.
    package static let ipProtocol: UInt8 = 89

    /// AllSPFRouters: 224.0.0.5 or ff02::5.
    package static func allRouters(_ version: OSPFVersion) -> IPAddress {
        multicast(version, 5)
    }

    /// AllDRouters: 224.0.0.6 or ff02::6.
    package static func allDesignatedRouters(_ version: OSPFVersion) -> IPAddress {
        multicast(version, 6)
    }

    private static func multicast(_ version: OSPFVersion, _ last: UInt128) -> IPAddress {
        switch version {
        case .v2: IPAddress(family: .ipv4, bits: 0xe000_0000 | last)
        case .v3: IPAddress(family: .ipv6, bits: 0xff02 << 112 | last)
        }
    }
}

/// The Hello packet (RFC 2328 §A.3.2, RFC 5340 §A.3.2).
package struct OSPFHello: Hashable, Sendable {
    /// Network Mask of version 2, as it is on the wire; 0 in version 3.
    package var networkMask: UInt32
    /// The sender's number for its interface, of version 3; 0 in version 2.
    package var interfaceID: UInt32
    package var options: OSPFOptions
    /// Router Priority; 0 never becomes Designated Router.
    package var priority: UInt8
    /// Seconds.
    package var helloInterval: UInt16
    /// RouterDeadInterval in seconds; version 3 has 16 bits for it.
    package var deadInterval: UInt32
    /// An interface address in version 2, a router ID in version 3; 0.0.0.0 for none.
    package var designatedRouter: IPv4Address
    package var backupDesignatedRouter: IPv4Address
    /// Router IDs of those whose Hellos were seen lately.
    package var neighbors: [IPv4Address]

    package init(
        networkMask: UInt32 = 0, interfaceID: UInt32 = 0, options: OSPFOptions, priority: UInt8,
        helloInterval: UInt16, deadInterval: UInt32,
        designatedRouter: IPv4Address = IPv4Address(bits: 0),
        backupDesignatedRouter: IPv4Address = IPv4Address(bits: 0), neighbors: [IPv4Address] = []
    ) {
        self.networkMask = networkMask
        self.interfaceID = interfaceID
        self.options = options
        self.priority = priority
        self.helloInterval = helloInterval
        self.deadInterval = deadInterval
        self.designatedRouter = designatedRouter
        self.backupDesignatedRouter = backupDesignatedRouter
        self.neighbors = neighbors
    }
}

/// The Database Description packet (RFC 2328 §A.3.3, RFC 5340 §A.3.3).
package struct OSPFDatabaseDescription: Hashable, Sendable {
    /// The largest IP packet that the sender takes without fragments, in octets.
    package var interfaceMTU: UInt16
    package var options: OSPFOptions
    /// The I-bit: the first of the exchange.
    package var isInitial: Bool
    /// The M-bit.
    package var hasMore: Bool
    /// The MS-bit.
    package var isMaster: Bool
    package var sequence: UInt32
    package var headers: [OSPFLSAHeader]

    package init(
        interfaceMTU: UInt16, options: OSPFOptions, isInitial: Bool, hasMore: Bool,
        isMaster: Bool, sequence: UInt32, headers: [OSPFLSAHeader] = []
    ) {
        self.interfaceMTU = interfaceMTU
        self.options = options
        self.isInitial = isInitial
        self.hasMore = hasMore
        self.isMaster = isMaster
        self.sequence = sequence
        self.headers = headers
    }
}

/// The Options field: 8 bits in version 2 (RFC 2328 §A.2), 24 in version 3 (RFC 5340 §A.2).
package struct OSPFOptions: OptionSet, Hashable, Sendable {
    package var rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Version 3: the router belongs in IPv6 routing.
    package static let v6 = OSPFOptions(rawValue: 0x01)
    /// External LSAs are flooded here: the area is no stub.
    package static let external = OSPFOptions(rawValue: 0x02)
    /// Version 3: an active router, that traffic may pass.
    package static let router = OSPFOptions(rawValue: 0x10)
    /// Version 2: opaque LSAs are understood (RFC 5250 §2).
    package static let opaque = OSPFOptions(rawValue: 0x40)
    /// Version 2, in LSAs: the route came out of a VPN and must not go back (RFC 4576 §2).
    package static let down = OSPFOptions(rawValue: 0x80)
}
