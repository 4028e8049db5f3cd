// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A validated lab: every name resolved, every default filled in, nothing left to look up.
package struct Topology: Hashable, Sendable {
    /// The lab's name: letters, digits, '-', '_' and '.'.
    package var name: String
    /// One line for people; may be empty.
    package var description: String
    /// In the file's order.
    package var nodes: [Node]
    package var links: [TopologyLink]
    package var lans: [LAN]
    package var core: Core
    /// Of the file's own; label switched paths have no entry.
    package var transports: [Transport]
    package var ipsecProfiles: [IPsecProfile]
    package var policies: [Policy]
    package var tests: [Test]

    package init(
        name: String, description: String = "", nodes: [Node] = [], links: [TopologyLink] = [],
        lans: [LAN] = [], core: Core = Core(), transports: [Transport] = [],
        ipsecProfiles: [IPsecProfile] = [], policies: [Policy] = [], tests: [Test] = []
    ) {
        self.name = name
        self.description = description
        self.nodes = nodes
        self.links = links
        self.lans = lans
        self.core = core
        self.transports = transports
        self.ipsecProfiles = ipsecProfiles
        self.policies = policies
        self.tests = tests
    }

    package func node(_ name: String) -> Node? { nodes.first { $0.name == name } }
}

/// A namespace with a router in it.
package struct Node: Hashable, Sendable {
    package var name: String
    package var role: Role
    /// Of the default VRF, on `lo`; host prefixes.
    package var loopbacks: [IPAddress]
    package var routerID: IPv4Address
    package var interfaces: [Interface]
    package var vrfs: [VRF]
    /// Of the default VRF.
    package var staticRoutes: [StaticRoute]
    package var bgp: BGP?
    package var vrrpGroups: [VRRPGroup]
    /// Of the signalled core.
    package var isis: ISIS?
    /// Of the signalled core, and with customers: one at most of each version in a VRF.
    package var ospf: [OSPF] = []
    /// One at most of each version in a VRF.
    package var rip: [RIP] = []
    package var ldp: LDP?
    /// What routes on it.
    package var engine = Engine.weft
    /// Where the node stands in the file.
    package var place: Place

    package enum Engine: String, Hashable, Sendable, CaseIterable {
        /// Our own.
        case weft
        /// The daemons of FRR.
        case frr
    }

    package enum Role: String, Hashable, Sendable, CaseIterable {
        /// Provider edge: VRFs, labels, VPN routes.
        case pe
        /// Provider: labels only.
        case p
        /// Customer edge.
        case ce
        /// Route reflector without customers; a PE that reflects is a `pe` with a cluster ID.
        case rr
        /// An end system: static routes only, does not forward.
        case host

        /// Belongs to the provider's core: takes part in its paths.
        package var isProvider: Bool { self == .pe || self == .p || self == .rr }
    }

    package init(
        name: String, role: Role, loopbacks: [IPAddress] = [], routerID: IPv4Address,
        interfaces: [Interface] = [], vrfs: [VRF] = [], staticRoutes: [StaticRoute] = [],
        bgp: BGP? = nil, vrrpGroups: [VRRPGroup] = [], place: Place
    ) {
        self.name = name
        self.role = role
        self.loopbacks = loopbacks
        self.routerID = routerID
        self.interfaces = interfaces
        self.vrfs = vrfs
        self.staticRoutes = staticRoutes
        self.bgp = bgp
        self.vrrpGroups = vrrpGroups
        self.place = place
    }

    /// What tunnels to and from this node have as its address.
    package var tunnelSource: IPv4Address? { loopbacks.lazy.compactMap(\.v4).first }

    package func vrf(_ name: String) -> VRF? { vrfs.first { $0.name == name } }
    package func interface(_ name: String) -> Interface? { interfaces.first { $0.name == name } }
}

/// A node's end of a link or LAN.
package struct Interface: Hashable, Sendable {
    /// The kernel's name for the addressed interface: `eth1`, or `eth1.105` with a VLAN.
    package var name: String
    /// The physical link below: `eth1`. The same as `name` without a VLAN.
    package var device: String
    /// IEEE 802.1Q identifier, 1 to 4094.
    package var vlan: UInt16?
    package var addresses: [InterfaceAddress]
    /// nil is the default VRF.
    package var vrf: String?
    /// IP MTU in octets.
    package var mtu: UInt32
    /// Inside of a provider: all ends are its nodes, and the interface is in no VRF.
    package var isCore: Bool
    /// Whether labelled packets arrive here.
    package var isLabelled: Bool
    /// Routers advertise themselves in IPv6 (RFC 4861), and hosts without a static IPv6 default
    /// route learn it from them.
    package var hasRouterAdvertisements: Bool

    package init(
        name: String, device: String, vlan: UInt16? = nil, addresses: [InterfaceAddress] = [],
        vrf: String? = nil, mtu: UInt32 = 1500, isCore: Bool = false, isLabelled: Bool = false,
        hasRouterAdvertisements: Bool = false
    ) {
        self.name = name
        self.device = device
        self.vlan = vlan
        self.addresses = addresses
        self.vrf = vrf
        self.mtu = mtu
        self.isCore = isCore
        self.isLabelled = isLabelled
        self.hasRouterAdvertisements = hasRouterAdvertisements
    }
}

/// An interface by node and interface name.
package struct Endpoint: Hashable, Sendable {
    package var node: String
    /// `Interface.name`.
    package var interface: String

    package init(node: String, interface: String) {
        self.node = node
        self.interface = interface
    }
}

/// A point-to-point link.
package struct TopologyLink: Hashable, Sendable {
    /// `juno-luna`, with `-2` and so on for parallel links; unique among links and LANs.
    package var name: String
    package var a: Endpoint
    package var b: Endpoint
    package var vlan: UInt16?
    /// Interior cost in both directions.
    package var metric: UInt32

    package init(name: String, a: Endpoint, b: Endpoint, vlan: UInt16? = nil, metric: UInt32 = 10) {
        self.name = name
        self.a = a
        self.b = b
        self.vlan = vlan
        self.metric = metric
    }
}

/// A segment that several nodes share: a bridge.
package struct LAN: Hashable, Sendable {
    package var name: String
    package var endpoints: [Endpoint]
    package var vlan: UInt16?

    package init(name: String, endpoints: [Endpoint], vlan: UInt16? = nil) {
        self.name = name
        self.endpoints = endpoints
        self.vlan = vlan
    }
}

package struct StaticRoute: Hashable, Sendable {
    package var prefix: IPPrefix
    /// nil discards.
    package var nextHop: IPAddress?
    /// Of the next hop: the route holds while its session is up.
    package var bfd: BFD?

    package init(prefix: IPPrefix, nextHop: IPAddress?, bfd: BFD? = nil) {
        self.prefix = prefix
        self.nextHop = nextHop
        self.bfd = bfd
    }
}

package struct VRF: Hashable, Sendable {
    package var name: String
    package var routeDistinguisher: RouteDistinguisher
    package var importTargets: [ExtendedCommunity]
    package var exportTargets: [ExtendedCommunity]
    package var importPolicy: [String]
    package var exportPolicy: [String]
    /// Addresses on the VRF device.
    package var loopbacks: [IPAddress]
    package var staticRoutes: [StaticRoute]
    package var neighbors: [Neighbor]
    /// What the PE answers from in this VRF; one at most of each family.
    package var sourceAddresses: [IPAddress]

    package init(
        name: String, routeDistinguisher: RouteDistinguisher,
        importTargets: [ExtendedCommunity] = [], exportTargets: [ExtendedCommunity] = [],
        importPolicy: [String] = [], exportPolicy: [String] = [], loopbacks: [IPAddress] = [],
        staticRoutes: [StaticRoute] = [], neighbors: [Neighbor] = [],
        sourceAddresses: [IPAddress] = []
    ) {
        self.name = name
        self.routeDistinguisher = routeDistinguisher
        self.importTargets = importTargets
        self.exportTargets = exportTargets
        self.importPolicy = importPolicy
        self.exportPolicy = exportPolicy
        self.loopbacks = loopbacks
        self.staticRoutes = staticRoutes
        self.neighbors = neighbors
        self.sourceAddresses = sourceAddresses
    }
}

package struct BGP: Hashable, Sendable {
    package var autonomousSystem: ASNumber
    /// Set on a route reflector; its clients are the neighbors marked so.
    package var clusterID: IPv4Address?
    /// Of the default VRF.
    package var neighbors: [Neighbor]

    package init(
        autonomousSystem: ASNumber, clusterID: IPv4Address? = nil, neighbors: [Neighbor] = []
    ) {
        self.autonomousSystem = autonomousSystem
        self.clusterID = clusterID
        self.neighbors = neighbors
    }
}

/// A BGP neighbor; the fields mean what Engine's NeighborConfiguration says of them.
package struct Neighbor: Hashable, Sendable {
    /// The node's name, or the address where the file gives only that.
    package var name: String
    package var address: IPAddress
    package var localAddress: IPAddress
    package var remoteAS: ASNumber
    package var families: [BGPFamily]
    package var isPassive: Bool
    package var password: String?
    /// Seconds.
    package var holdTime: UInt16
    package var isRouteReflectorClient: Bool
    package var isNextHopSelf: Bool
    package var isASOverride: Bool
    package var allowASIn: UInt8
    package var maximumPrefixes: UInt32?
    package var medOut: UInt32?
    /// How many paths to a destination are sent, 0 for the best alone; several are taken. nil where
    /// neither is so (RFC 7911).
    package var addPath: UInt8?
    package var isBestExternal: Bool
    package var importPolicy: [String]
    package var exportPolicy: [String]
    package var multihop: UInt8
    package var bfd: BFD?
    package var isDeactivated: Bool

    package init(
        name: String, address: IPAddress, localAddress: IPAddress, remoteAS: ASNumber,
        families: [BGPFamily], isPassive: Bool = false, password: String? = nil,
        holdTime: UInt16 = 90, isRouteReflectorClient: Bool = false, isNextHopSelf: Bool = false,
        isASOverride: Bool = false, allowASIn: UInt8 = 0, maximumPrefixes: UInt32? = nil,
        medOut: UInt32? = nil, addPath: UInt8? = nil, isBestExternal: Bool = false,
        importPolicy: [String] = [], exportPolicy: [String] = [],
        multihop: UInt8 = 1, bfd: BFD? = nil, isDeactivated: Bool = false
    ) {
        self.name = name
        self.address = address
        self.localAddress = localAddress
        self.remoteAS = remoteAS
        self.families = families
        self.isPassive = isPassive
        self.password = password
        self.holdTime = holdTime
        self.isRouteReflectorClient = isRouteReflectorClient
        self.isNextHopSelf = isNextHopSelf
        self.isASOverride = isASOverride
        self.allowASIn = allowASIn
        self.maximumPrefixes = maximumPrefixes
        self.medOut = medOut
        self.addPath = addPath
        self.isBestExternal = isBestExternal
        self.importPolicy = importPolicy
        self.exportPolicy = exportPolicy
        self.multihop = multihop
        self.bfd = bfd
        self.isDeactivated = isDeactivated
    }
}

package struct VRRPGroup: Hashable, Sendable {
    /// `Interface.name`.
    package var interface: String
    package var group: UInt8
    package var version: UInt8
    /// Of one family; in IPv6 the first is link-local.
    package var virtualAddresses: [IPAddress]
    package var priority: UInt8
    package var preempt: Bool
    package var preemptDelay: Duration
    package var advertisementInterval: Duration
    package var tracks: [Track]

    package var family: AddressFamily { virtualAddresses.first?.family ?? .ipv4 }

    package struct Track: Hashable, Sendable {
        package var object: Object
        package var priorityCost: UInt8

        package enum Object: Hashable, Sendable {
            /// `Interface.name`.
            case interface(String)
            case route(vrf: String?, prefix: IPPrefix)
            case session(vrf: String?, address: IPAddress)
        }

        package init(object: Object, priorityCost: UInt8) {
            self.object = object
            self.priorityCost = priorityCost
        }
    }

    package init(
        interface: String, group: UInt8, version: UInt8 = 3, virtualAddresses: [IPAddress],
        priority: UInt8 = 100, preempt: Bool = true, preemptDelay: Duration = .zero,
        advertisementInterval: Duration = .seconds(1), tracks: [Track] = []
    ) {
        self.interface = interface
        self.group = group
        self.version = version
        self.virtualAddresses = virtualAddresses
        self.priority = priority
        self.preempt = preempt
        self.preemptDelay = preemptDelay
        self.advertisementInterval = advertisementInterval
        self.tracks = tracks
    }
}
