// SPDX-License-Identifier: Apache-2.0

import CNetlink
import KernelObjects
import Primitives

/// Requests about links, addresses, neighbours and rules (rtnetlink(7)).
enum LinkMessages {
    private static let create = NLM_F_CREATE | NLM_F_EXCL

    /// `ip link add …`. A veth's other end is born in the same request, in its own namespace.
    static func create(
        _ link: Link, in namespace: String, indexes: [String: UInt32],
        peerNamespace: Int32? = nil, peerMTU: UInt32? = nil
    ) -> NetlinkMessage {
        var message = NetlinkMessage(
            "create \(link.kind.name) \(link.name) in \(namespace)", type: Int(RTM_NEWLINK),
            flags: create)
        message.append(ifinfomsg())
        message.attribute(Int(IFLA_IFNAME), link.name)
        if let mtu = link.mtu { message.attribute(Int(IFLA_MTU), mtu) }
        if let mac = link.mac { message.attribute(Int(IFLA_ADDRESS), mac.bytes) }
        if let parent = link.kind.parent, let index = indexes[parent] {
            message.attribute(Int(IFLA_LINK), index)
        }
        message.nest(Int(IFLA_LINKINFO)) { info in
            info.attribute(Int(IFLA_INFO_KIND), link.kind.name)
            data(of: link.kind, &info, peerNamespace: peerNamespace, peerMTU: peerMTU)
        }
        return message
    }

    private static func data(
        of kind: Link.Kind, _ info: inout NetlinkMessage, peerNamespace: Int32?, peerMTU: UInt32?
    ) {
        switch kind {
        case .veth(let peer):
            info.nest(Int(IFLA_INFO_DATA)) { data in
                data.nest(Int(VETH_INFO_PEER)) { end in
                    end.append(ifinfomsg())
                    end.attribute(Int(IFLA_IFNAME), peer.link)
                    if let peerMTU { end.attribute(Int(IFLA_MTU), peerMTU) }
                    if let peerNamespace {
                        end.attribute(Int(IFLA_NET_NS_FD), native: peerNamespace)
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
