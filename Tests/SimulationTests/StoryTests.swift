// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Simulation
import Testing
import Topology
import Verify

/// The verifier at work on a lab in virtual time: what the recorded article shows, and beyond.
@Suite struct StoryTests {
    /// Runs tests on a lab that has just been started, and records what failed.
    func run(_ topology: Topology) throws -> Int {
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        var runner = TestRunner(VirtualLab(network)) { _ in }
        let report = try runner.run(topology)
        for test in report.tests {
            for check in test.checks where check.status == .failed {
                Issue.record(
                    "\(test.name): \(check.title): wanted \(check.wanted), saw \(check.seen)")
            }
        }
        return report.passedCount
    }

    @Test(
        arguments: [
            "multihomed-ipvpn", "basic-l3vpn", "ce-bgp-vrrp", "l3vpn-over-gre", "l3vpn-over-mgre",
            "mixed-transports", "huawei-l3vpn", "rip-pe-ce", "multihomed-core-failures",
            "inter-as-a", "inter-as-b", "inter-as-c", "ospf-pe-ce",
        ])
    func `the tests in a lab's own file pass`(name: String) throws {
        let topology = MultihomedLab.topology(named: name).inVirtualTime
        let checks = topology.tests.map { $0.checks.count + $0.outages.count }.reduce(0, +)
        #expect(checks > 0)
        #expect(try run(topology) == checks)
    }

    @Test func `the multihomed lab's tests pass on computed paths too`() throws {
        let topology = MultihomedLab.topology(
            named: "multihomed-ipvpn", settings: ["core=static"])
        #expect(topology.core.mode == .static)
        let checks = topology.tests.map { $0.checks.count + $0.outages.count }.reduce(0, +)
        #expect(try run(topology) == checks)
    }

    @Test func `the article's story holds`() throws {
        var topology = MultihomedLab.topology
        topology.tests = Story.article
        #expect(try run(topology) == 12)
    }

    @Test func `a router that dies and returns costs what it must and no more`() throws {
        var topology = MultihomedLab.topology
        topology.tests = Story.beyond
        #expect(try run(topology) == 12)
    }

    @Test func `a check that does not hold is seen to fail`() throws {
        var topology = MultihomedLab.topology
        topology.tests = [
            Story.test("wrong", [Story.master("orcus")], within: .seconds(8)),
            Story.test("unreachable", [.unreachable(Story.probe)], within: .seconds(1)),
        ]
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        var runner = TestRunner(VirtualLab(network)) { _ in }
        #expect(try runner.run(topology).failedCount == 2)
    }
}

extension Topology {
    /// Without what only packets on a wire show: captures, encryption, sizes. Probes cost nothing
    /// here, so there are more of them.
    fileprivate var inVirtualTime: Topology {
        var topology = self
        for index in topology.tests.indices {
            topology.tests[index].wires = []
            for outage in topology.tests[index].outages.indices {
                topology.tests[index].outages[outage].interval = .milliseconds(2)
            }
            topology.tests[index].events.removeAll { event in
                if case .rekey = event { true } else { false }
            }
            topology.tests[index].checks.removeAll { check in
                switch check.kind {
                case .pathMTU, .ipsec: true
                default: false
                }
            }
        }
        return topology
    }
}

/// Tests as a topology file would have them.
enum Story {
    static let probe = Probe(
        from: "saturn", source: value("10.0.0.12"), to: value("10.0.0.3"))
    static let nowhere = Place(line: 1, column: 1)
    static let primary = ["192.168.1.3", "4.0.0.22", "4.0.0.98", "10.0.0.3"]
    static let secondary = ["192.168.1.3", "192.168.1.2", "4.0.0.46", "4.0.0.98", "10.0.0.3"]
    static let byOrcus = ["192.168.1.2", "4.0.0.46", "4.0.0.98", "10.0.0.3"]

    static func test(
        _ name: String, _ checks: [Check.Kind], events: [LabEvent] = [], below: Duration? = nil,
        within: Duration = .seconds(30)
    ) -> LabTest {
        let outage = below.map {
            OutageLimit(
                from: "saturn", source: probe.source, to: probe.to, below: $0, place: nowhere)
        }
        return LabTest(
            name: name, events: events, outages: outage.map { [$0] } ?? [],
            checks: checks.map { Check(kind: $0, within: within, place: nowhere) },
            place: nowhere)
    }

    static func hops(_ hops: [String]) -> Check.Kind {
        .traceroute(probe, hops: hops.map { value($0) })
    }

    static func master(_ node: String) -> Check.Kind {
        let interface = MultihomedLab.topology.node(node)?.vrrpGroups.first?.interface ?? ""
        return .vrrp(
            node: node, interface: interface, group: 1, family: .ipv4, state: "master",
            virtualAddresses: [value("192.168.1.1")])
    }

    static func route(
        _ node: String, _ prefix: String, vrf: String? = nil, _ paths: [PathExpectation]
    ) -> Check.Kind {
        .route(
            RouteCheck(
                node: node, vrf: vrf, prefix: value(prefix),
                active: paths.first ?? PathExpectation(), paths: paths))
    }

    static let junoToLuna = NeighborKey(vrf: "ipvpn", address: value("4.0.0.21"))

    static let article: [LabTest] = [
        test(
            "both routers up",
            [
                .ping(probe, count: 5), hops(primary), master("luna"),
                route(
                    "luna", "10.0.0.3/32", [PathExpectation(nextHop: value("4.0.0.22"), med: 10)]),
                route(
                    "orcus", "10.0.0.3/32",
                    [
                        PathExpectation(nextHop: value("192.168.1.3"), med: 10, reason: "MED"),
                        PathExpectation(nextHop: value("4.0.0.46"), med: 150, reason: "MED"),
                    ]),
                .route(
                    RouteCheck(
                        node: "liber", vrf: "ipvpn", prefix: value("10.0.0.12/32"),
                        active: PathExpectation(
                            from: value("10.0.0.2"), localPreference: 150, asPath: "65500",
                            originator: value("10.0.0.5"),
                            communities: [value("target:1:1"), value("origin:1000:1000")],
                            vpnLabel: Label(16)))),
                route(
                    "ceres", "10.0.0.12/32", vrf: "ipvpn",
                    [150, 150, 10].map { PathExpectation(localPreference: $0) }),
                .received(
                    NeighborRoutesCheck(
                        node: "orcus", neighbor: value("4.0.0.46"),
                        prefixes: [
                            "4.0.0.20/30", "4.0.0.40/30", "4.0.0.44/30", "4.0.0.76/30",
                            "4.0.0.96/30", "4.0.0.100/30", "10.0.0.2/32", "10.0.0.3/32",
                            "10.0.0.4/32", "10.0.0.5/32", "10.0.0.7/32", "10.0.0.10/32",
                            "10.0.0.14/32", "10.0.0.15/32",
                        ].map { value($0) }, med: 150, asPath: "1")),
            ]),
        test(
            "the session from Juno to Luna is lost",
            [
                hops(secondary), master("luna"),
                route(
                    "luna", "10.0.0.3/32",
                    [PathExpectation(nextHop: value("192.168.1.2"), med: 150)]),
            ],
            events: [
                .deactivate(
                    node: "juno", vrf: junoToLuna.vrf, neighbor: junoToLuna.address)
            ], below: .milliseconds(20)),
    ]

    static let beyond: [LabTest] = [
        test("at rest", [hops(primary)]),
        test(
            "Juno leaves Luna", [hops(secondary)],
            events: [
                .deactivate(
                    node: "juno", vrf: junoToLuna.vrf, neighbor: junoToLuna.address)
            ]),
        test(
            "Juno takes Luna back", [hops(primary)],
            events: [
                .activate(node: "juno", vrf: junoToLuna.vrf, neighbor: junoToLuna.address)
            ], below: .zero),
        test(
            "Luna dies", [master("orcus"), hops(byOrcus)], events: [.kill(node: "luna")],
            below: .milliseconds(3500)),
        test(
            "Luna returns", [master("luna"), hops(primary)], events: [.start(node: "luna")],
            below: .zero),
        test(
            "Juno's link to Luna is cut", [hops(secondary)],
            events: [.linkDown(.init(link: "luna-juno"))], below: .milliseconds(20)),
    ]
}
