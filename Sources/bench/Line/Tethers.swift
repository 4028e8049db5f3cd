// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives

/// Cables from a namespace of their own to some of those that are about to go: namespaces are
/// destroyed behind the program's back, and a cable goes with the namespace that holds its end.
final class Tethers {
    private let outside: Namespace
    private let monitor: LinkMonitor
    private var count = 0

    /// Ties up eight of the namespaces, spread over all, the last one among them.
    init(to namespaces: [Int32]) throws(SystemError) {
        outside = try Namespace.create("outside")
        monitor = try outside.enter { () throws(SystemError) in try LinkMonitor() }
        let wanted = min(8, namespaces.count)
        for number in 1...wanted { try tie(namespaces[namespaces.count * number / wanted - 1]) }
    }

    private func tie(_ namespace: Int32) throws(SystemError) {
        let index = Int32(10_000 + 2 * count)
        var netlink = PlainNetlink()
        netlink.makeVeth(index, namespace, names: (Self.names[count], "tether"))
        try outside.enter { () throws(SystemError) in
            let socket = try PlainNetlink.socket()
            defer { close(socket) }
            try netlink.exchange(socket)
        }
        count += 1
    }

    private static let names: [StaticString] = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"]

    /// Waits until all the namespaces are gone.
    func wait() throws(SystemError) {
        let poller = try Poller()
        try poller.add(monitor.descriptor, token: 0)
        while count > 0 {
            _ = try poller.wait(until: nil)
            for case .removed in try monitor.events() { count -= 1 }
        }
    }
}
