// SPDX-License-Identifier: Apache-2.0

import CNetlink
import KernelObjects
import Primitives

/// Which filters are missing that mark a VRF's packets of IPv6, so that errors find their way back.
///
/// The kernel sends Packet Too Big for a packet in the name of the link that is too small for it
/// (net/ipv6/ip6_output.c, ip6_forward), and so looks up the way back in the VRF of that link. From
/// the VRF of a customer into the provider's core that is another one, where the sender is unknown.
/// With the mark of the packet, a rule leads the error into the right table. IPv4 needs none of it.
struct MarkDifferences {
    let state: NamespaceState

    /// Behind the rule of VRFs (1000) and before that of local addresses.
    private static let priority: UInt32 = 1001

    /// The rules that look the errors up, each in the table that its mark names.
    static func rules(_ objects: NamespaceObjects) -> [Rule] {
        objects.links.compactMap {
            guard case .vrf(let table) = $0.kind else { return nil }
            return rule(table)
        }
    }

    static func rule(_ table: UInt32) -> Rule {
        Rule(family: .ipv6, priority: priority, table: table, mark: table)
    }

    func requests(_ objects: NamespaceObjects) throws(SystemError) -> [NetlinkMessage] {
        let tables = objects.tablesByDevice
        var requests: [NetlinkMessage] = []
        for link in objects.links {
            guard let table = link.master.flatMap({ tables[$0] }) else { continue }
            let operation = "mark what arrives on \(link.name) with \(table) in \(state.name)"
            let index = try state.index(of: link.name, for: operation)
            guard try !isMarked(index, table) else { continue }
            requests += [
                FilterMessages.addHook(index, "\(operation): hook"),
                FilterMessages.mark(with: table, on: index, operation),
            ]
        }
        return requests
    }

    private func isMarked(_ index: UInt32, _ table: UInt32) throws(SystemError) -> Bool {
        guard !state.isNew, !state.born.contains(index) else { return false }
        return try state.socket.dump(FilterMessages.list(on: index)).contains {
            guard let (filter, _) = $0.parsed(tcmsg.self) else { return false }
            return FilterMessages.isMark(filter, with: table)
        }
    }
}
