// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

/// OSPF sites joined by a VPN: what a provider edge's OSPF finds, BGP takes to the other edges, as
/// tables with the preferences of OSPF and BGP would have it.
struct OSPFVPNLab {
    var network: OSPFNetwork
    private let edges: [Int]
    /// What each edge was offered last, by prefix.
    private var offered: [Int: [IPPrefix: OfferedRoute]] = [:]

    init(_ plan: OSPFNetwork.Plan) {
        network = OSPFNetwork(plan)
        edges = plan.edges.keys.sorted()
    }

    mutating func start() {
        network.start()
        // BGP carries the ends of sham links.
        for edge in edges {
            for sham in network.plan.edges[edge]?.shamLinks ?? [] {
                offer(edge, IPPrefix(host: sham.remote), Self.fromVPN(PathAttributes()))
            }
        }
        run(for: .seconds(30))
    }

    static func fromVPN(_ attributes: PathAttributes) -> OfferedRoute {
        OfferedRoute(
            source: .bgp, nextHops: [], metric: 0, attributes: attributes, isFromVPN: true)
    }

    mutating func run(for duration: Duration) {
        for _ in 0..<Int(duration.seconds * 10) {
            network.run(for: .milliseconds(100))
            exchange()
        }
    }

    private mutating func exchange() {
        for edge in edges {
            var wanted: [IPPrefix: OfferedRoute] = [:]
            for other in edges where other != edge {
                for (prefix, route) in network.tables[other]
                where network.tables[edge][prefix] == nil {
                    let offer = Self.fromVPN(route.attributes)
                    let (med, known) = (route.attributes.med, wanted[prefix]?.attributes.med)
                    if wanted[prefix] == nil || med ?? 0 < known ?? 0 {
                        wanted[prefix] = offer
                    }
                }
            }
            for sham in network.plan.edges[edge]?.shamLinks ?? [] where network.isVPNUp {
                wanted[IPPrefix(host: sham.remote)] = Self.fromVPN(PathAttributes())
            }
            if !network.isVPNUp { wanted = [:] }
            let before = offered[edge] ?? [:]
            for prefix in before.keys.sorted() where wanted[prefix] == nil {
                network.perform(edge) { $0.offered(prefix, nil, &$1) }
            }
            for prefix in wanted.keys.sorted() where wanted[prefix] != before[prefix] {
                offer(edge, prefix, wanted[prefix])
            }
            offered[edge] = wanted
        }
    }

    private mutating func offer(_ edge: Int, _ prefix: IPPrefix, _ route: OfferedRoute?) {
        network.perform(edge) { $0.offered(prefix, route, &$1) }
    }

    /// What an edge's table has of the VPN.
    func isFromVPN(_ edge: Int, _ prefix: IPPrefix) -> Bool { offered[edge]?[prefix] != nil }
}

@Suite("OSPF between provider and customer edges")
struct OSPFVPNTests {
    private func domain(_ number: UInt64) -> ExtendedCommunity {
        ExtendedCommunity(bits: 0x0005 << 48 | number)
    }

    /// Site 0 at edge 1, site 3 at edge 2; no back door.
    private func sites(
        _ version: OSPFVersion, _ domains: (UInt64?, UInt64?), area: String = "0.0.0.1"
    ) -> OSPFNetwork.Plan {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 1, area: area)
        plan.link(2, 3, cost: 1, area: area)
        for router in 0...3 { plan.loopbackAreas[router] = area }
        plan.edges[1] = .init(
            domainID: domains.0.map(domain), vpnRouteTag: 0xd000_fde8, shamLinks: [])
        plan.edges[2] = .init(
            domainID: domains.1.map(domain), vpnRouteTag: 0xd000_fde8, shamLinks: [])
        return plan
    }

    private func kind(_ lab: OSPFVPNLab, _ router: Int, to destination: Int) -> OSPFRoute.Kind? {
        let prefix = OSPFNetwork.loopback(lab.network.plan.version, destination)
        return lab.network.routers[router]?.result.prefixes[prefix]?.kind
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func routesOfOneDomainStayInterArea(version: OSPFVersion) throws {
        for domains in [(nil, nil), (7, 7)] as [(UInt64?, UInt64?)] {
            var lab = OSPFVPNLab(sites(version, domains))
            lab.start()
            #expect(kind(lab, 0, to: 3) == .interArea)
            #expect(kind(lab, 3, to: 0) == .interArea)
            // 1 to the site, 1 more for the VPN, 1 to the edge.
            #expect(lab.network.route(0, to: 3)?.metric == 3)
        }
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func routesOfAnotherDomainAreExternal(version: OSPFVersion) throws {
        var lab = OSPFVPNLab(sites(version, (7, 8)))
        lab.start()
        #expect(kind(lab, 0, to: 3) == .external2)
        let prefix = OSPFNetwork.loopback(version, 3)
        let route = lab.network.routers[0]?.result.prefixes[prefix]
        #expect(route?.tag == 0xd000_fde8)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func externalRoutesStayExternalAndKeepTheirType(version: OSPFVersion) throws {
        for type in [OSPFConfiguration.ExternalMetricType.type1, .type2] {
            var plan = sites(version, (nil, nil))
            plan.externalMetricType = type
            var lab = OSPFVPNLab(plan)
            lab.start()
            let text = version == .v2 ? "198.51.100.0/24" : "2001:db8:eeee::/64"
            let prefix = try #require(IPPrefix(text))
            lab.network.perform(3) {
                $0.offered(
                    prefix,
                    OfferedRoute(
                        source: .static, nextHops: [], metric: 0,
                        attributes: PathAttributes(med: 30)), &$1)
            }
            lab.run(for: .seconds(10))
            let route = try #require(lab.network.routers[0]?.result.prefixes[prefix])
            #expect(route.kind == (type == .type1 ? .external1 : .external2))
            #expect(route.metric == (type == .type1 ? 30 + 1 + 1 + 1 : 30))
        }
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func whatBGPCarriesIsOfTheStandard(version: OSPFVersion) throws {
        var lab = OSPFVPNLab(sites(version, (7, 7)))
        lab.start()
        let route = try #require(lab.network.route(2, to: 3))
        #expect(route.attributes.med == 2)
        #expect(
            route.attributes.extendedCommunities == [
                domain(7),
                // Area 0.0.0.1, intra-area, no options; and edge 2's router ID.
                ExtendedCommunity(bits: 0x0306_0000_0001_0200),
                ExtendedCommunity(bits: 0x0107_0a00_0003_0000),
            ])
    }

    /// A site with two edges: 0 is at 1 and 2, and 4 is at 3.
    private func dualHomed(_ version: OSPFVersion) -> OSPFNetwork.Plan {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 1)
        plan.link(0, 2, cost: 1)
        plan.link(3, 4, cost: 1)
        for edge in [1, 2, 3] {
            plan.edges[edge] = .init(domainID: nil, vpnRouteTag: 0xd000_fde8, shamLinks: [])
        }
        return plan
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func whatComesOutOfTheVPNDoesNotGoBackIn(version: OSPFVersion) {
        var lab = OSPFVPNLab(dualHomed(version))
        lab.start()
        let far = OSPFNetwork.loopback(version, 4)
        // The site hears of it from both edges; neither believes the other by way of the site.
        #expect(lab.network.nextRouters(0, to: 4) == [1, 2])
        for edge in [1, 2] {
            #expect(lab.network.tables[edge][far] == nil)
            #expect(lab.isFromVPN(edge, far))
        }
        // And when it goes, it is gone everywhere.
        lab.network.set(2, isUp: false)
        lab.run(for: .seconds(10))
        #expect(lab.network.route(0, to: 4) == nil)
        #expect(!lab.isFromVPN(1, far))
    }

    @Test func withoutTheDownBitItWouldGoBackIn() {
        // The same lab with an edge that is none: it believes what it hears.
        var plan = dualHomed(.v2)
        plan.edges[2] = nil
        var lab = OSPFVPNLab(plan)
        lab.start()
        #expect(lab.network.tables[2][OSPFNetwork.loopback(.v2, 4)] != nil)
    }

    // MARK: Sham links

    private func address(_ version: OSPFVersion, _ number: UInt128) -> IPAddress {
        version == .v2
            ? IPAddress(family: .ipv4, bits: 0x0aff_ff00 + number)
            : IPAddress(family: .ipv6, bits: 0x2001_0db8_aaaa << 80 + number)
    }

    /// Sites 0 and 3 at edges 1 and 2, with a back door between them.
    private func backDoor(_ version: OSPFVersion, hasSham: Bool) -> OSPFNetwork.Plan {
        var plan = sites(version, (nil, nil), area: "0.0.0.0")
        plan.link(0, 3, cost: 100)
        guard hasSham else { return plan }
        for (edge, other) in [(1, 2), (2, 1)] {
            plan.edges[edge]?.shamLinks = [
                .init(
                    local: address(version, UInt128(edge)),
                    remote: address(version, UInt128(other)), area: OSPFInstance.backbone,
                    cost: 5)
            ]
        }
        return plan
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func withoutAShamLinkTheBackDoorIsUsed(version: OSPFVersion) {
        var lab = OSPFVPNLab(backDoor(version, hasSham: false))
        lab.start()
        #expect(lab.network.nextRouters(0, to: 3) == [3])
        #expect(kind(lab, 0, to: 3) == .intraArea)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func aShamLinkIsPreferredToTheBackDoorWhichTakesOver(version: OSPFVersion) throws {
        var lab = OSPFVPNLab(backDoor(version, hasSham: true))
        lab.start()
        // 1 to the edge, 5 for the sham link, 1 to the site.
        #expect(lab.network.nextRouters(0, to: 3) == [1])
        #expect(kind(lab, 0, to: 3) == .intraArea)
        #expect(lab.network.route(0, to: 3)?.metric == 7)
        // The edge has it by the sham link and leaves the way to BGP's route.
        let far = OSPFNetwork.loopback(version, 3)
        let edge = try #require(lab.network.routers[1]?.result.prefixes[far])
        #expect(edge.isSham)
        #expect(lab.network.tables[1][far] == nil)
        #expect(lab.isFromVPN(1, far))
        // What sites tell each other over the sham link is not told once more as of the VPN.
        let own = lab.network.routers[1]?.own.filter { $0.key.type == .interAreaPrefix }
        #expect(own?.isEmpty == true)
        // The ends of the sham link stay BGP's.
        #expect(lab.network.tables[0][IPPrefix(host: address(version, 1))] == nil)

        // The VPN fails: in the same event the sham link goes.
        lab.network.isVPNUp = false
        lab.run(for: .seconds(1))
        #expect(lab.network.nextRouters(0, to: 3) == [3])
        #expect(lab.network.route(1, to: 3)?.metric == 101)
        lab.network.isVPNUp = true
        lab.run(for: .seconds(20))
        #expect(lab.network.nextRouters(0, to: 3) == [1])

        // The back door fails: nothing is lost.
        lab.network.set(2, isUp: false)
        lab.run(for: .seconds(10))
        #expect(lab.network.nextRouters(0, to: 3) == [1])
    }
}
