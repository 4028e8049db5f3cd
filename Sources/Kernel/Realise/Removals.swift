// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects
import Primitives

/// The requests that take out of a namespace what a change of the lab has left over. What is gone
/// already, also by the user's hand, is no error.
struct Removals {
    let state: NamespaceState
    let surplus: NamespaceSurplus

    /// How the kernel says that there is nothing to remove.
    static let absence: Set<Int32> = [
        ENODEV, ENOENT, ESRCH, EADDRNOTAVAIL, EINVAL, EAFNOSUPPORT,
    ]

    /// Links first: most of the rest goes with them.
    var requests: [NetlinkMessage] { links + masters + addresses + neighbours + marks }

    private func index(_ link: String) -> UInt32? { state.links[link]?.index }

    private var links: [NetlinkMessage] {
        surplus.links.compactMap { name in
            index(name).map { LinkMessages.delete($0, "delete \(name) in \(state.name)") }
        }
    }

    private var masters: [NetlinkMessage] {
        surplus.freed.compactMap { name in
            index(name).map {
                LinkMessages.change(
                    .init(master: 0), of: $0, "take \(name) out of its master in \(state.name)")
            }
        }
    }

    private var addresses: [NetlinkMessage] {
        surplus.addresses.compactMap { gone in
            index(gone.link).map {
                LinkMessages.address(
                    gone.address, on: $0, adds: false,
                    "remove \(gone.address) from \(gone.link) in \(state.name)")
            }
        }
    }

    private var neighbours: [NetlinkMessage] {
        surplus.neighbours.compactMap { gone in
            index(gone.link).map {
                LinkMessages.neighbour(
                    gone, on: $0, adds: false,
                    "remove neighbour \(gone.address) from \(gone.link) in \(state.name)")
            }
        }
    }

    private var marks: [NetlinkMessage] {
        surplus.marks.compactMap { mark in
            index(mark.link).map {
                FilterMessages.removeMark(
                    with: mark.table, on: $0,
                    "mark nothing with \(mark.table) on \(mark.link) in \(state.name)")
            }
        }
    }

    /// Rules, which are looked for: each is there once or not at all.
    func rules() throws(SystemError) -> [NetlinkMessage] {
        guard !surplus.rules.isEmpty || !surplus.tables.isEmpty || surplus.losesVRFs else {
            return []
        }
        var requests: [NetlinkMessage] = []
        for family in AddressFamily.allCases {
            let observed = try state.socket.rules(family)
            let marks = family == .ipv6 ? surplus.tables.map(MarkDifferences.rule) : []
            let gone = surplus.rules.filter { $0.family == family } + marks
            requests += gone.filter(observed.contains).map {
                LinkMessages.rule(
                    $0, adds: false,
                    "remove rule \($0.priority) for table \($0.table) in \(state.name)")
            }
            if surplus.losesVRFs {
                requests += RuleDifferences(state: state).moveLocalRuleBack(family, observed)
            }
        }
        return requests
    }

    /// Policies first: what has one and no association is dropped.
    var security: [NetlinkMessage] {
        surplus.policies.map { policy in
            let way = "\(policy.source) to \(policy.destination) \(policy.direction.rawValue)"
            return SecurityMessages.remove(
                policy, "remove security policy \(way) in \(state.name)")
        }
            + surplus.associations.map {
                SecurityMessages.remove(
                    $0, "remove association \($0.spi) to \($0.destination) in \(state.name)")
            }
    }
}
