// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

extension ForwardingTables {
    /// Which routes of the kernel's tables to list.
    package enum Scope: Sendable {
        /// Those that Weft installed.
        case own
        /// All of them.
        case all
    }

    /// The kernel's routes of a family, with the links by name.
    package func routes(_ family: AddressFamily, _ scope: Scope) throws(SystemError) -> [Route] {
        try dump(family.socketFamily, scope).compactMap { header, attributes in
            route(family, header, attributes)
        }
    }

    /// The kernel's label routes. What decapsulates appears as a next hop on the VRF device.
    package func labels(_ scope: Scope) throws(SystemError) -> [(Label, [RouteNextHop])] {
        try dump(AF_MPLS, scope).compactMap { header, attributes in
            guard let label = attributes[Int(RTA_DST.rawValue)].map(Self.labels)?.first
            else { return nil }
            return (label, nextHops(nil, header, attributes))
        }
    }

    /// The permanent neighbours of multipoint GRE links, which are all ours: neither the kernel
    /// nor a plan makes any there.
    package func endpoints() throws(SystemError) -> [Neighbour] {
        guard !multipoint.isEmpty else { return [] }
        let names = indexes.nameByIndex.filter { multipoint.contains($0.key) }
        var endpoints: [Neighbour] = []
        for family in AddressFamily.allCases {
            endpoints += try socket.permanentNeighbours(family, names: names)
        }
        return endpoints
    }

    func dump(
        _ family: Int32, _ scope: Scope
    ) throws(SystemError) -> [(rtmsg, NetlinkAttributes)] {
        var request = NetlinkMessage("list routes", type: Int(RTM_GETROUTE), flags: NLM_F_DUMP)
        var header = rtmsg()
        header.rtm_family = UInt8(family)
        if scope == .own { header.rtm_protocol = RouteProtocol.weft }
        request.append(header)
        // A kernel without MPLS answers with the routes of all other families, and one that knows
        // no filters with those of every protocol.
        return try socket.dump(request).compactMap { $0.parsed(rtmsg.self) }.filter {
            $0.0.rtm_family == UInt8(family)
                && (scope == .all || $0.0.rtm_protocol == RouteProtocol.weft)
        }
    }

    private func route(
        _ family: AddressFamily, _ header: rtmsg, _ attributes: NetlinkAttributes
    ) -> Route? {
        guard let key = Self.key(family, header, attributes) else { return nil }
        let action: Route.Action
        switch Int(header.rtm_type) {
        case Int(RTN_UNICAST):
            let group: UInt32? = attributes[Int(RTA_NH_ID.rawValue)]?.load()
            action = group.map { .group($0) } ?? .forward(nextHops(family, header, attributes))
        case Int(RTN_UNREACHABLE): action = .unreachable
        case Int(RTN_BLACKHOLE): action = .blackhole
        default: return nil
        }
        return Route(
            key: key, action: action,
            preferredSource: attributes[Int(RTA_PREFSRC.rawValue)].flatMap { IPAddress(bytes: $0) })
    }

    static func key(
        _ family: AddressFamily, _ header: rtmsg, _ attributes: NetlinkAttributes
    ) -> Route.Key? {
        guard Int(header.rtm_dst_len) <= family.bitWidth else { return nil }
        let address = attributes[Int(RTA_DST.rawValue)].flatMap { IPAddress(bytes: $0) }
        return Route.Key(
            table: attributes[Int(RTA_TABLE.rawValue)]?.load() ?? UInt32(header.rtm_table),
            prefix: IPPrefix(address ?? .unspecified(family), length: header.rtm_dst_len),
            metric: attributes[Int(RTA_PRIORITY.rawValue)]?.load() ?? UInt32(0))
    }

    /// - Parameter family: nil for a label route.
    func nextHops(
        _ family: AddressFamily?, _ header: rtmsg, _ attributes: NetlinkAttributes
    ) -> [RouteNextHop] {
        if let list = attributes[Int(RTA_MULTIPATH.rawValue)] {
            return multipath(family, list)
        }
        let index: UInt32 = attributes[Int(RTA_OIF.rawValue)]?.load() ?? 0
        return [nextHop(family, index, header.rtm_flags, attributes)]
    }

    private func multipath(_ family: AddressFamily?, _ list: ArraySlice<UInt8>) -> [RouteNextHop] {
        var hops: [RouteNextHop] = []
        var rest = list
        let size = MemoryLayout<rtnexthop>.size
        while let header = rest.load(rtnexthop.self), Int(header.rtnh_len) >= size,
            Int(header.rtnh_len) <= rest.count
        {
            let start = rest.startIndex
            let attributes = NetlinkAttributes(rest[start + size..<start + Int(header.rtnh_len)])
            let index = UInt32(bitPattern: header.rtnh_ifindex)
            hops.append(nextHop(family, index, UInt32(header.rtnh_flags), attributes))
            rest = rest.dropFirst((Int(header.rtnh_len) + 3) & ~3)
        }
        return hops
    }

    private func nextHop(
        _ family: AddressFamily?, _ index: UInt32, _ flags: UInt32, _ attributes: NetlinkAttributes
    ) -> RouteNextHop {
        let gateway =
            attributes[Int(RTA_GATEWAY.rawValue)] ?? attributes[Int(RTA_VIA.rawValue)]?.dropFirst(2)
        let stack =
            family == nil
            ? attributes[Int(RTA_NEWDST.rawValue)] : Self.pushedLabels(attributes)
        return RouteNextHop(
            via: gateway.flatMap { IPAddress(bytes: $0)?.unmapped },
            link: indexes.nameByIndex[index] ?? String(index),
            labels: stack.map(Self.labels) ?? [], isOnLink: flags & UInt32(RTNH_F_ONLINK) != 0)
    }

    private static func pushedLabels(_ attributes: NetlinkAttributes) -> ArraySlice<UInt8>? {
        let type: UInt16? = attributes[Int(RTA_ENCAP_TYPE.rawValue)]?.load()
        guard type == UInt16(LWTUNNEL_ENCAP_MPLS.rawValue) else { return nil }
        return attributes[nested: Int(RTA_ENCAP.rawValue)]?[Int(MPLS_IPTUNNEL_DST)]
    }

    static func labels(_ stack: ArraySlice<UInt8>) -> [Label] {
        stride(from: stack.startIndex, to: stack.endIndex - 3, by: 4).map { at in
            Label(stack[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } >> 12)
        }
    }
}
