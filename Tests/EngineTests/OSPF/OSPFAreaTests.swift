// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

@Suite("OSPF's areas, external routes and LANs")
struct OSPFAreaTests {
    /// 0 -1- 1 -10- 2 -100- 3 -1000- 4: area 1, the backbone twice, area 2.
    private func line(_ version: OSPFVersion) -> OSPFNetwork.Plan {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 1, area: "0.0.0.1")
        plan.link(1, 2, cost: 10)
        plan.link(2, 3, cost: 100)
        plan.link(3, 4, cost: 1000, area: "0.0.0.2")
        plan.loopbackAreas = [0: "0.0.0.1", 4: "0.0.0.2"]
        return plan
    }

    private func run(_ plan: OSPFNetwork.Plan) -> OSPFNetwork {
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(30))
        return network
    }

    private func route(_ network: OSPFNetwork, _ router: Int, to destination: Int) -> OSPFRoute? {
        let prefix = OSPFNetwork.loopback(network.plan.version, destination)
        return network.routers[router]?.result.prefixes[prefix]
    }

    private func count(_ network: OSPFNetwork, _ router: Int, _ type: OSPFLSAType) -> Int {
        network.routers[router]?.databases.values.reduce(0) { $0 + $1.entries(of: type).count } ?? 0
    }

    /// A prefix that is no router's.
    private func foreign(_ version: OSPFVersion, _ number: Int = 1) -> IPPrefix {
        version == .v2
            ? IPPrefix(
                IPAddress(family: .ipv4, bits: 0xc633_6400 + UInt128(number) << 8), length: 24)
            : IPPrefix(
                IPAddress(family: .ipv6, bits: 0x2001_0db8_eeee << 80 + UInt128(number) << 64),
                length: 64)
    }

    private func offer(
        _ network: inout OSPFNetwork, _ router: Int, _ prefix: IPPrefix, med: UInt32? = nil,
        isGone: Bool = false
    ) {
        let route = OfferedRoute(
            source: .static, nextHops: [], metric: 0, attributes: PathAttributes(med: med))
        network.perform(router) { $0.offered(prefix, isGone ? nil : route, &$1) }
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func borderRoutersTellEachAreaOfTheOthers(version: OSPFVersion) throws {
        let network = run(line(version))
        let far = try #require(route(network, 0, to: 4))
        #expect(far.kind == .interArea)
        #expect(far.cost == 1111)
        #expect(try #require(route(network, 2, to: 4)).kind == .interArea)
        #expect(try #require(route(network, 2, to: 1)).kind == .intraArea)
        #expect(try #require(route(network, 3, to: 4)).kind == .intraArea)
        #expect(network.routers[1]?.isAreaBorder == true)
        #expect(network.routers[2]?.isAreaBorder == false)
        // An area's topology stays within it.
        let area = network.routers[0]?.databases[.area(IPv4Address(bits: 1))]
        #expect(area?.entries(of: .router).count == 2)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func aStubAreaHasADefaultRouteInsteadOfExternals(version: OSPFVersion) throws {
        var plan = line(version)
        plan.areas["0.0.0.1"] = .stub(defaultMetric: 5)
        var network = run(plan)
        offer(&network, 4, foreign(version))
        network.run(for: .seconds(10))
        let all = IPPrefix.zero(version.family)
        let standard = try #require(network.tables[0][all])
        #expect(standard.metric == 6)
        #expect(network.tables[0][foreign(version)] == nil)
        #expect(count(network, 0, .external) == 0)
        #expect(count(network, 0, .interAreaRouter) == 0)
        #expect(route(network, 0, to: 4)?.cost == 1111)
        // The others hear of it, with the type that says how to get to its router.
        #expect(network.tables[2][foreign(version)]?.metric == 20)
        #expect(count(network, 2, .interAreaRouter) == 1)
        #expect(network.tables[2][all] == nil)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func aTotallyStubAreaHasNothingButTheDefaultRoute(version: OSPFVersion) throws {
        var plan = line(version)
        plan.areas["0.0.0.1"] = .totallyStub(defaultMetric: 1)
        let network = run(plan)
        let all = IPPrefix.zero(version.family)
        #expect(Set(network.tables[0].keys) == [all])
        #expect(network.tables[0][all]?.metric == 2)
        // Router 0 is still known to the others.
        #expect(route(network, 4, to: 0)?.cost == 1111)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func routersThatDisagreeOnTheKindOfAreaAreNoNeighbors(version: OSPFVersion) {
        var plan = line(version)
        plan.areas["0.0.0.1"] = .stub(defaultMetric: 1)
        var network = OSPFNetwork(plan)
        var other = plan
        other.areas = [:]
        network.routers[0] = OSPFInstance(OSPFNetwork.configuration(other, 0))
        network.start()
        network.run(for: .seconds(10))
        #expect(network.neighborStates(1, 0) == [:])
        #expect(network.routers[1]?.interfaces.contains { $0.lastError != nil } == true)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func externalMetricsAreOfTheTypeThatWasAskedFor(version: OSPFVersion) throws {
        for type in [OSPFConfiguration.ExternalMetricType.type1, .type2] {
            var plan = line(version)
            plan.externalMetricType = type
            var network = run(plan)
            offer(&network, 4, foreign(version), med: 7)
            network.run(for: .seconds(10))
            let route = try #require(network.tables[0][foreign(version)])
            #expect(route.metric == (type == .type1 ? 1118 : 7))
            // External routes are behind those of the AS and before those of BGP.
            #expect(route.preference == 150)
            offer(&network, 4, foreign(version), isGone: true)
            network.run(for: .milliseconds(10))
            #expect(network.tables[0][foreign(version)] == nil)
        }
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func ofTwoBoundaryRoutersTheNearerIsUsedUnlessTheOtherTellsLess(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.link(0, 1, cost: 1)
        plan.link(1, 2, cost: 1)
        plan.link(0, 2, cost: 50)
        plan.link(2, 3, cost: 1)
        var network = run(plan)
        let prefix = foreign(version)
        offer(&network, 1, prefix)
        offer(&network, 3, prefix)
        network.run(for: .seconds(10))
        func next() -> Set<String> {
            Set(network.tables[0][prefix]?.nextHops.map(\.interface) ?? [])
        }
        #expect(next() == ["0-1-0"])
        #expect(network.tables[2][prefix]?.nextHops.count == 2)
        offer(&network, 3, prefix, med: 3)
        network.run(for: .seconds(10))
        #expect(network.tables[0][prefix]?.metric == 3)
        #expect(network.tables[2][prefix]?.nextHops.map(\.interface) == ["2-3-3"])
    }

    @Test func prefixesOfOneAddressAndSeveralLengthsHaveNamesOfTheirOwn() throws {
        var plan = OSPFNetwork.Plan()
        plan.link(0, 1)
        var network = run(plan)
        let texts = ["10.1.0.0/32", "10.1.0.0/24", "10.1.0.0/16", "10.0.0.0/8"]
        let prefixes = texts.compactMap { IPPrefix($0) }
        #expect(prefixes.count == 4)
        for prefix in prefixes { offer(&network, 0, prefix) }
        network.run(for: .seconds(10))
        for prefix in prefixes { #expect(network.tables[1][prefix] != nil, "\(prefix)") }
        #expect(count(network, 1, .external) == 4)
    }

    /// An LSA on its way out that cannot be described is sent, and acknowledged, all the same.
    @Test(arguments: OSPFNetworkTests.versions)
    func whoComesWhileAnLSAGoesDoesNotKeepIt(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        for router in [0, 2, 3] { plan.link(1, router) }
        var network = run(plan)
        let prefix = foreign(version)
        offer(&network, 0, prefix)
        network.run(for: .seconds(10))
        #expect(count(network, 1, .external) == 1)
        // The second neighbor does not hear that it goes, and the third one comes anew.
        network.silence(1)
        network.perform(0) { $0.offered(prefix, nil, &$1) }
        network.run(for: .milliseconds(500))
        #expect(count(network, 1, .external) == 1)
        network.restart(3)
        network.run(for: .seconds(10))
        #expect(network.neighborStates(1, 2) == [3: .full])
        for router in [0, 1, 3] { #expect(count(network, router, .external) == 0) }
    }

    // MARK: LANs

    @Test(arguments: OSPFNetworkTests.versions)
    func aLANElectsItsRoutersAndTheBackupTakesOver(version: OSPFVersion) throws {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.lan([0, 1, 2, 3], priorities: [0: 10, 1: 5, 3: 0])
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(20))
        #expect(
            (0...3).map { network.interfaceState($0, 0) } == [
                .designatedRouter, .backup, .designatedRouterOther, .designatedRouterOther,
            ])
        // Those that are neither keep to bidirectional with each other.
        #expect(network.neighborStates(2, 0) == [0: .full, 1: .full, 3: .twoWay])
        #expect(network.route(2, to: 3)?.metric == 10)
        network.kill(0)
        network.run(for: .seconds(15))
        #expect(
            (1...3).map { network.interfaceState($0, 0) } == [
                .designatedRouter, .backup, .designatedRouterOther,
            ])
        #expect(network.neighborStates(3, 0) == [1: .full, 2: .full])
        #expect(network.route(2, to: 0) == nil)
        #expect(network.nextRouters(3, to: 2) == [2])
        // Whoever comes back, however strong, does not take it away.
        network.restart(0)
        network.run(for: .seconds(20))
        #expect(network.interfaceState(0, 0) == .designatedRouterOther)
        #expect(network.interfaceState(1, 0) == .designatedRouter)
        #expect(network.route(3, to: 0)?.metric == 10)
    }

    @Test(arguments: OSPFNetworkTests.versions)
    func aLANWhoseHalvesMeetAgainHasOneDesignatedRouter(version: OSPFVersion) {
        var plan = OSPFNetwork.Plan()
        plan.version = version
        plan.lan([0, 1, 2, 3])
        var network = OSPFNetwork(plan)
        // The odd ones and the even ones do not hear each other.
        network.arrives = { $0 % 2 == $1 % 2 }
        network.start()
        network.run(for: .seconds(20))
        #expect((0...3).filter { network.interfaceState($0, 0) == .designatedRouter }.count == 2)
        network.arrives = { _, _ in true }
        network.run(for: .seconds(30))
        let states = (0...3).compactMap { network.interfaceState($0, 0) }
        #expect(states.filter { $0 == .designatedRouter }.count == 1)
        #expect(states.filter { $0 == .backup }.count == 1)
        for a in 0...3 {
            for b in 0...3 where a != b { #expect(network.nextRouters(a, to: b) == [b]) }
        }
    }
}
