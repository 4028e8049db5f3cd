// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One router: all protocols and tables of a node, as a pure state machine.
///
/// The same configuration and the same events at the same moments give the same effects, byte for
/// byte: no clock, no descriptor, no randomness, no order of hashing.
package protocol RouterMachine {
    init(_ configuration: RouterConfiguration)

    /// Takes one event and says what to do about it.
    mutating func step(_ event: Event, at now: Instant) -> [Effect]

    /// All that its effects have asked the kernel to forward by, in a fixed order.
    var forwarding: [ForwardingChange] { get }

    /// The state that a show command prints; see Query for the shapes.
    func show(_ query: Query, at now: Instant) -> JSON
}

/// What can be asked of a router without changing it. Member names of the answers are those of the
/// topology file.
package enum Query: Hashable, Sendable {
    /// {neighbors: [{name, address, vrf?, local-address, remote-as, local-as, type:
    /// internal|external, state, uptime? (whole seconds), hold-time, families: [], received,
    /// accepted, advertised (prefix counts), messages-sent, messages-received, last-error?,
    /// deactivated}]}
    case neighbors
    /// {tables: [{name: "inet.0" | "ipvpn.inet.0" | "bgp.l3vpn.0", vrf?, destinations, routes,
    /// entries: [{prefix, route-distinguisher?, paths: [Path]}]}]}, best path first.
    ///
    /// Path: {active, protocol, preference, reason (why it is active, or why it lost), next-hop?
    /// (that of forwarding), interface?, labels: [] (pushed, top first), vpn-label?, label? (as it
    /// came with a labelled unicast route), transport? (that carries an imported route, or ought
    /// to), protocol-next-hop? (that of BGP), from?, neighbor?, med?, local-preference?, as-path?:
    /// "1 65500", origin?: igp|egp|incomplete, communities: [], originator?, cluster-list?: [],
    /// metric?, age (whole seconds)}.
    ///
    /// Without a VRF: the tables of all. inet.0 is first and always there; the VPN table has
    /// no VRF.
    case routes(vrf: String?, prefix: IPPrefix?, source: RouteSource?)
    /// {neighbor, routes: [{prefix, route-distinguisher?, path-id?, next-hop, med?,
    /// local-preference?, as-path, origin, communities, labels?, active, accepted, reason}]},
    /// before import policy.
    case received(NeighborKey)
    /// {neighbor, reason? (why nothing is sent at all), routes: as above}, after export policy.
    case advertised(NeighborKey)
    /// {vrfs: [{name, route-distinguisher, import-targets, export-targets, label? (of IPv4),
    /// label-ipv6?, table, device, interfaces: [], routes}]}
    case vrfs
    /// {groups: [{interface, group, family: ipv4|ipv6, version, state: initialize|backup|master,
    /// priority, effective-priority, virtual-addresses: [], virtual-mac, primary-address,
    /// master-address?, advertisement-interval, preempt, tracks: [{object, up, priority-cost}],
    /// last-error?}]}
    case vrrp
    /// {labels: [{label, action: swap|pop|look-up, vrf?, destination?, next-hop?, interface?,
    /// labels: []}], tunnels: [{transport (`ldp` or `bgp` where it is signalled), destination,
    /// next-hop, interface, labels: [], metric}]}, one entry a next hop
    case mpls
    /// {transports: [{name, encapsulation: gre|mgre, source, key?, protected, interface? (mgre),
    /// default (the provider's choice), healthy, problems: [TEXT], endpoints: [{overlay,
    /// transport, interface, routes (that use it), age (whole seconds)}]}]}
    case transports
    /// {interfaces: [{name, vrf?, up, addresses: []}]}
    case interfaces
    /// {result: local|forward|look-up|discard|none, prefix? (of the route), vrf? (to look up in),
    /// next-hops: [{gateway?, interface, labels: [] (pushed, top first), up}]}: what this router
    /// has asked its kernel to do with a packet.
    case lookUp(ForwardingLookUp)
    /// {instances: [{vrf?, …}]}: of each instance of a protocol what its `show` says.
    ///
    /// Of RIP and RIPng: version, family, update-interval, timeout, garbage-time (DURATION),
    /// interfaces: [{name, up, passive, cost, authentication?}], neighbors: [{interface, address,
    /// last-heard (whole seconds), bad-packets, bad-routes}], routes: [{prefix, state:
    /// direct|redistributed|learned|unreachable, metric, tag?, next-hop?, interface?, from?,
    /// expires? (whole seconds)}], last-error?.
    ///
    /// Of BFD: {sessions: [{address, vrf?, interface?, local-address, multihop, state:
    /// admin-down|down|init|up, remote-state, uptime? (whole seconds), diagnostic?,
    /// remote-diagnostic?, detection-time? (DURATION), transmit-interval, receive-interval,
    /// multiplier, remote-multiplier?, discriminator, remote-discriminator?, demand,
    /// authentication?, clients: ["isis", "bgp ADDRESS", "static PREFIX"], losses, last-error?}]}
    ///
    /// Of LDP: {router-id, last-error?, interfaces: [{interface, address, up, neighbors (how many),
    /// synchronised}], neighbors: [{address, interface?, targeted, ldp-id, hold-time?,
    /// expires-in? (whole seconds)}], sessions: [{ldp-id, transport-address, state:
    /// nonexistent|connecting|initialized|open-sent|open-received|operational, role:
    /// active|passive, keepalive-time?, uptime?, labels-received, addresses: [], messages-sent,
    /// messages-received, last-error?}], databases: [{session, input: [{label, prefix}] (from the
    /// peer), output: [{label, prefix}] (to it)}], paths: [{destination, label?, metric,
    /// next-hops: [{next-hop, interface, labels: []}]}]}.
    case routing(RoutingProtocolID.Kind)
    /// {generation, at-rest, sessions: [{vrf?, address, local-address, sent, received}]}:
    /// `generation` grows with every state change; `at-rest` is false while a routing protocol has
    /// put off what may lead to other routes; sent and received count BGP messages other than
    /// KEEPALIVE on the present connection of each established session. Equal counts at both ends
    /// of every session, twice with the same generations and all at rest, mean that nothing is
    /// under way between routers.
    case counters
}
