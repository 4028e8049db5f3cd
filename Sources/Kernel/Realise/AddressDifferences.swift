// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects
import Primitives

/// Which addresses and neighbours of a namespace are missing.
struct AddressDifferences {
    let state: NamespaceState

    func requests(_ objects: NamespaceObjects) throws(SystemError) -> [NetlinkMessage] {
        try addresses(objects) + (try neighbours(objects))
    }

    private func addresses(_ objects: NamespaceObjects) throws(SystemError) -> [NetlinkMessage] {
        guard !objects.addresses.isEmpty else { return [] }
        let observed = try state.addresses()
        var requests: [NetlinkMessage] = []
        for wanted in objects.addresses {
            let operation = "add \(wanted.address) to \(wanted.link) in \(objects.name)"
            let index = try state.index(of: wanted.link, for: operation)
            guard observed[index]?.contains(wanted.address) != true else { continue }
            requests.append(
                LinkMessages.address(wanted.address, on: index, adds: true, operation))
        }
        return requests
    }

    private func neighbours(_ objects: NamespaceObjects) throws(SystemError) -> [NetlinkMessage] {
        guard !objects.neighbours.isEmpty else { return [] }
        let observed = try state.neighbours()
        var requests: [NetlinkMessage] = []
        for wanted in objects.neighbours where !observed.contains(wanted) {
            let operation = "add neighbour \(wanted.address) to \(wanted.link) in \(objects.name)"
            let index = try state.index(of: wanted.link, for: operation)
            requests.append(LinkMessages.neighbour(wanted, on: index, adds: true, operation))
        }
        return requests
    }
}
