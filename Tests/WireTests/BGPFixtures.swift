// SPDX-License-Identifier: Apache-2.0

import Primitives

@testable import Wire

/// A message, the session it is of, and its octets, each field explained.
struct BGPFixture: CustomStringConvertible, Sendable {
    let name: String
    var context = BGPCodecContext(fourOctetAS: true, isInternal: true)
    let message: BGPMessage
    let octets: [UInt8]
    var description: String { name }

    static let marker = "ffffffffffffffffffffffffffffffff\n"

    init(
        _ name: String, _ message: BGPMessage, fourOctetAS: Bool = true, isInternal: Bool = true,
        pathIDs: Set<BGPFamily> = [], _ annotated: String
    ) {
        self.name = name
        self.message = message
        context = BGPCodecContext(
            fourOctetAS: fourOctetAS, isInternal: isInternal, receivesPathIDs: pathIDs,
            sendsPathIDs: pathIDs)
        octets = hex(Self.marker + annotated)
    }

    static let all: [BGPFixture] = sessions + updates + multiprotocol + tunnels + severalPaths

    /// RFC 7911.
    static let severalPaths: [BGPFixture] = [
        BGPFixture(
            "OPEN that offers several paths",
            .open(
                BGPOpen(
                    asNumber: ASNumber(1), holdTime: 90, identifier: value("10.0.0.5"),
                    families: [.vpnv4],
                    addPaths: [
                        AddPathOffer(.vpnv4, receives: true, sends: true),
                        AddPathOffer(afi: 25, safi: 70, mode: 7),
                    ])),
            """
            0037 01 04 0001 005a 0a000005
            1a 02 18
            0104 0001 00 80
            0200
            4104 00000001
            4508 0001 80 03   # VPNv4, both ways
                 0019 46 07   # L2VPN EVPN, and a mode that means nothing
            """),
        BGPFixture(
            "UPDATE with path identifiers in all its fields",
            .update(
                BGPUpdate(
                    withdrawn: [
                        .init(
                            family: .ipv4Unicast,
                            nlri: [NLRI(prefix: value("10.1.0.0/16"), pathID: 7)])
                    ],
                    announced: [
                        .init(
                            family: .ipv4Unicast, nextHop: value("10.0.0.7"),
                            nlri: [
                                NLRI(prefix: value("10.2.0.0/16"), pathID: 1),
                                NLRI(prefix: value("10.2.0.0/16"), pathID: 0x0102_0304),
                            ])
                    ], attributes: PathAttributes(localPreference: 100))),
            pathIDs: [.ipv4Unicast],
            """
            0041 02
            0007 00000007 10 0a01      # identifier 7
            0015
            4001 01 00 4002 00 4003 04 0a000007 4005 04 00000064
            00000001 10 0a02 01020304 10 0a02
            """),
        BGPFixture(
            "UPDATE of a VPN family with a path identifier",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .vpnv4, nextHop: value("10.0.0.7"),
                            nlri: [
                                NLRI(
                                    rd: value("1:1"), labels: [Label(16)],
                                    prefix: value("10.0.0.3/32"), pathID: 2)
                            ])
                    ], attributes: PathAttributes(localPreference: 100))),
            pathIDs: [.vpnv4],
            """
            004d 02 0000
            0036
            800e 25 0001 80 0c 0000000000000000 0a000007 00
                 00000002 78 000101 0000000100000001 0a000003
            4001 01 00 4002 00 4005 04 00000064
            """),
    ]

    static let sessions: [BGPFixture] = [
        BGPFixture("KEEPALIVE", .keepalive, "0013 04"),
        BGPFixture(
            "OPEN with what we offer",
            .open(
                BGPOpen(
                    asNumber: ASNumber(65500), holdTime: 90, identifier: value("10.0.0.5"),
                    families: [.ipv4Unicast, .vpnv4])),
            """
            0033 01
            04            # version
            ffdc          # AS 65500
            005a          # hold time 90 s
            0a000005      # identifier
            16 02 14      # parameters, one of capabilities
            0104 0001 00 01
            0104 0001 00 80
            0200          # route refresh
            4104 0000ffdc # 4-octet AS
            """),
        BGPFixture(
            "OPEN without parameters",
            .open(
                BGPOpen(
                    myAS: 1, holdTime: 0, identifier: value("255.0.0.1"), capabilities: [])),
            "001d 01 04 0001 0000 ff000001 00"),
        BGPFixture(
            "OPEN with graceful restart, a 4-octet AS, an unknown family and capability",
            .open(
                BGPOpen(
                    myAS: 23456, holdTime: 3, identifier: value("1.2.3.4"),
                    capabilities: [
                        .gracefulRestart([0x80, 0x78, 0, 1, 1, 0]),
                        .fourOctetAS(ASNumber(4_200_000_000)),
                        .other(code: 1, value: [0, 25, 0, 70]),
                        .other(code: 70, value: []),
                    ])),
            """
            0035 01 04 5ba0 0003 01020304
            18 02 16
            4006 8078 0001 01 00
            4104 fa56ea00
            0104 0019 00 46   # L2VPN EVPN
            4600              # enhanced route refresh
            """),
        BGPFixture(
            "NOTIFICATION with a shutdown communication",
            .notification(.cease(.administrativeShutdown, data: [3] + Array("bye".utf8))),
            "0019 03 06 02 03 627965"),
        BGPFixture("NOTIFICATION without data", .notification(.holdTimerExpired), "0015 03 04 00"),
        BGPFixture(
            "ROUTE-REFRESH", .routeRefresh(BGPRouteRefresh(.vpnv4)), "0017 05 0001 00 80"),
    ]

    static let updates: [BGPFixture] = [
        BGPFixture(
            "End-of-RIB of IPv4 unicast", .update(BGPUpdate(endOfRIB: .ipv4Unicast)),
            "0017 02 0000 0000"),
        BGPFixture(
            "UPDATE from an external peer",
            .update(
                BGPUpdate(
                    withdrawn: [.init(family: .ipv4Unicast, nlri: routes("10.1.0.0/16"))],
                    announced: [
                        .init(
                            family: .ipv4Unicast, nextHop: value("4.0.0.21"),
                            nlri: routes("10.0.0.12/32", "0.0.0.0/0", "192.168.1.128/25"))
                    ],
                    attributes: PathAttributes(
                        origin: .incomplete, asPath: value("65500 1 {7 8}"), med: 150))),
            isInternal: false,
            """
            004e 02
            0003 10 0a01        # withdrawn 10.1.0.0/16
            0029
            40 01 01 02         # ORIGIN incomplete
            40 02 14            # AS_PATH: a sequence, a set
               02 02 0000ffdc 00000001
               01 02 00000007 00000008
            40 03 04 04000015   # NEXT_HOP
            80 04 04 00000096   # MULTI_EXIT_DISC
            20 0a00000c
            00
            19 c0a80180
            """),
        BGPFixture(
            "UPDATE to a 2-octet speaker with shadows, communities and an unknown attribute",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .ipv4Unicast, nextHop: value("4.0.0.21"),
                            nlri: routes("10.0.0.0/8"))
                    ],
                    attributes: shadowed)),
            fourOctetAS: false, isInternal: false,
            """
            0070 02 0000 0057
            40 01 01 01                         # ORIGIN egp
            40 02 06 02 02 ffdc 5ba0            # AS_PATH with AS_TRANS
            40 03 04 04000015                   # NEXT_HOP
            40 06 00                            # ATOMIC_AGGREGATE
            c0 07 06 5ba0 01010101              # AGGREGATOR with AS_TRANS
            e0 08 08 fde80001 ffffff01          # COMMUNITIES, partial
            c0 11 0a 02 02 0000ffdc fa56ea00    # AS4_PATH
            c0 12 08 fa56ea00 01010101          # AS4_AGGREGATOR
            c0 20 0c 0000fbf4 00000001 00000002 # LARGE_COMMUNITY
            e0 63 02 aabb                       # attribute 99
            08 0a
            """),
    ]

    static let shadowed = PathAttributes(
        origin: .egp, asPath: value("65500 4200000000"), atomicAggregate: true,
        aggregator: .init(asNumber: ASNumber(4_200_000_000), address: value("1.1.1.1")),
        communities: [value("65000:1"), .noExport],
        largeCommunities: [value("64500:1:2")],
        unknown: [.init(flags: 0xe0, code: 99, value: [0xaa, 0xbb])], partial: .communities)

    static let multiprotocol: [BGPFixture] = [
        BGPFixture(
            "UPDATE of a reflected VPNv4 route", .update(reflected),
            """
            0077 02 0000 0060
            80 0e 21                     # MP_REACH_NLRI
               0001 80
               0c 0000000000000000 0a000005
               00
               78 493001 0000000100000001 0a00000c
            40 01 01 00                  # ORIGIN igp
            40 02 06 02 01 0000ffdc      # AS_PATH
            80 04 04 0000000a            # MULTI_EXIT_DISC 10
            40 05 04 00000096            # LOCAL_PREF 150
            80 09 04 0a000005            # ORIGINATOR_ID
            80 0a 04 0a000003            # CLUSTER_LIST
            c0 10 10 0002000100000001    # target:1:1
                     000303e8000003e8    # origin:1000:1000
            """),
        BGPFixture(
            "UPDATE that withdraws a VPNv4 route",
            .update(
                BGPUpdate(withdrawn: [
                    .init(
                        family: .vpnv4,
                        nlri: [NLRI(rd: value("1:1"), prefix: value("10.0.0.12/32"))])
                ])),
            """
            002d 02 0000 0016
            80 0f 13 0001 80 78 800000 0000000100000001 0a00000c
            """),
        BGPFixture(
            "End-of-RIB of VPNv4", .update(BGPUpdate(endOfRIB: .vpnv4)),
            "001d 02 0000 0006 80 0f 03 0001 80"),
        BGPFixture(
            "UPDATE of a unicast route with a label",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .ipv4LabelledUnicast, nextHop: value("192.0.2.2"),
                            nlri: [
                                NLRI(labels: [Label(299776)], prefix: value("10.8.0.1/32")),
                                NLRI(labels: [.implicitNull], prefix: value("10.8.1.0/24")),
                            ])
                    ],
                    attributes: PathAttributes(asPath: value("65002")))),
            isInternal: false,
            """
            003f 02 0000 0028
            80 0e 18 0001 04 04 c0000202 00
               38 493001 0a080001
               30 000031 0a0801
            40 01 01 00
            40 02 06 02 01 0000fdea
            """),
        BGPFixture(
            "UPDATE that withdraws a unicast route with a label",
            .update(
                BGPUpdate(withdrawn: [
                    .init(
                        family: .ipv4LabelledUnicast, nlri: [NLRI(prefix: value("10.8.0.1/32"))])
                ])),
            "0025 02 0000 000e 80 0f 0b 0001 04 38 800000 0a080001"),
        BGPFixture(
            "UPDATE of an IPv6 route with a label across an IPv4 core",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .ipv6LabelledUnicast, nextHop: value("10.0.0.5"),
                            nlri: [
                                NLRI(
                                    labels: [.ipv6ExplicitNull], prefix: value("2001:db8:1::/48"))
                            ])
                    ],
                    attributes: PathAttributes(localPreference: 100))),
            """
            0047 02 0000 0030
            80 0e 1f 0002 04 10 00000000000000000000ffff0a000005 00
               48 000021 20010db80001
            40 01 01 00
            40 02 00
            40 05 04 00000064
            """),
        BGPFixture(
            "UPDATE of a VPNv6 route across an IPv4 core",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .vpnv6, nextHop: value("10.0.0.5"),
                            nlri: [
                                NLRI(
                                    rd: value("1:1"), labels: [Label(16)],
                                    prefix: value("2001:db8:1::/48"))
                            ])
                    ],
                    attributes: PathAttributes(localPreference: 100))),
            """
            0057 02 0000 0040
            80 0e 2f 0002 80
               18 0000000000000000 00000000000000000000ffff0a000005
               00
               88 000101 0000000100000001 20010db80001
            40 01 01 00
            40 02 00
            40 05 04 00000064
            """),
        BGPFixture(
            "UPDATE of an IPv6 route with a link-local next hop",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .ipv6Unicast, nextHop: value("2001:db8::1"),
                            linkLocalNextHop: value("fe80::1"), nlri: routes("2001:db8::/32"))
                    ],
                    attributes: PathAttributes(asPath: value("65500")))),
            isInternal: false,
            """
            0051 02 0000 003a
            80 0e 2a 0002 01
               20 20010db8000000000000000000000001 fe800000000000000000000000000001
               00
               20 20010db8
            40 01 01 00
            40 02 06 02 01 0000ffdc
            """),
        BGPFixture(
            "UPDATE of a VPNv6 default route with a link-local next hop",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .vpnv6, nextHop: value("2001:db8::1"),
                            linkLocalNextHop: value("fe80::1"),
                            nlri: [
                                NLRI(rd: value("1:1"), labels: [Label(17)], prefix: .zero(.ipv6))
                            ])
                    ],
                    attributes: PathAttributes(asPath: value("65500")))),
            isInternal: false,
            """
            0068 02 0000 0051
            80 0e 41 0002 80
               30 0000000000000000 20010db8000000000000000000000001
                  0000000000000000 fe800000000000000000000000000001
               00
               58 000111 0000000100000001
            40 01 01 00
            40 02 06 02 01 0000ffdc
            """),
    ]

    static let tunnels: [BGPFixture] = [
        BGPFixture(
            "UPDATE of a VPNv4 route with MPLS-in-GRE tunnels and one that is not understood",
            .update(
                BGPUpdate(
                    announced: [
                        .init(
                            family: .vpnv4, nextHop: value("10.0.0.5"),
                            nlri: [
                                NLRI(
                                    rd: value("1:1"), labels: [Label(16)],
                                    prefix: value("10.0.0.0/8"))
                            ])
                    ],
                    attributes: PathAttributes(
                        localPreference: 100, tunnelEncapsulation: offers))),
            """
            007d 02 0000 0066
            80 0e 1e 0001 80
               0c 0000000000000000 0a000005
               00
               60 000101 0000000100000001 0a
            40 01 01 00
            40 02 00
            40 05 04 00000064
            c0 17 34                       # TUNNEL_ENCAPSULATION
               000b 0012                   # MPLS in GRE
                  06 0a 00000000 0001 0a000005
                  01 04 000004d2           # key 1234
               000b 0008                   # MPLS in GRE, without a key, to the next hop
                  06 06 00000000 0000
               0008 000e                   # VXLAN
                  02 02 0800               # protocol type
                  ff 0005 0102030405       # a type with a long length
                  7e 00
            """)
    ]

    static let offers = TunnelEncapsulation([
        .init(mplsInGRETo: value("10.0.0.5"), key: 1234),
        .init(type: 11, subTLVs: [.init(type: 6, value: [0, 0, 0, 0, 0, 0])]),
        .init(
            type: 8,
            subTLVs: [
                .init(type: 2, value: [8, 0]), .init(type: 255, value: [1, 2, 3, 4, 5]),
                .init(type: 126, value: []),
            ]),
    ])

    static let reflected = BGPUpdate(
        announced: [
            .init(
                family: .vpnv4, nextHop: value("10.0.0.5"),
                nlri: [
                    NLRI(
                        rd: value("1:1"), labels: [Label(299_776)], prefix: value("10.0.0.12/32"))
                ])
        ],
        attributes: PathAttributes(
            asPath: value("65500"), med: 10, localPreference: 150,
            originatorID: value("10.0.0.5"), clusterList: [value("10.0.0.3")],
            extendedCommunities: [value("target:1:1"), value("origin:1000:1000")]))

    /// Unlabelled routes to the prefixes.
    static func routes(_ prefixes: String...) -> [NLRI] {
        prefixes.map { NLRI(prefix: value($0)) }
    }
}
