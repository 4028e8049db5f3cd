// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Plan
import Primitives
import Testing
import Topology

/// Three provider edges around a P router; `rest` brings core, transports, profiles.
private func lab(_ rest: String) throws -> LabPlan {
    let pe = "role: pe, bgp: {as: 1, neighbors: {}}, vrfs: {red: {rd: 1:1, target: 1:1}}"
    let text = """
        name: lab
        nodes:
          pe1: {loopback: 10.0.0.1, \(pe)}
          p: {role: p}
          pe2: {loopback: 10.0.0.2, \(pe)}
          pe3: {loopback: 10.0.0.3, \(pe)}
        links:
          - {endpoints: [pe1, p], metric: 3}
          - {endpoints: [pe2, p], metric: 5, mtu: 1500}
          - {endpoints: [pe3, p], metric: 7, mtu: 9000}
        \(rest)
        """
    return LabPlan(try Topology.parse(Array(text.utf8)))
}

@Suite("Transports of a plan")
struct TransportPlanTests {
    private func objects(_ plan: LabPlan, _ node: String) throws -> NamespaceObjects {
        try #require(plan.objects.namespaces.first { $0.name == node })
    }

    private func tunnels(_ objects: NamespaceObjects) -> [String] {
        objects.links.compactMap { link in
            guard case .gre(let tunnel) = link.kind else { return nil }
            let key = tunnel.key.map { " key \($0)" } ?? ""
            let remote = tunnel.remote.map(\.description) ?? "any"
            return "\(link.name) \(tunnel.local)>\(remote)\(key) \(link.mtu ?? 0)"
        }
    }

    @Test func gREIsATunnelForEachPairOfProviderEdges() throws {
        let plan = try lab("core: {mode: ip}\ntransports: {t: {encapsulation: gre, ttl: 9}}")
        let objects = try objects(plan, "pe1")
        #expect(
            tunnels(objects) == [
                "gre-pe2 10.0.0.1>10.0.0.2 1476", "gre-pe3 10.0.0.1>10.0.0.3 1476",
            ])
        #expect(objects.links.map(\.name) == ["lo", "gre-pe2", "gre-pe3", "red", "pop-1", "eth1"])
        #expect(try self.objects(plan, "p").links.map(\.name) == ["lo", "eth1", "eth2", "eth3"])
        let router = try #require(plan.router("pe1"))
        #expect(router.tunnels.map(\.destination.description) == ["10.0.0.2/32", "10.0.0.3/32"])
        #expect(router.tunnels.map(\.metric) == [8, 10])
        #expect(router.tunnels.map(\.nextHop.interface) == ["gre-pe2", "gre-pe3"])
        #expect(router.tunnels.allSatisfy { $0.transport == "t" && $0.nextHop.labels.isEmpty })
        #expect(router.transports.map(\.encapsulation) == [.gre])
        #expect(router.transportChoice == TransportChoice(provider: "t"))
        let labelled = router.interfaces.filter(\.carriesMPLS)
        #expect(labelled.map(\.name) == ["gre-pe2", "gre-pe3"])
        #expect(labelled.allSatisfy { $0.addresses.isEmpty })
    }

    @Test func aCoreOfPlainIPHasRoutesAndLabelsOnlyInTunnels() throws {
        let plan = try lab("core: {mode: ip}\ntransports: {t: {encapsulation: mgre}}")
        let p = try #require(plan.router("p"))
        #expect(p.staticRoutes.filter { $0.source == .core }.count == 3)
        #expect(p.labelSwitches.isEmpty)
        #expect(p.tunnels.isEmpty)
        let transit = try objects(plan, "p").sysctls
        #expect(!transit.contains { $0.path.contains("mpls") })
        let pe = try objects(plan, "pe1")
        #expect(pe.links.last?.mtu == 1500, "no room for labels on core links")
        let sysctls = Set(pe.sysctls)
        #expect(sysctls.contains(Sysctl("net/mpls/conf/t/input", "1")))
        #expect(sysctls.contains(Sysctl("net/mpls/ip_ttl_propagate", "0")))
        #expect(sysctls.contains { $0.path == "net/mpls/platform_labels" })
        #expect(!sysctls.contains { $0.path == "net/mpls/conf/eth1/input" })
        #expect(plan.features.isSuperset(of: [.gre, .mpls, .flower]))
        #expect(!plan.features.contains(.esp))
    }

    @Test func mGREIsOneDeviceNamedAfterItsTransport() throws {
        let plan = try lab("core: {mode: ip}\ntransports: {t: {encapsulation: mgre, key: 1234}}")
        #expect(tunnels(try objects(plan, "pe3")) == ["t 10.0.0.3>any key 1234 1472"])
        let router = try #require(plan.router("pe3"))
        #expect(router.tunnels.isEmpty)
        #expect(router.transports.map(\.encapsulation) == [.mgre(interface: "t")])
        #expect(router.transports.map(\.key) == [1234])
    }

    @Test func aNameThatIsTakenOrTooLongGivesWayToANumber() throws {
        let plan = try lab(
            """
            core: {mode: ip, transport: eth1}
            transports:
              eth1: {encapsulation: mgre}
              a-rather-long-name: {encapsulation: mgre, key: 1, advertise: true}
              a: {encapsulation: gre, key: 2, advertise: true}
              b: {encapsulation: gre, key: 3, advertise: true}
            """)
        let names = try objects(plan, "pe1").links.map(\.name).filter { $0.contains("gre") }
        #expect(names == ["mgre-1", "mgre-2", "gre-pe2", "gre-pe3", "gre-1", "gre-2"])
    }

    @Test func aPairHasItsTransportBesideTheProviders() throws {
        let plan = try lab(
            """
            core: {pairs: [{endpoints: [pe3, pe1], transport: fast}]}
            transports: {fast: {encapsulation: mgre}, idle: {encapsulation: mgre, key: 1}}
            """)
        #expect(tunnels(try objects(plan, "pe1")).map { $0.prefix(4) } == ["fast"])
        #expect(tunnels(try objects(plan, "pe2")).isEmpty)
        let choice = try #require(plan.router("pe1")).transportChoice
        #expect(choice.provider == "mpls")
        #expect(choice.pairs.map(\.endpoint.description) == ["10.0.0.3"])
        #expect(plan.router("pe2")?.transportChoice == TransportChoice())
        let pe1 = try #require(plan.router("pe1"))
        #expect(pe1.interfaces.filter(\.carriesMPLS).map(\.name) == ["fast", "eth1"])
        #expect(pe1.tunnels.allSatisfy { $0.transport == "mpls" } && pe1.tunnels.count == 3)
    }

    @Test func whatAPolicyOfTheASNamesIsEverywhereInIt() throws {
        let text = """
            name: lab
            nodes:
              a: {role: pe, bgp: {as: 1}, vrfs: {red: {rd: 1:1, target: 1:1, import: choose}}}
              b: {role: pe, bgp: {as: 1}, vrfs: {red: {rd: 1:1, target: 1:1}}}
              c: {role: pe, bgp: {as: 1}}
              d: {role: pe, bgp: {as: 2}, vrfs: {red: {rd: 1:1, target: 1:1}}}
              e: {role: pe, bgp: {as: 2}, vrfs: {red: {rd: 1:1, target: 1:1}}}
            transports: {t: {encapsulation: mgre}, u: {encapsulation: mgre, key: 1}}
            policies: {choose: [{set: {transport: t}}], other: [{set: {transport: u}}]}
            """
        let plan = LabPlan(try Topology.parse(Array(text.utf8)))
        let found = plan.routers.map { $0.transports.map(\.name) }
        #expect(found == [["t"], ["t"], [], [], []])
    }

    @Test func aTunnelsMTUIsWhatTheCoreLeaves() throws {
        let cases: [(String, String, UInt32)] = [
            ("gre", "", 1476), ("gre, key: 1", "", 1472), ("mgre, mtu: 1400", "", 1400),
            ("gre, key: 1, ipsec: e", "{}", 1438), ("gre, ipsec: e", "{mode: tunnel}", 1422),
            ("gre, ipsec: e", "{cipher: aes-cbc-128-hmac-sha-256}", 1434),
        ]
        for (transport, profile, expected) in cases {
            let plan = try lab(
                """
                core: {mode: ip}
                transports: {t: {encapsulation: \(transport)}}
                \(profile.isEmpty ? "" : "ipsec: {e: \(profile)}")
                """)
            let link = try objects(plan, "pe1").links[1]
            #expect(link.mtu == expected, "\(transport) \(profile)")
        }
    }
}

@Suite("IPsec of a plan")
struct IPsecPlanTests {
    private func plan(_ profile: String) throws -> LabPlan {
        try lab(
            """
            core: {mode: ip}
            transports: {t: {encapsulation: mgre, key: 7, ipsec: e}}
            ipsec: {e: {\(profile)}}
            """)
    }

    private func objects(_ plan: LabPlan, _ node: String) throws -> NamespaceObjects {
        try #require(plan.objects.namespaces.first { $0.name == node })
    }

    @Test func bothEndsHaveTheSameAssociations() throws {
        let plan = try plan("mode: tunnel, cipher: aes-gcm-256")
        struct Shared: Hashable {
            var from: IPAddress
            var to: IPAddress
            var spi: UInt32
            var key: String
        }
        var owners: [Shared: Int] = [:]
        for node in ["pe1", "pe2", "pe3"] {
            for own in try objects(plan, node).securityAssociations {
                #expect(own.mode == .tunnel && own.cipher == .aesGCM256 && own.spi >= 0x100)
                let shared = Shared(
                    from: own.source, to: own.destination, spi: own.spi, key: own.keyName)
                owners[shared, default: 0] += 1
            }
        }
        #expect(owners.count == 6 && owners.values.allSatisfy { $0 == 2 })
        #expect(Set(owners.keys.map(\.key)).count == 6, "each direction of each pair has its key")
        let inbound = Dictionary(grouping: owners.keys, by: \.to).mapValues { $0.map(\.spi) }
        #expect(inbound.values.allSatisfy { Set($0).count == 2 })
    }

    @Test func policiesSelectTheTransportsGREAndFindTheirAssociations() throws {
        let objects = try objects(try plan("secret: hush"), "pe1")
        let policies = objects.securityPolicies
        #expect(policies.map(\.direction) == [.out, .in, .out, .in])
        #expect(policies.allSatisfy { $0.ipProtocol == 47 && $0.greKey == 7 })
        #expect(policies[0].source.description == "10.0.0.1/32")
        #expect(policies[0].destination.description == "10.0.0.2/32")
        for policy in policies {
            let association = objects.securityAssociations.first {
                $0.source == policy.tunnelSource && $0.destination == policy.tunnelDestination
            }
            #expect(association?.requestID == policy.requestID)
        }
        #expect(policies[0].requestID != policies[2].requestID)
        #expect(try plan("").features.contains(.esp))
    }

    @Test func anotherSecretIsAnotherKeyAndIsNotInItsName() throws {
        let plan = try plan("secret: hush, secrets: {pe3: other, pe2: hush}")
        func keys(_ node: String, _ from: String, _ to: String) throws -> [String] {
            try objects(plan, node).securityAssociations
                .filter { $0.source.description == from && $0.destination.description == to }
                .map(\.keyName)
        }
        #expect(
            try keys("pe1", "10.0.0.1", "10.0.0.2") == keys("pe2", "10.0.0.1", "10.0.0.2"))
        #expect(
            try keys("pe1", "10.0.0.1", "10.0.0.3") != keys("pe3", "10.0.0.1", "10.0.0.3"))
        let names = plan.objects.namespaces.flatMap { $0.securityAssociations.map(\.keyName) }
        #expect(!names.contains { $0.contains("hush") || $0.contains("other") })
    }

    @Test func aNodesPeersAreWhatAnIKEDaemonNeeds() throws {
        let plan = try plan("keying: ike, secrets: {pe2: mine}")
        #expect(try objects(plan, "pe1").securityPolicies.isEmpty)
        #expect(plan.features.contains(.esp))
        let peers = plan.ipsecPeers(of: "pe1")
        #expect(peers.map(\.node) == ["pe2", "pe3"])
        #expect(peers.map(\.remote.description) == ["10.0.0.2", "10.0.0.3"])
        #expect(peers.allSatisfy { $0.transport == "t" && $0.profile.keying == .ike })
        #expect(peers.allSatisfy { $0.secret == nil && $0.manualSPIs == nil })
        #expect(plan.ipsecPeers(of: "pe2").map(\.secret) == ["mine", "mine"])
        let back = try #require(plan.ipsecPeers(of: "pe3").first { $0.node == "pe1" })
        #expect(back.keyName == peers[1].keyName)
        #expect(plan.ipsecPeers(of: "p").isEmpty)
    }

    @Test func manualPeersTellTheirNumbers() throws {
        let plan = try plan("")
        let here = try #require(plan.ipsecPeers(of: "pe1").first { $0.node == "pe2" }?.manualSPIs)
        let there = try #require(plan.ipsecPeers(of: "pe2").first { $0.node == "pe1" }?.manualSPIs)
        #expect(here.incoming == there.outgoing && here.outgoing == there.incoming)
        let spis = try objects(plan, "pe1").securityAssociations.map(\.spi)
        #expect(spis.contains(here.incoming) && spis.contains(here.outgoing))
    }
}
