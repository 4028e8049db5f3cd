// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The election of the designated routers of a network (RFC 2328 §9.4).
struct OSPFElection {
    /// A router of the network that is bidirectional with us, or we ourselves.
    struct Candidate: Hashable {
        var priority: UInt8
        var routerID: IPv4Address
        /// What it is called by: an address in version 2, its router ID in version 3.
        var designation: IPv4Address
        /// What it says of itself in its Hellos.
        var claim: Claim
    }

    enum Claim: Hashable {
        case none
        case backup
        case designated
    }

    /// Zero for none.
    let designatedRouter: IPv4Address
    let backup: IPv4Address

    /// - Parameter own: our own candidate; it claims what it was elected last.
    init(own: Candidate, others: [Candidate]) {
        var own = own
        var result = Self.round([own] + others)
        let claim = Self.claim(of: own, in: result)
        if claim != own.claim {
            // Nobody shall be both: once more with what we are now (§9.4 step 4).
            own.claim = claim
            result = Self.round([own] + others)
        }
        (designatedRouter, backup) = result
    }

    private static func claim(
        of candidate: Candidate, in result: (designated: IPv4Address, backup: IPv4Address)
    ) -> Claim {
        if result.designated == candidate.designation { return .designated }
        return result.backup == candidate.designation ? .backup : .none
    }

    /// Steps 2 and 3.
    private static func round(
        _ candidates: [Candidate]
    ) -> (designated: IPv4Address, backup: IPv4Address) {
        let eligible = candidates.filter { $0.priority > 0 }
        let others = eligible.filter { $0.claim != .designated }
        let backups = others.filter { $0.claim == .backup }
        let backup = best(backups.isEmpty ? others : backups)
        let designated = best(eligible.filter { $0.claim == .designated }) ?? backup
        let none = IPv4Address(bits: 0)
        return (designated?.designation ?? none, backup?.designation ?? none)
    }

    private static func best(_ candidates: [Candidate]) -> Candidate? {
        candidates.max { ($0.priority, $0.routerID) < ($1.priority, $1.routerID) }
    }
}
