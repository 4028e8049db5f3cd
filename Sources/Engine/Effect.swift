// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a router wants done, in this order.
///
/// Order matters: a forwarding entry stands before the message that advertises it, and a withdrawal
/// before the removal of what it withdraws.
package enum Effect: Hashable, Sendable {
    /// Open a TCP connection to a peer: to a BGP neighbor from its configured local address in its
    /// VRF, to an LDP peer from the LSR identifier.
    case connect(ConnectionID, ConnectionPeer)
    case send(ConnectionID, [UInt8])
    /// Send what is queued, then close. No event follows.
    case close(ConnectionID)
    /// Replaces a timer of the same identity.
    case arm(TimerID, at: Instant)
    case cancel(TimerID)
    case forwarding(ForwardingChange)
    case vrrp(VRRPEffect)
    /// Multicast a router advertisement to all nodes by a device, from its link-local address; hop
    /// limit 255.
    case routerAdvertisement(device: String, source: IPAddress, payload: [UInt8])
    case packet(RoutingPacket)
    case report(Report)
}

/// A change to the forwarding tables. The runtime keeps the desired state and reconciles.
package enum ForwardingChange: Hashable, Sendable {
    case setRoute(ForwardingRoute)
    case removeRoute(vrf: String?, prefix: IPPrefix)
    case setLabel(Label, LabelAction)
    case removeLabel(Label)
    /// A remote PE can be reached by a multipoint tunnel. Stands before the first route that uses
    /// it, and goes after the last.
    case setEndpoint(TunnelEndpoint)
    case removeEndpoint(interface: String, overlay: IPAddress)
    /// Routes that point to the group go this way from now on. Stands before the first such route,
    /// and before all that an event leads to besides.
    case setGroup(ForwardingGroup)
    /// No route points to it any more.
    case removeGroup(ForwardingGroup.ID)
}

/// A remote end of a multipoint tunnel (Cisco: show tunnel endpoints).
package struct TunnelEndpoint: Hashable, Sendable {
    /// The tunnel's device.
    package var interface: String
    /// The gateway of the routes that use it: their BGP next hop.
    package var overlay: IPAddress
    /// Where encapsulated packets are sent.
    package var transport: IPv4Address

    package init(interface: String, overlay: IPAddress, transport: IPv4Address) {
        self.interface = interface
        self.overlay = overlay
        self.transport = transport
    }
}

package struct ForwardingRoute: Hashable, Sendable {
    package var vrf: String?
    package var prefix: IPPrefix
    /// Several share the packets; none discards, unless there is a group.
    package var nextHops: [ForwardingNextHop]
    /// The group whose next hops it uses, in the place of its own.
    package var group: ForwardingGroup.ID?
    /// Preferred source for packets that this router itself sends.
    package var source: IPAddress?

    package init(
        vrf: String?, prefix: IPPrefix, nextHops: [ForwardingNextHop] = [],
        group: ForwardingGroup.ID? = nil, source: IPAddress? = nil
    ) {
        self.vrf = vrf
        self.prefix = prefix
        self.nextHops = nextHops
        self.group = group
        self.source = source
    }
}

/// Next hops that many routes share, so that one change moves all of them.
package struct ForwardingGroup: Hashable, Sendable {
    /// Never used for another group in a router's life.
    package struct ID: Hashable, Sendable, Comparable {
        package var number: UInt32

        package init(_ number: UInt32) { self.number = number }

        package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
    }

    package var id: ID
    /// Of the routes that point to it.
    package var family: AddressFamily
    /// Several share the packets; none discards.
    package var nextHops: [ForwardingNextHop]
    /// What carries the packets when the links of all next hops are lost, before this router has
    /// said so.
    package var backup: [ForwardingNextHop]

    package init(
        id: ID, family: AddressFamily, nextHops: [ForwardingNextHop],
        backup: [ForwardingNextHop] = []
    ) {
        self.id = id
        self.family = family
        self.nextHops = nextHops
        self.backup = backup
    }
}

package struct ForwardingNextHop: Hashable, Sendable {
    package var gateway: IPAddress
    package var interface: String
    /// Labels to push, top first.
    package var labels: [Label]

    package init(gateway: IPAddress, interface: String, labels: [Label] = []) {
        self.gateway = gateway
        self.interface = interface
        self.labels = labels
    }
}

package enum LabelAction: Hashable, Sendable {
    /// Swap for the next hop's labels, or pop where it has none.
    case forward([ForwardingNextHop])
    /// Pop and look up in a VRF. A label stands for one family, as the packet below it does not
    /// say which it is.
    case lookUp(vrf: String, family: AddressFamily)
}

package enum VRRPEffect: Hashable, Sendable {
    /// Multicast an advert on `interface` from `source`, by way of `device` so that it carries the
    /// virtual MAC address; hop limit 255.
    case send(
        interface: String, device: String, source: IPAddress, payload: [UInt8])
    /// Bring the device up, put the addresses on it, and send gratuitous ARP (or unsolicited
    /// neighbor advertisements) for each.
    case takeOver(device: String, addresses: [IPAddress])
    /// Take the addresses off and the device down.
    case release(device: String, addresses: [IPAddress])
}

/// Something that an onlooker may wait for. Reports carry no decision: they wake whoever watches.
package enum Report: Hashable, Sendable {
    case session(NeighborKey, state: String, reason: String?)
    /// The paths to a prefix changed, or a neighbor's route that is kept out of the table. Changes
    /// in the VPN table are told as of the default VRF.
    case route(vrf: String?, prefix: IPPrefix)
    case vrrp(interface: String, group: UInt8, state: String)
    /// An interface of the configuration gained or lost its carrier.
    case link(interface: String, isUp: Bool)
    /// What a routing protocol thinks of a neighbor: `up`, or `down` with the reason.
    case adjacency(
        RoutingProtocolID, interface: String?, neighbor: String, state: String, reason: String?)
    /// A message that could not be taken as it was, and what was done about it (RFC 7606).
    case malformed(NeighborKey, String)
}
