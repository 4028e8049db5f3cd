// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A RIP router of one VRF: version 2 (RFC 2453) or RIPng (RFC 2080).
package struct RIPConfiguration: Hashable, Sendable {
    /// nil is the default VRF.
    package var vrf: String?
    /// IPv4 is RIP version 2, IPv6 RIPng.
    package var family: AddressFamily
    package var interfaces: [RIPInterfaceConfiguration]
    package var updateInterval: Duration
    /// After so long without word of it a route is dead.
    package var timeout: Duration
    /// For so long a dead route is still told of.
    package var garbageInterval: Duration
    /// Policies by which routes of other sources are told; none tells none.
    package var exportPolicy: [String]

    package init(
        vrf: String? = nil, family: AddressFamily, interfaces: [RIPInterfaceConfiguration],
        updateInterval: Duration = .seconds(30), timeout: Duration = .seconds(180),
        garbageInterval: Duration = .seconds(120), exportPolicy: [String] = []
    ) {
        self.vrf = vrf
        self.family = family
        self.interfaces = interfaces
        self.updateInterval = updateInterval
        self.timeout = timeout
        self.garbageInterval = garbageInterval
        self.exportPolicy = exportPolicy
    }
}

/// An interface on which RIP runs.
package struct RIPInterfaceConfiguration: Hashable, Sendable {
    package var interface: String
    /// Of the instance's family, link-local ones too.
    package var addresses: [InterfaceAddress]
    /// Its subnets are told on others, but nothing is said on it.
    package var isPassive: Bool
    /// Added to what is heard here, 1 to 15.
    package var cost: UInt8
    package var authentication: Authentication?

    package init(
        interface: String, addresses: [InterfaceAddress], isPassive: Bool = false,
        cost: UInt8 = 1, authentication: Authentication? = nil
    ) {
        self.interface = interface
        self.addresses = addresses
        self.isPassive = isPassive
        self.cost = cost
        self.authentication = authentication
    }
}
