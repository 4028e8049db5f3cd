// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An IS-IS router (ISO 10589, RFC 1195) with wide metrics (RFC 5305).
package struct ISISConfiguration: Hashable, Sendable {
    package var systemID: SystemID
    package var areas: [AreaAddress]
    package var levels: ISISLevels
    /// The node's name, told to others (RFC 5301).
    package var hostname: String
    /// Told to others as the traffic engineering router ID (RFC 5305 §4.3).
    package var routerID: IPv4Address
    package var circuits: [ISISCircuitConfiguration]
    /// Of link state and sequence number packets, by level.
    package var authentication: [Authentication?]
    package var families: [AddressFamily]
    /// The life of the router's own link state packets.
    package var lifetime: Duration
    package var throttle: SPFThrottle
    /// When the router's own link state packets are issued anew.
    package var generation: SPFThrottle
    /// How many link state packets of a level are kept; beyond them the router says that it is
    /// overloaded (ISO 10589 §7.3.19).
    package var maximumLSPs: Int
    /// For so long after its start others lead no traffic through this router; nil not at all.
    package var overloadOnStart: Duration?
    /// Others are never to lead traffic through this router.
    package var isOverloaded: Bool
    /// Policies by which routes of other sources are told; none tells none.
    package var exportPolicy: [String]

    package init(
        systemID: SystemID, areas: [AreaAddress], levels: ISISLevels = .level2,
        hostname: String, routerID: IPv4Address, circuits: [ISISCircuitConfiguration],
        authentication: [Authentication?] = [nil, nil], families: [AddressFamily] = [.ipv4],
        lifetime: Duration = .seconds(1200), throttle: SPFThrottle = SPFThrottle(),
        generation: SPFThrottle = SPFThrottle(
            minimumInterval: .milliseconds(20), maximumInterval: .seconds(1)),
        maximumLSPs: Int = 32_768,
        overloadOnStart: Duration? = nil, isOverloaded: Bool = false, exportPolicy: [String] = []
    ) {
        self.systemID = systemID
        self.areas = areas
        self.levels = levels
        self.hostname = hostname
        self.routerID = routerID
        self.circuits = circuits
        self.authentication = authentication
        self.families = families
        self.lifetime = lifetime
        self.throttle = throttle
        self.generation = generation
        self.maximumLSPs = maximumLSPs
        self.overloadOnStart = overloadOnStart
        self.isOverloaded = isOverloaded
        self.exportPolicy = exportPolicy
    }
}

/// The levels that a router or a circuit takes part in.
package enum ISISLevels: String, Hashable, Sendable, CaseIterable {
    case level1 = "1"
    case level2 = "2"
    case both = "1-2"
}

/// An interface on which IS-IS runs.
package struct ISISCircuitConfiguration: Hashable, Sendable {
    package var interface: String
    /// The interface's, by which neighbors of a LAN know it, and from which it has its link-local
    /// address.
    package var mac: MACAddress
    /// Of the interface, with their subnets.
    package var addresses: [InterfaceAddress]
    /// Octets that a packet of IS-IS may have.
    package var mtu: UInt32
    package var levels: ISISLevels
    package var isPointToPoint: Bool
    /// Its subnets are told, but there are no neighbors: loopbacks.
    package var isPassive: Bool
    /// 1 to 0xFFFFFE; 0 for loopbacks.
    package var metric: UInt32
    /// In the election of the designated router, 0 to 127.
    package var priority: UInt8
    package var helloInterval: Duration
    /// How many hellos may be missed.
    package var helloMultiplier: UInt16
    /// Of hellos.
    package var authentication: Authentication?
    package var bfd: BFDParameters?
    /// The metric is the largest until LDP can carry labelled packets (RFC 5443).
    package var isLDPSynchronised: Bool

    package init(
        interface: String, mac: MACAddress = MACAddress(bits: 0), addresses: [InterfaceAddress],
        mtu: UInt32 = 1497, levels: ISISLevels = .level2, isPointToPoint: Bool = true,
        isPassive: Bool = false, metric: UInt32 = 10, priority: UInt8 = 64,
        helloInterval: Duration = .seconds(3),
        helloMultiplier: UInt16 = 3, authentication: Authentication? = nil,
        bfd: BFDParameters? = nil, isLDPSynchronised: Bool = false
    ) {
        self.interface = interface
        self.mac = mac
        self.addresses = addresses
        self.mtu = mtu
        self.levels = levels
        self.isPointToPoint = isPointToPoint
        self.isPassive = isPassive
        self.metric = metric
        self.priority = priority
        self.helloInterval = helloInterval
        self.helloMultiplier = helloMultiplier
        self.authentication = authentication
        self.bfd = bfd
        self.isLDPSynchronised = isLDPSynchronised
    }
}
