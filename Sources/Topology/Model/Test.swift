// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A step of a lab's tests: an event (or none), what may be lost around it, and checks that hold
/// afterwards.
package struct Test: Hashable, Sendable {
    package var name: String
    package var events: [LabEvent]
    /// Probes that run from before the events until the checks have passed.
    package var outages: [OutageLimit]
    /// What may pass on links, from before the events until the checks have passed.
    package var wires: [WireLimit]
    package var checks: [Check]
    package var place: Place

    package init(
        name: String, events: [LabEvent] = [], outages: [OutageLimit] = [],
        wires: [WireLimit] = [], checks: [Check], place: Place
    ) {
        self.name = name
        self.events = events
        self.outages = outages
        self.wires = wires
        self.checks = checks
        self.place = place
    }
}

/// Something done to a running lab.
package enum LabEvent: Hashable, Sendable {
    case deactivate(node: String, vrf: String?, neighbor: IPAddress)
    case activate(node: String, vrf: String?, neighbor: IPAddress)
    /// The cable is pulled: both ends of a link (or all of a LAN's, or one node's end) lose
    /// carrier.
    case linkDown(LinkTarget)
    case linkUp(LinkTarget)
    /// What an end of a link or LAN sends, or all ends, is delayed, lost or slowed down from now
    /// on; what an earlier impairment of the same end said is forgotten.
    case impair(LinkTarget, Impairment)
    /// No more.
    case repair(LinkTarget)
    /// The router's process dies without a goodbye: its kernel closes its connections, then its
    /// links lose carrier. A box that falls silent is its links going down.
    case kill(node: String)
    /// The router says goodbye (Cease, VRRP priority 0), then as `kill`.
    case stop(node: String)
    /// A killed or stopped node comes back.
    case start(node: String)
    /// The node's IKE daemon replaces the associations with a peer by new ones, both living until
    /// the change is made.
    case rekey(node: String, peer: String)

    /// A whole link or LAN by name, or one node's end of it.
    package struct LinkTarget: Hashable, Sendable {
        package var link: String
        package var node: String?

        package init(link: String, node: String? = nil) {
            self.link = link
            self.node = node
        }
    }
}

/// How much may be lost between two nodes during a step, by probes every few milliseconds.
package struct OutageLimit: Hashable, Sendable {
    package var from: String
    package var vrf: String?
    package var source: IPAddress?
    package var to: IPAddress
    /// Longest time without an answer; zero means that no probe may be lost.
    package var below: Duration
    package var interval: Duration
    package var place: Place

    package init(
        from: String, vrf: String? = nil, source: IPAddress? = nil, to: IPAddress,
        below: Duration, interval: Duration = .milliseconds(5), place: Place
    ) {
        self.from = from
        self.vrf = vrf
        self.source = source
        self.to = to
        self.below = below
        self.interval = interval
        self.place = place
    }
}

/// One assertion, with the time that it may take to become true.
package struct Check: Hashable, Sendable {
    package var kind: Kind
    /// How long to wait for it.
    package var within: Duration
    package var place: Place

    package init(kind: Kind, within: Duration = .seconds(30), place: Place) {
        self.kind = kind
        self.within = within
        self.place = place
    }

    package enum Kind: Hashable, Sendable {
        /// Every one of `count` echo requests is answered.
        case ping(Probe, count: Int)
        /// No echo request is answered.
        case unreachable(Probe)
        /// Exactly these hops, the destination last. nil stands for a hop that does not answer.
        case traceroute(Probe, hops: [IPAddress?])
        case route(RouteCheck)
        /// Exactly, or at least, these prefixes are received from (advertised to) a neighbor.
        case received(NeighborRoutesCheck)
        case advertised(NeighborRoutesCheck)
        /// A session's state, e.g. `established`.
        case bgp(node: String, vrf: String?, neighbor: IPAddress, state: String)
        case vrrp(
            node: String, interface: String, group: UInt8, family: AddressFamily, state: String,
            virtualAddresses: [IPAddress])
        case kernelRoute(KernelRouteCheck)
        /// An echo request of exactly `mtu` octets, IP header included, that must not be fragmented
        /// is answered; one octet more is refused with that MTU (RFC 1191, RFC 8201).
        case pathMTU(Probe, mtu: UInt32)
        /// Neighbors of a routing protocol, or BFD's sessions.
        case adjacency(AdjacencyCheck)
        /// A way that OSPF has found.
        case ospfRoute(OSPFRouteCheck)
        /// Exactly these endpoints of a transport on a node, by overlay address, in any order.
        case endpoints(node: String, transport: String, endpoints: [IPAddress])
        /// The state of a node's security associations with a peer: `up`, `down` (none, or the peer
        /// does not answer), `failing` (packets arrive that do not authenticate).
        case ipsec(node: String, peer: String, state: String)
    }
}

/// What may pass on a link during a step, as a capture of all packets in both directions sees it.
/// ARP, neighbor and router discovery, multicast listener reports and IPv6's own solicitations are
/// the link's own business and always allowed.
package struct WireLimit: Hashable, Sendable {
    /// The name of a link.
    package var link: String
    /// Only packets of these kinds may pass; nil allows all.
    package var only: [PacketKind]?
    /// At least one packet of each of these kinds must pass, so that silence proves nothing.
    package var some: [PacketKind]
    /// The bottom labels that MPLS packets, in GRE or not, may have; nil allows all.
    package var labels: [Label]?
    /// No packet may be read that is from or to one of these: it must be under encryption.
    package var never: [IPPrefix]
    package var place: Place

    package init(
        link: String, only: [PacketKind]? = nil, some: [PacketKind] = [],
        labels: [Label]? = nil, never: [IPPrefix] = [], place: Place
    ) {
        self.link = link
        self.only = only
        self.some = some
        self.labels = labels
        self.never = never
        self.place = place
    }
}

/// Where a probe starts and ends.
package struct Probe: Hashable, Sendable {
    package var from: String
    package var vrf: String?
    package var source: IPAddress?
    package var to: IPAddress

    package init(from: String, vrf: String? = nil, source: IPAddress? = nil, to: IPAddress) {
        self.from = from
        self.vrf = vrf
        self.source = source
        self.to = to
    }
}

/// A route of a router's table. Without `paths`, the attributes are those of the active path.
package struct RouteCheck: Hashable, Sendable {
    package var node: String
    package var vrf: String?
    package var prefix: IPPrefix
    /// false: the prefix must not be there.
    package var isPresent: Bool
    package var active: PathExpectation
    /// All paths, active first; nil leaves the others unchecked.
    package var paths: [PathExpectation]?

    package init(
        node: String, vrf: String? = nil, prefix: IPPrefix, isPresent: Bool = true,
        active: PathExpectation = PathExpectation(), paths: [PathExpectation]? = nil
    ) {
        self.node = node
        self.vrf = vrf
        self.prefix = prefix
        self.isPresent = isPresent
        self.active = active
        self.paths = paths
    }
}

/// What a path must look like; nil fields are not looked at. Text forms are those of
/// `Query.routes`.
package struct PathExpectation: Hashable, Sendable {
    package var source: RouteSource?
    package var nextHop: IPAddress?
    package var interface: String?
    /// The neighbor it was learned from.
    package var from: IPAddress?
    package var med: UInt32?
    package var localPreference: UInt32?
    package var asPath: String?
    package var originator: IPv4Address?
    /// Exactly these, in any order.
    package var communities: [AnyCommunity]?
    package var vpnLabel: Label?
    /// The labels pushed, top first.
    package var labels: [Label]?
    /// The transport that carries it.
    package var transport: String?
    /// Text that the deciding reason must contain.
    package var reason: String?

    package init(
        source: RouteSource? = nil, nextHop: IPAddress? = nil, interface: String? = nil,
        from: IPAddress? = nil, med: UInt32? = nil, localPreference: UInt32? = nil,
        asPath: String? = nil, originator: IPv4Address? = nil, communities: [AnyCommunity]? = nil,
        vpnLabel: Label? = nil, labels: [Label]? = nil, transport: String? = nil,
        reason: String? = nil
    ) {
        self.source = source
        self.nextHop = nextHop
        self.interface = interface
        self.from = from
        self.med = med
        self.localPreference = localPreference
        self.asPath = asPath
        self.originator = originator
        self.communities = communities
        self.vpnLabel = vpnLabel
        self.labels = labels
        self.transport = transport
        self.reason = reason
    }
}

/// The routes that cross a session in one direction.
package struct NeighborRoutesCheck: Hashable, Sendable {
    package var node: String
    package var vrf: String?
    package var neighbor: IPAddress
    package var prefixes: [IPPrefix]
    /// No other prefix may be there.
    package var isExact: Bool
    /// Of every route.
    package var med: UInt32?
    package var asPath: String?

    package init(
        node: String, vrf: String? = nil, neighbor: IPAddress, prefixes: [IPPrefix],
        isExact: Bool = true, med: UInt32? = nil, asPath: String? = nil
    ) {
        self.node = node
        self.vrf = vrf
        self.neighbor = neighbor
        self.prefixes = prefixes
        self.isExact = isExact
        self.med = med
        self.asPath = asPath
    }
}

/// A route in the kernel's own table, as iproute2 would show it.
package struct KernelRouteCheck: Hashable, Sendable {
    package var node: String
    package var vrf: String?
    package var prefix: IPPrefix
    package var isPresent: Bool
    package var via: IPAddress?
    package var interface: String?
    /// The labels pushed, top first.
    package var labels: [Label]?

    package init(
        node: String, vrf: String? = nil, prefix: IPPrefix, isPresent: Bool = true,
        via: IPAddress? = nil, interface: String? = nil, labels: [Label]? = nil
    ) {
        self.node = node
        self.vrf = vrf
        self.prefix = prefix
        self.isPresent = isPresent
        self.via = via
        self.interface = interface
        self.labels = labels
    }
}
