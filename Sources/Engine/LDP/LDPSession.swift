// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A session with a peer, from the connection on (RFC 5036 §2.5.4).
struct LDPSession: Hashable, Sendable {
    let connection: ConnectionID
    var state: State
    /// When it came into its state.
    var since: Instant
    var framer = LDPFramer()
    /// Within what the other side must hear of us, and we of it: the lesser proposal.
    var keepAliveTime: Duration
    /// The longest PDU that both ends take: octets.
    var lengthMax = LDPPDU.lengthMax
    /// The peer's.
    var capabilities: LDPCapabilities = []
    /// When the last PDU went, and the last came.
    var lastSent: Instant
    var lastReceived: Instant
    /// The peer has told all its bindings, as far as can be known.
    var isComplete = false
    /// By which next hops are found to be the peer's.
    var addresses: Set<IPAddress> = []
    /// The peer's labels, also for prefixes that it is not the next hop to (liberal retention,
    /// RFC 5036 §2.6.2.2).
    var bindings: [IPPrefix: Label] = [:]
    /// Messages that this event has led to, not yet sent.
    var outgoing: [LDPMessage] = []
    var sentCount: UInt64 = 0
    var receivedCount: UInt64 = 0

    enum State: String, Hashable, Sendable {
        /// Our connect is under way.
        case connecting
        /// Connected; the other side is to speak first.
        case initialized
        case openSent = "open-sent"
        case openReceived = "open-received"
        case operational
    }

    init(_ connection: ConnectionID, _ state: State, keepAliveTime: Duration, at now: Instant) {
        self.connection = connection
        self.state = state
        self.keepAliveTime = keepAliveTime
        since = now
        lastSent = now
        lastReceived = now
    }

    var isOperational: Bool { state == .operational }

    /// Between keepalives, with nothing else to send.
    var keepAliveInterval: Duration { keepAliveTime / 3 }

    mutating func become(_ new: State, at now: Instant) {
        state = new
        since = now
    }

    /// What is agreed upon with the peer's proposal (RFC 5036 §3.5.3).
    mutating func negotiate(_ proposal: LDPInitialization, ours: Duration) {
        keepAliveTime = min(ours, .seconds(Int64(proposal.keepAliveTime)))
        lengthMax =
            proposal.lengthMax > 255
            ? min(LDPPDU.lengthMax, Int(proposal.lengthMax)) : LDPPDU.lengthMax
        capabilities = proposal.capabilities
    }
}

/// Another router that says hello.
struct LDPPeer: Hashable, Sendable {
    let identifier: LDPIdentifier
    /// The other end of the session's connection.
    var transportAddress: IPv4Address
    var session: LDPSession?
    /// Attempts at a session that came to nothing, one after the other.
    var failures = 0
    /// Why the latest session ended, or was not to be.
    var lastError: String?
    /// How often a session became operational.
    var establishedCount: UInt64 = 0
}

/// Where hellos are exchanged.
enum LDPPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// With all routers of a link (basic discovery, RFC 5036 §2.4.1).
    case link(String)
    /// With a router by its address (extended discovery, RFC 5036 §2.4.2).
    case target(IPv4Address)

    var description: String {
        switch self {
        case .link(let interface): interface
        case .target(let address): "target \(address)"
        }
    }

    static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.link(let a), .link(let b)): a < b
        case (.target(let a), .target(let b)): a < b
        case (.link, .target): true
        case (.target, .link): false
        }
    }
}

/// That a peer's hellos are heard at a place.
struct LDPAdjacency: Hashable, Sendable {
    /// Where the hellos come from.
    var source: IPv4Address
    /// The lesser of both proposals; nil never ends.
    var holdTime: Duration?
    /// Without another hello.
    var expiry: Instant?

    struct Key: Hashable, Sendable, Comparable {
        var place: LDPPlace
        var peer: LDPIdentifier

        static func < (a: Self, b: Self) -> Bool { (a.place, a.peer) < (b.place, b.peer) }

        /// What its timer is of.
        var subject: String { "\(place) \(peer)" }
    }
}

/// A prefix that labels are bound to (RFC 3031 §2.1).
struct LDPFEC: Hashable, Sendable {
    var route: OfferedRoute
    /// What peers are told; nil while the way on has no label (ordered control, RFC 5036 §2.6.1.2).
    var label: Label?
    /// The way on with its labels, as it stands in the tables; empty where this router is the last.
    var nextHops: [ForwardingNextHop] = []
    var metric: UInt32 = 0
    /// The way on is that of an earlier route, and is given up then.
    var lingersUntil: Instant?

    /// Whether a label of the range is bound to it, rather than a null label.
    var isTransit: Bool { label.map { $0 >= .firstUnreserved } ?? false }
}
