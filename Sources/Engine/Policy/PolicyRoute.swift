// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A route on its way through a policy chain: what conditions look at and actions change.
package struct PolicyRoute: Hashable, Sendable {
    package let source: RouteSource
    package let prefix: IPPrefix
    package var attributes: PathAttributes
    /// The MED was set by a policy, and so belongs to whoever receives the route: it crosses an AS
    /// border and wins over the neighbor's `med-out`.
    package private(set) var isMEDSet = false
    /// The next hop was set by a policy, which then wins over the rules of the session.
    package private(set) var nextHopChoice: NextHopChoice?

    /// The transport that a policy chose.
    package private(set) var transport: String?

    /// Which next hop a policy asked for.
    package enum NextHopChoice: Hashable, Sendable {
        /// The address that this router uses on the session.
        case itself
        case address(IPAddress)
    }

    package init(source: RouteSource, prefix: IPPrefix, attributes: PathAttributes) {
        self.source = source
        self.prefix = prefix
        self.attributes = attributes
    }

    /// Whether a condition holds; of its values, one suffices.
    package func meets(_ condition: Policy.Condition) -> Bool {
        switch condition {
        case .source(let sources): sources.contains(source)
        case .prefix(let matches): matches.contains { $0.matches(prefix) }
        case .community(let communities): communities.contains(where: carries)
        case .asPath(let patterns): matches(patterns)
        case .nextHop(let prefixes):
            attributes.nextHop.map { nextHop in prefixes.contains { $0.contains(nextHop) } }
                ?? false
        }
    }

    private func matches(_ patterns: [ASPathPattern]) -> Bool {
        let path = attributes.asPath.asNumbers
        return patterns.contains { $0.matches(path) }
    }

    private func carries(_ community: AnyCommunity) -> Bool {
        switch community {
        case .standard(let value): attributes.communities.contains(value)
        case .extended(let value): attributes.extendedCommunities.contains(value)
        case .large(let value): attributes.largeCommunities.contains(value)
        }
    }

    /// Carries out an action.
    package mutating func apply(_ action: Policy.Action) {
        switch action {
        case .localPreference(let value): attributes.localPreference = value
        case .med(let value):
            attributes.med = value
            isMEDSet = true
        case .nextHopSelf: nextHopChoice = .itself
        case .nextHop(let address):
            attributes.nextHop = address
            attributes.linkLocalNextHop = nil
            nextHopChoice = .address(address)
        case .transport(let name): transport = name
        case .communityAdd(let communities): for community in communities { add(community) }
        case .communityRemove(let communities): for community in communities { remove(community) }
        case .communitySet(let communities):
            attributes.communities = []
            attributes.largeCommunities = []
            attributes.extendedCommunities.removeAll { !$0.isRouteTarget }
            for community in communities { add(community) }
        case .asPathPrepend(let numbers):
            for number in numbers.reversed() {
                attributes.asPath = attributes.asPath.prepending(number)
            }
        }
    }

    private mutating func add(_ community: AnyCommunity) {
        guard !carries(community) else { return }
        switch community {
        case .standard(let value): attributes.communities.append(value)
        case .extended(let value): attributes.extendedCommunities.append(value)
        case .large(let value): attributes.largeCommunities.append(value)
        }
    }

    private mutating func remove(_ community: AnyCommunity) {
        switch community {
        case .standard(let value): attributes.communities.removeAll { $0 == value }
        case .extended(let value): attributes.extendedCommunities.removeAll { $0 == value }
        case .large(let value): attributes.largeCommunities.removeAll { $0 == value }
        }
    }
}
