// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A network interface that must exist in a namespace, as rtnetlink knows it.
package struct Link: Hashable, Sendable {
    /// The interface name: 1 to 15 bytes, no '/' and no white space.
    package var name: String
    package var kind: Kind
    /// Octets; nil keeps the kernel's default.
    package var mtu: UInt32?
    /// nil keeps the address that the kernel chooses.
    package var mac: MACAddress?
    /// The bridge or VRF device that this link is a port of.
    package var master: String?
    package var isUp: Bool
    package var ipv6: IPv6Mode

    package init(
        name: String, kind: Kind, mtu: UInt32? = nil, mac: MACAddress? = nil,
        master: String? = nil, isUp: Bool = true, ipv6: IPv6Mode = .routerOnly
    ) {
        self.name = name
        self.kind = kind
        self.mtu = mtu
        self.mac = mac
        self.master = master
        self.isUp = isUp
        self.ipv6 = ipv6
    }

    /// What kind of device it is, with what only that kind has.
    package enum Kind: Hashable, Sendable {
        /// `lo`, which every namespace has.
        case loopback
        /// One end of a pair; the other end is a link of another namespace of the lab.
        case veth(peer: LinkEnd)
        /// IEEE 802.1Q on top of a link; identifier 1 to 4094.
        case vlan(parent: String, identifier: UInt16)
        case bridge
        case dummy
        /// Bridge mode, so that all macvlans of a parent hear each other's frames.
        case macvlan(parent: String)
        /// A VRF device, with the number of its routing table.
        case vrf(table: UInt32)
        /// Generic routing encapsulation over IPv4 (RFC 2784, RFC 2890). Its MTU must be given:
        /// the kernel knows nothing of IPsec below, and drops labelled packets that turn out too
        /// large only after encapsulation without a word.
        case gre(GRETunnel)

        /// The link that must exist first.
        package var parent: String? {
            switch self {
            case .vlan(let parent, _), .macvlan(let parent): parent
            case .loopback, .veth, .bridge, .dummy, .vrf, .gre: nil
            }
        }
    }

    /// What IPv6 does on a link by itself.
    package enum IPv6Mode: Hashable, Sendable {
        /// No IPv6 address but what is given, and so no packet of its own: switches, the underside
        /// of VLAN trunks, and the links of virtual routers, which make none of the virtual MAC
        /// address (RFC 9568 §7.4). Routes of IPv6 can lead through it all the same.
        case off
        /// A link-local address without waiting for duplicate detection, no router advertisements.
        case routerOnly
    }
}

/// What a GRE link is made of.
package struct GRETunnel: Hashable, Sendable {
    /// The source of encapsulating packets.
    package var local: IPv4Address
    /// nil makes the link multipoint: its permanent neighbours say where packets go.
    package var remote: IPv4Address?
    /// The key of RFC 2890 §2.1, in both directions.
    package var key: UInt32?
    /// Of encapsulating packets; not inherited, so that the core is one hop.
    package var ttl: UInt8

    package init(
        local: IPv4Address, remote: IPv4Address? = nil, key: UInt32? = nil, ttl: UInt8 = 64
    ) {
        self.local = local
        self.remote = remote
        self.key = key
        self.ttl = ttl
    }
}

/// One end of a veth pair: a link by namespace and name.
package struct LinkEnd: Hashable, Sendable, Comparable {
    /// The name of the namespace, which is the node's name.
    package let namespace: String
    package let link: String

    package init(namespace: String, link: String) {
        self.namespace = namespace
        self.link = link
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.namespace, a.link) < (b.namespace, b.link)
    }
}

/// An address on a link. Duplicate address detection is always off: a lab knows its addresses.
package struct LinkAddress: Hashable, Sendable, Comparable {
    package var link: String
    package var address: InterfaceAddress

    package init(link: String, address: InterfaceAddress) {
        self.link = link
        self.address = address
    }

    package static func < (a: Self, b: Self) -> Bool { (a.link, a.address) < (b.link, b.address) }
}

/// A permanent neighbour entry. The link-layer address of a multipoint GRE link is an IP address.
package struct Neighbour: Hashable, Sendable {
    package var link: String
    package var address: IPAddress
    /// 4, 6 or 16 octets.
    package var linkLayerAddress: [UInt8]

    package init(link: String, address: IPAddress, linkLayerAddress: [UInt8]) {
        self.link = link
        self.address = address
        self.linkLayerAddress = linkLayerAddress
    }
}
