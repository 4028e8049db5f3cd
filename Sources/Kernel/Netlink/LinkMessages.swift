// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Requests about links, addresses, neighbours and rules (rtnetlink(7)).
enum LinkMessages {
    /// A link that is to be made, and which index it is to have: children and changes of the same
    /// batch can then name it without asking for it first.
    struct Birth {
        var link: Link
        var namespace: String
        var index: UInt32
        /// Of the link's VLAN or macvlan parent.
        var parent: UInt32?
        var peer: Peer?

        /// The other end of a veth, which is born in the same request, in its own namespace.
        struct Peer {
            var link: Link
            var index: UInt32
            /// Descriptor of the namespace.
            var namespace: Int32
        }

        /// Whether it can be born up: not before its parent is up, it is in its master, or has been
        /// told to make no IPv6 address.
        var isUp: Bool {
            link.isUp && parent == nil && link.master == nil && link.ipv6 == .routerOnly
        }
    }

    /// `ip link add …`.
    static func create(_ birth: Birth) -> NetlinkMessage {
        let link = birth.link
        var message = NetlinkMessage(
            "create \(link.kind.name) \(link.name) in \(birth.namespace)", type: Int(RTM_NEWLINK),
            flags: NLM_F_CREATE | NLM_F_EXCL)
        describe(link, birth.index, isUp: birth.isUp, &message)
        if let parent = birth.parent { message.attribute(Int(IFLA_LINK), parent) }
        message.nest(Int(IFLA_LINKINFO)) { info in
            info.attribute(Int(IFLA_INFO_KIND), link.kind.name)
            data(of: link.kind, birth.peer, &info)
        }
        return message
    }

    private static func describe(
        _ link: Link, _ index: UInt32, isUp: Bool, _ message: inout NetlinkMessage
    ) {
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: index)
        if isUp {
            header.ifi_flags = UInt32(IFF_UP)
            header.ifi_change = UInt32(IFF_UP)
        }
        message.append(header)
        message.attribute(Int(IFLA_IFNAME), link.name)
        if let mtu = link.mtu { message.attribute(Int(IFLA_MTU), mtu) }
        if let mac = link.mac { message.attribute(Int(IFLA_ADDRESS), mac.bytes) }
        if case .veth = link.kind { addQueues(&message) }
    }

    /// One queue each way, which is what a veth uses. It would be born with one for each processor,
    /// and the kernel waits for all processors twice before it has taken the others away again.
    private static func addQueues(_ message: inout NetlinkMessage) {
        message.attribute(Int(IFLA_NUM_TX_QUEUES), UInt32(1))
        message.attribute(Int(IFLA_NUM_RX_QUEUES), UInt32(1))
    }

    private static func data(
        of kind: Link.Kind, _ peer: Birth.Peer?, _ info: inout NetlinkMessage
    ) {
        switch kind {
        case .veth:
            guard let peer else { return }
            info.nest(Int(IFLA_INFO_DATA)) { data in
                data.nest(Int(VETH_INFO_PEER)) { end in
                    describe(peer.link, peer.index, isUp: false, &end)
                    end.attribute(Int(IFLA_NET_NS_FD), native: peer.namespace)
                }
            }
        case .vlan(_, let identifier):
            info.nest(Int(IFLA_INFO_DATA)) { $0.attribute(Int(IFLA_VLAN_ID), identifier) }
        case .macvlan:
            info.nest(Int(IFLA_INFO_DATA)) {
                $0.attribute(Int(IFLA_MACVLAN_MODE), UInt32(MACVLAN_MODE_BRIDGE.rawValue))
            }
        case .vrf(let table):
            info.nest(Int(IFLA_INFO_DATA)) { $0.attribute(Int(IFLA_VRF_TABLE), table) }
        case .gre(let tunnel): info.nest(Int(IFLA_INFO_DATA)) { describe(tunnel, &$0) }
        case .loopback, .bridge, .dummy: break
        }
    }

    /// `local … remote … key … ttl …`, keys in network order.
    private static func describe(_ tunnel: GRETunnel, _ data: inout NetlinkMessage) {
        if let key = tunnel.key {
            for attribute in [GREAttribute.inputFlags, GREAttribute.outputFlags] {
                data.attribute(attribute, native: GREAttribute.keyFlag.bigEndian)
            }
            for attribute in [GREAttribute.inputKey, GREAttribute.outputKey] {
                data.attribute(attribute, native: key.bigEndian)
            }
        }
        data.attribute(GREAttribute.local, IPAddress(tunnel.local).bytes)
        if let remote = tunnel.remote {
            data.attribute(GREAttribute.remote, IPAddress(remote).bytes)
        }
        data.attribute(GREAttribute.ttl, tunnel.ttl)
    }
}

/// IFLA_GRE_… of linux/if_tunnel.h, a header that contradicts the C library's net/if.h.
enum GREAttribute {
    static let inputFlags = 2
    static let outputFlags = 3
    static let inputKey = 4
    static let outputKey = 5
    static let local = 6
    static let remote = 7
    static let ttl = 8

    /// GRE_KEY, as it stands in the first half of the header in network order.
    static let keyFlag: UInt16 = 0x2000
}

extension Link.Kind {
    /// The kernel's name for the kind (IFLA_INFO_KIND).
    var name: String {
        switch self {
        case .loopback: "loopback"
        case .veth: "veth"
        case .vlan: "vlan"
        case .bridge: "bridge"
        case .dummy: "dummy"
        case .macvlan: "macvlan"
        case .vrf: "vrf"
        case .gre: "gre"
        }
    }
}
