// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// An LSA that a neighbor has not acknowledged.
struct OSPFRetransmission: Hashable, Sendable {
    var header: OSPFLSAHeader
    /// When it is sent again.
    var due: Instant
    /// How often this instance was sent again.
    var count = 0
}

/// A router heard on an interface (RFC 2328 §10).
struct OSPFNeighbor: Sendable {
    let routerID: IPv4Address
    /// What its packets come from: the next hop to it.
    var address: IPAddress
    /// Its number for its interface, of version 3.
    var interfaceID: UInt32 = 0
    var priority: UInt8 = 0
    /// What it takes for the designated routers.
    var designatedRouter = IPv4Address(bits: 0)
    var backupDesignatedRouter = IPv4Address(bits: 0)
    var state = State.initial
    var stateSince: Instant

    // MARK: The exchange of databases

    var isMaster = false
    var sequence: UInt32 = 0
    /// The last Database Description that it sent, to know duplicates by.
    var lastReceived: OSPFDatabaseDescription?
    /// The last that we sent, to be sent again.
    var lastSent: OSPFDatabaseDescription?
    /// What is still to be described to it.
    var summary: ArraySlice<OSPFLSAHeader> = []
    /// What it has newer: the Link state request list.
    var requests: [OSPFPlace: OSPFLSAHeader] = [:]
    /// Of those, what it was asked for and has not sent.
    var requested: Set<OSPFPlace> = []

    // MARK: Flooding

    /// What it has not acknowledged: the Link state retransmission list.
    var retransmissions: [OSPFPlace: OSPFRetransmission] = [:]
    /// When the first of them is due.
    var nextRetransmission: Instant?
    /// When LSAs that it has older were sent straight to it.
    var lastReply: [OSPFPlace: Instant] = [:]
    /// The cryptographic sequence number of its last packet.
    var cryptographicSequence: UInt32?

    /// BFD watches it since it was bidirectional.
    var watch: BFDKey?
    /// BFD lost the way to it, and has not found it again.
    var isUnreachable = false
    /// Its latest Hello lists us.
    var hearsUs = false

    /// RFC 2328 §10.1; down is not to be there, and Attempt is of NBMA alone.
    enum State: Int, Comparable, Sendable {
        case initial
        case twoWay
        case exStart
        case exchange
        case loading
        case full

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

        var name: String {
            switch self {
            case .initial: "init"
            case .twoWay: "2-way"
            case .exStart: "ex-start"
            case .exchange: "exchange"
            case .loading: "loading"
            case .full: "full"
            }
        }
    }

    init(routerID: IPv4Address, address: IPAddress, since now: Instant) {
        self.routerID = routerID
        self.address = address
        stateSince = now
    }

    /// What designated routers are called by: an address in version 2, a router ID in version 3.
    var designation: IPv4Address { address.v4 ?? routerID }

    /// Forgets all that belongs to an adjacency.
    mutating func clearLists() {
        lastReceived = nil
        lastSent = nil
        summary = []
        requests = [:]
        requested = []
        retransmissions = [:]
        nextRetransmission = nil
        lastReply = [:]
    }
}
