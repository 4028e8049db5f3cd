// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A label switching router that distributes labels by LDP (RFC 5036) for IPv4.
package struct LDPConfiguration: Hashable, Sendable {
    /// The LSR identifier, and the address that TCP sessions are from.
    package var routerID: IPv4Address
    package var interfaces: [LDPInterfaceConfiguration]
    /// Neighbors that are not on a link (RFC 5036 §2.4.2): their LSR identifiers.
    package var targets: [IPv4Address]
    /// Where labels are allocated from.
    package var labelRange: ClosedRange<Label>
    /// The addresses of this router, told to neighbors.
    package var addresses: [IPv4Address]
    /// Host routes only, as on Junos; else every interior route gets a label.
    package var isHostsOnly: Bool
    /// Neighbors are asked to keep the label at the last hop (RFC 3032 §2.1).
    package var isExplicitNull: Bool
    /// The metric of a path is that of its route; else 1, as on Junos.
    package var tracksIGPMetric: Bool
    /// Of TCP sessions (RFC 5036 §2.9), with all neighbors. Never shown.
    package var password: String?
    package var helloInterval: Duration
    package var helloHoldTime: Duration
    package var targetedHelloHoldTime: Duration
    package var keepaliveTime: Duration

    package init(
        routerID: IPv4Address, interfaces: [LDPInterfaceConfiguration],
        targets: [IPv4Address] = [], labelRange: ClosedRange<Label>, addresses: [IPv4Address],
        isHostsOnly: Bool = true, isExplicitNull: Bool = false, tracksIGPMetric: Bool = false,
        password: String? = nil, helloInterval: Duration = .seconds(5),
        helloHoldTime: Duration = .seconds(15), targetedHelloHoldTime: Duration = .seconds(45),
        keepaliveTime: Duration = .seconds(30)
    ) {
        self.routerID = routerID
        self.interfaces = interfaces
        self.targets = targets
        self.labelRange = labelRange
        self.addresses = addresses
        self.isHostsOnly = isHostsOnly
        self.isExplicitNull = isExplicitNull
        self.tracksIGPMetric = tracksIGPMetric
        self.password = password
        self.helloInterval = helloInterval
        self.helloHoldTime = helloHoldTime
        self.targetedHelloHoldTime = targetedHelloHoldTime
        self.keepaliveTime = keepaliveTime
    }
}

/// An interface on which neighbors are discovered.
package struct LDPInterfaceConfiguration: Hashable, Sendable {
    package var interface: String
    /// Hellos come from here.
    package var address: IPv4Address

    package init(interface: String, address: IPv4Address) {
        self.interface = interface
        self.address = address
    }
}
