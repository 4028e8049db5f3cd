// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

/// What we write, read by Wireshark's dissectors.
@Suite("tshark dissects our messages")
struct TsharkTests {
    /// The values of a capture that tshark must have nothing against.
    private func values(_ capture: Capture, _ fields: [String]) throws -> [[String]] {
        try Dissection(capture.octets, fields).flawlessValues()
    }

    private func value<Value: TextValue>(_ text: String) throws -> Value {
        try #require(Value(text))
    }

    private let context = BGPCodecContext(fourOctetAS: true, isInternal: true)

    private func update(
        _ family: BGPFamily, _ nlri: NLRI, _ attributes: PathAttributes
    ) throws -> [UInt8] {
        let messages = try UpdatePacker(context: context).announce([nlri], family, attributes)
        return try #require(messages.first)
    }

    @Test func messagesOfASession() throws {
        let messages: [BGPMessage] = [
            .open(
                BGPOpen(
                    asNumber: ASNumber(70000), holdTime: 90, identifier: try value("10.0.0.3"),
                    families: BGPFamily.allCases)),
            .keepalive,
            .routeRefresh(BGPRouteRefresh(.vpnv4)),
            .notification(
                .cease(.administrativeShutdown, data: [5] + Array("maint".utf8))),
            .notification(.openMessage(.badPeerAS)),
            .notification(.holdTimerExpired),
            .notification(.updateMessage(.malformedASPath)),
            .notification(.messageHeader(.badMessageType, data: [9])),
        ]
        var capture = Capture()
        for (number, message) in messages.enumerated() {
            capture.add(
                bgp: try message.encoded(in: context), fromServer: number.isMultiple(of: 2))
        }
        let rows = try values(
            capture,
            [
                "bgp.type", "bgp.open.myas", "bgp.cap.4as", "bgp.cap.mp.afi", "bgp.cap.mp.safi",
                "bgp.open.holdtime", "bgp.open.identifier", "bgp.notify.communication",
                "bgp.notify.major_error",
            ])
        #expect(
            rows == [
                [
                    "1", "23456", "70000", "1,2,1,2,1,2", "1,1,128,128,4,4", "90", "10.0.0.3", "",
                    "",
                ],
                ["4", "", "", "", "", "", "", "", ""],
                ["5", "", "", "", "", "", "", "", ""],
                ["3", "", "", "", "", "", "", "maint", "6"],
                ["3", "", "", "", "", "", "", "", "2"],
                ["3", "", "", "", "", "", "", "", "4"],
                ["3", "", "", "", "", "", "", "", "3"],
                ["3", "", "", "", "", "", "", "", "1"],
            ])
    }

    @Test func aReflectedVPNRouteWithEveryAttribute() throws {
        let attributes = PathAttributes(
            asPath: try value("65500 4200000000 {7 8}"), nextHop: try value("10.0.0.5"), med: 10,
            localPreference: 150, communities: [try value("65000:1"), .noExport],
            originatorID: try value("10.0.0.5"),
            clusterList: [try value("10.0.0.3"), try value("10.0.0.4")],
            extendedCommunities: [try value("target:1:1"), try value("origin:1000:1000")],
            largeCommunities: [try value("64500:1:2")])
        let route = NLRI(
            rd: try value("1:1"), labels: [Label(299_776)], prefix: try value("10.0.0.12/32"))
        var capture = Capture()
        capture.add(bgp: try update(.vpnv4, route, attributes))
        let rows = try values(
            capture,
            [
                "bgp.update.path_attribute.type_code",
                "bgp.update.path_attribute.as_path_segment.as4",
                "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv4",
                "bgp.label_stack", "bgp.rd", "bgp.mp_reach_nlri_ipv4_prefix", "bgp.prefix_length",
                "bgp.update.path_attribute.multi_exit_disc", "bgp.update.path_attribute.local_pref",
                "bgp.update.path_attribute.community_as", "bgp.update.path_attribute.originator_id",
                "bgp.path_attribute.cluster_id", "bgp.ext_com.value_as2",
                "bgp.ext_com.value_an4", "bgp.large_communities.ga",
                "bgp.large_communities.ldp1", "bgp.large_communities.ldp2",
            ])
        #expect(
            rows == [
                [
                    "14,1,2,4,5,8,9,10,16,32", "65500,4200000000,7,8", "10.0.0.5",
                    "299776 (bottom)", "1:1", "10.0.0.12", "120", "10", "150", "65000", "10.0.0.5",
                    "10.0.0.3,10.0.0.4", "1,1000", "1,1000", "64500", "1", "2",
                ]
            ])
    }

    @Test func theTunnelsOfAVPNRoute() throws {
        let attributes = PathAttributes(
            nextHop: try value("10.0.0.5"), localPreference: 100,
            tunnelEncapsulation: TunnelEncapsulation([
                .init(mplsInGRETo: try value("10.0.0.5"), key: 1234),
                .init(mplsInGRETo: try value("10.0.0.6"), key: nil),
            ]))
        let route = NLRI(
            rd: try value("1:1"), labels: [Label(16)], prefix: try value("10.0.0.12/32"))
        var capture = Capture()
        capture.add(bgp: try update(.vpnv4, route, attributes))
        let rows = try values(
            capture,
            [
                "bgp.update.path_attribute.type_code", "bgp.update.encaps_tunnel_tlv_type",
                "bgp.update.encaps_tunnel_subtlv_type",
                "bgp.update.encaps_tunnel_tlv_subtlv_gre_key",
                "bgp.update.encaps_tunnel_tlv_subtlv.value",
            ])
        #expect(
            rows == [
                [
                    "14,1,2,5,23", "11,11", "6,1,6", "1234",
                    "0000000000010a000005,0000000000010a000006",
                ]
            ])
    }

    @Test func routesOfEveryFamilyAndTheirWithdrawal() throws {
        var capture = Capture()
        let packer = UpdatePacker(context: context)
        for family in BGPFamily.allCases {
            let prefix: IPPrefix = try value(
                family.family == .ipv4 ? "10.0.0.12/32" : "2001:db8:1::/48")
            let nlri = NLRI(
                rd: family.isVPN ? try value("1:1") : nil,
                labels: family.hasLabels ? [Label(16)] : [], prefix: prefix)
            let nextHop: IPAddress = try value(family.family == .ipv4 ? "10.0.0.5" : "2001:db8::5")
            let attributes = PathAttributes(
                asPath: try value("65500"), nextHop: nextHop, localPreference: 100)
            for message in try packer.announce([nlri], family, attributes)
                + packer.withdraw([nlri], family) + [packer.endOfRIB(family)]
            {
                capture.add(bgp: message)
            }
        }
        let rows = try values(
            capture,
            [
                "bgp.update.path_attribute.next_hop",
                "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv4",
                "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6",
                "bgp.nlri_prefix", "bgp.withdrawn_prefix", "bgp.mp_reach_nlri_ipv4_prefix",
                "bgp.mp_unreach_nlri_ipv4_prefix", "bgp.mp_reach_nlri_ipv6_prefix",
                "bgp.mp_unreach_nlri_ipv6_prefix", "bgp.label_stack",
            ])
        #expect(
            rows == [
                ["10.0.0.5", "", "", "10.0.0.12", "", "", "", "", "", ""],
                ["", "", "", "", "10.0.0.12", "", "", "", "", ""],
                ["", "", "", "", "", "", "", "", "", ""],
                ["", "", "2001:db8::5", "", "", "", "", "2001:db8:1::", "", ""],
                ["", "", "", "", "", "", "", "", "2001:db8:1::", ""],
                ["", "", "", "", "", "", "", "", "", ""],
                ["", "10.0.0.5", "", "", "", "10.0.0.12", "", "", "", "16 (bottom)"],
                ["", "", "", "", "", "", "10.0.0.12", "", "", "0 (withdrawn)"],
                ["", "", "", "", "", "", "", "", "", ""],
                ["", "", "2001:db8::5", "", "", "", "", "", "", "16 (bottom)"],
                ["", "", "", "", "", "", "", "", "", "0 (withdrawn)"],
                ["", "", "", "", "", "", "", "", "", ""],
                ["", "10.0.0.5", "", "", "", "10.0.0.12", "", "", "", "16 (bottom)"],
                ["", "", "", "", "", "", "10.0.0.12", "", "", "0 (withdrawn)"],
                ["", "", "", "", "", "", "", "", "", ""],
                ["", "", "2001:db8::5", "", "", "", "", "2001:db8:1::", "", "16 (bottom)"],
                ["", "", "", "", "", "", "", "", "2001:db8:1::", "0 (withdrawn)"],
                ["", "", "", "", "", "", "", "", "", ""],
            ])
    }

    @Test func fullMessagesOfManyRoutes() throws {
        let attributes = PathAttributes(
            asPath: try value("65500"), nextHop: try value("10.0.0.5"), localPreference: 100)
        let routes = try (0..<1000).map { index in
            NLRI(
                rd: try value("1:1"), labels: [Label(UInt32(16 + index))],
                prefix: IPPrefix(
                    IPAddress(family: .ipv4, bits: UInt128(0x0a00_0000 + index * 256)), length: 24))
        }
        let messages = try UpdatePacker(context: context).announce(routes, .vpnv4, attributes)
        var capture = Capture()
        for message in messages { capture.add(bgp: message) }
        let rows = try values(capture, ["bgp.mp_reach_nlri_ipv4_prefix"])
        #expect(rows.count == messages.count && rows.count > 3)
        #expect(rows.flatMap { $0[0].split(separator: ",") }.count == routes.count)
    }

    @Test func virtualRouterAdvertisements() throws {
        var capture = Capture()
        let v4: [IPAddress] = [try value("192.168.1.1")]
        let v6: [IPAddress] = [try value("fe80::1"), try value("2001:db8::1")]
        let advertisements = [
            VRRPAdvertisement(
                version: .v2, virtualRouterID: 1, priority: 100, interval: 100, addresses: v4),
            VRRPAdvertisement(
                version: .v2, virtualRouterID: 1, priority: 0, interval: 200, addresses: v4,
                authentication: .simpleText(Array("secret".utf8))),
            VRRPAdvertisement(
                version: .v3, virtualRouterID: 1, priority: 200, interval: 50, addresses: v4),
            VRRPAdvertisement(
                version: .v3, virtualRouterID: 5, priority: 255, interval: 100, addresses: v6),
        ]
        for advertisement in advertisements {
            let family = try #require(advertisement.addresses.first).family
            let source: IPAddress = try value(family == .ipv4 ? "192.168.1.3" : "fe80::3")
            let group = VRRPAdvertisement.multicastGroup(family)
            capture.add(
                packet: try advertisement.encoded(source: source, destination: group),
                VRRPAdvertisement.ipProtocol, from: source, to: group,
                mac: MACAddress.virtualRouter(advertisement.virtualRouterID, family))
        }
        let rows = try values(
            capture,
            [
                "vrrp.version", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.adver_int",
                "vrrp.short_adver_int", "vrrp.ip_addr", "vrrp.ipv6_addr", "vrrp.auth_string",
            ])
        #expect(
            rows == [
                ["2", "1", "100", "1", "", "192.168.1.1", "", ""],
                ["2", "1", "0", "2", "", "192.168.1.1", "", "secret"],
                ["3", "1", "200", "", "50", "192.168.1.1", "", ""],
                ["3", "5", "255", "", "100", "", "fe80::1,2001:db8::1", ""],
            ])
    }

    @Test func labelDistribution() throws {
        let me = LDPIdentifier(try value("10.0.0.3"))
        let fec: [LDPFECElement] = [.prefix(try value("10.0.0.5/32"))]
        let hello = LDPHello(holdTime: 15, supportsGTSM: true, transportAddress: me.routerID)
        let session: [LDPMessage.Body] = [
            .initialization(
                LDPInitialization(
                    keepAliveTime: 40, receiver: LDPIdentifier(try value("10.0.0.5")),
                    capabilities: [.typedWildcard, .unrecognizedNotification])),
            .keepAlive, .address([try value("10.0.0.3"), try value("172.16.0.1")]),
            .labelMapping(LDPBinding(fec, label: Label(100_000))),
            .labelRelease(LDPBinding(fec, label: Label(17))),
            // Its dissector reads neither wildcards nor a FEC that ends a message, FRR's as little.
            .labelWithdraw(LDPBinding(fec, label: Label(18))), .notification(LDPStatus(.noRoute)),
            .notification(LDPStatus(.shutdown)),
        ]
        var capture = Capture()
        let (source, group) = (try value("172.16.0.1") as IPAddress, LDPPDU.allRouters)
        let datagram = UDPDatagram(
            sourcePort: LDPPDU.port, destinationPort: LDPPDU.port,
            payload: try LDPPDU(
                identifier: me, messages: [LDPMessage(id: 1, .hello(hello))]
            ).encoded())
        capture.add(
            packet: try datagram.encoded(source: source, destination: group), IPProtocol.udp,
            from: source, to: group, timeToLive: 1)
        for (number, body) in session.enumerated() {
            let message = LDPMessage(id: UInt32(number), body)
            let pdu = try LDPPDU(identifier: me, messages: [message]).encoded()
            capture.add(pdu, port: LDPPDU.port)
        }
        let rows = try values(
            capture,
            [
                "ldp.msg.type", "ldp.hdr.ldpid.lsr", "ldp.msg.tlv.hello.hold",
                "ldp.msg.tlv.ipv4.taddr", "ldp.msg.tlv.sess.ka", "ldp.msg.tlv.addrl.addr",
                "ldp.msg.tlv.fec.pfval", "ldp.msg.tlv.generic.label", "ldp.msg.tlv.status.data",
            ])
        #expect(
            rows == [
                ["0x0100", "10.0.0.3", "15", "10.0.0.3", "", "", "", "", ""],
                ["0x0200", "10.0.0.3", "", "", "40", "", "", "", ""],
                ["0x0201", "10.0.0.3", "", "", "", "", "", "", ""],
                ["0x0300", "10.0.0.3", "", "", "", "10.0.0.3,172.16.0.1", "", "", ""],
                ["0x0400", "10.0.0.3", "", "", "", "", "10.0.0.5", "100000", ""],
                ["0x0403", "10.0.0.3", "", "", "", "", "10.0.0.5", "17", ""],
                ["0x0402", "10.0.0.3", "", "", "", "", "10.0.0.5", "18", ""],
                ["0x0001", "10.0.0.3", "", "", "", "", "", "", "0x0000000d"],
                ["0x0001", "10.0.0.3", "", "", "", "", "", "", "0x0000000a"],
            ])
    }

    @Test func probesAndAnnouncements() throws {
        var capture = Capture()
        let (saturn, liber): (IPAddress, IPAddress) = (
            try value("10.0.0.12"), try value("10.0.0.3")
        )
        let echo = ICMPMessage.echoRequest(
            identifier: 7, sequence: 1, payload: Array("probe".utf8))
        capture.add(packet: echo.octets(.ipv4), 1, from: saturn, to: liber)
        let datagram = UDPDatagram(
            sourcePort: 40000, destinationPort: 5000, payload: Array("probe".utf8))
        capture.add(
            packet: try datagram.encoded(source: saturn, destination: liber), 17, from: saturn,
            to: liber)
        let mac = MACAddress.virtualRouter(1, .ipv4)
        capture.add(
            frame: ARPPacket.gratuitous(try value("192.168.1.1"), at: mac).broadcastFrame)
        let address: IPAddress = try value("fe80::1")
        let advertisement = NeighborAdvertisement.unsolicited(
            address, at: MACAddress.virtualRouter(5, .ipv6))
        capture.add(
            packet: advertisement.encoded(
                source: address, destination: .allNodes),
            NeighborDiscovery.ipProtocol, from: address, to: .allNodes)
        let rows = try values(
            capture,
            [
                "icmp.seq", "icmp.checksum.status", "udp.dstport", "udp.checksum.status",
                "arp.isgratuitous", "arp.src.proto_ipv4", "icmpv6.nd.na.target_address",
                "icmpv6.opt.linkaddr", "icmpv6.checksum.status",
            ])
        #expect(
            rows == [
                ["1", "1", "", "", "", "", "", "", ""],
                ["", "", "5000", "1", "", "", "", "", ""],
                ["", "", "", "", "1", "192.168.1.1", "", "", ""],
                ["", "", "", "", "", "", "fe80::1", "00:00:5e:00:02:05", "1"],
            ])
    }

    @Test func routerDiscovery() throws {
        var capture = Capture()
        let (router, host): (IPAddress, IPAddress) = (try value("fe80::1"), try value("fe80::9"))
        let solicitation = RouterSolicitation(sourceMAC: try value("02:00:00:00:00:09"))
        capture.add(
            packet: solicitation.encoded(source: host, destination: .allRouters),
            NeighborDiscovery.ipProtocol, from: host, to: .allRouters)
        let advertisement = RouterAdvertisement(
            lifetime: 9, sourceMAC: MACAddress.virtualRouter(5, .ipv6),
            prefixes: [.init(try value("2001:db8::/64"))])
        capture.add(
            packet: advertisement.encoded(source: router, destination: .allNodes),
            NeighborDiscovery.ipProtocol, from: router, to: .allNodes)
        let rows = try values(
            capture,
            [
                "icmpv6.type", "icmpv6.checksum.status", "icmpv6.opt.linkaddr",
                "icmpv6.nd.ra.cur_hop_limit", "icmpv6.nd.ra.router_lifetime",
                "icmpv6.opt.prefix", "icmpv6.opt.prefix.length", "icmpv6.opt.prefix.flag.l",
                "icmpv6.opt.prefix.flag.a", "icmpv6.opt.prefix.valid_lifetime",
            ])
        #expect(
            rows == [
                ["133", "1", "02:00:00:00:00:09", "", "", "", "", "", "", ""],
                [
                    "134", "1", "00:00:5e:00:02:05", "64", "9", "2001:db8::", "64", "1", "0",
                    "4294967295",
                ],
            ])
    }

    /// Else the tests above could not fail.
    @Test func spoiledMessagesBringComplaints() throws {
        var capture = Capture()
        var notACount = try BGPMessage.open(
            BGPOpen(
                asNumber: ASNumber(1), holdTime: 90, identifier: try value("10.0.0.3"),
                families: [.vpnv4])
        ).encoded(in: context)
        notACount[28] = 255
        capture.add(bgp: notACount)
        let (source, group): (IPAddress, IPAddress) = (
            try value("192.168.1.3"), VRRPAdvertisement.multicastGroup(.ipv4)
        )
        var notASum = try VRRPAdvertisement(
            version: .v3, virtualRouterID: 1, priority: 200, interval: 50,
            addresses: [try value("192.168.1.1")]
        ).encoded(source: source, destination: group)
        notASum[2] ^= 1
        capture.add(packet: notASum, VRRPAdvertisement.ipProtocol, from: source, to: group)
        let frames = try Dissection(capture.octets, ["frame.number"]).frames
        #expect(frames.count == 2)
        for frame in frames { #expect(frame.complaint != "", "frame \(frame.values)") }
    }
}
