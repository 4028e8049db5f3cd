// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An OSPF router of one VRF: version 2 (RFC 2328) or 3 (RFC 5340).
package struct OSPFConfiguration: Hashable, Sendable {
    /// nil is the default VRF.
    package var vrf: String?
    /// IPv4 is version 2, IPv6 version 3.
    package var family: AddressFamily
    package var routerID: IPv4Address
    package var areas: [OSPFAreaConfiguration]
    package var interfaces: [OSPFInterfaceConfiguration]
    package var throttle: SPFThrottle
    /// Policies by which routes of other sources are told; none tells none.
    package var exportPolicy: [String]
    /// How the metric of those routes is to be read (RFC 2328 §2.3).
    package var externalMetricType: ExternalMetricType
    /// What a provider edge has beyond (RFC 4577, RFC 6565); nil for all others.
    package var providerEdge: ProviderEdge?

    package enum ExternalMetricType: UInt8, Hashable, Sendable {
        /// Of the kind of path costs, and added to them.
        case type1 = 1
        /// Larger than any path's cost.
        case type2 = 2
    }

    package struct ProviderEdge: Hashable, Sendable {
        /// The OSPF domain identifier, an extended community of type 0x0005 or 0x0105, 0x0205.
        package var domainID: ExtendedCommunity?
        /// In external LSAs that come from the VPN; nil is that of RFC 4577 §4.2.5.2.
        package var vpnRouteTag: UInt32?
        package var shamLinks: [ShamLink]

        package init(
            domainID: ExtendedCommunity? = nil, vpnRouteTag: UInt32? = nil,
            shamLinks: [ShamLink] = []
        ) {
            self.domainID = domainID
            self.vpnRouteTag = vpnRouteTag
            self.shamLinks = shamLinks
        }
    }

    /// A link over the VPN between two PEs that counts as one of the area (RFC 4577 §4.2.7).
    package struct ShamLink: Hashable, Sendable {
        /// Host addresses in the VRF, which BGP and not OSPF tells.
        package var local: IPAddress
        package var remote: IPAddress
        package var area: IPv4Address
        package var cost: UInt16

        package init(local: IPAddress, remote: IPAddress, area: IPv4Address, cost: UInt16) {
            self.local = local
            self.remote = remote
            self.area = area
            self.cost = cost
        }
    }

    package init(
        vrf: String? = nil, family: AddressFamily, routerID: IPv4Address,
        areas: [OSPFAreaConfiguration], interfaces: [OSPFInterfaceConfiguration],
        throttle: SPFThrottle = SPFThrottle(), exportPolicy: [String] = [],
        externalMetricType: ExternalMetricType = .type2, providerEdge: ProviderEdge? = nil
    ) {
        self.vrf = vrf
        self.family = family
        self.routerID = routerID
        self.areas = areas
        self.interfaces = interfaces
        self.throttle = throttle
        self.exportPolicy = exportPolicy
        self.externalMetricType = externalMetricType
        self.providerEdge = providerEdge
    }
}

package struct OSPFAreaConfiguration: Hashable, Sendable {
    /// 0.0.0.0 is the backbone.
    package var id: IPv4Address
    package var kind: Kind

    package enum Kind: Hashable, Sendable {
        case normal
        /// No external routes; a default route of this metric instead, from area border routers.
        case stub(defaultMetric: UInt32)
        /// No routes of other areas either.
        case totallyStub(defaultMetric: UInt32)
    }

    package init(id: IPv4Address, kind: Kind = .normal) {
        self.id = id
        self.kind = kind
    }
}

/// An interface on which OSPF runs.
package struct OSPFInterfaceConfiguration: Hashable, Sendable {
    package var interface: String
    /// Of the instance's family, link-local ones too.
    package var addresses: [InterfaceAddress]
    package var area: IPv4Address
    package var isPointToPoint: Bool
    /// Its subnets are told, but there are no neighbors: loopbacks.
    package var isPassive: Bool
    /// 1 to 65535.
    package var cost: UInt16
    /// Of the election of the designated router; 0 takes no part.
    package var priority: UInt8
    package var helloInterval: Duration
    package var deadInterval: Duration
    package var retransmitInterval: Duration
    /// IP MTU, told in database descriptions.
    package var mtu: UInt32
    package var authentication: Authentication?
    package var bfd: BFDParameters?
    /// The cost is the largest until LDP can carry labelled packets (RFC 5443).
    package var isLDPSynchronised: Bool

    package init(
        interface: String, addresses: [InterfaceAddress], area: IPv4Address,
        isPointToPoint: Bool = true, isPassive: Bool = false, cost: UInt16 = 10,
        priority: UInt8 = 1, helloInterval: Duration = .seconds(10),
        deadInterval: Duration = .seconds(40), retransmitInterval: Duration = .seconds(5),
        mtu: UInt32 = 1500, authentication: Authentication? = nil, bfd: BFDParameters? = nil,
        isLDPSynchronised: Bool = false
    ) {
        self.interface = interface
        self.addresses = addresses
        self.area = area
        self.isPointToPoint = isPointToPoint
        self.isPassive = isPassive
        self.cost = cost
        self.priority = priority
        self.helloInterval = helloInterval
        self.deadInterval = deadInterval
        self.retransmitInterval = retransmitInterval
        self.mtu = mtu
        self.authentication = authentication
        self.bfd = bfd
        self.isLDPSynchronised = isLDPSynchronised
    }
}
