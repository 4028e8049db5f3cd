// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

/// The tables that the recorded lab shows.
@Suite("RIB: the multihomed site")
struct MultihomedSiteTests {
    @Test func lunaUsesItsOwnUplinkWithMED10() {
        let paths = MultihomedSite.converged().paths("luna", "inet.0", "10.0.0.3/32")
        #expect(paths.count == 1)
        #expect(paths.texts("next-hop") == ["4.0.0.22"])
        #expect(paths.numbers("med") == [10])
        #expect(paths.numbers("local-preference") == [100])
        #expect(paths.texts("as-path") == ["1"])
        #expect(paths.texts("origin") == ["igp"])
        #expect(paths.texts("reason") == ["only path"])
    }

    @Test func orcusPrefersTheLowerMEDOfLuna() {
        let paths = MultihomedSite.converged().paths("orcus", "inet.0", "10.0.0.3/32")
        #expect(paths.texts("next-hop") == ["192.168.1.3", "4.0.0.46"])
        #expect(paths.texts("interface") == ["lan", "ceres"])
        #expect(paths.numbers("med") == [10, 150])
        #expect(paths.map { $0["active"]?.bool } == [true, false])
        #expect(paths.texts("reason") == ["lowest MED", "MED 150 > 10"])
    }

    @Test func liberUsesJunoAndShowsWhereTheRouteComesFrom() {
        let paths = MultihomedSite.converged().paths("liber", "ipvpn.inet.0", "10.0.0.12/32")
        #expect(paths.texts("from") == ["10.0.0.2", "10.0.0.4"])
        #expect(paths[0]["next-hop"]?.string == "4.0.0.58")
        #expect(paths[0]["interface"]?.string == "juno")
        #expect(paths[0]["labels"] == [16])
        #expect(paths[0]["vpn-label"] == 16)
        #expect(paths[0]["local-preference"] == 150)
        #expect(paths[0]["as-path"] == "65500")
        #expect(paths[0]["originator"] == "10.0.0.5")
        #expect(paths[0]["cluster-list"] == ["10.0.0.2"])
        #expect(paths[0]["communities"] == ["target:1:1", "origin:1000:1000"])
        #expect(paths[1]["reason"] == "neighbor address 10.0.0.4 > 10.0.0.2")
    }

    @Test func ceresHasThreePathsAndItsOwnCustomersIsTheWorst() {
        let paths = MultihomedSite.converged().paths("ceres", "ipvpn.inet.0", "10.0.0.12/32")
        #expect(paths.texts("from") == ["10.0.0.5", "10.0.0.4", "4.0.0.45"])
        #expect(paths.numbers("local-preference") == [150, 150, 10])
        #expect(paths.texts("next-hop") == ["4.0.0.18", "4.0.0.18", "4.0.0.45"])
        #expect(paths[0]["labels"] == [1005, 16])
        #expect(
            paths.texts("reason") == [
                "shortest cluster list", "cluster list length 1 > 0",
                "local preference 10 < 150",
            ])
    }

    static let provided = [
        "4.0.0.20/30", "4.0.0.40/30", "4.0.0.44/30", "4.0.0.76/30", "4.0.0.96/30", "4.0.0.100/30",
        "10.0.0.2/32", "10.0.0.3/32", "10.0.0.4/32", "10.0.0.5/32", "10.0.0.7/32", "10.0.0.10/32",
        "10.0.0.14/32", "10.0.0.15/32",
    ]

    @Test func orcusReceivesTheFourteenPrefixesOfTheProviderAndNoneOfItsOwnSite() {
        let routes = MultihomedSite.converged().received("orcus", "4.0.0.46")
        #expect(routes.texts("prefix") == Self.provided)
        #expect(Set(routes.texts("next-hop")) == ["4.0.0.46"])
        #expect(Set(routes.numbers("med")) == [150])
        #expect(Set(routes.texts("as-path")) == ["1"])
        #expect(routes.allSatisfy { $0["communities"] == [] })
        // On Orcus the only one without a better path by Luna.
        let active = routes.filter { $0["active"] == true }
        #expect(active.texts("prefix") == ["4.0.0.20/30"])
    }

    @Test func aRouteThatLostIsNotAdvertised() {
        let network = MultihomedSite.converged()
        #expect(network.advertised("orcus", "192.168.1.3").texts("prefix") == ["4.0.0.20/30"])
        let toCore = network.advertised("ceres", "10.0.0.7").texts("prefix")
        #expect(
            !toCore.contains("192.168.1.0/24")
                || network.paths(
                    "ceres", "ipvpn.inet.0", "192.168.1.0/24")[0]["from"] == "10.0.0.5"
        )
    }

    @Test func whenTheSessionFromJunoToLunaIsLostTrafficTurnsToOrcus() {
        var network = MultihomedSite.converged()
        network.disconnect("juno", "4.0.0.21")
        let luna = network.paths("luna", "inet.0", "10.0.0.3/32")
        #expect(luna.texts("next-hop") == ["192.168.1.2"])
        #expect(luna.numbers("med") == [150])
        let liber = network.paths("liber", "ipvpn.inet.0", "10.0.0.12/32")
        #expect(liber[0]["local-preference"] == 10)
        #expect(liber[0]["protocol-next-hop"] == "10.0.0.2")
        #expect(liber[0]["labels"] == [1002, 16])
        let kernel = network.forwarding("liber").route("10.0.0.12/32", vrf: "ipvpn")
        #expect(kernel?.nextHops.map(\.interface) == ["sol"])
        #expect(kernel?.source == value("4.0.0.98", as: IPAddress.self))
    }

    @Test func theSessionRestoredLeadsBackToTheSameTables() {
        let before = MultihomedSite.converged()
        var after = before
        after.disconnect("juno", "4.0.0.21")
        after.connect(
            TableNetwork.End(
                node: "juno", key: NeighborKey(vrf: "ipvpn", address: value("4.0.0.21"))),
            TableNetwork.End(
                node: "luna", key: NeighborKey(vrf: nil, address: value("4.0.0.22"))))
        for name in MultihomedSite.all.map(\.name) {
            #expect(before.forwarding(name) == after.forwarding(name), "\(name)")
            let all = Query.routes(vrf: nil, prefix: nil, source: nil)
            #expect(before.show(name, all) == after.show(name, all), "\(name)")
        }
    }
}
