// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Routes of VRFs share their next hops, and move together.
@Suite("VPN: next-hop groups")
struct NextHopGroupTests {
    private static let prefixes = (1...3).map { "203.0.113.\($0)/32" }

    private func announce(
        _ bench: inout RouterBench, _ name: String, by egress: String, label: UInt32 = 30,
        preference: UInt32 = 100, _ prefixes: [String] = prefixes
    ) {
        bench.announce(name, prefixes, rd: "7:7", label: label) { attributes in
            attributes.nextHop = value(egress)
            attributes.localPreference = preference
            attributes.extendedCommunities = [value("target:1:1")]
        }
    }

    /// Every prefix by way of n1, and less preferred by n2.
    private func make(_ prefixes: [String] = prefixes) -> RouterBench {
        var bench = VPNBench.make()
        announce(&bench, "n1", by: "10.255.0.1", prefixes)
        announce(&bench, "n2", by: "10.255.0.2", label: 31, preference: 50, prefixes)
        return bench
    }

    private static func hop(_ number: Int, _ labels: UInt32...) -> ForwardingNextHop {
        ForwardingNextHop(
            gateway: value("10.0.\(number).2"), interface: "eth\(number)",
            labels: labels.map { Label($0) })
    }

    private func groups(_ outputs: [RoutingOutput]) -> [ForwardingGroup] {
        outputs.compactMap { if case .forwarding(.setGroup(let group)) = $0 { group } else { nil } }
    }

    private func routes(_ outputs: [RoutingOutput]) -> Int {
        outputs.count { output in
            switch output {
            case .forwarding(.setRoute), .forwarding(.removeRoute): true
            default: false
            }
        }
    }

    @Test func routesWithTheSameBestAndSecondBestWayShareAGroup() {
        let bench = make()
        #expect(bench.kernel.groups.count == 1)
        let group = bench.kernel.groups.values.first
        #expect(group?.nextHops == [Self.hop(1, 1001, 30)])
        #expect(group?.backup == [Self.hop(2, 31)])
        #expect(bench.kernel.routes.values.count { $0.group == group?.id } == 3)
    }

    @Test func anotherLabelAnotherFamilyOrAnotherBackupIsAnotherGroup() {
        var bench = make()
        announce(&bench, "n1", by: "10.255.0.1", label: 40, [Self.prefixes[0]])
        #expect(bench.kernel.groups.count == 2)
        bench.withdraw("n2", [Self.prefixes[1]], rd: "7:7")
        #expect(bench.kernel.groups.count == 3)
        #expect(
            bench.kernel.groups.values.map { $0.backup.count }.sorted() == [0, 1, 1])
        for prefix in Self.prefixes { bench.withdraw("n1", [prefix], rd: "7:7") }
        #expect(bench.kernel.groups.count == 1)
        for prefix in Self.prefixes { bench.withdraw("n2", [prefix], rd: "7:7") }
        #expect(bench.kernel.groups.isEmpty)
    }

    @Test func theLossOfANextHopMovesTheGroupBeforeAnythingElse() {
        var bench = make()
        let id = bench.kernel.groups.keys.first
        bench.link("eth1", isUp: false)
        let first = groups(Array(bench.outputs.prefix(1))).first
        #expect(first?.id == id)
        #expect(first?.nextHops == [Self.hop(2, 31)])
        // Then routes follow by the decision process.
        #expect(routes(bench.outputs) == 3)
        #expect(bench.kernel.groups.count == 1)
        #expect(bench.kernel.groups.keys.first != id)
    }

    @Test func theLossOfTheBackupIsToldToo() {
        var bench = make()
        bench.link("eth2", isUp: false)
        #expect(bench.kernel.groups.values.map(\.backup) == [[]])
        #expect(bench.kernel.groups.values.map(\.nextHops) == [[Self.hop(1, 1001, 30)]])
    }

    @Test func whereRoutesAreManyOnlyTheGroupMovesInTheEvent() {
        let many = (0..<1_100).map { "203.\($0 >> 8).\($0 & 255).0/24" }
        var bench = make(many)
        let before = bench.kernel
        bench.link("eth1", isUp: false)
        #expect(groups(bench.outputs).map(\.nextHops) == [[Self.hop(2, 31)]])
        #expect(routes(bench.outputs) == 0)
        #expect(bench.outputs.contains(.arm(.resolution, at: bench.now)))
        #expect(bench.kernel.route(many[7], vrf: "red")?.nextHops == [Self.hop(2, 31)])
        bench.act { tables, now in tables.timer(.resolution, at: now) }
        #expect(routes(bench.outputs) == 1_100)
        #expect(bench.paths(many[7], "red.inet.0").texts("neighbor") == ["n2", "n1"])
        // Both ways again: the group is told first, and the state is what it was.
        bench.link("eth1", isUp: true)
        bench.act { tables, now in tables.timer(.resolution, at: now) }
        #expect(bench.kernel == before)
        bench.act { tables, now in tables.timer(.resolution, at: now) }
        #expect(bench.outputs.isEmpty)
    }

    @Test func whatHappensBeforeRoutesHaveFollowedIsNotLost() {
        let many = (0..<1_100).map { "203.\($0 >> 8).\($0 & 255).0/24" }
        var bench = make(many)
        bench.link("eth1", isUp: false)
        announce(&bench, "n2", by: "10.255.0.2", label: 32, preference: 200, [many[3]])
        bench.link("eth2", isUp: false)
        bench.link("eth1", isUp: true)
        bench.act { tables, now in tables.timer(.resolution, at: now) }
        #expect(bench.kernel.route(many[3], vrf: "red")?.nextHops == [Self.hop(1, 1001, 30)])
        #expect(bench.kernel.route(many[4], vrf: "red")?.nextHops == [Self.hop(1, 1001, 30)])
        bench.link("eth2", isUp: true)
        bench.act { tables, now in tables.timer(.resolution, at: now) }
        #expect(bench.kernel.route(many[3], vrf: "red")?.nextHops == [Self.hop(2, 32)])
    }

    @Test func aCustomersRouteHasThatOfAnotherProviderEdgeAsBackup() {
        var bench = VPNBench.make()
        announce(&bench, "n1", by: "10.255.0.1", [Self.prefixes[0]])
        bench.announce("n3", [Self.prefixes[0]]) { $0.localPreference = 200 }
        let group = bench.kernel.groups.values.first { !$0.backup.isEmpty }
        let (own, other) = ([Self.hop(3)], [Self.hop(1, 1001, 30)])
        #expect([group?.nextHops, group?.backup] == [other, own] || group?.nextHops == own)
        bench.link("eth3", isUp: false)
        #expect(bench.kernel.route(Self.prefixes[0], vrf: "red")?.nextHops == other)
    }

    @Test func anotherConfigurationKeepsTheGroups() {
        var bench = make()
        let before = bench.kernel
        let configuration = bench.configuration
        let kept = Set(configuration.neighbors.map(\.key))
        bench.act { tables, now in
            tables.reconfigure(configuration, keeping: kept, at: now)
        }
        #expect(!bench.outputs.contains { if case .forwarding = $0 { true } else { false } })
        #expect(bench.kernel == before)
    }
}
