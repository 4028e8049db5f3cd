// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Everything that can happen to a router. Together with the configuration and the moments at
/// which they happen, events determine a router's whole life: recorded ones replay as a test.
package enum Event: Hashable, Sendable {
    /// The first event. Interfaces are down until `link` says otherwise; loopbacks are always up.
    case start
    /// An interface gained or lost the ability to forward (administratively up with carrier).
    case link(interface: String, isUp: Bool)
    case connection(ConnectionID, ConnectionEvent)
    /// A VRRP packet as it came from the IP layer: the payload, and what RFC 9568 §7.1 checks.
    case vrrp(interface: String, source: IPAddress, hopLimit: UInt8, payload: [UInt8])
    /// A router solicitation (RFC 4861 §4.1) as it came from the IP layer.
    case routerSolicitation(
        interface: String, source: IPAddress, hopLimit: UInt8, payload: [UInt8])
    /// A timer armed by `Effect.arm` ran out.
    case timer(TimerID)
    /// A packet of a routing protocol.
    case packet(RoutingPacket)
    case command(Command)
}

/// A transport connection, named by whoever opened it. Numbers are never used again.
package struct ConnectionID: Hashable, Sendable, Comparable {
    /// Whether this router opened it; numbers on the two sides are independent.
    package let isOutgoing: Bool
    package let number: UInt64

    package init(isOutgoing: Bool, number: UInt64) {
        self.isOutgoing = isOutgoing
        self.number = number
    }

    package static func < (a: Self, b: Self) -> Bool {
        a.isOutgoing == b.isOutgoing ? a.number < b.number : a.isOutgoing
    }
}

/// Whom a connection is with, and what for.
package enum ConnectionPeer: Hashable, Sendable {
    case bgp(NeighborKey)
    /// A label distribution peer's transport address, in the default VRF.
    case ldp(IPv4Address)
}

package enum ConnectionEvent: Hashable, Sendable {
    /// A peer connected to us. First event of a connection that is not ours.
    case accepted(ConnectionPeer)
    /// Our connect succeeded.
    case connected
    /// Our connect failed.
    case failed(reason: String)
    /// Bytes in order; never empty.
    case received([UInt8])
    /// The other side closed, or the transport broke. The last event of a connection.
    case closed(reason: String)
}

/// What an operator or a test asks of a router.
package enum Command: Hashable, Sendable {
    /// Take a neighbor out of service: Cease, administrative shutdown (RFC 4486), stay down.
    case deactivate(NeighborKey)
    case activate(NeighborKey)
    /// Stop cleanly: Cease to every neighbor, VRRP priority 0.
    case shutDown
    /// Go on under another configuration. Sessions that it leaves as they are stay; others end with
    /// Cease, other configuration change (RFC 4486).
    indirect case reconfigure(RouterConfiguration)
}

/// A timer of this router. Timers of one identity replace each other.
package enum TimerID: Hashable, Sendable, Comparable {
    case connectRetry(NeighborKey)
    case hold(NeighborKey)
    case keepalive(NeighborKey)
    /// A second connection to a neighbor that has not shown who it is (the large hold time of
    /// OpenSent, RFC 4271 §8.2.2).
    case openDelay(ConnectionID)
    case vrrpAdvertisement(VRRPKey)
    case vrrpMasterDown(VRRPKey)
    case vrrpPreempt(VRRPKey)
    /// The next router advertisement by this device.
    case routerAdvertisement(device: String)
    /// A freed label leaves quarantine.
    case labelQuarantine
    /// Due at once: routes are to follow next hops that have moved.
    case resolution
    case routing(RoutingProtocolID, RoutingTimer)

    /// An order that does not depend on hashing.
    package var sortKey: String {
        switch self {
        case .connectRetry(let key): "bgp \(key) connect-retry"
        case .hold(let key): "bgp \(key) hold"
        case .keepalive(let key): "bgp \(key) keepalive"
        case .openDelay(let id): "connection \(id.isOutgoing ? "out" : "in") \(id.number)"
        case .vrrpAdvertisement(let key): "vrrp \(key) advert"
        case .vrrpMasterDown(let key): "vrrp \(key) master-down"
        case .vrrpPreempt(let key): "vrrp \(key) preempt"
        case .routerAdvertisement(let device): "router-advertisement \(device)"
        case .labelQuarantine: "label-quarantine"
        case .resolution: "resolution"
        case .routing(let id, let timer): "routing \(id) \(timer.name) \(timer.subject)"
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.sortKey < b.sortKey }
}
