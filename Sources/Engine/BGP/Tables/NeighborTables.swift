// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What one neighbor told us and what we told it: its Adj-RIB-In and Adj-RIB-Out (RFC 4271 §3.2).
package struct NeighborTables: Sendable {
    package let configuration: NeighborConfiguration
    let importChain: PolicyChain
    let exportChain: PolicyChain
    /// What stands for this router as a next hop, by the next hop's family.
    let ownAddresses: [AddressFamily: IPAddress]
    /// nil while the session is not established; then the tables are empty.
    var session: Session?
    /// As it came, before import policy.
    var received: [RouteKey: ReceivedRoute] = [:]
    /// How many of `received` are of each family.
    var receivedCounts: [BGPFamily: Int] = [:]
    /// How many of `received` were accepted.
    var acceptedCount = 0
    /// What stands at the neighbor.
    var sent: [RouteKey: SentRoute] = [:]
    /// Where it gets several paths to a destination: which path each identifier stands for there.
    /// Of one that was lost with a change of configuration, nil.
    var sentPaths: [Destination: [UInt32: Path.ID?]] = [:]

    struct Session: Sendable {
        var negotiated: NegotiatedSession
        var speaker: Speaker
        var codec: BGPCodecContext
    }

    init(
        _ configuration: NeighborConfiguration, _ policies: [String: Policy],
        _ interfaces: InterfaceStates
    ) {
        self.configuration = configuration
        ownAddresses = AddressFamily.allCases.reduce(into: [:]) { own, family in
            own[family] = interfaces.address(
                family, beside: configuration.localAddress, vrf: configuration.vrf)
        }
        func chain(_ names: [String]) -> PolicyChain {
            let isOpen = configuration.isInternal || !names.isEmpty
            return PolicyChain(
                names, from: policies, undecided: isOpen ? .acceptBGP : .rejectWithoutPolicy)
        }
        importChain = chain(configuration.importPolicy)
        exportChain = chain(configuration.exportPolicy)
    }

    /// The family in which a destination's routes are exchanged with it.
    func family(of destination: Destination) -> BGPFamily {
        destination.family(among: configuration.families)
    }

    /// Where the next hops of its unicast routes without labels are looked for.
    var scope: NextHopResolver.Scope {
        configuration.isInternal || configuration.multihop > 1
            ? .recursive(vrf: configuration.vrf) : .connected(vrf: configuration.vrf)
    }
}

/// A route as a neighbor sent it.
package struct ReceivedRoute: Sendable {
    package var attributes: SharedAttributes
    /// In families that have labels.
    package var label: Label?
    /// nil where the route was accepted.
    package var rejection: ImportRejection?
    package var since: Instant
}

/// A route as it stands at a neighbor.
package struct SentRoute: Hashable, Sendable {
    package var attributes: SharedAttributes
    /// In families that have labels.
    package var label: Label?
}

/// Why a received route is kept out of the tables.
package enum ImportRejection: Hashable, Sendable, CustomStringConvertible {
    /// Our own AS stands in the path too often (RFC 4271 §9.1.2).
    case asLoop
    /// We brought the route into the AS (RFC 4456 §8).
    case originatorLoop
    /// Our cluster reflected it before (RFC 4456 §8).
    case clusterLoop
    case policy(PolicyChain.Rejection)

    package var description: String {
        switch self {
        case .asLoop: "AS loop"
        case .originatorLoop: "originator is this router"
        case .clusterLoop: "cluster loop"
        case .policy(.policy(let name)): "rejected by import policy \(name)"
        case .policy(.undecided): "rejected by default"
        case .policy(.noPolicy): "no import policy on an external session (RFC 8212)"
        }
    }
}
