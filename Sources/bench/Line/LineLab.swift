// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives

/// A line of nodes: each has a cable to the one before and to the one behind it.
enum LineLab {
    static let prefixLength: UInt8 = 30

    /// Of one end of the cable to the west of a node: 10.x.y.z, a /30 for each cable.
    static func address(_ number: Int, _ host: UInt8) -> UInt32 {
        10 << 24 | UInt32(number) << 2 | UInt32(host)
    }

    static func name(_ number: Int) -> String { "n\(number)" }

    static func objects(_ count: Int) -> LabObjects {
        LabObjects(namespaces: (0..<count).map { node($0, of: count) })
    }

    private static func node(_ number: Int, of count: Int) -> NamespaceObjects {
        var node = NamespaceObjects(
            name: name(number), links: [Link(name: "lo", kind: .loopback)])
        if number > 0 { attach("west", to: number - 1, "east", cable: number, 1, &node) }
        if number < count - 1 {
            attach("east", to: number + 1, "west", cable: number + 1, 2, &node)
        }
        return node
    }

    private static func attach(
        _ link: String, to other: Int, _ end: String, cable: Int, _ host: UInt8,
        _ node: inout NamespaceObjects
    ) {
        let peer = LinkEnd(namespace: name(other), link: end)
        node.links.append(Link(name: link, kind: .veth(peer: peer)))
        let address = IPAddress(family: .ipv4, bits: UInt128(address(cable, host)))
        node.addresses.append(
            LinkAddress(link: link, address: InterfaceAddress(address, length: prefixLength)))
    }
}
