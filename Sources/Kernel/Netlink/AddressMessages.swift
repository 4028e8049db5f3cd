// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

extension AddressFamily {
    /// AF_INET or AF_INET6.
    var socketFamily: Int32 { self == .ipv4 ? AF_INET : AF_INET6 }
}

extension LinkMessages {
    /// What of a link can be changed after its birth.
    struct Change: Equatable {
        var isUp: Bool?
        var mtu: UInt32?
        var mac: MACAddress?
        /// 0 takes the link out of its master.
        var master: UInt32?
        /// False keeps the kernel from making a link-local address.
        var makesLinkLocal: Bool?
    }

    /// `ip link set …`.
    static func change(_ change: Change, of index: UInt32, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: Int(RTM_NEWLINK))
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: index)
        if let isUp = change.isUp {
            header.ifi_flags = isUp ? UInt32(IFF_UP) : 0
            header.ifi_change = UInt32(IFF_UP)
        }
        message.append(header)
        if let mtu = change.mtu { message.attribute(Int(IFLA_MTU), mtu) }
        if let mac = change.mac { message.attribute(Int(IFLA_ADDRESS), mac.bytes) }
        if let master = change.master { message.attribute(Int(IFLA_MASTER), master) }
        if let makes = change.makesLinkLocal {
            let mode = makes ? IN6_ADDR_GEN_MODE_EUI64 : IN6_ADDR_GEN_MODE_NONE
            message.nest(Int(IFLA_AF_SPEC)) { spec in
                spec.nest(Int(AF_INET6)) {
                    $0.attribute(Int(IFLA_INET6_ADDR_GEN_MODE), UInt8(mode.rawValue))
                }
            }
        }
        return message
    }

    /// `ip link del`.
    static func delete(_ index: UInt32, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: Int(RTM_DELLINK))
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: index)
        message.append(header)
        return message
    }

    /// `ip address add|del … nodad`.
    /// - Parameter isPreferred: else the kernel never chooses it as a source (`preferred_lft 0`).
    static func address(
        _ address: InterfaceAddress, on index: UInt32, adds: Bool, isPreferred: Bool = true,
        _ operation: String
    ) -> NetlinkMessage {
        var message = NetlinkMessage(
            operation, type: Int(adds ? RTM_NEWADDR : RTM_DELADDR),
            flags: adds ? NLM_F_CREATE | NLM_F_EXCL : 0)
        var header = ifaddrmsg()
        header.ifa_family = UInt8(address.address.family.socketFamily)
        header.ifa_prefixlen = address.length
        header.ifa_index = index
        message.append(header)
        message.attribute(Int(IFA_LOCAL), address.address)
        message.attribute(Int(IFA_ADDRESS), address.address)
        message.attribute(Int(IFA_FLAGS), UInt32(IFA_F_NODAD))
        if !isPreferred {
            let lifetimes = ifa_cacheinfo(ifa_prefered: 0, ifa_valid: .max, cstamp: 0, tstamp: 0)
            message.attribute(Int(IFA_CACHEINFO), native: lifetimes)
        }
        return message
    }

    /// `ip neigh replace … nud permanent`.
    static func neighbour(
        _ neighbour: Neighbour, on index: UInt32, adds: Bool, _ operation: String
    ) -> NetlinkMessage {
        var message = NetlinkMessage(
            operation, type: Int(adds ? RTM_NEWNEIGH : RTM_DELNEIGH),
            flags: adds ? NLM_F_CREATE | NLM_F_REPLACE : 0)
        var header = ndmsg()
        header.ndm_family = UInt8(neighbour.address.family.socketFamily)
        header.ndm_ifindex = Int32(bitPattern: index)
        header.ndm_state = UInt16(NUD_PERMANENT)
        message.append(header)
        message.attribute(Int(NDA_DST), neighbour.address)
        if adds { message.attribute(Int(NDA_LLADDR), neighbour.linkLayerAddress) }
        return message
    }

    /// `ip rule add|del pref … [fwmark …] lookup …`.
    static func rule(_ rule: Rule, adds: Bool, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(
            operation, type: Int(adds ? RTM_NEWRULE : RTM_DELRULE),
            flags: adds ? NLM_F_CREATE | NLM_F_EXCL : 0)
        var header = fib_rule_hdr()
        header.family = UInt8(rule.family.socketFamily)
        header.table = rule.table < 256 ? UInt8(rule.table) : 0
        header.action = UInt8(FR_ACT_TO_TBL)
        message.append(header)
        message.attribute(Int(FRA_PRIORITY), rule.priority)
        message.attribute(Int(FRA_TABLE), rule.table)
        if rule.mark != 0 { message.attribute(Int(FRA_FWMARK), rule.mark) }
        return message
    }
}
