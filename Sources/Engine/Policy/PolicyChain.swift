// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The policies applied at one place, in order, and what becomes of a route that none decides.
package struct PolicyChain: Sendable {
    private let policies: [Policy]
    private let undecided: Undecided
    /// Whether any term looks at the prefix. If not, routes that differ in nothing else need be
    /// evaluated only once.
    package let dependsOnPrefix: Bool

    /// What happens to a route that no term decides.
    package enum Undecided: Hashable, Sendable {
        /// BGP routes are accepted, those of other sources rejected: the default of a neighbor.
        case acceptBGP
        /// Accepted: the default between a VRF and the VPN table.
        case accept
        /// Rejected because an external session has no chain at all (RFC 8212 §2).
        case rejectWithoutPolicy
    }

    package enum Outcome: Hashable, Sendable {
        case accepted
        case rejected(Rejection)
    }

    /// Why a route was rejected.
    package enum Rejection: Hashable, Sendable {
        /// A policy's term said so.
        case policy(String)
        /// No term decided, and the default rejects.
        case undecided
        /// RFC 8212.
        case noPolicy
    }

    /// - Precondition: every name is `accept`, `reject` or one of `policies`; whoever makes the
    ///   configuration has resolved them.
    package init(_ names: [String], from policies: [String: Policy], undecided: Undecided) {
        self.policies = names.map { name in
            guard let policy = Self.builtIn(name) ?? policies[name] else {
                preconditionFailure("a policy chain names the undefined policy \(name)")
            }
            return policy
        }
        self.undecided = undecided
        dependsOnPrefix = self.policies.contains { policy in
            policy.terms.contains { $0.conditions.contains(where: Self.looksAtPrefix) }
        }
    }

    private static func builtIn(_ name: String) -> Policy? {
        Policy.Verdict(rawValue: name).map {
            Policy(name: name, terms: [Policy.Term(verdict: $0)])
        }
    }

    private static func looksAtPrefix(_ condition: Policy.Condition) -> Bool {
        if case .prefix = condition { true } else { false }
    }

    /// Evaluates the chain. What a rejected route has become does not matter.
    package func evaluate(_ route: inout PolicyRoute) -> Outcome {
        for policy in policies {
            for term in policy.terms where term.conditions.allSatisfy(route.meets) {
                for action in term.actions { route.apply(action) }
                switch term.verdict {
                case .accept: return .accepted
                case .reject: return .rejected(.policy(policy.name))
                case nil: continue
                }
            }
        }
        return switch undecided {
        case .accept: .accepted
        case .acceptBGP: route.source == .bgp ? .accepted : .rejected(.undecided)
        case .rejectWithoutPolicy: .rejected(.noPolicy)
        }
    }

    /// Whether every BGP route passes unchanged.
    package var isTransparentForBGP: Bool {
        policies.isEmpty && undecided != .rejectWithoutPolicy
    }
}
