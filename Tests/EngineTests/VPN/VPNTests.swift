// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("VPN: import and export")
struct VPNTests {
    private static let prefix = "203.0.113.0/24"

    private func announce(
        _ bench: inout RouterBench, _ name: String, rd: String, targets: [String],
        label: UInt32 = 30, by egress: String = "10.255.0.1", prefix: String = prefix,
        _ change: (inout PathAttributes) -> Void = { _ in }
    ) {
        bench.announce(name, [prefix], rd: rd, label: label) { attributes in
            attributes.nextHop = value(egress)
            attributes.extendedCommunities = targets.map { value("target:" + $0) }
            change(&attributes)
        }
    }

    // MARK: Import

    @Test func aRouteEntersTheVRFsThatImportOneOfItsTargets() {
        for (targets, expected) in [
            (["1:1"], ["red"]), (["1:2"], ["blue"]), (["9:9", "1:2", "1:1"], ["red", "blue"]),
            (["9:9"], []), ([], []),
        ] {
            var bench = VPNBench.make()
            announce(&bench, "n1", rd: "7:7", targets: targets)
            let found = ["red", "blue"].filter {
                !bench.paths(Self.prefix, "\($0).inet.0").isEmpty
            }
            #expect(found == expected)
            #expect(bench.paths(Self.prefix, "bgp.l3vpn.0").count == 1)
            #expect(bench.paths(Self.prefix).isEmpty)
        }
    }

    @Test func changedTargetsMoveTheRouteBetweenVRFs() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"])
        announce(&bench, "n1", rd: "7:7", targets: ["1:2"])
        #expect(bench.paths(Self.prefix, "red.inet.0").isEmpty)
        #expect(bench.kernel.route(Self.prefix, vrf: "red") == nil)
        #expect(bench.kernel.route(Self.prefix, vrf: "blue") != nil)
        bench.withdraw("n1", [Self.prefix], rd: "7:7")
        #expect(bench.kernel.route(Self.prefix, vrf: "blue") == nil)
    }

    @Test func theSamePrefixInTwoVPNsGoesTwoWays() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:1", targets: ["1:1"], label: 31)
        announce(&bench, "n2", rd: "7:2", targets: ["1:2"], label: 32, by: "10.255.0.2")
        let red = bench.kernel.route(Self.prefix, vrf: "red")
        let blue = bench.kernel.route(Self.prefix, vrf: "blue")
        #expect(red?.nextHops.first?.labels == [Label(1001), Label(31)])
        #expect(red?.nextHops.first?.interface == "eth1")
        #expect(blue?.nextHops.first?.labels == [Label(32)])
        #expect(blue?.nextHops.first?.interface == "eth2")
        #expect(red?.source == value("10.77.0.1", as: IPAddress.self))
        bench.withdraw("n1", [Self.prefix], rd: "7:1")
        #expect(bench.kernel.route(Self.prefix, vrf: "red") == nil)
        #expect(bench.kernel.route(Self.prefix, vrf: "blue") == blue)
    }

    @Test func allPathsOfTheVPNTableAreCandidatesInTheVRF() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:1", targets: ["1:1"]) { $0.localPreference = 50 }
        announce(&bench, "n2", rd: "7:1", targets: ["1:1"], by: "10.255.0.2")
        announce(&bench, "n2", rd: "7:2", targets: ["1:1"], by: "10.255.0.2")
        bench.announce("n3", [Self.prefix])
        let paths = bench.paths(Self.prefix, "red.inet.0")
        #expect(paths.texts("neighbor") == ["n2", "n2", "n3", "n1"])
        #expect(
            paths.texts("reason") == [
                "first of equals", "not the first of equals", "AS path length 1 > 0",
                "local preference 50 < 100",
            ])
    }

    @Test func aCustomersOwnPathIsExternalAndWinsOverAnEqualImportedOne() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"]) { $0.asPath = value("65003") }
        bench.announce("n3", [Self.prefix])
        let paths = bench.paths(Self.prefix, "red.inet.0")
        #expect(paths.texts("neighbor") == ["n3", "n1"])
        #expect(paths.texts("reason") == ["external over internal", "internal, not external"])
    }

    @Test func aNextHopWithoutALabelSwitchedPathLeavesTheRouteInactive() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"], by: "10.255.0.9")
        let paths = bench.paths(Self.prefix, "red.inet.0")
        #expect(paths.texts("reason") == ["no label switched path to next hop 10.255.0.9"])
        #expect(paths.map { $0["active"]?.bool } == [false])
        #expect(bench.kernel.route(Self.prefix, vrf: "red") == nil)
        #expect(bench.held("n3", Self.prefix) == nil)
    }

    @Test func theLossOfACoreLinkTakesItsRoutesAtOnceAndItsReturnBringsThemBack() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"])
        announce(&bench, "n2", rd: "7:7", targets: ["1:1"], by: "10.255.0.2") {
            $0.localPreference = 50
        }
        let before = bench.kernel
        bench.link("eth1", isUp: false)
        #expect(bench.kernel.route(Self.prefix, vrf: "red")?.nextHops.map(\.interface) == ["eth2"])
        bench.link("eth2", isUp: false)
        #expect(bench.kernel.route(Self.prefix, vrf: "red") == nil)
        bench.link("eth1", isUp: true)
        bench.link("eth2", isUp: true)
        #expect(bench.kernel == before)
    }

    @Test func vrfImportPolicyFollowsTheTargets() {
        let policy = Policy(
            name: "in",
            terms: [
                Policy.Term(conditions: [.community([value("65000:1")])], verdict: .reject),
                Policy.Term(actions: [.localPreference(300)]),
            ])
        var bench = VPNBench.make(policies: [policy]) { $0.importPolicy = ["in"] }
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"])
        #expect(bench.paths(Self.prefix, "red.inet.0").numbers("local-preference") == [300])
        #expect(bench.paths(Self.prefix, "bgp.l3vpn.0").numbers("local-preference") == [100])
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"]) { $0.communities = [value("65000:1")] }
        #expect(bench.paths(Self.prefix, "red.inet.0").isEmpty)
    }

    // MARK: Export

    @Test func directStaticAndCustomerRoutesAreExportedWithTargetLabelAndOurAddress() {
        let statics = [
            StaticRouteConfiguration(
                vrf: "red", prefix: value("10.7.0.0/16"), gateway: value("10.0.3.9"))
        ]
        var bench = VPNBench.make(statics: statics)
        bench.announce("n3", [Self.prefix], path: "65003 7") {
            $0.med = 5
            $0.extendedCommunities = [value("target:6:6"), value("origin:1:1")]
        }
        #expect(
            bench.prefixes(heldBy: "n1") == [
                "1:1:10.0.3.0/24", "1:1:10.7.0.0/16", "1:1:203.0.113.0/24", "1:2:10.0.4.0/24",
            ])
        let held = bench.held("n1", Self.prefix, rd: "1:1")
        #expect(held?.nextHop == value("10.0.1.1", as: IPAddress.self))
        #expect(held?.asPath == value("65003 7"))
        #expect(held?.med == 5)
        #expect(held?.localPreference == 100)
        // A customer does not choose the VPNs that its routes enter.
        #expect(held?.extendedCommunities == [value("target:1:1"), value("origin:1:1")])
        #expect(
            bench.held("n2", "10.7.0.0/16", rd: "1:1")?.nextHop
                == value("10.0.2.1", as: IPAddress.self))
        #expect(bench.paths(Self.prefix, "bgp.l3vpn.0")[0]["vpn-label"] == 16)
        #expect(bench.paths("10.0.4.0/24", "bgp.l3vpn.0")[0]["vpn-label"] == 17)
    }

    @Test func coreRoutesAreNotExported() {
        let statics = [
            StaticRouteConfiguration(
                vrf: "red", prefix: value("10.7.0.0/16"), gateway: value("10.0.3.9"),
                source: .core)
        ]
        let bench = VPNBench.make(statics: statics)
        #expect(bench.paths("10.7.0.0/16", "red.inet.0").count == 1)
        #expect(bench.paths("10.7.0.0/16", "bgp.l3vpn.0").isEmpty)
    }

    @Test func anImportedRouteIsNotExportedAgain() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"])
        #expect(bench.held("n2", Self.prefix, rd: "1:1") == nil)
        #expect(bench.held("n2", Self.prefix, rd: "7:7") == nil)
    }

    @Test func aBetterImportedRouteSilencesTheCustomersOwn() {
        var bench = VPNBench.make()
        bench.announce("n3", [Self.prefix])
        #expect(bench.held("n1", Self.prefix, rd: "1:1") != nil)
        announce(&bench, "n2", rd: "1:1", targets: ["1:1"], by: "10.255.0.2") {
            $0.localPreference = 150
        }
        #expect(bench.held("n1", Self.prefix, rd: "1:1") == nil)
        bench.withdraw("n2", [Self.prefix], rd: "1:1")
        #expect(bench.held("n1", Self.prefix, rd: "1:1") != nil)
    }

    @Test func vrfExportPolicyFollowsTheTargetsAndARouteWithoutTargetsStaysHome() {
        let policy = Policy(
            name: "out",
            terms: [
                Policy.Term(
                    conditions: [.source([.direct])],
                    actions: [.communityRemove([value("target:1:1")])]),
                Policy.Term(
                    conditions: [.source([.bgp])],
                    actions: [.communityAdd([value("target:8:8")])]),
            ])
        var bench = VPNBench.make(policies: [policy]) { $0.exportPolicy = ["out"] }
        bench.announce("n3", [Self.prefix])
        #expect(bench.held("n1", "10.0.3.0/24", rd: "1:1") == nil)
        #expect(
            bench.held("n1", Self.prefix, rd: "1:1")?.extendedCommunities == [
                value("target:1:1"), value("target:8:8"),
            ])
    }

    // MARK: Customers

    @Test func aCustomerGetsImportedRoutesWithoutTargetsButWithTheSiteOfOrigin() {
        var bench = VPNBench.make()
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"]) {
            $0.extendedCommunities.append(value("origin:5:5"))
            $0.med = 9
            $0.originatorID = value("4.4.4.4")
            $0.clusterList = [value("5.5.5.5")]
        }
        let held = bench.held("n3", Self.prefix)
        #expect(held?.extendedCommunities == [value("origin:5:5")])
        #expect(held?.asPath == value("65000"))
        #expect(held?.nextHop == value("10.0.3.1", as: IPAddress.self))
        #expect(held?.med == nil)
        #expect(held?.originatorID == nil)
        #expect(held?.clusterList == [])
        #expect(bench.held("n4", Self.prefix) == nil)
    }

    // MARK: Reflection

    @Test func aReflectorWithoutLabelsOrVRFsReflectsOverTheCoresRoutes() {
        let statics = [
            StaticRouteConfiguration(
                prefix: value("10.255.0.1/32"), gateway: value("10.0.1.2"), source: .core,
                metric: 10)
        ]
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65000, families: [.vpnv4], client: true),
                RouterBench.neighbor(2, 65000, families: [.vpnv4], client: true),
            ], statics: statics)
        bench.up("n1", "n2")
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"], label: 30)
        let held = bench.held("n2", Self.prefix, rd: "7:7")
        #expect(held?.nextHop == value("10.255.0.1", as: IPAddress.self))
        #expect(held?.originatorID == value("1.1.1.1", as: IPv4Address.self))
        #expect(held?.extendedCommunities == [value("target:1:1")])
        let label = bench.messages.compactMap { $0.update.announced.first?.nlri.first?.labels }
        #expect(label == [[Label(30)]])
    }

    @Test func aNewLabelIsToldOn() {
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65000, families: [.vpnv4], client: true),
                RouterBench.neighbor(2, 65000, families: [.vpnv4], client: true),
            ])
        bench.up("n1", "n2")
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"], label: 30, by: "10.0.1.2")
        announce(&bench, "n1", rd: "7:7", targets: ["1:1"], label: 31, by: "10.0.1.2")
        let label = bench.messages.compactMap { $0.update.announced.first?.nlri.first?.labels }
        #expect(label == [[Label(31)]])
    }
}
