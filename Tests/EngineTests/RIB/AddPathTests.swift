// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Several paths to a destination (RFC 7911), and the best path from outside
/// (draft-ietf-idr-best-external).
@Suite("RIB: other paths than the best")
struct AddPathTests {
    private static let prefix = "203.0.113.0/24"

    /// n1 to n3 are clients of this reflector; n3 gets two paths.
    private func reflector(sendCount: UInt8 = 2) -> RouterBench {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65000, client: true),
            RouterBench.neighbor(2, 65000, client: true),
            RouterBench.neighbor(3, 65000, client: true) {
                $0.addPath = AddPath(receives: false, sendCount: sendCount)
            },
            RouterBench.neighbor(4, 65000, client: true),
        ])
        bench.up("n1", "n2", "n3", "n4")
        return bench
    }

    private func announce(_ bench: inout RouterBench, _ name: String, preference: UInt32) {
        bench.announce(name, [Self.prefix]) { $0.localPreference = preference }
    }

    /// The local preferences that a neighbor holds for the prefix, by path identifier.
    private func held(_ bench: RouterBench, _ name: String) -> [UInt32?: UInt32?] {
        let held = bench.held[bench.neighbor(name).key] ?? [:]
        return Dictionary(
            uniqueKeysWithValues: held.map { ($0.key.pathID, $0.value.localPreference) })
    }

    @Test func aNeighborGetsItsManyBestPathsAndOthersTheBestAlone() {
        var bench = reflector()
        announce(&bench, "n1", preference: 150)
        announce(&bench, "n2", preference: 100)
        announce(&bench, "n4", preference: 50)
        #expect(held(bench, "n3") == [1: 150, 2: 100])
        #expect(held(bench, "n4") == [nil: 150])
        #expect(bench.idleTalk == 0)
    }

    @Test func aPathKeepsItsIdentifierAndAnotherTakesThePlaceOfOneThatGoes() {
        var bench = reflector()
        announce(&bench, "n1", preference: 150)
        announce(&bench, "n2", preference: 100)
        announce(&bench, "n4", preference: 50)
        // The second becomes the best: nothing is said of it but its own change.
        announce(&bench, "n2", preference: 200)
        #expect(held(bench, "n3") == [1: 150, 2: 200])
        bench.withdraw("n1", [Self.prefix])
        let now = held(bench, "n3")
        #expect(now[2] == 200)
        #expect(now.count == 2 && now.values.contains(50))
        bench.down("n2")
        bench.withdraw("n4", [Self.prefix])
        #expect(held(bench, "n3").isEmpty)
        #expect(bench.idleTalk == 0)
    }

    @Test func aRefreshSendsEveryPathAgain() {
        var bench = reflector()
        announce(&bench, "n1", preference: 150)
        announce(&bench, "n2", preference: 100)
        let key = bench.neighbor("n3").key
        bench.act { tables, now in tables.refresh(key, .ipv4Unicast, at: now) }
        let sent = bench.messages.flatMap { $0.update.announced.flatMap(\.nlri) }
        #expect(Set(sent.map(\.pathID)) == [1, 2])
    }

    @Test func pathsOfOneNeighborAreToldApartByTheirIdentifiers() {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65000) { $0.addPath = AddPath(receives: true, sendCount: 0) }
        ])
        bench.up("n1")
        bench.announce("n1", [Self.prefix], pathID: 7) { $0.localPreference = 50 }
        bench.announce("n1", [Self.prefix], pathID: 9) { $0.localPreference = 150 }
        #expect(bench.paths(Self.prefix).numbers("local-preference") == [150, 50])
        #expect(bench.received("n1").numbers("path-id") == [7, 9])
        bench.announce("n1", [Self.prefix], pathID: 9) { $0.localPreference = 20 }
        #expect(bench.paths(Self.prefix).numbers("local-preference") == [50, 20])
        bench.withdraw("n1", [Self.prefix], pathID: 7)
        #expect(bench.paths(Self.prefix).numbers("local-preference") == [20])
        bench.down("n1")
        #expect(bench.paths(Self.prefix).isEmpty)
    }

    @Test func twoPathsOfAReflectorAreAWayAndItsBackupInAVRF() {
        var bench = VPNBench.make(addPath: AddPath(receives: true, sendCount: 0))
        for (pathID, egress) in [(UInt32(1), "10.255.0.1"), (2, "10.255.0.2")] {
            bench.announce("n1", [Self.prefix], rd: "7:7", label: 30, pathID: pathID) {
                $0.nextHop = value(egress)
                $0.localPreference = pathID == 1 ? 150 : 100
                $0.extendedCommunities = [value("target:1:1")]
            }
        }
        let group = bench.kernel.groups.values.first
        #expect(group?.nextHops.map(\.interface) == ["eth1"])
        #expect(group?.backup.map(\.interface) == ["eth2"])
        bench.withdraw("n1", [Self.prefix], rd: "7:7", pathID: 1)
        let route = bench.kernel.route(Self.prefix, vrf: "red")
        #expect(route?.nextHops.map(\.interface) == ["eth2"])
    }

    @Test func anotherConfigurationKeepsIdentifiers() {
        var bench = reflector()
        announce(&bench, "n1", preference: 150)
        announce(&bench, "n2", preference: 100)
        var configuration = bench.configuration
        let gone = bench.neighbor("n1").key
        configuration.neighbors.removeAll { $0.key == gone }
        let kept = Set(configuration.neighbors.map(\.key))
        bench.act { tables, now in tables.reconfigure(configuration, keeping: kept, at: now) }
        #expect(held(bench, "n3") == [2: 100])
        #expect(bench.idleTalk == 0)
    }

    // MARK: The best from outside

    /// n1 is internal and wants the best external path, n2 is internal, n3 external.
    private func edge() -> RouterBench {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65000) { $0.isBestExternal = true },
            RouterBench.neighbor(2, 65000), RouterBench.neighbor(3, 65003),
        ])
        bench.up("n1", "n2", "n3")
        return bench
    }

    @Test func anInternalNeighborHearsOfTheBestExternalPathBehindABetterInternalOne() {
        var bench = edge()
        bench.announce("n3", [Self.prefix])
        #expect(bench.held("n1", Self.prefix)?.asPath == value("65003"))
        #expect(bench.held("n2", Self.prefix) != nil)
        bench.announce("n2", [Self.prefix]) { $0.localPreference = 200 }
        #expect(bench.held("n1", Self.prefix)?.asPath == value("65003"))
        // It changes while another path is the active one.
        bench.announce("n3", [Self.prefix], path: "65003 7")
        #expect(bench.held("n1", Self.prefix)?.asPath == value("65003 7"))
        bench.withdraw("n3", [Self.prefix])
        #expect(bench.held("n1", Self.prefix) == nil)
        #expect(bench.idleTalk == 0)
    }

    @Test func whoDidNotAskForItHearsOfTheActivePathAlone() {
        var bench = edge()
        bench.announce("n3", [Self.prefix])
        bench.announce("n1", [Self.prefix]) { $0.localPreference = 200 }
        #expect(bench.held("n2", Self.prefix) == nil)
    }

    @Test func aVRFExportsItsOwnPathBehindABetterImportedOne() {
        var bench = VPNBench.make(isBestExternal: true)
        bench.announce("n3", [Self.prefix])
        #expect(bench.held("n1", Self.prefix, rd: "1:1") != nil)
        bench.announce("n2", [Self.prefix], rd: "1:1", label: 30) {
            $0.nextHop = value("10.255.0.2")
            $0.localPreference = 200
            $0.extendedCommunities = [value("target:1:1")]
        }
        #expect(bench.paths(Self.prefix, "red.inet.0").texts("neighbor") == ["n2", "n3"])
        #expect(bench.held("n1", Self.prefix, rd: "1:1")?.asPath == value("65003"))
        bench.withdraw("n3", [Self.prefix])
        #expect(bench.held("n1", Self.prefix, rd: "1:1") == nil)
    }
}
