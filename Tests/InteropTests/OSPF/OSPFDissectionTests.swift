// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@Suite("tshark dissects our OSPF packets")
struct OSPFDissectionTests {
    private func value<Value: TextValue>(_ text: String) throws -> Value {
        try #require(Value(text))
    }

    private func capture(
        _ version: OSPFVersion, _ body: OSPFPacket.Body,
        _ authentication: OSPFAuthentication = .none
    ) throws -> Capture {
        let source: IPAddress = try value(version == .v2 ? "10.0.0.1" : "fe80::1")
        let destination = OSPFPacket.allRouters(version)
        let packet = OSPFPacket(
            version: version, routerID: try value("10.0.0.1"), areaID: try value("0.0.0.1"),
            cryptographicSequence: 7, body: body)
        var capture = Capture()
        capture.add(
            packet: try packet.encoded(
                source: source, destination: destination, authentication: authentication),
            OSPFPacket.ipProtocol, from: source, to: destination, timeToLive: 1)
        return capture
    }

    private func lsa(
        _ version: OSPFVersion, _ id: String, _ contents: OSPFLSAContents
    ) throws -> OSPFLSA {
        try OSPFLSA(
            OSPFLSAKey(try #require(contents.type), try value(id), try value("10.0.0.1")), contents,
            version: version, options: version == .v2 ? .external : [])
    }

    @Test func helloWithMD5() throws {
        let hello = OSPFHello(
            networkMask: 0xffff_ff00, options: .external, priority: 9, helloInterval: 10,
            deadInterval: 40, neighbors: [try value("10.0.0.2")])
        let key = OSPFAuthentication.cryptographic(.init(id: 5, .md5, secret: [65]))
        let rows = try Dissection(
            try capture(.v2, .hello(hello), key).octets,
            ["ospf.msg", "ospf.auth.type", "ospf.auth.crypt.key_id", "ospf.hello.router_priority"]
        ).flawlessValues()
        #expect(rows == [["1", "2", "5", "9"]])
    }

    @Test func everyTypeOfVersion2() throws {
        let update = try [
            lsa(
                .v2, "10.0.0.1",
                .router(
                    OSPFRouterLSA(
                        flags: [.border, .boundary],
                        links: [
                            .init(.pointToPoint, metric: 3, linkID: value("10.0.0.2"), data: 1),
                            .init(
                                .stub, metric: 4, linkID: value("10.9.0.0"), data: 0xffff_0000),
                        ]))),
            lsa(
                .v2, "10.0.0.1",
                .network(
                    OSPFNetworkLSA(prefix: value("10.0.0.0/24"), routers: [value("10.0.0.1")]))),
            lsa(
                .v2, "10.7.0.0",
                .interAreaPrefix(OSPFInterAreaPrefixLSA(metric: 5, prefix: value("10.7.0.0/16")))),
            lsa(
                .v2, "10.0.0.9",
                .interAreaRouter(OSPFInterAreaRouterLSA(metric: 6, router: value("10.0.0.9")))),
            lsa(
                .v2, "10.8.0.0",
                .external(
                    OSPFExternalLSA(
                        isType2: true, metric: 7, prefix: value("10.8.0.0/16"), tag: 99))),
        ]
        let rows = try Dissection(
            try capture(.v2, .update(update)).octets,
            ["ospf.msg", "ospf.lsa", "ospf.lsa.asext.type"]
        ).flawlessValues()
        #expect(rows.map { $0[0...1] } == [["4", "1,2,3,4,5"]])
    }

    @Test func everyTypeOfVersion3() throws {
        let options: OSPFOptions = [.v6, .external, .router]
        let prefix: IPPrefix = try value("2001:db8::/33")
        let update = try [
            lsa(
                .v3, "0.0.0.0",
                .router(
                    OSPFRouterLSA(
                        options: options,
                        links: [
                            .init(
                                .pointToPoint, metric: 3, linkID: value("10.0.0.2"), data: 1,
                                neighborInterfaceID: 2)
                        ]))),
            lsa(
                .v3, "0.0.0.1",
                .network(OSPFNetworkLSA(options: options, routers: [value("10.0.0.1")]))),
            lsa(.v3, "0.0.0.2", .interAreaPrefix(.init(metric: 5, prefix: prefix))),
            lsa(
                .v3, "0.0.0.3",
                .interAreaRouter(.init(metric: 6, options: options, router: value("10.0.0.9")))),
            lsa(
                .v3, "0.0.0.4",
                .external(
                    .init(
                        isType2: false, metric: 7, prefix: prefix, options: .down,
                        forwardingAddress: value("2001:db8::1"), tag: 99))),
            lsa(
                .v3, "0.0.0.5",
                .link(
                    .init(
                        priority: 1, options: options, linkLocal: value("fe80::1"),
                        prefixes: [.init(prefix)]))),
            lsa(
                .v3, "0.0.0.6",
                .intraAreaPrefix(
                    .init(
                        reference: .init(.router, value("0.0.0.0"), value("10.0.0.1")),
                        prefixes: [.init(prefix, metric: 8), .init(value("::/0"))]))),
        ]
        let rows = try Dissection(
            try capture(.v3, .update(update)).octets, ["ospf.msg", "ospf.v3.lsa"]
        ).flawlessValues()
        #expect(
            rows == [["4", "0x2001,0x2002,0x2003,0x2004,0x4005,0x0008,0x2009"]])
    }
}
