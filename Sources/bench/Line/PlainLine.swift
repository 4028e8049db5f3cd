// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Kernel
import Primitives

/// The least that a program must do to make a line of namespaces.
struct PlainLine: ~Copyable {
    private(set) var namespaces: [Int32] = []
    private let home: Int32
    private var netlink = PlainNetlink()

    init() throws(SystemError) {
        home = try Self.current()
    }

    deinit {
        for namespace in namespaces { close(namespace) }
        close(home)
    }

    private static func current() throws(SystemError) -> Int32 {
        let descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open the namespace") }
        return descriptor
    }

    private static func clear(_ name: String) throws(SystemError) {
        let file = open("/proc/sys/net/ipv6/conf/default/" + name, O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        guard write(file, "0", 1) == 1 else { throw SystemError("clear \(name)") }
    }

    /// Makes `count` namespaces, each with a veth pair to the one before, addresses, all up.
    mutating func make(_ count: Int) throws(SystemError) {
        var before: Int32 = -1
        for number in 0..<count {
            guard weft_unshare(Int32(CLONE_NEWNET)) == 0 else { throw SystemError("unshare") }
            namespaces.append(try Self.current())
            // A router's links do not wait for duplicates of their link-local addresses.
            for name in ["accept_dad", "accept_ra"] { try Self.clear(name) }
            let here = try PlainNetlink.socket()
            netlink.setUp(1)
            if number > 0 {
                let index = Int32(1000 + 2 * number)
                netlink.makeVeth(index, namespaces[number - 1], names: ("west", "east"))
                netlink.setAddress(LineLab.address(number, 1), index)
                try netlink.exchange(here)
                netlink.setUp(index + 1)
                netlink.setAddress(LineLab.address(number, 2), index + 1)
                try netlink.exchange(before)
                close(before)
            } else {
                try netlink.exchange(here)
            }
            before = here
        }
        close(before)
        guard weft_setns(home, Int32(CLONE_NEWNET)) == 0 else { throw SystemError("go home") }
    }
}
