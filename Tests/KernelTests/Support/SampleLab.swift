// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives
import Testing

/// Reads a value that the test itself wrote down.
func value<Value: LosslessStringConvertible>(_ text: String, as: Value.Type = Value.self) throws
    -> Value
{
    try #require(Value(text), "\(text) is no \(Value.self)")
}

/// Two routers on a cable and on a LAN, with one object of every kind that a bare kernel carries.
enum SampleLab {
    static let virtualMAC = "00:00:5e:00:01:07"

    static func objects() throws -> LabObjects {
        LabObjects(namespaces: [try left(), try right(), lan])
    }

    private static func left() throws -> NamespaceObjects {
        NamespaceObjects(
            name: "left",
            links: [
                Link(name: "lo", kind: .loopback),
                Link(
                    name: "cable", kind: .veth(peer: LinkEnd(namespace: "right", link: "cable")),
                    mtu: 1516, mac: try value("02:00:00:00:00:01")),
                Link(
                    name: "lan", kind: .veth(peer: LinkEnd(namespace: "segment", link: "left"))),
                Link(
                    name: "vrrp7", kind: .macvlan(parent: "lan"), mac: try value(virtualMAC),
                    isUp: false),
            ],
            addresses: [
                LinkAddress(link: "lo", address: try value("10.0.0.1/32")),
                LinkAddress(link: "cable", address: try value("192.0.2.1/30")),
                LinkAddress(link: "cable", address: try value("2001:db8::1/64")),
                LinkAddress(link: "lan", address: try value("198.51.100.1/24")),
            ],
            neighbours: [
                Neighbour(
                    link: "cable", address: try value("192.0.2.2"),
                    linkLayerAddress: [2, 0, 0, 0, 0, 2]),
                Neighbour(
                    link: "cable", address: try value("2001:db8::2"),
                    linkLayerAddress: [2, 0, 0, 0, 0, 2]),
            ],
            rules: [
                Rule(family: .ipv4, priority: 500, table: 1001),
                Rule(family: .ipv6, priority: 500, table: 200),
            ],
            sysctls: [
                Sysctl("net/ipv4/ip_forward", "1"), Sysctl("net/ipv4/conf/cable/rp_filter", "0"),
            ])
    }

    private static func right() throws -> NamespaceObjects {
        NamespaceObjects(
            name: "right",
            links: [
                Link(name: "lo", kind: .loopback),
                Link(
                    name: "cable", kind: .veth(peer: LinkEnd(namespace: "left", link: "cable")),
                    mtu: 1700, mac: try value("02:00:00:00:00:02")),
                Link(
                    name: "lan", kind: .veth(peer: LinkEnd(namespace: "segment", link: "right"))),
            ],
            addresses: [
                LinkAddress(link: "cable", address: try value("192.0.2.2/30")),
                LinkAddress(link: "cable", address: try value("2001:db8::2/64")),
                LinkAddress(link: "lan", address: try value("198.51.100.2/24")),
            ])
    }

    private static let lan = NamespaceObjects(
        name: "segment",
        links: [
            Link(name: "bridge", kind: .bridge, ipv6: .off),
            port("left"), port("right"),
        ])

    private static func port(_ router: String) -> Link {
        Link(
            name: router, kind: .veth(peer: LinkEnd(namespace: router, link: "lan")),
            master: "bridge", ipv6: .off)
    }
}

extension Realiser {
    /// What looks into a namespace of the lab.
    func witness(_ name: String) throws -> Witness {
        Witness(namespace: try #require(namespace(name)))
    }
}
