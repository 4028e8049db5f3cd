// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// A direction of a session, as FRR calls it.
enum PolicyWay: String, CaseIterable {
    case incoming = "in"
    case outgoing = "out"
}

/// Policies: each neighbor's chain becomes one route map, with lists for what its terms look at.
extension FRRConfiguration {
    /// A chain as it stands for a neighbor; nil where FRR's own rule is ours.
    struct PolicyMap {
        var name: String
        var terms: [Policy.Term]
        /// On everything sent, unless a term sets another.
        var med: UInt32?
    }

    static func mapName(_ neighbor: NeighborConfiguration, _ way: PolicyWay) -> String {
        "weft-\(neighbor.vrf.map { "\($0)-" } ?? "")\(neighbor.address)-\(way.rawValue)"
    }

    func map(of neighbor: NeighborConfiguration, _ way: PolicyWay) -> PolicyMap? {
        let chain = way == .incoming ? neighbor.importPolicy : neighbor.exportPolicy
        let med = way == .outgoing ? neighbor.medOut : nil
        // An external session without a chain passes nothing (RFC 8212), with us as with FRR.
        guard !chain.isEmpty || med != nil else { return nil }
        let terms = chain.flatMap { name -> [Policy.Term] in
            if name == "accept" { return [Policy.Term(verdict: .accept)] }
            if name == "reject" { return [Policy.Term(verdict: .reject)] }
            return router.policies.first { $0.name == name }?.terms ?? []
        }
        return PolicyMap(name: Self.mapName(neighbor, way), terms: terms, med: med)
    }

    // MARK: Route maps

    mutating func policyMaps() -> [String] {
        var lines: [String] = []
        for neighbor in router.neighbors {
            for way in PolicyWay.allCases {
                guard let map = map(of: neighbor, way) else { continue }
                lines += self.lines(of: map, neighbor, way)
            }
        }
        return lines
    }

    private mutating func lines(
        of map: PolicyMap, _ neighbor: NeighborConfiguration, _ way: PolicyWay
    ) -> [String] {
        var lines: [String] = []
        var sequence = 10
        if let med = map.med {
            lines += [
                "route-map \(map.name) permit 5", " set metric \(med)", " on-match next", "exit",
            ]
        }
        for (index, term) in map.terms.enumerated() {
            let verdict = term.verdict == .reject ? "deny" : "permit"
            lines.append("route-map \(map.name) \(verdict) \(sequence)")
            for (place, condition) in term.conditions.enumerated() {
                lines += matches(condition, Self.listName(map.name, index, place))
            }
            for action in term.actions { lines += sets(action, map.name, way) }
            if term.verdict == nil { lines.append(" on-match next") }
            lines.append("exit")
            sequence += 10
            if term.verdict != nil, term.conditions.isEmpty { return lines }
        }
        return lines + rest(of: map, neighbor, way, sequence)
    }

    /// What no term decides: routes of BGP go on. A VRF's own routes, which in FRR are BGP's too,
    /// would have to stay.
    private mutating func rest(
        of map: PolicyMap, _ neighbor: NeighborConfiguration, _ way: PolicyWay, _ sequence: Int
    ) -> [String] {
        if way == .outgoing, neighbor.vrf != nil {
            refuse("an export policy that leaves routes undecided, to \(neighbor.name)")
        }
        return ["route-map \(map.name) permit \(sequence)", "exit"]
    }

    private static func listName(_ map: String, _ term: Int, _ place: Int) -> String {
        "\(map)-\(term + 1)-\(place + 1)"
    }

    // MARK: Conditions

    private mutating func matches(_ condition: Policy.Condition, _ list: String) -> [String] {
        switch condition {
        case .prefix(let prefixes):
            let word = prefixes.first?.prefix.family == .ipv6 ? "ipv6" : "ip"
            return [" match \(word) address prefix-list \(list)"]
        case .community(let communities):
            return communities.first.map { [" match \($0.frrKind) \(list)"] } ?? []
        case .nextHop: return [" match ip next-hop prefix-list \(list)"]
        case .source: refuse("the condition 'protocol' in a policy")
        case .asPath: refuse("the condition 'as-path' in a policy")
        }
        return []
    }

    /// The lists that conditions name.
    mutating func policyLists() -> [String] {
        var lines: [String] = []
        for neighbor in router.neighbors {
            for way in PolicyWay.allCases {
                guard let map = map(of: neighbor, way) else { continue }
                for (index, term) in map.terms.enumerated() {
                    for (place, condition) in term.conditions.enumerated() {
                        lines += list(condition, Self.listName(map.name, index, place))
                    }
                }
            }
        }
        return lines
    }

    private mutating func list(_ condition: Policy.Condition, _ name: String) -> [String] {
        switch condition {
        case .prefix(let matches):
            if Set(matches.map(\.prefix.family)).count > 1 {
                refuse("a policy's prefixes of both families in one term")
            }
            return matches.map { Self.prefixLine($0, name) }
        case .nextHop(let prefixes):
            if prefixes.contains(where: { $0.family == .ipv6 }) {
                refuse("a policy's IPv6 next hops")
            }
            return prefixes.map {
                Self.prefixLine(PrefixMatch(prefix: $0, range: .orLonger), name)
            }
        case .community(let communities): return communityList(communities, name)
        case .source, .asPath: return []
        }
    }

    private static func prefixLine(_ match: PrefixMatch, _ name: String) -> String {
        let prefix = match.prefix
        let word = prefix.family == .ipv4 ? "ip" : "ipv6"
        let longest = prefix.family.bitWidth
        let range =
            switch match.range {
            case .exact: ""
            case .orLonger: Int(prefix.length) == longest ? "" : " le \(longest)"
            case .longer: " ge \(prefix.length + 1)"
            case .upTo(let length): length == prefix.length ? "" : " le \(length)"
            }
        return "\(word) prefix-list \(name) permit \(prefix)\(range)"
    }

    private mutating func communityList(
        _ communities: [AnyCommunity], _ name: String
    ) -> [String] {
        if Set(communities.map(\.frrKind)).count > 1 {
            refuse("a policy's communities of several kinds in one term")
        }
        return communities.map { community in
            let value = text(of: community)
            return "bgp \(community.frrKind)-list standard \(name) permit \(value)"
        }
    }

    /// A community in FRR's words: extended ones are `rt` or `soo`.
    private mutating func text(of community: AnyCommunity) -> String {
        guard case .extended(let value) = community else { return "\(community)" }
        let parts = "\(value)".split(separator: ":", maxSplits: 1)
        let words: [Substring: String] = ["target": "rt", "origin": "soo"]
        guard parts.count == 2, let word = words[parts[0]] else {
            refuse("the extended community \(value) in a policy")
            return "\(value)"
        }
        return "\(word) \(parts[1])"
    }

    // MARK: Actions

    private mutating func sets(
        _ action: Policy.Action, _ map: String, _ way: PolicyWay
    ) -> [String] {
        switch action {
        case .localPreference(let value): return [" set local-preference \(value)"]
        case .med(let value): return [" set metric \(value)"]
        case .nextHopSelf where way == .outgoing: return [" set ip next-hop peer-address"]
        case .nextHop(let address) where address.family == .ipv4:
            return [" set ip next-hop \(address)"]
        case .nextHopSelf, .nextHop: refuse("a policy's 'next-hop' here (\(map))")
        case .transport: refuse("a policy's 'transport'")
        case .communityAdd(let communities):
            return communities.map { " set \(text(ofAdded: $0))" }
        case .communityRemove, .communitySet:
            refuse("a policy's 'community' other than 'add'")
        case .asPathPrepend(let numbers):
            let words = numbers.map { "\($0)" }.joined(separator: " ")
            return [" set as-path prepend \(words)"]
        }
        return []
    }

    private mutating func text(ofAdded community: AnyCommunity) -> String {
        let text = text(of: community)
        if case .extended = community { return "extcommunity \(text)" }
        return "\(community.frrKind) \(text) additive"
    }
}

extension AnyCommunity {
    /// What FRR calls lists and attributes of its kind.
    fileprivate var frrKind: String {
        switch self {
        case .standard: "community"
        case .extended: "extcommunity"
        case .large: "large-community"
        }
    }
}
