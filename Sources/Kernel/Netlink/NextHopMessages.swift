// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Requests about next hops that stand on their own, and groups of them.
enum NextHopMessages {
    /// `ip nexthop replace id … via … dev … encap mpls …`.
    static func replace(
        _ object: NextHopObject, on link: UInt32, _ operation: String
    ) -> NetlinkMessage {
        let via = object.family == .ipv6 ? object.hop.via?.mapped : object.hop.via
        let isOnLink = object.hop.isOnLink && via != nil
        var message = start(
            via?.family.socketFamily ?? object.family.socketFamily, isOnLink: isOnLink, operation)
        message.attribute(Int(NHA_ID), object.id)
        message.attribute(Int(NHA_OIF), link)
        if let via { message.attribute(Int(NHA_GATEWAY), via) }
        guard !object.hop.labels.isEmpty else { return message }
        message.nest(Int(NHA_ENCAP)) {
            $0.attribute(Int(MPLS_IPTUNNEL_DST), RouteMessages.labelStack(object.hop.labels))
        }
        message.attribute(Int(NHA_ENCAP_TYPE), UInt16(LWTUNNEL_ENCAP_MPLS.rawValue))
        return message
    }

    /// `ip nexthop replace id … group …,WEIGHT type resilient …`. Packets change over at once: no
    /// flow is waited for.
    static func replace(_ group: NextHopGroup, _ operation: String) -> NetlinkMessage {
        var message = start(AF_UNSPEC, isOnLink: false, operation)
        message.attribute(Int(NHA_ID), group.id)
        let legs = group.legs.flatMap { leg -> [UInt8] in
            // Headers differ in the names of what is reserved.
            var entry = nexthop_grp()
            entry.id = leg.nextHop
            // The kernel counts weights from 0.
            entry.weight = UInt8(leg.role.rawValue - 1)
            return withUnsafeBytes(of: entry) { Array($0) }
        }
        message.attribute(Int(NHA_GROUP), legs)
        message.attribute(Int(NHA_GROUP_TYPE), UInt16(NEXTHOP_GRP_TYPE_RES))
        message.nest(Int(NHA_RES_GROUP)) {
            $0.attribute(Int(NHA_RES_GROUP_BUCKETS), NextHopGroup.bucketCount)
            $0.attribute(Int(NHA_RES_GROUP_IDLE_TIMER), UInt32(0))
        }
        return message
    }

    /// `ip nexthop del id …`.
    static func remove(_ id: UInt32, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: Int(RTM_DELNEXTHOP))
        message.append(nhmsg())
        message.attribute(Int(NHA_ID), id)
        return message
    }

    private static func start(
        _ family: Int32, isOnLink: Bool, _ operation: String
    ) -> NetlinkMessage {
        var message = NetlinkMessage(
            operation, type: Int(RTM_NEWNEXTHOP), flags: NLM_F_CREATE | NLM_F_REPLACE)
        var header = nhmsg()
        header.nh_family = UInt8(family)
        header.nh_protocol = RouteProtocol.weft
        header.nh_flags = isOnLink ? UInt32(RTNH_F_ONLINK) : 0
        message.append(header)
        return message
    }
}
