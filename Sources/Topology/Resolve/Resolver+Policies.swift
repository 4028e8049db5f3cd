// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Policies and BGP groups: what nodes refer to by name.
extension Resolver {
    mutating func resolvePolicies() {
        for pair in file.pairs("policies") {
            if ["accept", "reject"].contains(pair.key) {
                report(pair.keyPlace, "the policy '\(pair.key)' is always defined")
            }
            policyNames.insert(pair.key)
            let policy = Policy(name: pair.key, terms: pair.value.elements.map { term($0) })
            policies.append(policy)
            policyActions[pair.key] = PolicyActions(policy)
        }
    }

    /// The policies of a chain; reports those that do not exist, or set what does nothing here.
    mutating func policyChain(_ fields: Fields, _ key: String, _ use: PolicyUse) -> [String] {
        fields.items(key).compactMap { item in
            guard let name = item.text else { return nil }
            if !policyNames.contains(name) {
                let hint = Suggestion.text(for: name, among: policyNames.sorted())
                report(item.place, "no policy '\(name.shortened)'\(hint)")
            }
            for idle in policyActions[name, default: []].idle(in: use) {
                report(
                    item.place,
                    "the policy '\(name)' sets '\(idle.key)', which does nothing to \(idle.routes)")
            }
            return name
        }
    }

    private mutating func term(_ node: YAMLNode) -> Policy.Term {
        let fields = Fields(node)
        return Policy.Term(
            name: fields.text("name"),
            conditions: fields["match"].map { conditions(Fields($0)) } ?? [],
            actions: fields["set"].map { actions(Fields($0)) } ?? [],
            verdict: fields.text("then").flatMap(Policy.Verdict.init))
    }

    private func conditions(_ match: Fields) -> [Policy.Condition] {
        var conditions: [Policy.Condition] = []
        if match["protocol"] != nil { conditions.append(.source(match.values("protocol"))) }
        if match["prefix"] != nil {
            let prefixes = match.items("prefix").compactMap {
                $0.text.flatMap(PrefixMatch.init(text:))
            }
            conditions.append(.prefix(prefixes))
        }
        if match["community"] != nil { conditions.append(.community(match.values("community"))) }
        if match["as-path"] != nil { conditions.append(.asPath(match.values("as-path"))) }
        if match["next-hop"] != nil {
            let prefixes = match.items("next-hop").compactMap(\.text).compactMap {
                IPPrefix($0) ?? IPAddress($0).map { IPPrefix(host: $0) }
            }
            conditions.append(.nextHop(prefixes))
        }
        return conditions
    }

    /// In a fixed order; a mapping's keys have none of their own.
    private mutating func actions(_ set: Fields) -> [Policy.Action] {
        var actions: [Policy.Action] = []
        if let value: UInt32 = set.number("local-preference") {
            actions.append(.localPreference(value))
        }
        if let value: UInt32 = set.number("med") { actions.append(.med(value)) }
        if let text = set.text("next-hop") {
            if text == "self" { actions.append(.nextHopSelf) }
            if let address = IPAddress(text) { actions.append(.nextHop(address)) }
        }
        if let name = transport(set) { actions.append(.transport(name)) }
        if let changes = set["community"].map({ Fields($0) }) {
            if changes["set"] != nil { actions.append(.communitySet(changes.values("set"))) }
            if changes["remove"] != nil {
                actions.append(.communityRemove(changes.values("remove")))
            }
            if changes["add"] != nil { actions.append(.communityAdd(changes.values("add"))) }
        }
        if set["as-path-prepend"] != nil {
            actions.append(.asPathPrepend(set.values("as-path-prepend")))
        }
        return actions
    }

    mutating func resolveGroups() {
        for pair in file.pairs("bgp-groups") { groups[pair.key] = pair.value }
        for pair in file.pairs("bgp-groups") {
            var seen: Set<String> = [pair.key]
            var next = pair.value["group"]
            while let place = next?.place, let name = next?.text {
                guard checkGroup(name, at: place) else { break }
                guard seen.insert(name).inserted else {
                    report(place, "the BGP group '\(pair.key)' is its own group")
                    groups[pair.key] = nil
                    break
                }
                next = groups[name]?["group"]
            }
        }
    }

    /// Reports a group that does not exist.
    private mutating func checkGroup(_ name: String, at place: Place) -> Bool {
        if groups[name] != nil { return true }
        let names = file.pairs("bgp-groups").map(\.key)
        // A group that is its own is gone from `groups`, and reported.
        if !names.contains(name) {
            report(
                place,
                "no BGP group '\(name.shortened)'\(Suggestion.text(for: name, among: names))")
        }
        return false
    }

    /// A neighbor's settings with those of its groups behind them.
    mutating func neighborFields(_ node: YAMLNode) -> Fields {
        var fields = Fields(node)
        // The short form is the group's name alone.
        var next = node.isMapping ? node["group"] : node
        while let group = next, let name = group.text, !group.isNull,
            checkGroup(name, at: group.place), let settings = groups[name]
        {
            fields.fallbacks.append(settings)
            next = settings["group"]
        }
        return fields
    }
}
