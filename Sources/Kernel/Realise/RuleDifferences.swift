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
        let first = Rule(family: family, priority: 0, table: RoutingTable.local)
        let last = Rule(family: family, priority: 32765, table: RoutingTable.local)
        let operation = "move the local rule of IPv\(family.rawValue) in \(state.name)"
        var requests: [NetlinkMessage] = []
        if !observed.contains(last) {
            requests.append(LinkMessages.rule(last, adds: true, operation))
        }
        if observed.contains(first) {
            requests.append(LinkMessages.rule(first, adds: false, operation))
        }
        return requests
    }
}
