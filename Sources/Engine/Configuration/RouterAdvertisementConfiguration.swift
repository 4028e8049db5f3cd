// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Router advertisements of one interface (RFC 4861 §6.2), by which hosts learn their default
/// route. Where IPv6 virtual routers stand on the interface, each has advertisements of its own,
/// and the interface itself has none.
package struct RouterAdvertisementConfiguration: Hashable, Sendable {
    /// Where hosts listen, and solicit.
    package var interface: String
    /// What they are sent by: the interface, or the macvlan of a virtual router.
    package var device: String
    /// The link-local address that hosts send to: the interface's, or the virtual one.
    package var source: IPAddress
    /// The MAC address of `device`, which spares hosts to ask.
    package var linkLayerAddress: MACAddress
    /// Only its master advertises (RFC 9568 §6.4).
    package var virtualRouter: VRRPKey?
    /// The subnets of the interface.
    package var prefixes: [IPPrefix]
    /// Time between advertisements, which RFC 4861 has at random. At least 30 ms (RFC 6275 §7.5).
    package var interval: Duration
    /// How long hosts may go on after the latest, in seconds.
    package var lifetime: UInt16

    /// The default lifetime outlives some lost advertisements, and a takeover by another router at
    /// the usual VRRP interval; a router that leaves in good order says so.
    package init(
        interface: String, device: String, source: IPAddress, linkLayerAddress: MACAddress,
        virtualRouter: VRRPKey? = nil, prefixes: [IPPrefix] = [],
        interval: Duration = .seconds(1), lifetime: UInt16 = 9
    ) {
        self.interface = interface
        self.device = device
        self.source = source
        self.linkLayerAddress = linkLayerAddress
        self.virtualRouter = virtualRouter
        self.prefixes = prefixes
        self.interval = interval
        self.lifetime = lifetime
    }
}
