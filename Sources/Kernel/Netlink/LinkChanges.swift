// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

extension NetlinkSocket {
    /// `ip link set … up|down`.
    package func set(link index: UInt32, _ name: String, isUp: Bool) throws(SystemError) {
        let operation = "set \(name) \(isUp ? "up" : "down")"
        try send(LinkMessages.change(.init(isUp: isUp), of: index, operation))
    }

    /// `ip address add … nodad`; one that is there already is left as it is.
    /// - Parameter isPreferred: else the kernel never chooses it as a source (IPv6).
    package func add(
        _ address: InterfaceAddress, to index: UInt32, _ name: String, isPreferred: Bool = true
    ) throws(SystemError) {
        let operation = "add \(address) to \(name)"
        try send(
            LinkMessages.address(
                address, on: index, adds: true, isPreferred: isPreferred, operation),
            tolerating: [EEXIST])
    }

    /// `ip address del`; one that is gone already is no error.
    package func remove(
        _ address: InterfaceAddress, from index: UInt32, _ name: String
    ) throws(SystemError) {
        let operation = "remove \(address) from \(name)"
        try send(
            LinkMessages.address(address, on: index, adds: false, operation),
            tolerating: [EADDRNOTAVAIL, ENODEV])
    }
}
