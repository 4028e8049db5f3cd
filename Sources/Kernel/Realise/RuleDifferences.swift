// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives

/// Which routing policy rules of a namespace are missing or misplaced.
struct RuleDifferences {
    let state: NamespaceState

    func requests(_ objects: NamespaceObjects) throws(SystemError) -> [NetlinkMessage] {
        var requests: [NetlinkMessage] = []
        for family in AddressFamily.allCases {
            let marks = family == .ipv6 ? MarkDifferences.rules(objects) : []
            let wanted = objects.rules.filter { $0.family == family } + marks
            guard objects.hasVRFs || !wanted.isEmpty else { continue }
            let observed = try state.socket.rules(family)
            if objects.hasVRFs { requests += moveLocalRule(family, observed) }
            for rule in wanted where !observed.contains(rule) {
                let operation = "add rule \(rule.priority) for table \(rule.table) in \(state.name)"
                requests.append(LinkMessages.rule(rule, adds: true, operation))
            }
        }
        return requests
    }

    /// Moves the look-up of local addresses behind that of VRFs: at its usual place an address of
    /// the default VRF captures traffic of every VRF.
    private func moveLocalRule(_ family: AddressFamily, _ observed: [Rule]) -> [NetlinkMessage] {
        move(from: Self.usual(family), to: Self.behindVRFs(family), observed)
    }

    /// To its usual place.
    func moveLocalRuleBack(_ family: AddressFamily, _ observed: [Rule]) -> [NetlinkMessage] {
        move(from: Self.behindVRFs(family), to: Self.usual(family), observed)
    }

    private static func usual(_ family: AddressFamily) -> Rule {
        Rule(family: family, priority: 0, table: RoutingTable.local)
    }

    private static func behindVRFs(_ family: AddressFamily) -> Rule {
        Rule(family: family, priority: 32765, table: RoutingTable.local)
    }

    private func move(from old: Rule, to new: Rule, _ observed: [Rule]) -> [NetlinkMessage] {
        let operation = "move the local rule of IPv\(old.family.rawValue) in \(state.name)"
        var requests: [NetlinkMessage] = []
        if !observed.contains(new) {
            requests.append(LinkMessages.rule(new, adds: true, operation))
        }
        if observed.contains(old) {
            requests.append(LinkMessages.rule(old, adds: false, operation))
        }
        return requests
    }
}
