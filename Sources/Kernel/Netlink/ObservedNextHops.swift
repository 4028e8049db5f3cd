// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

extension ForwardingTables {
    /// The next hops and the groups that Weft put into the kernel, in the order of their numbers.
    /// None where the kernel knows no such objects.
    package func nextHops() throws(SystemError) -> (hops: [NextHopObject], groups: [NextHopGroup]) {
        guard hasGroups else { return ([], []) }
        var request = NetlinkMessage("list next hops", type: Int(RTM_GETNEXTHOP), flags: NLM_F_DUMP)
        request.append(nhmsg())
        var (hops, groups): ([NextHopObject], [NextHopGroup]) = ([], [])
        for reply in try socket.dump(request) {
            guard let (header, attributes) = reply.parsed(nhmsg.self),
                header.nh_protocol == RouteProtocol.weft,
                let id: UInt32 = attributes[Int(NHA_ID)]?.load()
            else { continue }
            if let legs = attributes[Int(NHA_GROUP)] {
                groups.append(NextHopGroup(id: id, legs: Self.legs(legs)))
            } else {
                hops.append(nextHop(id, header, attributes))
            }
        }
        return (hops.sorted { $0.id < $1.id }, groups.sorted { $0.id < $1.id })
    }

    private func nextHop(
        _ id: UInt32, _ header: nhmsg, _ attributes: NetlinkAttributes
    ) -> NextHopObject {
        let index: UInt32 = attributes[Int(NHA_OIF)]?.load() ?? 0
        let type: UInt16? = attributes[Int(NHA_ENCAP_TYPE)]?.load()
        let stack =
            type == UInt16(LWTUNNEL_ENCAP_MPLS.rawValue)
            ? attributes[nested: Int(NHA_ENCAP)]?[Int(MPLS_IPTUNNEL_DST)] : nil
        let hop = RouteNextHop(
            via: attributes[Int(NHA_GATEWAY)].flatMap { IPAddress(bytes: $0)?.unmapped },
            link: indexes.nameByIndex[index] ?? String(index),
            labels: stack.map(Self.labels) ?? [],
            isOnLink: header.nh_flags & UInt32(RTNH_F_ONLINK) != 0)
        let family: AddressFamily = Int32(header.nh_family) == AF_INET6 ? .ipv6 : .ipv4
        return NextHopObject(id: id, family: family, hop: hop)
    }

    /// Legs of a weight that Weft does not give are passed over.
    private static func legs(_ list: ArraySlice<UInt8>) -> [NextHopGroup.Leg] {
        let size = MemoryLayout<nexthop_grp>.size
        return stride(from: list.startIndex, to: list.endIndex, by: size).compactMap { start in
            guard let leg = list[start...].load(nexthop_grp.self),
                let role = NextHopGroup.Role(rawValue: UInt16(leg.weight) + 1)
            else { return nil }
            return NextHopGroup.Leg(nextHop: leg.id, role: role)
        }
    }
}
