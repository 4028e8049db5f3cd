// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Topology

@Suite("A core that signals itself")
struct SignallingTests {
    private static let nodes = """
        name: lab
        nodes:
          a: {role: p, loopback: 10.0.0.1}
          b: {role: p, loopback: 10.0.0.2}
          c: {role: p, loopback: 10.0.0.3}
        links:
          - {endpoints: [a, b], metric: 20}
          - {endpoints: [b, c], vlan: 7}
        lans:
          exchange: {endpoints: [a, c]}
        """

    private func lab(_ core: String) throws -> Topology { try topology(Self.nodes + "\n" + core) }

    @Test func aFileThatSaysNothingHasStaticPaths() throws {
        let lab = try lab("")
        #expect(lab.core == Core(mode: .static))
        #expect(try lab == self.lab("core: static"))
        #expect(try lab == self.lab("core: {mode: static}"))
        for node in lab.nodes {
            #expect(node.isis == nil && node.ospf.isEmpty && node.ldp == nil)
        }
        // A LAN has no static paths.
        #expect(lab.nodes[0].interfaces.map(\.isCore) == [true, false])
        #expect(lab.nodes[0].interfaces.map(\.isLabelled) == [true, false])
    }

    @Test func oneWordIsEnough() throws {
        let lab = try lab("core: signalled")
        #expect(lab.core == Core(mode: .signalled, igp: .isis))
        #expect(try lab == self.lab("core: {igp: isis}"))
        #expect(try lab == self.lab("core: {isis: {}}"))
        #expect(try lab == self.lab("core: {ldp: {}}"))
        let a = lab.nodes[0]
        let isis = try #require(a.isis)
        #expect(isis.level == .two && isis.area.description == "49.0001" && !isis.hasIPv6)
        #expect(isis.systemID.description == "0100.0000.0001")
        #expect(isis.interfaces.map(\.interface) == ["eth1", "eth2"])
        #expect(isis.interfaces.map(\.metric) == [20, 10])
        #expect(isis.interfaces.map(\.type) == [.pointToPoint, .broadcast])
        #expect(isis.interfaces.allSatisfy { $0.awaitsLDP && $0.bfd == nil })
        let ldp = try #require(a.ldp)
        #expect(ldp.transportAddress.description == "10.0.0.1")
        #expect(ldp.interfaces == ["eth1", "eth2"])
        #expect(a.interfaces.allSatisfy { $0.isCore && $0.isLabelled })
    }

    @Test func everySettingOfTheCoreIsRead() throws {
        let lab = try lab(
            """
            core:
              isis:
                level: 1-2
                area: 49.0001.0002
                authentication: {type: hmac-sha-256, password: x, key-id: 7}
                hello-interval: 500ms
                hold-multiplier: 4
                lsp-lifetime: 600s
                overload-on-start: 10s
                spf: {initial: 10ms, wait: 20ms, maximum: 1s}
                ipv6: true
              ldp:
                password: y
                synchronization: false
                track-igp-metric: false
                hello-interval: 2s
                hello-hold-time: 7s
                keepalive: 9s
                explicit-null: true
              bfd: {interval: 100ms, multiplier: 5, demand: true}
            """)
        let isis = try #require(lab.nodes[1].isis)
        let signed = Authentication(method: .hmacSHA256, keyID: 7, password: "x")
        #expect(isis.level == .both && isis.hasIPv6)
        #expect(isis.area.description == "49.0001.0002" && isis.authentication == signed)
        #expect(isis.lspLifetime == .seconds(600) && isis.overloadOnStart == .seconds(10))
        #expect(
            isis.spf
                == SPFTimes(
                    initial: .milliseconds(10), wait: .milliseconds(20), maximum: .seconds(1)))
        let bfd = BFD(interval: .milliseconds(100), multiplier: 5, isDemand: true)
        #expect(
            isis.interfaces[1]
                == ISIS.Circuit(
                    interface: "eth2.7", level: .both, type: .pointToPoint, metric: 10,
                    isPassive: false, priority: 64, helloInterval: .milliseconds(500),
                    holdMultiplier: 4, authentication: signed, bfd: bfd, awaitsLDP: false))
        let address = try #require(IPv4Address("10.0.0.2"))
        #expect(
            lab.nodes[1].ldp
                == LDP(
                    transportAddress: address, interfaces: ["eth1", "eth2.7"], password: "y",
                    isSynchronized: false, tracksMetric: false, helloInterval: .seconds(2),
                    helloHoldTime: .seconds(7), keepalive: .seconds(9), isExplicitNull: true))
    }

    @Test func linksAndNodesOverrideTheCore() throws {
        let lab = try topology(
            """
            name: lab
            core: {isis: {level: 1-2}, bfd: {}}
            nodes:
              a: {role: p, isis: {level: 1, system-id: 0000.0000.00aa, overload: true}}
              b: {role: p, isis: {area: 49.0001, priority: 1}, ldp: {targeted: d}}
              c: {role: p, isis: {level: 2, area: 49.0002}}
              d: {role: pe, vrfs: {red: {rd: 1:1, target: 1:1}}}
              e: {role: ce}
            links:
              - {endpoints: [a, b], isis: {type: broadcast, hold-multiplier: 9}, bfd: none}
              - {endpoints: [b, c], isis: {authentication: {password: x}}, ldp: none}
              - {endpoints: [b, d], isis: none}
              - {endpoints: [c, d], isis: {passive: true}, core: false, name: outside}
              - {endpoints: [d, e], isis: {passive: true}}
            """)
        let all = lab.nodes.map { $0.isis?.interfaces ?? [] }
        let levels = all.map { $0.map(\.level.rawValue).joined(separator: " ") }
        #expect(levels == ["1", "1 2", "2 2", "1-2 1-2", ""])
        #expect(all[0][0].type == .broadcast && all[0][0].holdMultiplier == 9)
        #expect(all[0][0].bfd == nil && all[1][1].bfd == BFD())
        #expect(all[1][1].authentication == Authentication(method: .hmacMD5, password: "x"))
        #expect(all[1].map(\.awaitsLDP) == [true, false])
        #expect(all[2].map(\.isPassive) == [false, true])
        #expect(all[3].map(\.interface) == ["eth2", "eth3"])
        #expect(lab.nodes[0].isis?.isOverloaded == true)
        #expect(lab.nodes[0].isis?.systemID.description == "0000.0000.00aa")
        #expect(lab.nodes[1].ldp?.interfaces == ["eth1", "eth3"])
        // The one that is named answers.
        let (b, d) = (try #require(lab.nodes[1].ldp), try #require(lab.nodes[3].ldp))
        #expect(b.targeted == [d.transportAddress] && d.targeted == [b.transportAddress])
    }

    @Test func aLinkBetweenTwoProvidersIsInNeither() throws {
        let lab = try topology(
            """
            name: lab
            core: signalled
            nodes:
              p1: {role: p}
              asbr1: {role: pe, bgp: {as: 1}}
              asbr2: {role: pe, bgp: {as: 2}}
              asbr3: {role: pe, bgp: {as: 3}}
            links:
              - {endpoints: [p1, asbr1]}
              - {endpoints: [asbr1, asbr2]}
              - {endpoints: [asbr1, asbr3], core: true}
            """)
        let asbr1 = lab.nodes[1]
        #expect(asbr1.interfaces.map(\.isCore) == [true, false, true])
        #expect(asbr1.interfaces.map(\.isLabelled) == [true, false, true])
        #expect(asbr1.isis?.interfaces.map(\.interface) == ["eth1", "eth3"])
        #expect(asbr1.ldp?.interfaces == ["eth1", "eth3"])
    }

    @Test func areasOfOSPFAreTheNodesOrTheLinks() throws {
        let lab = try lab(
            """
            core:
              ospf: {stub: 1, totally-stub: 0.0.0.2, hello-interval: 2s}
              ldp: none
              bfd: {interval: 50ms}
            """)
        let ospf = try #require(lab.nodes[0].ospf.first)
        #expect(lab.core == Core(mode: .signalled, igp: .ospf, hasLabels: false))
        #expect(ospf.stubAreas.map(\.description) == ["0.0.0.1"])
        #expect(ospf.totallyStubAreas.map(\.description) == ["0.0.0.2"])
        #expect(ospf.loopbackArea?.description == "0.0.0.0" && ospf.domainID == nil)
        #expect(ospf.interfaces.map(\.cost) == [20, 10])
        #expect(ospf.interfaces.map(\.type) == [.pointToPoint, .broadcast])
        #expect(ospf.interfaces.allSatisfy { $0.helloInterval == .seconds(2) })
        #expect(ospf.interfaces.allSatisfy { $0.deadInterval == .seconds(8) && !$0.awaitsLDP })
        #expect(ospf.interfaces.allSatisfy { $0.bfd == BFD(interval: .milliseconds(50)) })
        #expect(!lab.nodes[0].interfaces[0].isLabelled)
    }
}

@Suite("OSPF and RIP with customers")
struct SiteProtocolTests {
    private func lab() throws -> Topology {
        try topology(
            """
            name: lab
            nodes:
              pe1:
                role: pe
                bgp: {as: 1}
                vrfs:
                  red:
                    rd: 1:1
                    target: 1:1
                    loopback: 10.1.0.1
                    ospf:
                      export: accept
                      export-type: 1
                      domain-id: 0.0.0.5
                      sham-links: [{remote: pe2, cost: 3}]
                    rip: {passive: pe1-ce3, timeout: 90s}
              pe2:
                role: pe
                bgp: {as: 1}
                vrfs:
                  red:
                    {rd: 1:1, target: 1:1, loopback: 10.1.0.2, ospf: {sham-links: [{remote: pe1}]}}
              ce1: {role: ce, ospf: {area: 0}}
              ce2: {role: ce, rip: {authentication: {password: x}}, ospf: {}}
              ce3: {role: ce}
              pc: {role: host}
            links:
              - {endpoints: [pe1, ce1], vrf: red, ospf: {area: 1, cost: 7}, bfd: {}}
              - {endpoints: [pe1, ce2], vrf: red, ospf: none}
              - {endpoints: [pe1, ce3], vrf: red}
              - {endpoints: [ce1, ce2]}
              - {endpoints: [ce1, pc]}
            """)
    }

    @Test func neighborsAreThoseThatRunItToo() throws {
        let lab = try lab()
        let ospf = lab.nodes.map { $0.ospf.first?.interfaces ?? [] }
        #expect(ospf[0].map(\.interface) == ["eth1"])
        #expect(ospf[0][0].area.description == "0.0.0.1" && ospf[0][0].cost == 7)
        #expect(ospf[0][0].bfd == BFD())
        #expect(ospf[1].isEmpty)
        // A site is told of whole, the provider's other attachments are not.
        #expect(ospf[2].map(\.isPassive) == [false, false, true])
        #expect(ospf[3].map(\.interface) == ["eth2"])
        #expect(lab.nodes[2].ospf[0].loopbackArea?.description == "0.0.0.0")
        #expect(lab.nodes[0].ospf[0].loopbackArea == nil)
    }

    @Test func aShamLinkEndsAtLoopbacksOfTheVRF() throws {
        let lab = try lab()
        let (one, two) = (lab.nodes[0].ospf[0], lab.nodes[1].ospf[0])
        #expect(one.vrf == "red" && one.domainID?.description == "0.0.0.5")
        #expect(one.exportPolicy == ["accept"] && one.hasExternalType1)
        #expect(one.shamLinks.map(\.local.description) == ["10.1.0.1"])
        #expect(one.shamLinks.map(\.remote.description) == ["10.1.0.2"])
        #expect(one.shamLinks.map(\.cost) == [3])
        #expect(two.domainID == nil && two.shamLinks.map(\.cost) == [1])
    }

    @Test func ripHasItsOwnTimes() throws {
        let rip = try lab().nodes.map { $0.rip.first }
        let (pe, ce) = (try #require(rip[0]), try #require(rip[3]))
        #expect(pe.vrf == "red" && !pe.hasLoopbacks && pe.authentication == nil)
        #expect(pe.interfaces.map(\.interface) == ["eth2", "eth3"])
        #expect(pe.interfaces.map(\.isPassive) == [false, true])
        #expect(pe.timeout == .seconds(90) && pe.garbageTime == .seconds(120))
        #expect(ce.authentication == Authentication(method: .md5, keyID: 1, password: "x"))
        #expect(ce.interfaces.map(\.isPassive) == [false, true])
    }
}

@Suite("Settings in place of what a file says")
struct TopologySettingTests {
    private func text(_ file: String, _ settings: [String]) throws -> String {
        let settings = try settings.map { try #require(TopologySetting($0)) }
        return try TopologySetting.text(of: Array(file.utf8), with: settings)
    }

    @Test func aValueIsReplacedOrAdded() throws {
        let file = "name: lab\ncore: {isis: {level: 2}, ldp: {}}\n"
        #expect(try text(file, ["core=static"]) == "name: lab\ncore: static\n")
        #expect(
            try text(file, ["core.isis.level=1", "core.ldp={password: x}"])
                == "name: lab\ncore:\n  isis: {level: 1}\n  ldp: {password: x}\n")
        #expect(try text("name: lab\n", ["a.b=[1, 2]"]) == "name: lab\na:\n  b: [1, 2]\n")
    }

    @Test func whatIsNoSettingIsRefused() {
        for text in ["core", "=static", "core.=1", "core={", "core="] {
            #expect(TopologySetting(text) == nil, "\(text)")
        }
    }
}
