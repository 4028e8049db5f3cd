// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Topology

@Suite("Transports in the topology language")
struct TransportTests {
    private static let nodes = """
        name: lab
        nodes:
          pe1: {role: pe, loopback: 10.0.0.1, bgp: {as: 1}, vrfs: {red: {rd: 1:1, target: 1:1}}}
          pe2:
            role: pe
            loopback: [2001:db8::2, 10.0.0.2]
            bgp: {as: 1}
            vrfs: {red: {rd: 1:1, target: 1:1}}
          pe3: {role: pe, loopback: 10.0.0.3, bgp: {as: 1}, vrfs: {red: {rd: 1:1, target: 1:1}}}
          ce1: {role: ce, loopback: 10.1.0.1}
          ce2: {role: ce, loopback: 10.2.0.1}
        links:
          - {endpoints: [pe1, pe2]}
          - {endpoints: [pe1, ce1], vrf: red, subnet: 192.168.1.0/30}
          - {endpoints: [pe2, ce2], vrf: red, subnet: 192.168.2.0/30}
        """

    private func lab(_ rest: String) throws -> Topology { try topology(Self.nodes + "\n" + rest) }

    @Test func everySettingOfATransportIsRead() throws {
        let lab = try lab(
            """
            core: {mode: ip, transport: a, pairs: [{endpoints: [pe1, pe3], transport: b}]}
            transports:
              a: {encapsulation: gre}
              b: {encapsulation: mgre, key: 1234, ttl: 9, mtu: 1400, ipsec: e, advertise: true}
            ipsec: {e: {}}
            """)
        #expect(
            lab.core
                == Core(
                    mode: .ip, transport: "a",
                    pairs: [TransportPair(a: "pe1", b: "pe3", transport: "b")]))
        let (a, b) = (lab.transports[0], lab.transports[1])
        #expect(a == Transport(name: "a", encapsulation: .gre, place: a.place))
        #expect(
            b
                == Transport(
                    name: "b", encapsulation: .mgre, key: 1234, ttl: 9, mtu: 1400, ipsec: "e",
                    isAdvertised: true, place: b.place))
    }

    @Test func everySettingOfAnIPsecProfileIsRead() throws {
        let lab = try lab(
            """
            ipsec:
              a: {}
              b:
                keying: ike
                mode: tunnel
                cipher: aes-cbc-256-hmac-sha-256
                rekey-time: 10s
                dead-peer-delay: 1s
                secret: hush
                secrets: {pe3: other}
            """)
        let (a, b) = (lab.ipsecProfiles[0], lab.ipsecProfiles[1])
        #expect(a == IPsecProfile(name: "a", place: a.place))
        #expect(
            b
                == IPsecProfile(
                    name: "b", keying: .ike, mode: .tunnel, cipher: .aesCBC256SHA256,
                    rekeyTime: .seconds(10), deadPeerDelay: .seconds(1), secret: "hush",
                    secrets: ["pe3": "other"], place: b.place))
    }

    @Test func theProvidersTransportIsTheOnlyOneThereCanBe() throws {
        let one = "transports: {a: {encapsulation: gre}}"
        #expect(try lab(one).core.transport == "mpls")
        #expect(try lab("core: {mode: ip}\n" + one).core.transport == "a")
        #expect(try lab("core: {mode: none}\n" + one).core.transport == "mpls")
    }

    @Test func aPolicyMaySetATransport() throws {
        let lab = try lab(
            """
            transports: {a: {encapsulation: gre}}
            policies: {p: [{set: {transport: a, med: 1}}, {set: {transport: mpls}}]}
            """)
        #expect(
            lab.policies[0].terms.map(\.actions) == [
                [.med(1), .transport("a")], [.transport("mpls")],
            ])
    }

    @Test func transportsExistWhereSomethingNamesThem() throws {
        let reach = TransportReach(
            try lab(
                """
                core: {transport: a, pairs: [{endpoints: [pe1, pe3], transport: b}]}
                transports:
                  a: {encapsulation: gre}
                  b: {encapsulation: gre, key: 1, advertise: true}
                  c: {encapsulation: gre, key: 2, advertise: true}
                  d: {encapsulation: gre, key: 3}
                """))
        #expect(reach.transports(of: "pe1").map(\.name) == ["a", "b", "c"])
        #expect(reach.transports(of: "pe2").map(\.name) == ["a", "c"])
        #expect(reach.transports(of: "ce1").isEmpty)
        #expect(reach.peers(of: "pe1", by: "a") == ["pe2", "pe3"])
        #expect(reach.peers(of: "pe1", by: "b") == ["pe3"])
        #expect(reach.transports(between: "pe2", and: "pe3").map(\.name) == ["a", "c"])
    }

    @Test func checksOfTransportsAreRead() throws {
        let lab = try lab(
            """
            core: {mode: ip}
            transports: {a: {encapsulation: mgre, ipsec: e}}
            ipsec: {e: {keying: ike}}
            tests:
              - name: t
                do: {rekey: {node: pe1, peer: pe2}}
                checks:
                  - path-mtu: {from: ce1, to: ce2, mtu: 1468}
                  - endpoints: {node: pe1, transport: a, endpoints: [pe2, 10.0.0.3]}
                  - ipsec: {node: pe1, peer: pe2}
                  - route: {node: pe1, prefix: 10.0.0.0/8, transport: a, paths: [{transport: a}]}
            """)
        let test = try #require(lab.tests.first)
        #expect(test.events == [.rekey(node: "pe1", peer: "pe2")])
        let kinds = test.checks.map(\.kind)
        let ce2 = try #require(IPAddress("10.2.0.1"))
        #expect(kinds[0] == .pathMTU(Probe(from: "ce1", to: ce2), mtu: 1468))
        let ends = try ["10.0.0.2", "10.0.0.3"].map { try #require(IPAddress($0)) }
        #expect(kinds[1] == .endpoints(node: "pe1", transport: "a", endpoints: ends))
        #expect(kinds[2] == .ipsec(node: "pe1", peer: "pe2", state: "up"))
        guard case .route(let route) = kinds[3] else {
            Issue.record("\(kinds[3])")
            return
        }
        #expect(route.active.transport == "a")
        #expect(route.paths?.map(\.transport) == ["a"])
    }

    @Test func aWireCheckNamesKindsLabelsAndWhatMustNotBeRead() throws {
        let lab = try lab(
            """
            tests:
              - name: t
                wire:
                  - link: pe2-pe1
                    only: [esp, bgp]
                    some: esp
                    labels: [16]
                    never: [10.9.0.0/16, red]
                  - {link: pe1-pe2, some: bgp}
            """)
        let wires = try #require(lab.tests.first?.wires)
        let wire = wires[0]
        #expect(wire.link == "pe1-pe2")
        #expect(wire.only == [.esp, .bgp])
        #expect(wire.some == [.esp])
        #expect(wire.labels == [Label(16)])
        #expect(
            wire.never.map(\.description) == [
                "10.9.0.0/16", "10.1.0.1/32", "10.2.0.1/32", "192.168.1.0/30", "192.168.2.0/30",
            ])
        #expect(wires[1] == WireLimit(link: "pe1-pe2", some: [.bgp], place: wires[1].place))
    }
}
