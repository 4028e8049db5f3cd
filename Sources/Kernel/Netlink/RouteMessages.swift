// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Requests about IP routes and MPLS label routes. Links are given by index, so that a message is
/// a pure function of what it says.
enum RouteMessages {
    /// Index of a link by name.
    typealias Indexes = [String: UInt32]

    /// `ip route replace …`. The next hops' links must be in `indexes`.
    static func replace(_ route: Route, _ indexes: Indexes, _ operation: String) -> NetlinkMessage {
        var header = header(route.key)
        header.rtm_scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
        var hops: [RouteNextHop] = []
        switch route.action {
        case .forward(let nextHops):
            hops = nextHops
            header.rtm_type = UInt8(RTN_UNICAST)
        case .group: header.rtm_type = UInt8(RTN_UNICAST)
        case .unreachable: header.rtm_type = UInt8(RTN_UNREACHABLE)
        case .blackhole: header.rtm_type = UInt8(RTN_BLACKHOLE)
        }
        if hops.count == 1, isOnLink(hops[0]) { header.rtm_flags = UInt32(RTNH_F_ONLINK) }
        var message = NetlinkMessage(
            operation, type: Int(RTM_NEWROUTE), flags: NLM_F_CREATE | NLM_F_REPLACE)
        append(header, route.key, &message)
        if let source = route.preferredSource {
            message.attribute(Int(RTA_PREFSRC.rawValue), source)
        }
        if case .group(let id) = route.action { message.attribute(Int(RTA_NH_ID.rawValue), id) }
        if !hops.isEmpty { addNextHops(hops, route.key.prefix.family, indexes, &message) }
        return message
    }

    /// `ip route del …`; only a route of Weft's own protocol matches.
    static func remove(_ key: Route.Key, _ operation: String) -> NetlinkMessage {
        var header = header(key)
        header.rtm_scope = UInt8(RT_SCOPE_NOWHERE.rawValue)
        var message = NetlinkMessage(operation, type: Int(RTM_DELROUTE))
        append(header, key, &message)
        return message
    }

    private static func header(_ key: Route.Key) -> rtmsg {
        var header = rtmsg()
        header.rtm_family = UInt8(key.prefix.family.socketFamily)
        header.rtm_dst_len = key.prefix.length
        header.rtm_table = key.table < 256 ? UInt8(key.table) : UInt8(RT_TABLE_UNSPEC.rawValue)
        header.rtm_protocol = RouteProtocol.weft
        return header
    }

    private static func append(
        _ header: rtmsg, _ key: Route.Key, _ message: inout NetlinkMessage
    ) {
        message.append(header)
        message.attribute(Int(RTA_TABLE.rawValue), key.table)
        if key.prefix.length > 0 { message.attribute(Int(RTA_DST.rawValue), key.prefix.address) }
        if key.metric > 0 { message.attribute(Int(RTA_PRIORITY.rawValue), key.metric) }
    }

    /// The kernel refuses the flag where there is no gateway, for there is nothing to look up.
    private static func isOnLink(_ hop: RouteNextHop) -> Bool { hop.isOnLink && hop.via != nil }

    // MARK: Next hops

    private static func addNextHops(
        _ hops: [RouteNextHop], _ family: AddressFamily?, _ indexes: Indexes,
        _ message: inout NetlinkMessage
    ) {
        if hops.count == 1, let hop = hops.first {
            message.attribute(Int(RTA_OIF.rawValue), indexes[hop.link] ?? 0)
            addGateway(hop, family, &message)
            return
        }
        message.nest(Int(RTA_MULTIPATH.rawValue)) { list in
            for hop in hops {
                let start = list.openNextHop(
                    index: indexes[hop.link] ?? 0, isOnLink: isOnLink(hop))
                addGateway(hop, family, &list)
                list.close(start)
            }
        }
    }

    /// - Parameter family: the route's; nil for a label route, whose labels are swapped.
    private static func addGateway(
        _ hop: RouteNextHop, _ family: AddressFamily?, _ message: inout NetlinkMessage
    ) {
        if let via = hop.via {
            if via.family == family {
                message.attribute(Int(RTA_GATEWAY.rawValue), via)
            } else if family == .ipv6 {
                message.attribute(Int(RTA_GATEWAY.rawValue), via.mapped)
            } else {
                let type = withUnsafeBytes(of: UInt16(via.family.socketFamily)) { Array($0) }
                message.attribute(Int(RTA_VIA.rawValue), type + via.bytes)
            }
        }
        guard !hop.labels.isEmpty else { return }
        let stack = labelStack(hop.labels)
        if family == nil {
            message.attribute(Int(RTA_NEWDST.rawValue), stack)
        } else {
            message.nest(Int(RTA_ENCAP.rawValue)) {
                $0.attribute(Int(MPLS_IPTUNNEL_DST), stack)
            }
            message.attribute(
                Int(RTA_ENCAP_TYPE.rawValue), UInt16(LWTUNNEL_ENCAP_MPLS.rawValue))
        }
    }

    /// Label stack entries, bottom of stack marked on the last (RFC 3032 §2.1).
    static func labelStack(_ labels: [Label]) -> [UInt8] {
        labels.indices.flatMap { index -> [UInt8] in
            let entry = labels[index].value << 12 | (index == labels.count - 1 ? 1 << 8 : 0)
            return withUnsafeBytes(of: entry.bigEndian) { Array($0) }
        }
    }

    // MARK: Label routes

    /// `ip -f mpls route replace LABEL …`. The kernel wants universe scope, unicast type and no
    /// priority, even to delete.
    static func replace(
        _ label: Label, _ hops: [RouteNextHop], _ indexes: Indexes, _ operation: String
    ) -> NetlinkMessage {
        var message = labelHeader(label, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, operation)
        addNextHops(hops, nil, indexes, &message)
        return message
    }

    static func remove(_ label: Label, _ operation: String) -> NetlinkMessage {
        labelHeader(label, RTM_DELROUTE, 0, operation)
    }

    private static func labelHeader(
        _ label: Label, _ type: Int, _ flags: Int32, _ operation: String
    ) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: type, flags: flags)
        var header = rtmsg()
        header.rtm_family = UInt8(AF_MPLS)
        header.rtm_dst_len = 20
        header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        header.rtm_protocol = RouteProtocol.weft
        header.rtm_scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
        header.rtm_type = UInt8(RTN_UNICAST)
        message.append(header)
        message.attribute(Int(RTA_DST.rawValue), labelStack([label]))
        return message
    }
}

extension NetlinkMessage {
    /// Opens a `struct rtnexthop`, whose length `close` fills in like an attribute's.
    mutating func openNextHop(index: UInt32, isOnLink: Bool) -> Int {
        let start = open(isOnLink ? Int(RTNH_F_ONLINK) : 0)
        append(index)
        return start
    }
}
