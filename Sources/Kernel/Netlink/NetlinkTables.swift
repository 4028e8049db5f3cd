// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// A link as the kernel has it.
package struct ObservedLink: Hashable, Sendable {
    package var index: UInt32
    package var name: String
    /// Packet sockets see an Ethernet header: ARPHRD_ETHER, ARPHRD_LOOPBACK.
    package var hasEthernetHeader: Bool
    /// IFLA_INFO_KIND; empty for `lo`.
    package var kind: String
    package var mtu: UInt32
    package var mac: MACAddress?
    /// Index of the bridge or VRF it is a port of; 0 for none.
    package var master: UInt32
    /// Index of the link that it stands on, or of the other end of its pair; 0 for none.
    package var parent: UInt32
    /// Of a VLAN.
    package var vlanIdentifier: UInt16?
    /// Of a VRF device.
    package var vrfTable: UInt32?
    /// Of a GRE link over IPv4.
    package var tunnel: GRETunnel?
    /// Administratively up.
    package var isUp: Bool
    /// Up, with carrier, all the way down: it can forward.
    package var isRunning: Bool
    /// Whether the kernel makes a link-local IPv6 address when it comes up.
    package var makesLinkLocal: Bool

    /// - Returns: nil also for what a bridge says of its ports, in a message of its own family.
    package init?(_ reply: NetlinkReply) {
        guard let (header, attributes) = reply.parsed(ifinfomsg.self), header.ifi_index > 0,
            header.ifi_family == UInt8(AF_UNSPEC), let name = attributes[Int(IFLA_IFNAME)]?.text
        else { return nil }
        index = UInt32(header.ifi_index)
        hasEthernetHeader = [1, 772].contains(header.ifi_type)
        self.name = name
        mtu = attributes[Int(IFLA_MTU)]?.load() ?? 0
        mac = attributes[Int(IFLA_ADDRESS)].flatMap { MACAddress(bytes: $0) }
        master = attributes[Int(IFLA_MASTER)]?.load() ?? 0
        parent = attributes[Int(IFLA_LINK)]?.load() ?? 0
        isUp = header.ifi_flags & UInt32(IFF_UP) != 0
        isRunning = isUp && header.ifi_flags & UInt32(IFF_RUNNING) != 0
        let inet6 = attributes[nested: Int(IFLA_AF_SPEC)]?[nested: Int(AF_INET6)]
        let mode: UInt8? = inet6?[Int(IFLA_INET6_ADDR_GEN_MODE)]?.load()
        makesLinkLocal = mode != UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue)
        let info = attributes[nested: Int(IFLA_LINKINFO)]
        let kind = info?[Int(IFLA_INFO_KIND)]?.text ?? ""
        let data = info?[nested: Int(IFLA_INFO_DATA)]
        self.kind = kind
        vlanIdentifier = kind == "vlan" ? data?[Int(IFLA_VLAN_ID)]?.load() : nil
        vrfTable = kind == "vrf" ? data?[Int(IFLA_VRF_TABLE)]?.load() : nil
        tunnel = kind == "gre" ? data.map(GRETunnel.init) : nil
    }
}

extension GRETunnel {
    fileprivate init(_ data: NetlinkAttributes) {
        func address(_ attribute: Int) -> IPv4Address? {
            data[attribute].flatMap { IPAddress(bytes: $0)?.v4 }
        }
        let flags: UInt16 = data[GREAttribute.outputFlags]?.load() ?? 0
        let key: UInt32? = data[GREAttribute.outputKey]?.load()
        let isKeyed = flags & GREAttribute.keyFlag.bigEndian != 0
        self.init(
            local: address(GREAttribute.local) ?? IPv4Address(bits: 0),
            remote: address(GREAttribute.remote).flatMap { $0.bits == 0 ? nil : $0 },
            key: isKeyed ? key?.byteSwapped : nil,
            ttl: data[GREAttribute.ttl]?.load() ?? 0)
    }
}

extension NetlinkSocket {
    /// `ip link`.
    package func links() throws(SystemError) -> [ObservedLink] {
        var request = NetlinkMessage("list links", type: Int(RTM_GETLINK), flags: NLM_F_DUMP)
        request.append(ifinfomsg())
        return try dump(request).compactMap { ObservedLink($0) }
    }

    /// `ip address`: the addresses of every link, by index.
    package func addresses() throws(SystemError) -> [UInt32: [InterfaceAddress]] {
        var request = NetlinkMessage("list addresses", type: Int(RTM_GETADDR), flags: NLM_F_DUMP)
        request.append(ifaddrmsg())
        var addresses: [UInt32: [InterfaceAddress]] = [:]
        for reply in try dump(request) {
            guard let (header, attributes) = reply.parsed(ifaddrmsg.self),
                let bytes = attributes[Int(IFA_LOCAL)] ?? attributes[Int(IFA_ADDRESS)],
                let address = IPAddress(bytes: bytes),
                Int(header.ifa_prefixlen) <= address.family.bitWidth
            else { continue }
            addresses[header.ifa_index, default: []].append(
                InterfaceAddress(address, length: header.ifa_prefixlen))
        }
        return addresses
    }

    /// `ip rule` of one family.
    package func rules(_ family: AddressFamily) throws(SystemError) -> [Rule] {
        var request = NetlinkMessage("list rules", type: Int(RTM_GETRULE), flags: NLM_F_DUMP)
        var header = fib_rule_hdr()
        header.family = UInt8(family.socketFamily)
        request.append(header)
        return try dump(request).compactMap { reply in
            guard let (header, attributes) = reply.parsed(fib_rule_hdr.self) else { return nil }
            return Rule(
                family: family, priority: attributes[Int(FRA_PRIORITY)]?.load() ?? 0,
                table: attributes[Int(FRA_TABLE)]?.load() ?? UInt32(header.table),
                mark: attributes[Int(FRA_FWMARK)]?.load() ?? 0)
        }
    }

    /// `ip neigh`: the permanent entries of one family.
    package func permanentNeighbours(
        _ family: AddressFamily, names: [UInt32: String]
    ) throws(SystemError) -> [Neighbour] {
        var request = NetlinkMessage("list neighbours", type: Int(RTM_GETNEIGH), flags: NLM_F_DUMP)
        var header = ndmsg()
        header.ndm_family = UInt8(family.socketFamily)
        request.append(header)
        return try dump(request).compactMap { reply in
            guard let (header, attributes) = reply.parsed(ndmsg.self),
                header.ndm_state & UInt16(NUD_PERMANENT) != 0,
                let name = names[UInt32(bitPattern: header.ndm_ifindex)],
                let address = attributes[Int(NDA_DST)].flatMap({ IPAddress(bytes: $0) }),
                let linkLayer = attributes[Int(NDA_LLADDR)]
            else { return nil }
            return Neighbour(link: name, address: address, linkLayerAddress: Array(linkLayer))
        }
    }
}
