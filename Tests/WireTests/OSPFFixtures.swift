// SPDX-License-Identifier: Apache-2.0

import Primitives

@testable import Wire

/// A packet as FRR 8.4 or BIRD 2.0.12 sent it, and what it says.
struct OSPFFixture: CustomStringConvertible, Sendable {
    let description: String
    let packet: OSPFPacket
    let source: IPAddress
    let destination: IPAddress
    let authentication: OSPFAuthentication
    let octets: [UInt8]

    init(
        _ description: String, _ version: OSPFVersion, router: String = "10.0.0.1",
        to destination: String? = nil, _ body: OSPFPacket.Body,
        authentication: OSPFAuthentication = .none, sequence: UInt32? = nil, _ octets: String
    ) {
        self.description = description
        packet = OSPFPacket(
            version: version, routerID: value(router), areaID: value("0.0.0.0"),
            cryptographicSequence: sequence, body: body)
        let isFirst = router == "10.0.0.1"
        let (first, second) =
            version == .v2
            ? ("10.0.12.1", "10.0.12.2")
            : ("fe80::c08c:1aff:feff:4f04", "fe80::e855:ddff:fe83:4f44")
        source = value(isFirst ? first : second)
        let neighbor: IPAddress = value(isFirst ? second : first)
        self.destination =
            destination.map { _ in neighbor } ?? OSPFPacket.allRouters(version)
        self.authentication = authentication
        self.octets = hex(octets)
    }

    func encode(_ packet: OSPFPacket) throws(WireError) -> [UInt8] {
        try packet.encoded(
            source: source, destination: destination, authentication: authentication)
    }

    func decode(_ octets: [UInt8]) throws(WireError) -> OSPFPacket {
        try OSPFPacket(
            decoding: octets, source: source, destination: destination,
            authentication: authentication)
    }

    /// The octets of its LSAs, one after the other, without those of the packet around them.
    var advertisements: [OSPFLSA] {
        guard case .update(let advertisements) = packet.body else { return [] }
        return advertisements
    }
}

/// An LSA from its parts; what the RFC does not allow is a test's mistake.
func lsa(
    _ version: OSPFVersion, _ id: String, _ router: String, _ contents: OSPFLSAContents,
    sequence: Int32 = 1, age: UInt16 = 1
) -> OSPFLSA {
    guard let type = contents.type,
        let lsa = try? OSPFLSA(
            OSPFLSAKey(type, value(id), value(router)), contents, version: version,
            options: version == .v2 ? .external : [],
            sequence: OSPFLSAHeader.initialSequence + (sequence - 1), age: age)
    else { preconditionFailure("an LSA that can be written") }
    return lsa
}

extension OSPFFixture {
    private static func key(
        _ type: OSPFLSAType, _ id: String, _ router: String = "10.0.0.1"
    ) -> OSPFLSAKey {
        OSPFLSAKey(type, value(id), value(router))
    }

    private static func header(
        _ version: OSPFVersion, _ key: OSPFLSAKey, _ checksum: UInt16, length: UInt16,
        sequence: Int32 = 1, age: UInt16
    ) -> OSPFLSAHeader {
        OSPFLSAHeader(
            age: age, options: version == .v2 ? .external : [], key: key,
            sequence: OSPFLSAHeader.initialSequence + (sequence - 1), checksum: checksum,
            length: length)
    }

    private static func hello(
        _ priority: UInt8, neighbors: [String] = [], v3Interface: UInt32? = nil
    ) -> OSPFPacket.Body {
        .hello(
            OSPFHello(
                networkMask: v3Interface == nil ? 0xffff_ff00 : 0, interfaceID: v3Interface ?? 0,
                options: v3Interface == nil ? .external : v3Options, priority: priority,
                helloInterval: 1, deadInterval: 4, neighbors: neighbors.map { value($0) }))
    }

    private static let v3Options: OSPFOptions = [.v6, .external, .router]

    private static func secret(
        _ algorithm: OSPFAuthentication.Algorithm
    ) -> OSPFAuthentication {
        .cryptographic(.init(id: 7, algorithm, secret: Array("s3cret".utf8)))
    }

    static let authenticated: [OSPFFixture] = [
        OSPFFixture(
            "a Hello with a password", .v2, hello(5),
            authentication: .simpleText(Array("s3cret".utf8)),
            """
            0201002c 0a000001 00000000 f2c50001 73336372 65740000 ffffff00 00010205 00000004
            00000000 00000000
            """),
        OSPFFixture(
            "a Hello with FRR's MD5", .v2, hello(5), authentication: secret(.md5),
            sequence: 0x6b01_ea52,
            """
            0201002c 0a000001 00000000 00000002 00000710 6b01ea52 ffffff00 00010205 00000004
            00000000 00000000 327f0aa8 8168fdbc 8a827633 d3db803d
            """),
        OSPFFixture(
            "a Hello with BIRD's HMAC-SHA-1", .v2, hello(1), authentication: secret(.hmacSHA1),
            sequence: 0x6b01_ebe2,
            """
            0201002c 0a000001 00000000 00000002 00000714 6b01ebe2 ffffff00 00010201 00000004
            00000000 00000000 baac0341 b3eb9f57 6e87977a c97c5834 94ea1b2a
            """),
        OSPFFixture(
            "a Hello with BIRD's HMAC-SHA-256", .v2, hello(1),
            authentication: secret(.hmacSHA256), sequence: 0x6b01_ebe5,
            """
            0201002c 0a000001 00000000 00000002 00000720 6b01ebe5 ffffff00 00010201 00000004
            00000000 00000000 e54d6e76 6e73e6bb 660158cf cf1e1f00 f93d7053 2b80b954 dbce4d7c
            d9e9e375
            """),
        OSPFFixture(
            "a Hello with BIRD's HMAC-SHA-512", .v2, hello(1),
            authentication: secret(.hmacSHA512), sequence: 0x6b01_ebe7,
            """
            0201002c 0a000001 00000000 00000002 00000740 6b01ebe7 ffffff00 00010201 00000004
            00000000 00000000 06dc1bee 96cd8866 e9944f5d 0571cc54 b0d05416 1c7a4173 41e6fc16
            79414db8 ca7b4d56 d850317d 8700f544 e0c394c3 dbc7f928 462b157d aebf2046 617f2453
            """),
    ]

    static let version2: [OSPFFixture] = [
        OSPFFixture(
            "a Hello of version 2", .v2, hello(5, neighbors: ["10.0.0.2"]),
            """
            02010030 0a000001 00000000 e8c00000 00000000 00000000 ffffff00 00010205 00000004
            00000000 00000000 0a000002
            """),
        OSPFFixture(
            "a Database Description of version 2", .v2, to: "10.0.12.2",
            .databaseDescription(
                OSPFDatabaseDescription(
                    interfaceMTU: 1500, options: .external, isInitial: false, hasMore: false,
                    isMaster: false, sequence: 0x1423_ff5b,
                    headers: [
                        header(
                            .v2, key(.router, "10.0.0.1"), 0x8677, length: 48, sequence: 4,
                            age: 0),
                        header(.v2, key(.interAreaPrefix, "10.0.13.0"), 0x4be8, length: 28, age: 4),
                        header(
                            .v2, key(.external, "192.0.2.0", "10.0.0.3"), 0x5f8f, length: 36,
                            age: 4),
                    ])),
            """
            0202005c 0a000001 00000000 1ec70000 00000000 00000000 05dc0200 1423ff5b 00000201
            0a000001 0a000001 80000004 86770030 00040203 0a000d00 0a000001 80000001 4be8001c
            00040205 c0000200 0a000003 80000001 5f8f0024
            """),
        OSPFFixture(
            "a Link State Request of version 2", .v2, router: "10.0.0.2", to: "10.0.12.1",
            .request([
                key(.router, "10.0.0.1"), key(.interAreaPrefix, "10.0.13.0"),
                key(.external, "192.0.2.0", "10.0.0.3"),
            ]),
            """
            0203003c 0a000002 00000000 f2ae0000 00000000 00000000 00000001 0a000001 0a000001
            00000003 0a000d00 0a000001 00000005 c0000200 0a000003
            """),
        OSPFFixture(
            "router, summary and external of version 2", .v2,
            .update([
                lsa(
                    .v2, "10.0.0.1", "10.0.0.1",
                    .router(
                        OSPFRouterLSA(
                            flags: .border,
                            links: [
                                .init(
                                    .stub, metric: 10, linkID: value("10.0.12.0"),
                                    data: 0xffff_ff00),
                                .init(
                                    .stub, metric: 0, linkID: value("10.0.0.1"),
                                    data: 0xffff_ffff),
                            ])),
                    sequence: 4),
                lsa(
                    .v2, "10.0.13.0", "10.0.0.1",
                    .interAreaPrefix(
                        OSPFInterAreaPrefixLSA(metric: 10, prefix: value("10.0.13.0/30"))), age: 5),
                lsa(
                    .v2, "192.0.2.0", "10.0.0.3",
                    .external(
                        OSPFExternalLSA(isType2: true, metric: 20, prefix: value("192.0.2.0/24"))),
                    age: 5),
            ]),
            """
            0204008c 0a000001 00000000 94bf0000 00000000 00000000 00000003 00010201 0a000001
            0a000001 80000004 86770030 01000002 0a000c00 ffffff00 0300000a 0a000001 ffffffff
            03000000 00050203 0a000d00 0a000001 80000001 4be8001c fffffffc 0000000a 00050205
            c0000200 0a000003 80000001 5f8f0024 ffffff00 80000014 00000000 00000000
            """),
        OSPFFixture(
            "router and network of version 2", .v2,
            .update([
                lsa(
                    .v2, "10.0.0.1", "10.0.0.1",
                    .router(
                        OSPFRouterLSA(
                            flags: .border,
                            links: [
                                .init(
                                    .transit, metric: 10, linkID: value("10.0.12.1"),
                                    data: 0x0a00_0c01),
                                .init(
                                    .stub, metric: 0, linkID: value("10.0.0.1"),
                                    data: 0xffff_ffff),
                            ])),
                    sequence: 5),
                lsa(
                    .v2, "10.0.12.1", "10.0.0.1",
                    .network(
                        OSPFNetworkLSA(
                            prefix: value("10.0.12.0/24"),
                            routers: [value("10.0.0.1"), value("10.0.0.2")]))),
            ]),
            """
            0204006c 0a000001 00000000 e9940000 00000000 00000000 00000002 00010201 0a000001
            0a000001 80000005 984d0030 01000002 0a000c01 0a000c01 0200000a 0a000001 ffffffff
            03000000 00010202 0a000c01 0a000001 80000001 ea360020 ffffff00 0a000001 0a000002
            """),
        OSPFFixture(
            "both summaries of version 2", .v2,
            .update([
                lsa(
                    .v2, "10.0.0.3", "10.0.0.1",
                    .interAreaPrefix(
                        OSPFInterAreaPrefixLSA(metric: 10, prefix: value("10.0.0.3/32")))),
                lsa(
                    .v2, "10.0.0.3", "10.0.0.1",
                    .interAreaRouter(
                        OSPFInterAreaRouterLSA(metric: 10, router: value("10.0.0.3")))),
            ]),
            """
            02040054 0a000001 00000000 385e0000 00000000 00000000 00000002 00010203 0a000003
            0a000001 80000001 ce6c001c ffffffff 0000000a 00010204 0a000003 0a000001 80000001
            c079001c 00000000 0000000a
            """),
        OSPFFixture(
            "an acknowledgment of version 2", .v2, router: "10.0.0.2",
            .acknowledgment([
                header(.v2, key(.router, "10.0.0.1"), 0x8677, length: 48, sequence: 4, age: 1),
                header(.v2, key(.interAreaPrefix, "10.0.13.0"), 0x4be8, length: 28, age: 5),
                header(.v2, key(.external, "192.0.2.0", "10.0.0.3"), 0x5f8f, length: 36, age: 5),
                header(.v2, key(.network, "10.0.12.1"), 0xea36, length: 32, age: 1),
            ]),
            """
            02050068 0a000002 00000000 adb10000 00000000 00000000 00010201 0a000001 0a000001
            80000004 86770030 00050203 0a000d00 0a000001 80000001 4be8001c 00050205 c0000200
            0a000003 80000001 5f8f0024 00010202 0a000c01 0a000001 80000001 ea360020
            """),
    ]

    static let version3: [OSPFFixture] = [
        OSPFFixture(
            "a Hello of version 3", .v3, hello(5, neighbors: ["10.0.0.2"], v3Interface: 2),
            """
            03010028 0a000001 00000000 bc1f0000 00000002 05000013 00010004 00000000 00000000
            0a000002
            """),
        OSPFFixture(
            "a Database Description of version 3", .v3, to: "fe80::2",
            .databaseDescription(
                OSPFDatabaseDescription(
                    interfaceMTU: 1500, options: v3Options, isInitial: false, hasMore: false,
                    isMaster: false, sequence: 0x5ab0,
                    headers: [
                        header(.v3, key(.link, "0.0.0.2"), 0xc2e2, length: 56, age: 5),
                        header(.v3, key(.router, "0.0.0.0"), 0xd055, length: 24, age: 5),
                        header(.v3, key(.interAreaPrefix, "0.0.0.1"), 0xad39, length: 36, age: 5),
                        header(
                            .v3, key(.intraAreaPrefix, "0.0.0.0"), 0xfe26, length: 64,
                            sequence: 2, age: 5),
                        header(
                            .v3, key(.external, "0.0.0.1", "10.0.0.3"), 0x4a8d, length: 36,
                            age: 5),
                    ])),
            """
            03020080 0a000001 00000000 7a0e0000 00000013 05dc0000 00005ab0 00050008 00000002
            0a000001 80000001 c2e20038 00052001 00000000 0a000001 80000001 d0550018 00052003
            00000001 0a000001 80000001 ad390024 00052009 00000000 0a000001 80000002 fe260040
            00054005 00000001 0a000003 80000001 4a8d0024
            """),
        OSPFFixture(
            "a Link State Request of version 3", .v3, router: "10.0.0.2", to: "fe80::1",
            .request([
                key(.link, "0.0.0.2"), key(.router, "0.0.0.0"), key(.interAreaPrefix, "0.0.0.1"),
                key(.intraAreaPrefix, "0.0.0.0"), key(.external, "0.0.0.1", "10.0.0.3"),
            ]),
            """
            0303004c 0a000002 00000000 e5330000 00000008 00000002 0a000001 00002001 00000000
            0a000001 00002003 00000001 0a000001 00002009 00000000 0a000001 00004005 00000001
            0a000003
            """),
        OSPFFixture(
            "link, router, inter-area prefix, intra-area prefix and external of version 3", .v3,
            .update([
                lsa(
                    .v3, "0.0.0.2", "10.0.0.1",
                    .link(
                        OSPFLinkLSA(
                            priority: 5, options: v3Options,
                            linkLocal: value("fe80::c08c:1aff:feff:4f04"),
                            prefixes: [OSPFPrefix(value("2001:db8:12::/64"))])), age: 5),
                lsa(
                    .v3, "0.0.0.0", "10.0.0.1",
                    .router(OSPFRouterLSA(flags: .border, options: v3Options)), age: 5),
                lsa(
                    .v3, "0.0.0.1", "10.0.0.1",
                    .interAreaPrefix(
                        OSPFInterAreaPrefixLSA(metric: 10, prefix: value("2001:db8:13::/64"))),
                    age: 5),
                lsa(
                    .v3, "0.0.0.0", "10.0.0.1",
                    .intraAreaPrefix(
                        OSPFIntraAreaPrefixLSA(
                            reference: key(.router, "0.0.0.0"),
                            prefixes: [
                                OSPFPrefix(value("2001:db8::1/128"), metric: 10),
                                OSPFPrefix(value("2001:db8:12::/64"), metric: 10),
                            ])), sequence: 2, age: 5),
                lsa(
                    .v3, "0.0.0.1", "10.0.0.3",
                    .external(
                        OSPFExternalLSA(
                            isType2: true, metric: 20, prefix: value("2001:db8:ffff::/48"))),
                    age: 5),
            ]),
            """
            030400ec 0a000001 00000000 3c200000 00000005 00050008 00000002 0a000001 80000001
            c2e20038 05000013 fe800000 00000000 c08c1aff feff4f04 00000001 40000000 20010db8
            00120000 00052001 00000000 0a000001 80000001 d0550018 01000013 00052003 00000001
            0a000001 80000001 ad390024 0000000a 40000000 20010db8 00130000 00052009 00000000
            0a000001 80000002 fe260040 00022001 00000000 0a000001 8000000a 20010db8 00000000
            00000000 00000001 4000000a 20010db8 00120000 00054005 00000001 0a000003 80000001
            4a8d0024 04000014 30000000 20010db8 ffff0000
            """),
        OSPFFixture(
            "router, network and its prefix of version 3", .v3,
            .update([
                lsa(
                    .v3, "0.0.0.0", "10.0.0.1",
                    .router(
                        OSPFRouterLSA(
                            flags: .border, options: v3Options,
                            links: [
                                .init(
                                    .transit, metric: 10, linkID: value("10.0.0.1"), data: 2,
                                    neighborInterfaceID: 2)
                            ])), sequence: 2),
                lsa(
                    .v3, "0.0.0.2", "10.0.0.1",
                    .network(
                        OSPFNetworkLSA(
                            options: v3Options, routers: [value("10.0.0.1"), value("10.0.0.2")]))),
                lsa(
                    .v3, "0.0.0.0", "10.0.0.1",
                    .intraAreaPrefix(
                        OSPFIntraAreaPrefixLSA(
                            reference: key(.router, "0.0.0.0"),
                            prefixes: [OSPFPrefix(value("2001:db8::1/128"), metric: 10)])),
                    sequence: 3),
                lsa(
                    .v3, "0.0.0.2", "10.0.0.1",
                    .intraAreaPrefix(
                        OSPFIntraAreaPrefixLSA(
                            reference: key(.network, "0.0.0.2"),
                            prefixes: [OSPFPrefix(value("2001:db8:12::/64"))]))),
            ]),
            """
            030400bc 0a000001 00000000 577b0000 00000004 00012001 00000000 0a000001 80000002
            76830028 01000013 0200000a 00000002 00000002 0a000001 00012002 00000002 0a000001
            80000001 966e0020 00000013 0a000001 0a000002 00012009 00000000 0a000001 80000003
            0d670034 00012001 00000000 0a000001 8000000a 20010db8 00000000 00000000 00000001
            00012009 00000002 0a000001 80000001 1e94002c 00012002 00000002 0a000001 40000000
            20010db8 00120000
            """),
        OSPFFixture(
            "inter-area prefix and router of version 3", .v3,
            .update([
                lsa(
                    .v3, "0.0.0.2", "10.0.0.1",
                    .interAreaPrefix(
                        OSPFInterAreaPrefixLSA(metric: 20, prefix: value("2001:db8::3/128")))),
                lsa(
                    .v3, "10.0.0.3", "10.0.0.1",
                    .interAreaRouter(
                        OSPFInterAreaRouterLSA(
                            metric: 10, options: v3Options, router: value("10.0.0.3")))),
            ]),
            """
            03040060 0a000001 00000000 d4ba0000 00000002 00012003 00000002 0a000001 80000001
            ced4002c 00000014 80000000 20010db8 00000000 00000000 00000003 00012004 0a000003
            0a000001 80000001 10e70020 00000013 0000000a 0a000003
            """),
        OSPFFixture(
            "an acknowledgment of version 3", .v3, router: "10.0.0.2",
            .acknowledgment([
                header(.v3, key(.link, "0.0.0.2"), 0xc2e2, length: 56, age: 9),
                header(.v3, key(.router, "0.0.0.0"), 0xd055, length: 24, age: 9),
                header(.v3, key(.network, "0.0.0.2"), 0x966e, length: 32, age: 5),
                header(.v3, key(.interAreaPrefix, "0.0.0.1"), 0xad39, length: 36, age: 9),
                header(.v3, key(.interAreaPrefix, "0.0.0.2"), 0xced4, length: 44, age: 3),
                header(.v3, key(.interAreaRouter, "10.0.0.3"), 0x10e7, length: 32, age: 3),
                header(
                    .v3, key(.intraAreaPrefix, "0.0.0.0"), 0xfe26, length: 64, sequence: 2,
                    age: 9),
                header(.v3, key(.intraAreaPrefix, "0.0.0.2"), 0x1e94, length: 44, age: 5),
                header(.v3, key(.external, "0.0.0.1", "10.0.0.3"), 0x4a8d, length: 36, age: 9),
            ]),
            """
            030500c4 0a000002 00000000 bb8a0000 00090008 00000002 0a000001 80000001 c2e20038
            00092001 00000000 0a000001 80000001 d0550018 00052002 00000002 0a000001 80000001
            966e0020 00092003 00000001 0a000001 80000001 ad390024 00032003 00000002 0a000001
            80000001 ced4002c 00032004 0a000003 0a000001 80000001 10e70020 00092009 00000000
            0a000001 80000002 fe260040 00052009 00000002 0a000001 80000001 1e94002c 00094005
            00000001 0a000003 80000001 4a8d0024
            """),
    ]

    static let all = authenticated + version2 + version3
}
