// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("RIB: what neighbors are told")
struct AdvertisementTests {
    private static let prefix = "203.0.113.0/24"

    private func external(
        _ change: (inout NeighborConfiguration) -> Void = { _ in }
    ) -> RouterBench {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65001), RouterBench.neighbor(2, 65002, change),
            RouterBench.neighbor(3, 65000), RouterBench.neighbor(4, 65000),
        ])
        bench.up("n1", "n2", "n3", "n4")
        return bench
    }

    // MARK: External

    @Test func anExternalNeighborGetsOurASOurAddressAndNoInternalAttributes() {
        var bench = external()
        bench.announce("n1", [Self.prefix], path: "65001 7") {
            $0.med = 30
            $0.communities = [value("65001:1")]
            $0.extendedCommunities = [value("origin:1:1"), value("0x4300000000000001")]
        }
        let held = bench.held("n2", Self.prefix)
        #expect(held?.asPath == value("65000 65001 7"))
        #expect(held?.nextHop == value("10.0.2.1", as: IPAddress.self))
        #expect(held?.med == nil)
        #expect(held?.localPreference == nil)
        #expect(held?.communities == [value("65001:1")])
        // What is not transitive stays in the AS.
        #expect(held?.extendedCommunities == [value("origin:1:1")])
        #expect(bench.held("n1", Self.prefix) == nil)
    }

    @Test func medOutIsSetUnlessPolicySetsOne() {
        var plain = external { $0.medOut = 77 }
        plain.announce("n1", [Self.prefix]) { $0.med = 30 }
        #expect(plain.held("n2", Self.prefix)?.med == 77)
        let policy = Policy(
            name: "p", terms: [Policy.Term(actions: [.med(5)], verdict: .accept)])
        var decided = RouterBench(
            [
                RouterBench.neighbor(1, 65001),
                RouterBench.neighbor(2, 65002) {
                    $0.medOut = 77
                    $0.exportPolicy = ["p"]
                },
            ], policies: [policy])
        decided.up("n1", "n2")
        decided.announce("n1", [Self.prefix])
        #expect(decided.held("n2", Self.prefix)?.med == 5)
    }

    @Test func asOverrideReplacesTheNeighborsOwnAS() {
        var bench = external { $0.isASOverride = true }
        bench.announce("n1", [Self.prefix], path: "65001 65002 65002")
        #expect(bench.held("n2", Self.prefix)?.asPath == value("65000 65001 65000 65000"))
    }

    @Test func prependedNumbersComeAfterOurOwn() {
        let policy = Policy(
            name: "p",
            terms: [Policy.Term(actions: [.asPathPrepend([ASNumber(9)])], verdict: .accept)])
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65001),
                RouterBench.neighbor(2, 65002) { $0.exportPolicy = ["p"] },
            ], policies: [policy])
        bench.up("n1", "n2")
        bench.announce("n1", [Self.prefix])
        #expect(bench.held("n2", Self.prefix)?.asPath == value("65000 9 65001"))
    }

    @Test func wellKnownCommunitiesAreObeyed() {
        let cases: [(Community, [String])] = [
            (.noExport, ["n3", "n4"]), (.noExportSubconfed, ["n3", "n4"]), (.noAdvertise, []),
        ]
        for (community, expected) in cases {
            var bench = external()
            bench.announce("n1", [Self.prefix]) { $0.communities = [community] }
            let told = ["n2", "n3", "n4"].filter { bench.held($0, Self.prefix) != nil }
            #expect(told == expected, "\(community)")
        }
    }

    @Test func ourOwnRoutesGoOutOnlyByPolicy() {
        let statics = [
            StaticRouteConfiguration(prefix: value("10.7.0.0/16"), gateway: value("10.0.1.9"))
        ]
        let policy = Policy(
            name: "own",
            terms: [Policy.Term(conditions: [.source([.static])], verdict: .accept)])
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65001) { $0.exportPolicy = ["own"] },
                RouterBench.neighbor(3, 65000),
                RouterBench.neighbor(4, 65000) {
                    $0.exportPolicy = ["own"]
                },
            ], policies: [policy], statics: statics)
        bench.up("n1", "n3", "n4")
        #expect(bench.prefixes(heldBy: "n1") == ["10.7.0.0/16"])
        #expect(bench.held("n1", "10.7.0.0/16")?.asPath == value("65000"))
        #expect(bench.prefixes(heldBy: "n3").isEmpty)
        #expect(bench.held("n4", "10.7.0.0/16")?.nextHop == value("10.0.4.1", as: IPAddress.self))
        #expect(bench.held("n4", "10.7.0.0/16")?.localPreference == 100)
    }

    // MARK: Internal

    @Test func anInternalNeighborGetsTheRouteAsItCame() {
        var bench = external()
        bench.announce("n1", [Self.prefix], path: "65001 7") { $0.med = 30 }
        let held = bench.held("n3", Self.prefix)
        #expect(held?.asPath == value("65001 7"))
        #expect(held?.nextHop == value("10.0.1.2", as: IPAddress.self))
        #expect(held?.med == 30)
        #expect(held?.localPreference == 100)
        #expect(held?.originatorID == nil)
    }

    @Test func nextHopSelfPutsOurAddressIntoExternalRoutes() {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65001),
            RouterBench.neighbor(3, 65000, client: true) { $0.isNextHopSelf = true },
            RouterBench.neighbor(4, 65000),
        ])
        bench.up("n1", "n3", "n4")
        bench.announce("n1", [Self.prefix])
        bench.announce("n4", ["198.51.100.0/24"])
        #expect(bench.held("n3", Self.prefix)?.nextHop == value("10.0.3.1", as: IPAddress.self))
        // A reflected route keeps its next hop.
        #expect(
            bench.held("n3", "198.51.100.0/24")?.nextHop == value("10.0.4.2", as: IPAddress.self))
    }

    @Test func nextHopSelfOfAnImportPolicyIsWhatOthersAreTold() {
        let policy = Policy(name: "in", terms: [Policy.Term(actions: [.nextHopSelf])])
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65001) { $0.importPolicy = ["in"] },
                RouterBench.neighbor(2, 65002), RouterBench.neighbor(3, 65000),
            ], policies: [policy])
        bench.up("n1", "n2", "n3")
        bench.announce("n1", [Self.prefix])
        bench.announce("n2", ["198.51.100.0/24"])
        let nextHops = [Self.prefix, "198.51.100.0/24"].map { bench.held("n3", $0)?.nextHop }
        #expect(nextHops == [value("10.0.3.1"), value("10.0.2.2")])
        // Packets take the way that the route came from all the same.
        #expect(bench.kernel.route(Self.prefix)?.nextHops.map(\.gateway) == [value("10.0.1.2")])
    }

    @Test func withoutReflectionInternalRoutesAreNotPassedOnInternally() {
        var bench = external()
        bench.announce("n3", [Self.prefix])
        #expect(bench.held("n4", Self.prefix) == nil)
        #expect(bench.held("n1", Self.prefix)?.asPath == value("65000"))
    }

    // MARK: Reflection

    /// n1 and n2 are clients, n3 and n4 are not.
    private func reflector() -> RouterBench {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65000, client: true),
            RouterBench.neighbor(2, 65000, client: true), RouterBench.neighbor(3, 65000),
            RouterBench.neighbor(4, 65000),
        ])
        bench.up("n1", "n2", "n3", "n4")
        return bench
    }

    private func told(_ bench: RouterBench) -> [String] {
        ["n1", "n2", "n3", "n4"].filter { bench.held($0, Self.prefix) != nil }
    }

    @Test func aClientsRouteGoesToEverybodyElse() {
        var bench = reflector()
        bench.announce("n1", [Self.prefix])
        #expect(told(bench) == ["n2", "n3", "n4"])
        #expect(
            bench.held("n3", Self.prefix)?.originatorID == value("1.1.1.1", as: IPv4Address.self))
        #expect(bench.held("n3", Self.prefix)?.clusterList == [value("10.9.9.9")])
        #expect(bench.held("n3", Self.prefix)?.nextHop == value("10.0.1.2", as: IPAddress.self))
    }

    @Test func aNonClientsRouteGoesToClientsOnly() {
        var bench = reflector()
        bench.announce("n3", [Self.prefix])
        #expect(told(bench) == ["n1", "n2"])
    }

    @Test func reflectionKeepsTheOriginatorAndLengthensTheClusterList() {
        var bench = reflector()
        bench.announce("n3", [Self.prefix]) {
            $0.originatorID = value("9.9.9.8")
            $0.clusterList = [value("5.5.5.5")]
        }
        let held = bench.held("n1", Self.prefix)
        #expect(held?.originatorID == value("9.9.9.8", as: IPv4Address.self))
        #expect(held?.clusterList == [value("10.9.9.9"), value("5.5.5.5")])
    }

    @Test func loopsAreRefused() {
        let loops: [(String, (inout PathAttributes) -> Void)] = [
            ("originator is this router", { $0.originatorID = value("10.9.9.9") }),
            ("cluster loop", { $0.clusterList = [value("5.5.5.5"), value("10.9.9.9")] }),
            ("AS loop", { $0.asPath = value("7 65000") }),
        ]
        for (reason, change) in loops {
            var bench = reflector()
            bench.announce("n3", [Self.prefix], change)
            #expect(bench.received("n3").texts("reason") == [reason])
            #expect(bench.paths(Self.prefix).isEmpty)
            #expect(told(bench).isEmpty)
        }
    }

    @Test func ourASMayStandInThePathAsOftenAsAllowed() {
        var bench = RouterBench([RouterBench.neighbor(1, 65001) { $0.allowASIn = 1 }])
        bench.up("n1")
        bench.announce("n1", ["10.1.0.0/24"], path: "65001 65000")
        bench.announce("n1", ["10.2.0.0/24"], path: "65001 65000 65000")
        #expect(bench.received("n1").texts("reason") == ["only path", "AS loop"])
    }

    // MARK: Economy

    @Test func aSessionStartsWithEverythingAndAnEndOfRIB() {
        var bench = RouterBench([RouterBench.neighbor(1, 65001), RouterBench.neighbor(2, 65002)])
        bench.up("n1")
        bench.announce("n1", ["10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24"])
        bench.up("n2")
        #expect(bench.messages.map(\.neighbor) == ["n2", "n2"])
        #expect(bench.messages[0].update.announced.first?.nlri.count == 3)
        #expect(bench.messages[1].update.endOfRIB == .ipv4Unicast)
    }

    @Test func routesThatShareAttributesShareMessages() {
        var bench = external()
        let prefixes = (0..<200).map { "10.50.\($0).0/24" }
        bench.announce("n1", prefixes)
        #expect(bench.messages.map(\.neighbor) == ["n2", "n3", "n4"])
        #expect(bench.prefixes(heldBy: "n2").count == 200)
    }

    @Test func nothingIsSaidTwice() {
        var bench = external()
        bench.announce("n1", [Self.prefix])
        bench.announce("n1", [Self.prefix])
        #expect(bench.outputs.isEmpty)
        // A worse path changes nothing for anyone.
        bench.announce("n2", [Self.prefix], path: "65002 8 9")
        let report = RoutingOutput.report(.route(vrf: nil, prefix: value(Self.prefix)))
        #expect(bench.outputs == [report])
        bench.withdraw("n2", [Self.prefix])
        #expect(bench.outputs == [report])
        bench.withdraw("n2", [Self.prefix])
        #expect(bench.outputs.isEmpty)
    }

    @Test func aRouteThatChangesHandsIsReplacedNotWithdrawn() {
        var bench = external()
        bench.announce("n1", [Self.prefix])
        bench.announce("n2", [Self.prefix], path: "65002 8")
        bench.withdraw("n1", [Self.prefix])
        let toN3 = bench.messages.filter { $0.neighbor == "n3" }.map(\.update)
        #expect(toN3.count == 1)
        #expect(toN3.first?.withdrawn.isEmpty == true)
        #expect(bench.held("n3", Self.prefix)?.asPath == value("65002 8"))
        #expect(bench.held("n2", Self.prefix) == nil)
        #expect(bench.held("n1", Self.prefix)?.asPath == value("65000 65002 8"))
    }

    @Test func whatASessionBroughtGoesWithIt() {
        var bench = external()
        bench.announce("n1", [Self.prefix])
        bench.down("n1")
        #expect(bench.prefixes(heldBy: "n3").isEmpty)
        #expect(bench.kernel.route(Self.prefix) == nil)
        #expect(!bench.messages.contains { $0.neighbor == "n1" })
    }

    @Test func aRefreshBringsOneFamilyAgain() {
        var bench = external()
        bench.announce("n1", [Self.prefix])
        let key = bench.neighbor("n3").key
        bench.act { tables, now in tables.refresh(key, .ipv4Unicast, at: now) }
        #expect(bench.messages.map(\.neighbor) == ["n3"])
        #expect(bench.messages[0].update.announced.first?.nlri.first?.prefix == value(Self.prefix))
        bench.act { tables, now in tables.refresh(key, .vpnv4, at: now) }
        #expect(bench.messages.isEmpty)
    }

    @Test func attributesTooLongToSendAreNotSentAndTheOldRouteIsWithdrawn() {
        var bench = external()
        bench.announce("n1", [Self.prefix])
        #expect(bench.held("n2", Self.prefix) != nil)
        bench.announce("n1", [Self.prefix]) {
            $0.communities = (0..<1015).map { Community(bits: $0) }
        }
        #expect(bench.held("n2", Self.prefix) == nil)
        #expect(bench.held("n3", Self.prefix) == nil)
        #expect(bench.tables.prefixCounts(bench.neighbor("n2").key).advertised == 0)
        #expect(bench.kernel.route(Self.prefix) != nil)
    }
}
