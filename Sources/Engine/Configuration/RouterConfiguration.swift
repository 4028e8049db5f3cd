// SPDX-License-Identifier: Apache-2.0

import Primitives

/// All that one router is told before it starts. The engine's own type: never the topology's.
package struct RouterConfiguration: Hashable, Sendable {
    /// The node's name.
    package var name: String
    package var routerID: IPv4Address
    /// nil where no BGP is configured.
    package var autonomousSystem: ASNumber?
    /// The cluster that this route reflector serves (RFC 4456 §8); the router ID where nil.
    package var clusterID: IPv4Address?
    package var interfaces: [InterfaceConfiguration]
    package var vrfs: [VRFConfiguration]
    package var staticRoutes: [StaticRouteConfiguration]
    /// Label switched paths through the core and point-to-point tunnels, by destination.
    package var tunnels: [TunnelConfiguration]
    /// What carries labelled packets to remote PEs, besides label switched paths.
    package var transports: [TransportConfiguration]
    /// Which transport carries VPN routes to a next hop, where neither policy nor the route itself
    /// says.
    package var transportChoice: TransportChoice
    /// Transit entries of those paths.
    package var labelSwitches: [LabelSwitchConfiguration]
    /// Where labels for VRFs are allocated from.
    package var labelRange: ClosedRange<Label>
    package var neighbors: [NeighborConfiguration]
    /// IS-IS, OSPF, RIP and LDP; one of each protocol and VRF.
    package var protocols: [RoutingConfiguration]
    package var vrrpGroups: [VRRPConfiguration]
    package var routerAdvertisements: [RouterAdvertisementConfiguration]
    package var policies: [Policy]

    package init(
        name: String, routerID: IPv4Address, autonomousSystem: ASNumber? = nil,
        clusterID: IPv4Address? = nil, interfaces: [InterfaceConfiguration] = [],
        vrfs: [VRFConfiguration] = [], staticRoutes: [StaticRouteConfiguration] = [],
        tunnels: [TunnelConfiguration] = [], transports: [TransportConfiguration] = [],
        transportChoice: TransportChoice = TransportChoice(),
        labelSwitches: [LabelSwitchConfiguration] = [],
        labelRange: ClosedRange<Label> = Label(16)...Label(999),
        neighbors: [NeighborConfiguration] = [], protocols: [RoutingConfiguration] = [],
        vrrpGroups: [VRRPConfiguration] = [],
        routerAdvertisements: [RouterAdvertisementConfiguration] = [], policies: [Policy] = []
    ) {
        self.name = name
        self.routerID = routerID
        self.autonomousSystem = autonomousSystem
        self.clusterID = clusterID
        self.interfaces = interfaces
        self.vrfs = vrfs
        self.staticRoutes = staticRoutes
        self.tunnels = tunnels
        self.transports = transports
        self.transportChoice = transportChoice
        self.labelSwitches = labelSwitches
        self.labelRange = labelRange
        self.neighbors = neighbors
        self.protocols = protocols
        self.vrrpGroups = vrrpGroups
        self.routerAdvertisements = routerAdvertisements
        self.policies = policies
    }

    /// The links on which labelled packets arrive, in order.
    package var labelLinks: [String] {
        let core = interfaces.filter(\.carriesMPLS).map(\.name)
        let multipoint = transports.compactMap {
            if case .mgre(let interface) = $0.encapsulation { interface } else { nil }
        }
        return Set(core + tunnels.map(\.nextHop.interface) + multipoint).sorted()
    }
}

/// An interface with its addresses: `lo`, a VRF device (whose addresses are the VRF's loopbacks),
/// a link to another node, or a tunnel, which needs no address.
package struct InterfaceConfiguration: Hashable, Sendable {
    /// The kernel's name for it, which link events carry.
    package var name: String
    /// nil is the default VRF.
    package var vrf: String?
    package var addresses: [InterfaceAddress]
    /// `lo` and VRF devices: always up, and never a way to a neighbour.
    package var isLoopback: Bool
    /// Whether labelled packets arrive here.
    package var carriesMPLS: Bool

    package init(
        name: String, vrf: String? = nil, addresses: [InterfaceAddress], isLoopback: Bool = false,
        carriesMPLS: Bool = false
    ) {
        self.name = name
        self.vrf = vrf
        self.addresses = addresses
        self.isLoopback = isLoopback
        self.carriesMPLS = carriesMPLS
    }
}

/// A VPN routing and forwarding table (RFC 4364 §3).
package struct VRFConfiguration: Hashable, Sendable {
    package var name: String
    /// The kernel's table number.
    package var table: UInt32
    /// The VRF device's name.
    package var device: String
    /// A dummy link of the VRF to which decapsulated packets are redirected; see KernelObjects.
    package var popDevice: String
    package var routeDistinguisher: RouteDistinguisher
    /// A route is imported that carries any of these.
    package var importTargets: [ExtendedCommunity]
    /// Put on every exported route.
    package var exportTargets: [ExtendedCommunity]
    /// Policies between the VPN table and the VRF (Junos: vrf-import, vrf-export), after the
    /// targets. With none, everything with a matching target comes in, and active direct, static
    /// and BGP routes go out.
    package var importPolicy: [String]
    package var exportPolicy: [String]
    /// The preferred source of VPN routes in the kernel, per family: what this PE answers from as
    /// a traceroute hop.
    package var sourceAddresses: [IPAddress]

    package init(
        name: String, table: UInt32, device: String, popDevice: String,
        routeDistinguisher: RouteDistinguisher, importTargets: [ExtendedCommunity],
        exportTargets: [ExtendedCommunity], importPolicy: [String] = [],
        exportPolicy: [String] = [], sourceAddresses: [IPAddress] = []
    ) {
        self.name = name
        self.table = table
        self.device = device
        self.popDevice = popDevice
        self.routeDistinguisher = routeDistinguisher
        self.importTargets = importTargets
        self.exportTargets = exportTargets
        self.importPolicy = importPolicy
        self.exportPolicy = exportPolicy
        self.sourceAddresses = sourceAddresses
    }
}

/// A configured route, or one that the plan computed over the core.
package struct StaticRouteConfiguration: Hashable, Sendable {
    package var vrf: String?
    package var prefix: IPPrefix
    /// A gateway on a connected subnet, or nil to discard (blackhole).
    package var gateway: IPAddress?
    /// `.static`, or `.core` for what the plan computed.
    package var source: RouteSource
    /// Interior cost, which BGP's decision compares (RFC 4271 §9.1.2.2 e); 0 for static routes.
    package var metric: UInt32
    /// The route goes while the session to its gateway is down after it was up.
    package var bfd: BFDParameters?

    package init(
        vrf: String? = nil, prefix: IPPrefix, gateway: IPAddress?, source: RouteSource = .static,
        metric: UInt32 = 0, bfd: BFDParameters? = nil
    ) {
        self.vrf = vrf
        self.prefix = prefix
        self.gateway = gateway
        self.source = source
        self.metric = metric
        self.bfd = bfd
    }
}

/// A way to a remote PE for labelled packets: an entry of the table in which VPN next hops are
/// resolved (Junos: inet.3). Static LSPs and point-to-point GRE tunnels fill it from configuration;
/// signalled paths will fill the same table.
package struct TunnelConfiguration: Hashable, Sendable {
    /// `TransportConfiguration.mpls`, or the name of a point-to-point transport.
    package var transport: String
    /// The forwarding equivalence class: a PE's loopback.
    package var destination: IPPrefix
    package var nextHop: LabelledNextHop
    /// Interior cost.
    package var metric: UInt32

    package init(
        transport: String = TransportConfiguration.mpls, destination: IPPrefix,
        nextHop: LabelledNextHop, metric: UInt32
    ) {
        self.transport = transport
        self.destination = destination
        self.nextHop = nextHop
        self.metric = metric
    }
}

/// A gateway on an interface and the labels to push, top first; none towards a penultimate hop's
/// neighbour.
package struct LabelledNextHop: Hashable, Sendable {
    package var gateway: IPAddress
    package var interface: String
    package var labels: [Label]

    package init(gateway: IPAddress, interface: String, labels: [Label]) {
        self.gateway = gateway
        self.interface = interface
        self.labels = labels
    }
}

/// Swap (or, with no outgoing label, pop) on the way to a forwarding equivalence class.
package struct LabelSwitchConfiguration: Hashable, Sendable {
    package var label: Label
    package var destination: IPPrefix
    package var nextHop: LabelledNextHop

    package init(label: Label, destination: IPPrefix, nextHop: LabelledNextHop) {
        self.label = label
        self.destination = destination
        self.nextHop = nextHop
    }
}
