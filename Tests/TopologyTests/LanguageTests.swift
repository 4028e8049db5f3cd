// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Topology

@Suite("The topology language")
struct LanguageTests {
    /// Two routers of different AS on one link, with more to say of the first.
    private func pair(_ a: String, _ rest: String = "") throws -> Topology {
        try topology(
            """
            name: pair
            nodes:
              a: {role: ce, bgp: {as: 1, neighbors: {b: {\(a)}}}}
              b: {role: ce, bgp: {as: 2}}
            links: [{endpoints: [a, b]}]
            \(rest)
            """)
    }

    private func neighbor(_ lab: Topology) throws -> Neighbor {
        try #require(lab.node("a")?.bgp?.neighbors.first)
    }

    @Test func aNeighborsDefaultsAreThoseOfTheTables() throws {
        let neighbor = try neighbor(try pair(""))
        let expected = Neighbor(
            name: "b", address: try #require(IPAddress("172.16.0.2")),
            localAddress: try #require(IPAddress("172.16.0.1")), remoteAS: ASNumber(2),
            families: [.ipv4Unicast])
        #expect(neighbor == expected)
    }

    @Test func everySettingOfANeighborIsRead() throws {
        let lab = try pair(
            """
            families: [ipv4-unicast, ipv6-unicast], passive: true, password: x, hold-time: 3,
            next-hop-self: true, as-override: true, allowas-in: 2, med-out: 7, import: [p, accept],
            export: reject, multihop: 9, deactivated: true, as: 2, local-address: 172.16.0.1
            """, "policies: {p: []}")
        let neighbor = try neighbor(lab)
        let expected = Neighbor(
            name: "b", address: neighbor.address, localAddress: neighbor.localAddress,
            remoteAS: ASNumber(2), families: [.ipv4Unicast, .ipv6Unicast], isPassive: true,
            password: "x", holdTime: 3, isNextHopSelf: true, isASOverride: true, allowASIn: 2,
            medOut: 7, importPolicy: ["p", "accept"], exportPolicy: ["reject"], multihop: 9,
            isDeactivated: true)
        #expect(neighbor == expected)
    }

    @Test func groupsNestAndTheNearestSettingWins() throws {
        let lab = try pair(
            "group: inner, hold-time: 9",
            "bgp-groups: {outer: {hold-time: 7, passive: true, med-out: 1}, inner: {group: outer, med-out: 2}}"
        )
        let neighbor = try neighbor(lab)
        #expect(neighbor.holdTime == 9)
        #expect(neighbor.medOut == 2)
        #expect(neighbor.isPassive)
    }

    @Test func aNeighborMayBeAnAddress() throws {
        let lab = try topology(
            """
            name: lab
            nodes: {a: {role: ce, bgp: {as: 1, neighbors: {172.16.0.2: {as: 9}}}}, b: {role: ce}}
            links: [{endpoints: [a, b]}]
            """)
        let neighbor = try neighbor(lab)
        #expect(neighbor.name == "172.16.0.2")
        #expect(neighbor.localAddress.description == "172.16.0.1")
    }

    @Test func linksHaveNamesFromEitherEndAndNumbersWhereParallel() throws {
        let lab = try topology(
            """
            name: lab
            nodes: {a: {role: p}, b: {role: p}}
            links:
              - {endpoints: [a, b]}
              - {endpoints: [a, b], name: a-b-2, metric: 20}
              - {endpoints: [a, b]}
            tests:
              - {name: t, do: [{link-down: b-a}, {link-up: {link: a-b-3, node: b}}]}
            """)
        #expect(lab.links.map(\.name) == ["a-b", "a-b-2", "a-b-3"])
        #expect(lab.links.map(\.metric) == [10, 20, 10])
        #expect(
            lab.tests.first?.events == [
                .linkDown(LabEvent.LinkTarget(link: "a-b")),
                .linkUp(LabEvent.LinkTarget(link: "a-b-3", node: "b")),
            ])
    }

    @Test func givenInterfaceNamesAreLeftOutOfTheNumbering() throws {
        let lab = try topology(
            """
            name: lab
            nodes: {a: {role: ce}, b: {role: ce}}
            links:
              - {endpoints: [a, b]}
              - {endpoints: [a, "b:wan"], vlan: 7, mtu: 9000}
              - {endpoints: {a: {interface: eth2}, b: }}
            """)
        #expect(lab.nodes[0].interfaces.map(\.name) == ["eth1", "eth3.7", "eth2"])
        #expect(lab.nodes[1].interfaces.map(\.name) == ["eth1", "wan.7", "eth2"])
        #expect(lab.nodes[1].interfaces.map(\.mtu) == [1500, 9000, 1500])
    }

    @Test func aVRFMaySayImportAndExportApart() throws {
        let lab = try topology(
            """
            name: lab
            policies: {in: [{then: accept}]}
            nodes:
              a:
                role: pe
                vrfs:
                  hub:
                    {rd: 10.0.0.1:7, import-target: [1:1, target:1:2],
                     export-target: 1:3, import: in}
                  spoke: {rd: 1:1, target: 1:1, static: {10.0.0.0/8: discard}}
            """)
        let hub = try #require(lab.node("a")?.vrf("hub"))
        #expect(hub.importTargets.map(\.description) == ["target:1:1", "target:1:2"])
        #expect(hub.exportTargets.map(\.description) == ["target:1:3"])
        #expect(hub.importPolicy == ["in"])
        let spoke = try #require(lab.node("a")?.vrf("spoke"))
        #expect(spoke.importTargets == spoke.exportTargets)
        #expect(spoke.staticRoutes.map(\.nextHop) == [nil])
    }

    @Test func policiesReadEveryConditionAndAction() throws {
        let lab = try topology(
            """
            name: lab
            nodes: {a: {role: ce}}
            policies:
              all:
                - name: everything
                  match:
                    protocol: [direct, bgp]
                    prefix: [10.0.0.0/8, 10.0.0.0/8 orlonger, 10.0.0.0/8 longer, 10.0.0.0/8 upto 24]
                    community: [65000:1, "target:1:1"]
                    as-path: "^65000 .*"
                    next-hop: [10.0.0.1, 10.1.0.0/16]
                  set:
                    local-preference: 150
                    med: 0
                    next-hop: self
                    community: {add: no-export, remove: 1:1, set: [1:2, 1:2:3]}
                    as-path-prepend: [1, 1]
                  then: reject
                - {set: {next-hop: 10.0.0.1}}
            """)
        let terms = try #require(lab.policies.first?.terms)
        let ten = try #require(IPPrefix("10.0.0.0/8"))
        let community = { (text: String) throws in try #require(AnyCommunity(text)) }
        #expect(
            terms[0].conditions == [
                .source([.direct, .bgp]),
                .prefix([
                    PrefixMatch(prefix: ten, range: .exact),
                    PrefixMatch(prefix: ten, range: .orLonger),
                    PrefixMatch(prefix: ten, range: .longer),
                    PrefixMatch(prefix: ten, range: .upTo(24)),
                ]),
                .community([try community("65000:1"), try community("target:1:1")]),
                .asPath([try #require(ASPathPattern("^65000 .*"))]),
                .nextHop([
                    try #require(IPPrefix("10.0.0.1/32")), try #require(IPPrefix("10.1.0.0/16")),
                ]),
            ])
        #expect(
            terms[0].actions == [
                .localPreference(150), .med(0), .nextHopSelf,
                .communitySet([try community("1:2"), try community("1:2:3")]),
                .communityRemove([try community("1:1")]),
                .communityAdd([try community("no-export")]),
                .asPathPrepend([ASNumber(1), ASNumber(1)]),
            ])
        #expect(terms[0].verdict == .reject)
        #expect(terms[0].name == "everything")
        #expect(terms[1].verdict == nil)
        #expect(terms[1].actions == [.nextHop(try #require(IPAddress("10.0.0.1")))])
    }

    @Test func aVRRPGroupsDefaultsAndItsTracks() throws {
        let lab = try topology(
            """
            name: lab
            nodes:
              a:
                role: ce
                bgp: {as: 1, neighbors: {b: {}}}
                vrrp:
                  - {lan: site, group: 7, virtual-address: 10.0.0.1}
                  - lan: site
                    group: 8
                    virtual-address: 10.0.0.2
                    version: 2
                    preempt-delay: 90s
                    advertisement-interval: 2s
                    track:
                      - {link: a-b, priority-cost: 10}
                      - {route: 0.0.0.0/0, priority-cost: 20}
                      - {session: b, priority-cost: 30}
              b: {role: ce, bgp: {as: 2}}
            links: [{endpoints: [a, b], vlan: 9}]
            lans: {site: {endpoints: {a: 10.0.0.2/24}}}
            """)
        let groups = try #require(lab.node("a")?.vrrpGroups)
        #expect(
            groups[0]
                == VRRPGroup(
                    interface: "eth2", group: 7,
                    virtualAddresses: [try #require(IPAddress("10.0.0.1"))]))
        #expect(groups[1].priority == 255)
        #expect(groups[1].version == 2 && groups[1].preempt)
        #expect(groups[1].preemptDelay == .seconds(90))
        #expect(groups[1].advertisementInterval == .seconds(2))
        #expect(
            groups[1].tracks == [
                VRRPGroup.Track(object: .interface("eth1.9"), priorityCost: 10),
                VRRPGroup.Track(object: .route(vrf: nil, prefix: .zero(.ipv4)), priorityCost: 20),
                VRRPGroup.Track(
                    object: .session(vrf: nil, address: try #require(IPAddress("172.16.0.2"))),
                    priorityCost: 30),
            ])
    }

    @Test func aFileMaySayNothingButNodes() throws {
        let lab = try topology("name: lab\nnodes: {a: {role: host}}\n")
        #expect(lab.core == Core(mode: .static, labelBase: Label(1000)))
        #expect(lab.links.isEmpty && lab.lans.isEmpty && lab.tests.isEmpty)
    }

    /// The tables document the language: every row has a sentence, and names are used once.
    @Test func theTablesAreInOrder() {
        #expect(Language.kinds.count > 25)
        for kind in Language.kinds {
            #expect(Set(kind.keys.map(\.name)).count == kind.keys.count, "\(kind.title)")
            for key in kind.keys {
                #expect(!key.documentation.isEmpty && !key.documentation.hasSuffix("."))
                #expect(!key.isRequired || key.default == nil, "\(kind.title): \(key.name)")
            }
            for name in kind.choices.flatMap(\.names) {
                #expect(kind.key(name) != nil, "\(kind.title): \(name)")
            }
        }
    }
}
