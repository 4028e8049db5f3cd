// SPDX-License-Identifier: Apache-2.0

import CNetlink
import KernelObjects
import Primitives

/// Requests about links, addresses, neighbours and rules (rtnetlink(7)).
enum LinkMessages {
    private static let create = NLM_F_CREATE | NLM_F_EXCL

    /// What a veth's other end is born with.
    struct Peer {
        /// The descriptor of its namespace.
        var namespace: Int32
        var mtu: UInt32?
        /// Interface index; 0 lets the kernel choose.
        var index: UInt32
    }

    /// `ip link add …`. A veth's other end is born in the same request, in its own namespace.
    /// - Parameter index: the interface index; 0 lets the kernel choose.
    static func create(
        _ link: Link, in namespace: String, indexes: [String: UInt32], index: UInt32 = 0,
        peer: Peer? = nil
    ) -> NetlinkMessage {
        var message = NetlinkMessage(
            "create \(link.kind.name) \(link.name) in \(namespace)", type: Int(RTM_NEWLINK),
            flags: create)
        message.append(header(index))
        message.attribute(Int(IFLA_IFNAME), link.name)
        if let mtu = link.mtu { message.attribute(Int(IFLA_MTU), mtu) }
        if let mac = link.mac { message.attribute(Int(IFLA_ADDRESS), mac.bytes) }
        if let parent = link.kind.parent, let index = indexes[parent] {
            message.attribute(Int(IFLA_LINK), index)
        }
        message.nest(Int(IFLA_LINKINFO)) { info in
            info.attribute(Int(IFLA_INFO_KIND), link.kind.name)
            data(of: link.kind, &info, peer)
        }
        return message
    }

    private static func header(_ index: UInt32) -> ifinfomsg {
        var header = ifinfomsg()
        header.ifi_index = Int32(index)
        return header
    }

    private static func data(
        of kind: Link.Kind, _ info: inout NetlinkMessage, _ end: Peer?
    ) {
        switch kind {
        case .veth(let peer):
            info.nest(Int(IFLA_INFO_DATA)) { data in
                data.nest(Int(VETH_INFO_PEER)) { other in
                    other.append(header(end?.index ?? 0))
                    other.attribute(Int(IFLA_IFNAME), peer.link)
                    if let mtu = end?.mtu { other.attribute(Int(IFLA_MTU), mtu) }
                    if let namespace = end?.namespace {
                        other.attribute(Int(IFLA_NET_NS_FD), native: namespace)
                    }
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
        case .loopback, .bridge, .dummy: break
        }
    }
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
        }
    }
}
