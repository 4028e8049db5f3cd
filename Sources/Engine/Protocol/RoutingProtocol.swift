// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One instance of a routing protocol: IS-IS, OSPF, RIP or LDP, in one VRF.
///
/// It hears of packets, interfaces, timers and routes of others, and says what it wants by outputs.
/// It keeps its own databases and knows nothing of tables, sockets and other protocols; the router
/// joins them.
package protocol RoutingProtocol: Sendable {
    var id: RoutingProtocolID { get }

    /// The first call. Interfaces are down until `interface` says otherwise.
    mutating func start(_ step: inout ProtocolStep)

    /// An interface of the instance's VRF gained or lost the ability to forward. Whatever follows
    /// from a loss (adjacencies, shortest paths, routes) follows in this call.
    mutating func interface(_ name: String, isUp: Bool, _ step: inout ProtocolStep)

    /// A packet of one of the protocol's channels. Its octets are anything at all.
    mutating func received(_ packet: RoutingPacket, _ step: inout ProtocolStep)

    /// A timer that it armed ran out.
    mutating func timer(_ timer: RoutingTimer, _ step: inout ProtocolStep)

    /// News of a transport connection (LDP).
    mutating func connection(
        _ id: ConnectionID, _ event: ConnectionEvent, _ step: inout ProtocolStep)

    /// The active route to a prefix in the instance's VRF is another one, or there is none any
    /// more. Routes of its own are offered as none, except to LDP, which binds labels to them.
    mutating func offered(
        _ prefix: IPPrefix, _ route: OfferedRoute?, _ step: inout ProtocolStep)

    /// A BFD session that it watches came up, or went down after it had been up.
    mutating func bfd(_ key: BFDKey, isUp: Bool, _ step: inout ProtocolStep)

    /// LDP can, or cannot, carry labelled packets over an interface (RFC 5443).
    mutating func synchronised(
        _ interface: String, _ isSynchronised: Bool, _ step: inout ProtocolStep)

    /// Says farewell: others need not wait for silence.
    mutating func shutDown(_ step: inout ProtocolStep)

    /// All that it has asked the router for and not taken back, in a fixed order: given again to
    /// fresh tables when another part of the configuration changes.
    var contribution: [ProtocolOutput] { get }

    /// Grows with every change of state that an onlooker may see.
    var generation: UInt64 { get }

    /// Whether it has put off nothing that may lead to other routes.
    var isAtRest: Bool { get }

    /// The protocol's part of the answer to its query; see Query.
    func show(at now: Instant) -> JSON
}

extension RoutingProtocol {
    package var isAtRest: Bool { true }

    package mutating func connection(
        _ id: ConnectionID, _ event: ConnectionEvent, _ step: inout ProtocolStep
    ) {}

    package mutating func offered(
        _ prefix: IPPrefix, _ route: OfferedRoute?, _ step: inout ProtocolStep
    ) {}

    package mutating func bfd(_ key: BFDKey, isUp: Bool, _ step: inout ProtocolStep) {}

    package mutating func synchronised(
        _ interface: String, _ isSynchronised: Bool, _ step: inout ProtocolStep
    ) {}
}

/// Which protocol, and in which VRF.
package struct RoutingProtocolID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let kind: Kind
    /// nil is the default VRF.
    package let vrf: String?

    /// In the order in which they hear of an event: detection first, labels after routes.
    package enum Kind: String, Hashable, Sendable, CaseIterable, Comparable {
        case bfd
        case isis
        case ospf
        case ospf3
        case rip
        case ripng
        case ldp

        package static func < (a: Self, b: Self) -> Bool { a.order < b.order }

        var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package init(_ kind: Kind, vrf: String? = nil) {
        self.kind = kind
        self.vrf = vrf
    }

    /// `isis`, or `ospf@red`.
    package var description: String { kind.rawValue + (vrf.map { "@" + $0 } ?? "") }

    package static func < (a: Self, b: Self) -> Bool {
        (a.kind, a.vrf ?? "") < (b.kind, b.vrf ?? "")
    }
}

/// A timer of one protocol instance: what it is for, and of whom.
package struct RoutingTimer: Hashable, Sendable, Comparable {
    /// Such as `hello`.
    package let name: String
    /// Such as `eth1`; empty where there is only one.
    package let subject: String

    package init(_ name: String, _ subject: String = "") {
        self.name = name
        self.subject = subject
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.name, a.subject) < (b.name, b.subject)
    }
}

/// What a protocol wants done, in this order.
package enum ProtocolOutput: Hashable, Sendable {
    case send(RoutingPacket)
    /// Replaces a timer of the same identity.
    case arm(RoutingTimer, at: Instant)
    case cancel(RoutingTimer)
    /// Open a TCP connection from one address to a peer (LDP).
    case connect(ConnectionID, ConnectionPeer)
    case sendOctets(ConnectionID, [UInt8])
    /// Send what is queued, then close. No event follows.
    case close(ConnectionID)
    /// Offer a route to the table of the instance's VRF; replaces one to the same prefix.
    case setRoute(ProtocolRoute)
    case removeRoute(IPPrefix)
    /// A way for labelled packets to a destination (Junos: inet.3); replaces one to the same.
    case setPath(LabelSwitchedPath)
    case removePath(IPPrefix)
    /// What to do with packets that arrive with a label of the protocol's own range.
    case setLabel(Label, LabelAction)
    case removeLabel(Label)
    /// Watch the way to a neighbor by BFD, or with other parameters.
    case watch(BFDKey, BFDParameters)
    case unwatch(BFDKey)
    /// Tell the interior protocols (RFC 5443).
    case synchronised(interface: String, Bool)
    case report(Report)
}

/// What one call to a protocol has led to so far.
package struct ProtocolStep {
    package let now: Instant
    package private(set) var outputs: [ProtocolOutput] = []
    package private(set) var numbers: ConnectionNumbers

    package init(at now: Instant, numbers: ConnectionNumbers = ConnectionNumbers()) {
        self.now = now
        self.numbers = numbers
    }

    package mutating func emit(_ output: ProtocolOutput) { outputs.append(output) }

    /// Opens a connection.
    package mutating func connect(to peer: ConnectionPeer) -> ConnectionID {
        let id = numbers.next()
        outputs.append(.connect(id, peer))
        return id
    }
}
