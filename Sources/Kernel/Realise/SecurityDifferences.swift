// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives

/// Which security associations and policies of a namespace are missing or different.
struct SecurityDifferences {
    let state: NamespaceState
    let keys: KeyRing

    /// Requests for a socket of NETLINK_XFRM. Associations come before the policies that ask for
    /// them: what a policy finds no association for is dropped.
    func requests(_ objects: NamespaceObjects) throws(SystemError) -> [NetlinkMessage] {
        try associations(objects.securityAssociations) + policies(objects.securityPolicies)
    }

    /// The kernel cannot change an association's key: a different one makes way first.
    private func associations(
        _ wanted: [SecurityAssociation]
    ) throws(SystemError) -> [NetlinkMessage] {
        guard !wanted.isEmpty else { return [] }
        let held = try state.isNew ? [:] : state.security().heldAssociations()
        var requests: [NetlinkMessage] = []
        for association in wanted {
            let key = keys.key(association.keyName, length: association.cipher.keyLength)
            let new = HeldAssociation(association, key: key)
            let old = held[new.key]
            guard old != new else { continue }
            let words = "association \(association.spi) to \(association.destination)"
            if old != nil {
                requests.append(
                    SecurityMessages.remove(association, "remove \(words) in \(state.name)"))
            }
            requests.append(
                SecurityMessages.add(association, key: key, "add \(words) in \(state.name)"))
        }
        return requests
    }

    private func policies(_ wanted: [SecurityPolicy]) throws(SystemError) -> [NetlinkMessage] {
        guard !wanted.isEmpty else { return [] }
        let observed = try state.isNew ? [] : state.security().securityPolicies()
        return wanted.filter { !observed.contains($0) }.map { policy in
            let way = "\(policy.source) to \(policy.destination) \(policy.direction.rawValue)"
            return SecurityMessages.set(policy, "set security policy \(way) in \(state.name)")
        }
    }
}
