// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A BGP neighbor.
package struct NeighborConfiguration: Hashable, Sendable {
    /// What commands and tables call it: the neighbor node's name, or its address.
    package var name: String
    /// nil is the default VRF.
    package var vrf: String?
    package var address: IPAddress
    package var localAddress: IPAddress
    package var remoteAS: ASNumber
    package var localAS: ASNumber
    /// Of each address family either unicast routes with labels or those without: both stand in
    /// the same table (FRR refuses both, too).
    package var families: [BGPFamily]
    /// Wait for the neighbor to connect.
    package var isPassive: Bool
    /// TCP MD5 key (RFC 2385). Never shown.
    package var password: String?
    /// Seconds; 0 turns keepalives off (RFC 4271 §4.2), otherwise at least 3.
    package var holdTime: UInt16
    package var isRouteReflectorClient: Bool
    package var isNextHopSelf: Bool
    /// Replace the neighbor's AS in paths sent to it by our own (RFC 4364 §7, Junos as-override).
    package var isASOverride: Bool
    /// How often our own AS may stand in a received path.
    package var allowASIn: UInt8
    /// How many prefixes of each family the neighbor may send; one more ends the session, until it
    /// is activated again (RFC 4271 §6.7). nil for any number.
    package var maximumPrefixes: UInt32?
    /// MED on everything sent, unless an export policy sets one (Junos metric-out).
    package var medOut: UInt32?
    /// Several paths to a destination (RFC 7911), in every family of the session.
    package var addPath: AddPath?
    /// An internal neighbor hears of the best path from outside (or of this router's own) also
    /// where a path from inside is better (draft-ietf-idr-best-external), so that it knows the way
    /// before it is needed. Of VPN families: each VRF exports its best own path as well.
    package var isBestExternal: Bool
    /// Chains of policy names, in order. A route that no policy decides is accepted if it is a BGP
    /// route and rejected otherwise. An external session without a chain accepts (sends) nothing
    /// (RFC 8212). The names `accept` and `reject` are always defined.
    package var importPolicy: [String]
    package var exportPolicy: [String]
    /// How many routers an external session may cross: 1 means connected, and the session ends
    /// when the interface goes down.
    package var multihop: UInt8
    /// Starts deactivated.
    package var isDeactivated: Bool
    /// The session ends at once when the BFD session to the neighbor goes down (RFC 5882).
    package var bfd: BFDParameters?

    package var isInternal: Bool { remoteAS == localAS }
    /// External, and on a connected subnet.
    package var isAcrossBorder: Bool { !isInternal && multihop == 1 }
    package var key: NeighborKey { NeighborKey(vrf: vrf, address: address) }

    package init(
        name: String, vrf: String? = nil, address: IPAddress, localAddress: IPAddress,
        remoteAS: ASNumber, localAS: ASNumber, families: [BGPFamily], isPassive: Bool = false,
        password: String? = nil, holdTime: UInt16 = 90, isRouteReflectorClient: Bool = false,
        isNextHopSelf: Bool = false, isASOverride: Bool = false, allowASIn: UInt8 = 0,
        maximumPrefixes: UInt32? = nil, medOut: UInt32? = nil, addPath: AddPath? = nil,
        isBestExternal: Bool = false, importPolicy: [String] = [],
        exportPolicy: [String] = [],
        multihop: UInt8 = 1, isDeactivated: Bool = false, bfd: BFDParameters? = nil
    ) {
        self.name = name
        self.vrf = vrf
        self.address = address
        self.localAddress = localAddress
        self.remoteAS = remoteAS
        self.localAS = localAS
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
        self.isDeactivated = isDeactivated
        self.bfd = bfd
    }
}

extension NeighborConfiguration {
    /// Whether an established session can go on under this configuration after it stood under
    /// another: all that differs is what becomes of routes, what the neighbor is called, and
    /// who connects.
    package func keepsSession(of other: NeighborConfiguration) -> Bool {
        var same = other
        same.name = name
        same.isPassive = isPassive
        same.isRouteReflectorClient = isRouteReflectorClient
        same.isNextHopSelf = isNextHopSelf
        same.isASOverride = isASOverride
        same.allowASIn = allowASIn
        same.medOut = medOut
        same.isBestExternal = isBestExternal
        same.importPolicy = importPolicy
        same.exportPolicy = exportPolicy
        same.isDeactivated = isDeactivated
        same.bfd = bfd
        return same == self
    }
}

/// What a session does with several paths to one destination (RFC 7911).
package struct AddPath: Hashable, Sendable {
    /// Take them in.
    package var receives: Bool
    /// Send so many, the best first; 0 for none but the best, without an identifier.
    package var sendCount: UInt8

    package init(receives: Bool, sendCount: UInt8) {
        self.receives = receives
        self.sendCount = sendCount
    }
}

/// What tells one neighbor of a router from another.
package struct NeighborKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let vrf: String?
    package let address: IPAddress

    package init(vrf: String?, address: IPAddress) {
        self.vrf = vrf
        self.address = address
    }

    package var description: String { vrf.map { "\(address)@\($0)" } ?? "\(address)" }

    package static func < (a: Self, b: Self) -> Bool {
        (a.vrf ?? "", a.address) < (b.vrf ?? "", b.address)
    }
}

/// What tells one virtual router from another: the same VRID may stand on an interface once for
/// each family (RFC 9568 §5.2.3).
package struct VRRPKey: Hashable, Sendable, CustomStringConvertible {
    package let interface: String
    /// VRID.
    package let group: UInt8
    package let family: AddressFamily

    package init(interface: String, group: UInt8, family: AddressFamily) {
        self.interface = interface
        self.group = group
        self.family = family
    }

    package var description: String { "\(interface) \(group) \(family)" }
}

/// A VRRP virtual router (RFC 9568; RFC 3768 for version 2).
package struct VRRPConfiguration: Hashable, Sendable {
    /// The interface on which adverts travel.
    package var interface: String
    /// The macvlan with the virtual MAC address, which holds the virtual addresses when active.
    package var device: String
    package var vrf: String?
    /// VRID, 1 to 255.
    package var group: UInt8
    /// 2 or 3.
    package var version: UInt8
    package var virtualAddresses: [IPAddress]
    /// The address of `interface` that adverts are sent from.
    package var primaryAddress: IPAddress
    /// 1 to 254; 255 where this router owns the virtual address.
    package var priority: UInt8
    package var preempt: Bool
    /// How long a higher-priority router waits after its start before it takes over.
    package var preemptDelay: Duration
    package var advertisementInterval: Duration
    package var tracks: [Track]

    package var key: VRRPKey {
        VRRPKey(interface: interface, group: group, family: primaryAddress.family)
    }

    /// Something whose loss lowers the priority.
    package struct Track: Hashable, Sendable {
        package var object: Object
        package var priorityCost: UInt8

        package enum Object: Hashable, Sendable {
            case interface(String)
            case route(vrf: String?, prefix: IPPrefix)
            case session(NeighborKey)
        }

        package init(object: Object, priorityCost: UInt8) {
            self.object = object
            self.priorityCost = priorityCost
        }
    }

    package init(
        interface: String, device: String, vrf: String? = nil, group: UInt8, version: UInt8 = 3,
        virtualAddresses: [IPAddress], primaryAddress: IPAddress, priority: UInt8 = 100,
        preempt: Bool = true, preemptDelay: Duration = .zero,
        advertisementInterval: Duration = .seconds(1), tracks: [Track] = []
    ) {
        self.interface = interface
        self.device = device
        self.vrf = vrf
        self.group = group
        self.version = version
        self.virtualAddresses = virtualAddresses
        self.primaryAddress = primaryAddress
        self.priority = priority
        self.preempt = preempt
        self.preemptDelay = preemptDelay
        self.advertisementInterval = advertisementInterval
        self.tracks = tracks
    }
}
