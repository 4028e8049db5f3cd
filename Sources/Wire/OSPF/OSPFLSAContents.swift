// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What an LSA says (RFC 2328 §A.4, RFC 5340 §A.4). Where the versions say the same with other
/// octets, it is one value.
package enum OSPFLSAContents: Hashable, Sendable {
    case router(OSPFRouterLSA)
    case network(OSPFNetworkLSA)
    case interAreaPrefix(OSPFInterAreaPrefixLSA)
    case interAreaRouter(OSPFInterAreaRouterLSA)
    case external(OSPFExternalLSA)
    case link(OSPFLinkLSA)
    case intraAreaPrefix(OSPFIntraAreaPrefixLSA)
    /// Of a type that we do not know.
    case unknown

    /// The LS type; none for `unknown`.
    package var type: OSPFLSAType? {
        switch self {
        case .router: .router
        case .network: .network
        case .interAreaPrefix: .interAreaPrefix
        case .interAreaRouter: .interAreaRouter
        case .external: .external
        case .link: .link
        case .intraAreaPrefix: .intraAreaPrefix
        case .unknown: nil
        }
    }
}

/// Router-LSA: the links of a router in an area.
package struct OSPFRouterLSA: Hashable, Sendable {
    package var flags: Flags
    /// Of version 3; empty in version 2, whose options are in the header.
    package var options: OSPFOptions
    package var links: [Link]

    package init(flags: Flags = [], options: OSPFOptions = [], links: [Link] = []) {
        self.flags = flags
        self.options = options
        self.links = links
    }

    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// B: an area border router.
        package static let border = Flags(rawValue: 1)
        /// E: an AS boundary router.
        package static let boundary = Flags(rawValue: 2)
        /// V: an endpoint of a virtual link.
        package static let virtualLink = Flags(rawValue: 4)
    }

    package enum LinkType: UInt8, Hashable, Sendable {
        case pointToPoint = 1
        case transit = 2
        /// Version 2 only.
        case stub = 3
        case virtual = 4
    }

    package struct Link: Hashable, Sendable {
        package var type: LinkType
        package var metric: UInt16
        /// Version 2: Link ID. Version 3: Neighbor Router ID.
        package var linkID: IPv4Address
        /// Version 2: Link Data, an own address or a stub's mask. Version 3: the own Interface ID.
        package var data: UInt32
        /// Version 3 only; 0 in version 2.
        package var neighborInterfaceID: UInt32

        package init(
            _ type: LinkType, metric: UInt16, linkID: IPv4Address, data: UInt32,
            neighborInterfaceID: UInt32 = 0
        ) {
            self.type = type
            self.metric = metric
            self.linkID = linkID
            self.data = data
            self.neighborInterfaceID = neighborInterfaceID
        }
    }
}

/// Network-LSA: the routers of a transit network, told by its Designated Router.
package struct OSPFNetworkLSA: Hashable, Sendable {
    /// The network, of version 2.
    package var prefix: IPPrefix?
    /// Of version 3; empty in version 2.
    package var options: OSPFOptions
    /// Router IDs.
    package var routers: [IPv4Address]

    package init(
        prefix: IPPrefix? = nil, options: OSPFOptions = [], routers: [IPv4Address]
    ) {
        self.prefix = prefix
        self.options = options
        self.routers = routers
    }
}

/// Inter-Area-Prefix-LSA, in version 2 Summary-LSA type 3.
package struct OSPFInterAreaPrefixLSA: Hashable, Sendable {
    /// 24 bits.
    package var metric: UInt32
    /// In version 2 its address is the Link State ID's, and the options are empty.
    package var prefix: IPPrefix
    package var options: OSPFPrefixOptions

    package init(metric: UInt32, prefix: IPPrefix, options: OSPFPrefixOptions = []) {
        self.metric = metric
        self.prefix = prefix
        self.options = options
    }
}

/// Inter-Area-Router-LSA, in version 2 Summary-LSA type 4.
package struct OSPFInterAreaRouterLSA: Hashable, Sendable {
    /// 24 bits.
    package var metric: UInt32
    /// Of version 3; empty in version 2.
    package var options: OSPFOptions
    /// The AS boundary router; in version 2 the Link State ID.
    package var router: IPv4Address

    package init(metric: UInt32, options: OSPFOptions = [], router: IPv4Address) {
        self.metric = metric
        self.options = options
        self.router = router
    }
}

/// AS-External-LSA.
package struct OSPFExternalLSA: Hashable, Sendable {
    /// The E-bit: a type 2 metric, larger than any path's.
    package var isType2: Bool
    /// 24 bits.
    package var metric: UInt32
    /// In version 2 its address is the Link State ID's, and the options are empty.
    package var prefix: IPPrefix
    package var options: OSPFPrefixOptions
    /// Where packets go instead of to the advertising router.
    package var forwardingAddress: IPAddress?
    /// External Route Tag. Version 3 may have none, which is 0 here.
    package var tag: UInt32

    package init(
        isType2: Bool, metric: UInt32, prefix: IPPrefix, options: OSPFPrefixOptions = [],
        forwardingAddress: IPAddress? = nil, tag: UInt32 = 0
    ) {
        self.isType2 = isType2
        self.metric = metric
        self.prefix = prefix
        self.options = options
        self.forwardingAddress = forwardingAddress
        self.tag = tag
    }
}

/// Link-LSA of version 3: what a router tells the others on a link.
package struct OSPFLinkLSA: Hashable, Sendable {
    package var priority: UInt8
    package var options: OSPFOptions
    /// The next hop for those on the link.
    package var linkLocal: IPAddress
    package var prefixes: [OSPFPrefix]

    package init(
        priority: UInt8, options: OSPFOptions, linkLocal: IPAddress, prefixes: [OSPFPrefix]
    ) {
        self.priority = priority
        self.options = options
        self.linkLocal = linkLocal
        self.prefixes = prefixes
    }
}

/// Intra-Area-Prefix-LSA of version 3: the prefixes of a router or of a transit network.
package struct OSPFIntraAreaPrefixLSA: Hashable, Sendable {
    /// The Router- or Network-LSA whose prefixes these are.
    package var reference: OSPFLSAKey
    package var prefixes: [OSPFPrefix]

    package init(reference: OSPFLSAKey, prefixes: [OSPFPrefix]) {
        self.reference = reference
        self.prefixes = prefixes
    }
}

/// A prefix of a Link- or Intra-Area-Prefix-LSA.
package struct OSPFPrefix: Hashable, Sendable {
    package var prefix: IPPrefix
    package var options: OSPFPrefixOptions
    /// Of Intra-Area-Prefix-LSAs; 0 in Link-LSAs.
    package var metric: UInt16

    package init(_ prefix: IPPrefix, options: OSPFPrefixOptions = [], metric: UInt16 = 0) {
        self.prefix = prefix
        self.options = options
        self.metric = metric
    }
}

/// PrefixOptions of version 3 (RFC 5340 §A.4.1.1).
package struct OSPFPrefixOptions: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// NU: not for unicast calculations.
    package static let noUnicast = OSPFPrefixOptions(rawValue: 0x01)
    /// LA: an interface address of the advertising router.
    package static let localAddress = OSPFPrefixOptions(rawValue: 0x02)
    /// DN: the route came out of a VPN and must not go back (RFC 6565 §4.5.1).
    package static let down = OSPFPrefixOptions(rawValue: 0x10)
}
