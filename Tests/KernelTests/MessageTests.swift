// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Testing

@testable import Kernel

/// Requests octet by octet, as the kernel's headers (linux/rtnetlink.h and its neighbours) describe
/// them. Numbers are in the order of the machine, which is little-endian, unless said otherwise.
@Suite struct MessageTests {
    private func expect(_ message: NetlinkMessage, _ octets: String) throws {
        let wanted = try hex(octets)
        #expect(message.bytes == wanted)
    }

    private static func vpnRoute() throws -> Route {
        Route(
            key: .init(table: 1001, prefix: try value("10.0.0.3/32"), metric: 20),
            action: .forward([
                RouteNextHop(
                    via: try value("4.0.0.22"), link: "core", labels: [Label(102), Label(502)],
                    isOnLink: true)
            ]), preferredSource: try value("10.1.0.2"))
    }

    @Test func `a veth is born with its other end, both with their indexes`() throws {
        try expect(
            LinkMessages.create(
                .init(
                    link: Link(
                        name: "eth1", kind: .veth(peer: LinkEnd(namespace: "b", link: "eth22")),
                        mtu: 1516),
                    namespace: "a", index: 1001,
                    peer: .init(
                        link: Link(
                            name: "eth22", kind: .veth(peer: LinkEnd(namespace: "a", link: "eth1")),
                            mac: try value("02:00:00:00:00:02")),
                        index: 1002, namespace: 7))),
            """
            9c 00 00 00                          # length
            10 00 05 06                          # RTM_NEWLINK; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 e9 03 00 00              # ifinfomsg: index 1001
            01 00 00 00 01 00 00 00              # flags and change: IFF_UP
            09 00 03 00 65 74 68 31 00 00 00 00  # IFLA_IFNAME "eth1"
            08 00 04 00 ec 05 00 00              # IFLA_MTU 1516
            08 00 1f 00 01 00 00 00              # IFLA_NUM_TX_QUEUES 1
            08 00 20 00 01 00 00 00              # IFLA_NUM_RX_QUEUES 1
            58 00 12 80                          # IFLA_LINKINFO, nested, 88 octets
            09 00 01 00 76 65 74 68 00 00 00 00  # IFLA_INFO_KIND "veth"
            48 00 02 80                          # IFLA_INFO_DATA, nested
            44 00 01 80                          # VETH_INFO_PEER, nested
            00 00 00 00 ea 03 00 00              # ifinfomsg: index 1002
            00 00 00 00 00 00 00 00              # not up: it has no carrier yet
            0a 00 03 00 65 74 68 32 32 00 00 00  # IFLA_IFNAME "eth22"
            0a 00 01 00 02 00 00 00 00 02 00 00  # IFLA_ADDRESS
            08 00 1f 00 01 00 00 00              # IFLA_NUM_TX_QUEUES 1
            08 00 20 00 01 00 00 00              # IFLA_NUM_RX_QUEUES 1
            08 00 1c 00 07 00 00 00              # IFLA_NET_NS_FD 7
            """)
    }

    @Test func `a VLAN that will have a master is not born up`() throws {
        try expect(
            LinkMessages.create(
                .init(
                    link: Link(
                        name: "eth1.5", kind: .vlan(parent: "eth1", identifier: 5), master: "red"),
                    namespace: "a", index: 1003, parent: 1001)),
            """
            50 00 00 00                          # length
            10 00 05 06                          # RTM_NEWLINK; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 eb 03 00 00              # ifinfomsg: index 1003
            00 00 00 00 00 00 00 00              # not up
            0b 00 03 00 65 74 68 31 2e 35 00 00  # IFLA_IFNAME "eth1.5"
            08 00 05 00 e9 03 00 00              # IFLA_LINK 1001
            1c 00 12 80                          # IFLA_LINKINFO, nested
            09 00 01 00 76 6c 61 6e 00 00 00 00  # IFLA_INFO_KIND "vlan"
            0c 00 02 80                          # IFLA_INFO_DATA, nested
            06 00 01 00 05 00 00 00              # IFLA_VLAN_ID 5
            """)
    }

    @Test func `a macvlan is in bridge mode and has its MAC address from birth`() throws {
        try expect(
            LinkMessages.create(
                .init(
                    link: Link(
                        name: "vrrp1", kind: .macvlan(parent: "eth1"),
                        mac: try value("00:00:5e:00:01:01"), isUp: false),
                    namespace: "a", index: 1003, parent: 1001)),
            """
            5c 00 00 00                          # length
            10 00 05 06                          # RTM_NEWLINK; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 eb 03 00 00              # ifinfomsg: index 1003
            00 00 00 00 00 00 00 00              # not up
            0a 00 03 00 76 72 72 70 31 00 00 00  # IFLA_IFNAME "vrrp1"
            0a 00 01 00 00 00 5e 00 01 01 00 00  # IFLA_ADDRESS
            08 00 05 00 e9 03 00 00              # IFLA_LINK 1001
            1c 00 12 80                          # IFLA_LINKINFO, nested
            0c 00 01 00 6d 61 63 76 6c 61 6e 00  # IFLA_INFO_KIND "macvlan"
            0c 00 02 80                          # IFLA_INFO_DATA, nested
            08 00 01 00 04 00 00 00              # IFLA_MACVLAN_MODE bridge
            """)
    }

    @Test func `a VRF device names its table`() throws {
        try expect(
            LinkMessages.create(
                .init(
                    link: Link(name: "red", kind: .vrf(table: 1001)), namespace: "a", index: 1003)),
            """
            40 00 00 00                          # length
            10 00 05 06                          # RTM_NEWLINK; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 eb 03 00 00              # ifinfomsg: index 1003
            01 00 00 00 01 00 00 00              # flags and change: IFF_UP
            08 00 03 00 72 65 64 00              # IFLA_IFNAME "red"
            18 00 12 80                          # IFLA_LINKINFO, nested
            08 00 01 00 76 72 66 00              # IFLA_INFO_KIND "vrf"
            0c 00 02 80                          # IFLA_INFO_DATA, nested
            08 00 01 00 e9 03 00 00              # IFLA_VRF_TABLE 1001
            """)
    }

    @Test func `a change says only what changes`() throws {
        try expect(
            LinkMessages.change(.init(isUp: true, mtu: 1500, master: 1003), of: 1001, ""),
            """
            30 00 00 00                          # length
            10 00 05 00                          # RTM_NEWLINK; REQUEST ACK
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 e9 03 00 00              # ifinfomsg: index 1001
            01 00 00 00 01 00 00 00              # flags and change: IFF_UP
            08 00 04 00 dc 05 00 00              # IFLA_MTU 1500
            08 00 0a 00 eb 03 00 00              # IFLA_MASTER 1003
            """)
    }

    @Test func `a link can be kept from making a link-local address`() throws {
        try expect(
            LinkMessages.change(.init(makesLinkLocal: false), of: 1001, ""),
            """
            30 00 00 00                          # length
            10 00 05 00                          # RTM_NEWLINK; REQUEST ACK
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 e9 03 00 00              # ifinfomsg: index 1001
            00 00 00 00 00 00 00 00              # no flags
            10 00 1a 80                          # IFLA_AF_SPEC, nested
            0c 00 0a 80                          # AF_INET6, nested
            05 00 08 00 01 00 00 00              # IFLA_INET6_ADDR_GEN_MODE none
            """)
    }

    @Test func `an address is added without duplicate detection`() throws {
        try expect(
            LinkMessages.address(try value("192.0.2.1/30"), on: 1001, adds: true, ""),
            """
            30 00 00 00                          # length
            14 00 05 06                          # RTM_NEWADDR; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            02 1e 00 00                          # ifaddrmsg: AF_INET, /30
            e9 03 00 00                          # index 1001
            08 00 02 00 c0 00 02 01              # IFA_LOCAL
            08 00 01 00 c0 00 02 01              # IFA_ADDRESS
            08 00 08 00 02 00 00 00              # IFA_FLAGS: IFA_F_NODAD
            """)
    }

    @Test func `an address may be kept from being a source`() throws {
        try expect(
            LinkMessages.address(
                try value("fe80::1/64"), on: 1001, adds: true, isPreferred: false, ""),
            """
            5c 00 00 00                          # length
            14 00 05 06                          # RTM_NEWADDR; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            0a 40 00 00                          # ifaddrmsg: AF_INET6, /64
            e9 03 00 00                          # index 1001
            14 00 02 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01  # IFA_LOCAL
            14 00 01 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01  # IFA_ADDRESS
            08 00 08 00 02 00 00 00              # IFA_FLAGS: IFA_F_NODAD
            14 00 06 00                          # IFA_CACHEINFO
            00 00 00 00 ff ff ff ff              # never preferred, always valid
            00 00 00 00 00 00 00 00
            """)
    }

    @Test func `a neighbour is permanent`() throws {
        try expect(
            LinkMessages.neighbour(
                Neighbour(
                    link: "eth1", address: try value("192.0.2.2"),
                    linkLayerAddress: [2, 0, 0, 0, 0, 2]), on: 1001, adds: true, ""),
            """
            30 00 00 00                          # length
            1c 00 05 05                          # RTM_NEWNEIGH; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            02 00 00 00                          # ndmsg: AF_INET
            e9 03 00 00                          # index 1001
            80 00 00 00                          # NUD_PERMANENT
            08 00 01 00 c0 00 02 02              # NDA_DST
            0a 00 02 00 02 00 00 00 00 02 00 00  # NDA_LLADDR
            """)
    }

    @Test func `a rule names its table twice where it fits one octet`() throws {
        try expect(
            LinkMessages.rule(Rule(family: .ipv4, priority: 32765, table: 255), adds: true, ""),
            """
            2c 00 00 00                          # length
            20 00 05 06                          # RTM_NEWRULE; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            02 00 00 00                          # fib_rule_hdr: AF_INET
            ff 00 00 01 00 00 00 00              # table 255, FR_ACT_TO_TBL; flags
            08 00 06 00 fd 7f 00 00              # FRA_PRIORITY 32765
            08 00 0f 00 ff 00 00 00              # FRA_TABLE 255
            """)
    }

    @Test func `a VPN route pushes its labels, the top one first`() throws {
        try expect(
            RouteMessages.replace(Self.vpnRoute(), ["core": 1001], ""),
            """
            64 00 00 00                          # length
            18 00 05 05                          # RTM_NEWROUTE; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            02 20 00 00                          # rtmsg: AF_INET, /32
            00 4d 00 01                          # table unspecified, protocol 77, universe, unicast
            04 00 00 00                          # RTNH_F_ONLINK
            08 00 0f 00 e9 03 00 00              # RTA_TABLE 1001
            08 00 01 00 0a 00 00 03              # RTA_DST 10.0.0.3
            08 00 06 00 14 00 00 00              # RTA_PRIORITY 20
            08 00 07 00 0a 01 00 02              # RTA_PREFSRC 10.1.0.2
            08 00 04 00 e9 03 00 00              # RTA_OIF 1001
            08 00 05 00 04 00 00 16              # RTA_GATEWAY 4.0.0.22
            10 00 16 80                          # RTA_ENCAP, nested
            0c 00 01 00                          # MPLS_IPTUNNEL_DST
            00 06 60 00                          # label 102
            00 1f 61 00                          # label 502, bottom of stack
            06 00 15 00 01 00 00 00              # RTA_ENCAP_TYPE MPLS
            """)
    }

    @Test func `a removal names the route's key and our protocol`() throws {
        try expect(
            RouteMessages.remove(Self.vpnRoute().key, ""),
            """
            34 00 00 00                          # length
            19 00 05 00                          # RTM_DELROUTE; REQUEST ACK
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            02 20 00 00                          # rtmsg: AF_INET, /32
            00 4d ff 00                          # protocol 77, scope nowhere, any type
            00 00 00 00                          # no flags
            08 00 0f 00 e9 03 00 00              # RTA_TABLE 1001
            08 00 01 00 0a 00 00 03              # RTA_DST 10.0.0.3
            08 00 06 00 14 00 00 00              # RTA_PRIORITY 20
            """)
    }

    @Test func `several next hops are a list, and one of the other family goes by RTA_VIA`() throws
    {
        try expect(
            RouteMessages.replace(
                Route(
                    key: .init(table: 254, prefix: try value("10.0.0.0/8")),
                    action: .forward([
                        RouteNextHop(via: try value("192.0.2.1"), link: "a", isOnLink: true),
                        RouteNextHop(via: try value("2001:db8::1"), link: "b"),
                    ])), ["a": 1001, "b": 1002], ""),
            """
            60 00 00 00                          # length
            18 00 05 05                          # RTM_NEWROUTE; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            02 08 00 00                          # rtmsg: AF_INET, /8
            fe 4d 00 01                          # table main, protocol 77, universe, unicast
            00 00 00 00                          # no flags: they are in the list
            08 00 0f 00 fe 00 00 00              # RTA_TABLE 254
            08 00 01 00 0a 00 00 00              # RTA_DST 10.0.0.0
            34 00 09 80                          # RTA_MULTIPATH
            10 00 04 00                          # rtnexthop: 16 octets, RTNH_F_ONLINK
            e9 03 00 00                          # index 1001
            08 00 05 00 c0 00 02 01              # RTA_GATEWAY
            20 00 00 00                          # rtnexthop: 32 octets
            ea 03 00 00                          # index 1002
            16 00 12 00                          # RTA_VIA, AF_INET6 …
            0a 00 20 01 0d b8 00 00 00 00 00 00
            00 00 00 00 00 01 00 00              # … 2001:db8::1, and padding
            """)
    }

    @Test func `a label route swaps, and its gateway goes by RTA_VIA`() throws {
        try expect(
            RouteMessages.replace(
                Label(100),
                [RouteNextHop(via: try value("192.0.2.1"), link: "a", labels: [Label(200)])],
                ["a": 1001], ""),
            """
            40 00 00 00                          # length
            18 00 05 05                          # RTM_NEWROUTE; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            1c 14 00 00                          # rtmsg: AF_MPLS, 20 bits
            fe 4d 00 01                          # table main, protocol 77, universe, unicast
            00 00 00 00                          # no flags
            08 00 01 00 00 06 41 00              # RTA_DST: label 100, bottom of stack
            08 00 04 00 e9 03 00 00              # RTA_OIF 1001
            0a 00 12 00 02 00 c0 00 02 01 00 00  # RTA_VIA, AF_INET 192.0.2.1, and padding
            08 00 13 00 00 0c 81 00              # RTA_NEWDST: label 200, bottom of stack
            """)
    }

    @Test func `the hook is a clsact`() throws {
        try expect(
            FilterMessages.addHook(1001, ""),
            """
            30 00 00 00                          # length
            24 00 05 04                          # RTM_NEWQDISC; REQUEST ACK CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 e9 03 00 00              # tcmsg: index 1001
            00 00 ff ff                          # handle ffff:0
            f1 ff ff ff                          # parent ffff:fff1
            00 00 00 00                          # no info
            0b 00 01 00 63 6c 73 61 63 74 00 00  # TCA_KIND "clsact"
            """)
    }

    @Test func `the filter of a VRF's port marks packets of IPv6, and lets others judge them`()
        throws
    {
        try expect(
            FilterMessages.mark(with: 1001, on: 1002, ""),
            """
            74 00 00 00                          # length
            2c 00 05 05                          # RTM_NEWTFILTER; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 ea 03 00 00              # tcmsg: index 1002
            e9 03 00 00                          # handle: the mark
            f2 ff ff ff                          # parent ffff:fff2, ingress
            86 dd 4e 00                          # protocol 0x86dd in network order, priority 78
            0b 00 01 00 66 6c 6f 77 65 72 00 00  # TCA_KIND "flower"
            44 00 02 80                          # TCA_OPTIONS, nested
            06 00 08 00 86 dd 00 00              # TCA_FLOWER_KEY_ETH_TYPE 0x86dd
            38 00 03 80                          # TCA_FLOWER_ACT, nested
            34 00 01 80                          # first, nested
            0c 00 01 00 73 6b 62 65 64 69 74 00  # TCA_ACT_KIND "skbedit"
            24 00 02 80                          # TCA_ACT_OPTIONS, nested
            18 00 02 00                          # TCA_SKBEDIT_PARMS
            00 00 00 00 00 00 00 00 ff ff ff ff  # index, capab; TC_ACT_UNSPEC
            00 00 00 00 00 00 00 00              # refcnt, bindcnt
            08 00 05 00 e9 03 00 00              # TCA_SKBEDIT_MARK 1001
            """)
    }

    @Test func `a GRE link has its key both ways, and its ends in network order`() throws {
        let tunnel = GRETunnel(
            local: try value("10.255.0.1"), remote: try value("10.255.0.2"), key: 1234)
        try expect(
            LinkMessages.create(
                .init(
                    link: Link(name: "gre", kind: .gre(tunnel), mtu: 1472, ipv6: .off),
                    namespace: "a", index: 1003)),
            """
            78 00 00 00                          # length
            10 00 05 06                          # RTM_NEWLINK; REQUEST ACK EXCL CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 eb 03 00 00              # ifinfomsg: index 1003
            00 00 00 00 00 00 00 00              # not up before IPv6 is told to keep off
            08 00 03 00 67 72 65 00              # IFLA_IFNAME "gre"
            08 00 04 00 c0 05 00 00              # IFLA_MTU 1472
            48 00 12 80                          # IFLA_LINKINFO, nested
            08 00 01 00 67 72 65 00              # IFLA_INFO_KIND "gre"
            3c 00 02 80                          # IFLA_INFO_DATA, nested
            06 00 02 00 20 00 00 00              # IFLA_GRE_IFLAGS: key
            06 00 03 00 20 00 00 00              # IFLA_GRE_OFLAGS: key
            08 00 04 00 00 00 04 d2              # IFLA_GRE_IKEY 1234
            08 00 05 00 00 00 04 d2              # IFLA_GRE_OKEY 1234
            08 00 06 00 0a ff 00 01              # IFLA_GRE_LOCAL
            08 00 07 00 0a ff 00 02              # IFLA_GRE_REMOTE
            05 00 08 00 40 00 00 00              # IFLA_GRE_TTL 64
            """)
    }

    @Test func `an IPv6 route has an IPv4 gateway as an IPv4-mapped one`() throws {
        let hop = RouteNextHop(
            via: try value("10.255.0.2"), link: "mgre", labels: [Label(602)], isOnLink: true)
        try expect(
            RouteMessages.replace(
                Route(
                    key: .init(table: 1001, prefix: try value("2001:db8::/32"), metric: 1024),
                    action: .forward([hop])), ["mgre": 1003], ""),
            """
            70 00 00 00                          # length
            18 00 05 05                          # RTM_NEWROUTE; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            0a 20 00 00                          # rtmsg: AF_INET6, /32
            00 4d 00 01                          # table unspecified, protocol 77, universe, unicast
            04 00 00 00                          # RTNH_F_ONLINK
            08 00 0f 00 e9 03 00 00              # RTA_TABLE 1001
            14 00 01 00 20 01 0d b8 00 00 00 00  # RTA_DST 2001:db8:: …
            00 00 00 00 00 00 00 00
            08 00 06 00 00 04 00 00              # RTA_PRIORITY 1024
            08 00 04 00 eb 03 00 00              # RTA_OIF 1003
            14 00 05 00 00 00 00 00 00 00 00 00  # RTA_GATEWAY ::ffff:10.255.0.2 …
            00 00 ff ff 0a ff 00 02
            0c 00 16 80                          # RTA_ENCAP, nested
            08 00 01 00 00 25 a1 00              # MPLS_IPTUNNEL_DST: label 602, bottom of stack
            06 00 15 00 01 00 00 00              # RTA_ENCAP_TYPE MPLS
            """)
    }

    @Test func `the filter of a VPN label pops it and hands the packet to the VRF's pop device`()
        throws
    {
        try expect(
            FilterMessages.decapsulate(Label(502), .ipv4, on: 1001, to: 1002, ""),
            """
            bc 00 00 00                          # length
            2c 00 05 05                          # RTM_NEWTFILTER; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 e9 03 00 00              # tcmsg: index 1001
            f6 01 10 00                          # handle: 502 and the bit above a label's
            f2 ff ff ff                          # parent ffff:fff2, ingress
            88 47 4d 00                          # protocol 0x8847 in network order, priority 77
            0b 00 01 00 66 6c 6f 77 65 72 00 00  # TCA_KIND "flower"
            8c 00 02 80                          # TCA_OPTIONS, nested
            06 00 08 00 88 47 00 00              # TCA_FLOWER_KEY_ETH_TYPE 0x8847
            08 00 46 00 f6 01 00 00              # TCA_FLOWER_KEY_MPLS_LABEL 502
            05 00 44 00 01 00 00 00              # TCA_FLOWER_KEY_MPLS_BOS 1
            70 00 03 80                          # TCA_FLOWER_ACT, nested
            38 00 01 80                          # first, nested
            09 00 01 00 6d 70 6c 73 00 00 00 00  # TCA_ACT_KIND "mpls"
            28 00 02 80                          # TCA_ACT_OPTIONS, nested
            1c 00 02 00                          # TCA_MPLS_PARMS
            00 00 00 00 00 00 00 00 03 00 00 00  # index, capab; TC_ACT_PIPE
            00 00 00 00 00 00 00 00              # refcnt, bindcnt
            01 00 00 00                          # TCA_MPLS_ACT_POP
            06 00 04 00 08 00 00 00              # TCA_MPLS_PROTO 0x0800
            34 00 02 80                          # second, nested
            0b 00 01 00 6d 69 72 72 65 64 00 00  # TCA_ACT_KIND "mirred"
            24 00 02 80                          # TCA_ACT_OPTIONS, nested
            20 00 02 00                          # TCA_MIRRED_PARMS
            00 00 00 00 00 00 00 00 04 00 00 00  # index, capab; TC_ACT_STOLEN
            00 00 00 00 00 00 00 00              # refcnt, bindcnt
            03 00 00 00                          # TCA_INGRESS_REDIR
            ea 03 00 00                          # to index 1002
            """)
    }

    private static func netem() throws -> NetemDiscipline {
        NetemDiscipline(
            Impairment(
                delay: .milliseconds(20), jitter: .milliseconds(5), loss: try value("50%"),
                rate: try value("10mbit")))
    }

    @Test func `an impairment is a root discipline of netem with its times in nanoseconds`() throws
    {
        try expect(
            DisciplineMessages.replace(with: try Self.netem(), on: 1001, ""),
            """
            78 00 00 00                          # length
            24 00 05 05                          # RTM_NEWQDISC; REQUEST ACK REPLACE CREATE
            00 00 00 00 00 00 00 00              # sequence, sender: filled in later
            00 00 00 00 e9 03 00 00              # tcmsg: index 1001
            00 00 00 00                          # handle: the kernel's choice
            ff ff ff ff                          # parent: root
            00 00 00 00                          # info
            0a 00 01 00 6e 65 74 65 6d 00 00 00  # TCA_KIND "netem"
            48 00 02 00                          # TCA_OPTIONS
            00 00 00 00 e8 03 00 00              # latency: see below; limit 1000
            00 00 00 80 00 00 00 00              # loss: half of all ones; gap
            00 00 00 00 00 00 00 00              # duplicate, jitter: see below
            0c 00 0a 00 00 2d 31 01 00 00 00 00  # TCA_NETEM_LATENCY64 20,000,000
            0c 00 0b 00 40 4b 4c 00 00 00 00 00  # TCA_NETEM_JITTER64 5,000,000
            14 00 06 00 d0 12 13 00 00 00 00 00  # TCA_NETEM_RATE 1,250,000 octets; overhead
            00 00 00 00 00 00 00 00              # cells
            """)
    }

    @Test(arguments: [
        Impairment(delay: .microseconds(1), loss: .all),
        Impairment(delay: .seconds(60), jitter: .seconds(1), rate: BitRate("100gbit")),
        Impairment(loss: PacketShare("0.0001%") ?? .none), Impairment(loss: .all),
        Impairment(loss: PacketShare("33.3333%") ?? .none, rate: BitRate("8bit")),
    ])
    func `what was asked of netem is read back exactly`(_ impairment: Impairment) throws {
        let asked = NetemDiscipline(impairment, limit: 7)
        let message = DisciplineMessages.replace(with: asked, on: 1001, "")
        let reply = try #require(NetlinkReply.parse(message.bytes[...]).first)
        let (index, found) = try #require(DisciplineMessages.netem(reply))
        #expect(index == 1001)
        #expect(found == asked)
    }
}
