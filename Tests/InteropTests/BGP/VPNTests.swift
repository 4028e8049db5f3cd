// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    /// One VPN over one MPLS core, in a microVM: pe1 and pe2 are ours, pe3 is FRR, with zebra and
    /// labels in the kernel. All are clients of rr, which is FRR too; pe2 and pe3 also have a
    /// session of their own.
    @Suite("FRR is a provider edge and a route reflector of our VPN")
    struct VPNTests {
        private let topology = """
            nodes:
              pe1:
                role: pe
                loopback: 10.0.0.1
                bgp: {as: 65000, neighbors: {rr: {as: 65000, families: vpnv4}}}
                vrfs: {blue: {rd: "65000:1", target: "65000:100", static: {10.1.0.1/32: ce1}}}
              pe2:
                role: pe
                loopback: 10.0.0.2
                bgp:
                  as: 65000
                  neighbors: {rr: {as: 65000, families: vpnv4}, pe3: {as: 65000, families: vpnv4}}
                vrfs: {blue: {rd: "65000:2", target: "65000:100", static: {10.2.0.1/32: ce2}}}
              pe3:
                role: pe
                loopback: 10.0.0.3
                vrfs: {blue: {rd: "65000:3", target: "65000:100"}}
              p:  {role: p, loopback: 10.0.0.10}
              rr: {role: rr, loopback: 10.0.0.11}
              ce1: {role: ce, loopback: 10.1.0.1, static: {0.0.0.0/0: pe1}}
              ce2: {role: ce, loopback: 10.2.0.1, static: {0.0.0.0/0: pe2}}
              ce3: {role: ce, loopback: 10.3.0.1, static: {0.0.0.0/0: pe3}}
            links:
              - {endpoints: [pe1, p]}
              - {endpoints: [pe2, p]}
              - {endpoints: [pe3, p], subnet: 10.9.0.0/30}
              - {endpoints: [rr, p]}
              - {endpoints: [pe1, ce1], vrf: blue, subnet: 192.168.1.0/30}
              - {endpoints: [pe2, ce2], vrf: blue, subnet: 192.168.2.0/30}
              - {endpoints: [pe3, ce3], vrf: blue, subnet: 192.168.3.0/30}
            """

        private let reflector = "10.0.0.11"
        private let cluster = "10.0.0.99"
        private let pe = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
        private let site = ["10.1.0.1/32", "10.2.0.1/32", "10.3.0.1/32"]
        /// Above all labels of the core.
        private let labelOfPE3: Int64 = 5000

        private struct Network {
            let lab: TestLab
            let rr: FRR
            let pe3: FRR
        }

        private func run(_ body: (Network) throws -> Void) throws {
            try TestLab.run("vpn", substrate: "microvm", topology) { lab in
                try lab.removeOurRouter("pe3")
                let frr = try FRR.start(
                    lab,
                    [
                        .init(
                            node: "rr", configuration: reflectorConfiguration(),
                            daemons: ["zebra", "bgpd"]),
                        .init(node: "pe3", configuration: edgeConfiguration()),
                    ])
                let (rr, pe3) = (frr[0], frr[1])
                try configureCore(lab, pe3)
                try body(Network(lab: lab, rr: rr, pe3: pe3))
            }
        }

        private func reflectorConfiguration() throws -> String {
            try Template.fill(
                "frr/vpn-route-reflector.conf",
                [
                    "name": "rr", "as": "65000", "loopback": reflector, "cluster-id": cluster,
                    "client-1": pe[0], "client-2": pe[1], "client-3": pe[2],
                ])
        }

        private func edgeConfiguration() throws -> String {
            try Template.fill(
                "frr/provider-edge.conf",
                [
                    "name": "pe3", "as": "65000", "loopback": pe[2], "reflector": reflector,
                    "peer": pe[1], "vrf": "blue", "rd": "65000:3", "target": "65000:100",
                    "vpn-label": "\(labelOfPE3)", "customer": site[2],
                    "customer-gateway": "192.168.3.2",
                ])
        }

        /// Static paths from pe3 to the others, with the labels of the plan.
        private func configureCore(_ lab: TestLab, _ pe3: FRR) throws {
            let tunnels = try lab.show("p", "mpls")["labels"]?.array ?? []
            let routes = try [pe[0], pe[1], reflector].map { loopback in
                let entry = tunnels.first { $0["destination"]?.string == loopback + "/32" }
                let label = try #require(entry?["label"]?.int)
                return "ip route \(loopback)/32 10.9.0.2 label \(label)"
            }
            try lab.eventually("FRR takes labels", is: routes.sorted()) {
                let lines =
                    ["configure terminal"] + routes + ["end", "show running-config staticd"]
                let text = try pe3.text(lines)
                return text.split(separator: "\n").map(String.init)
                    .filter { $0.hasPrefix("ip route") }.sorted()
            }
        }

        // MARK: Routes

        private func received(
            _ network: Network, _ node: String, _ neighbor: String, _ prefixes: [String]
        ) throws -> [RouteView] {
            try network.lab.routes("received", node, neighbor)
                .filter { prefixes.contains($0.prefix) }
        }

        /// A route that FRR's reflector hands on; it gives every VPN route a MED.
        private func reflected(_ routes: [RouteView], from originator: String) -> [RouteView] {
            routes.map {
                $0.with {
                    $0.originator = originator
                    $0.clusterList = [cluster]
                    $0.med = $0.med ?? 0
                }
            }
        }

        private func awaitRoutes(_ network: Network) throws {
            for (node, prefixes) in [("pe1", [site[1], site[2]]), ("pe2", [site[0], site[2]])] {
                try network.lab.eventually("routes at \(node)", is: prefixes) {
                    try received(network, node, "rr", prefixes).map(\.prefix)
                }
            }
            try network.lab.eventually("pe3's routes at pe2", is: [site[2]]) {
                try received(network, "pe2", "pe3", site).map(\.prefix)
            }
            try network.lab.eventually("routes at pe3", is: [site[0], site[1]]) {
                try network.pe3.vpnRoutes(site)[reflector]?.map(\.prefix)
            }
        }

        /// Every route at every place where it can be seen.
        private func expectAllAgree(_ network: Network) throws {
            let routesOfRR = try network.rr.vpnRoutes(site)
            let routesOfPE3 = try network.pe3.vpnRoutes(site)
            let atReflector = pe.map { routesOfRR[$0] ?? [] }
            for (node, routes) in [("pe1", atReflector[0]), ("pe2", atReflector[1])] {
                let sent = try network.lab.routes("advertised", node, "rr")
                #expect(sent.filter { site.contains($0.prefix) } == routes)
            }
            let fromReflector = zip(atReflector, pe).map { reflected($0, from: $1) }
            #expect(routesOfPE3[reflector] == fromReflector[0] + fromReflector[1])
            #expect(
                try received(network, "pe1", "rr", [site[1], site[2]])
                    == fromReflector[1] + fromReflector[2])
            // Between pe2 and pe3 without a reflector.
            #expect(routesOfPE3[pe[1]] == atReflector[1])
            #expect(try received(network, "pe2", "pe3", site) == atReflector[2])

            let ours = atReflector[0].first
            #expect(ours?.routeDistinguisher == "65000:1")
            #expect(ours?.communities == ["target:65000:100"])
            #expect(ours?.nextHop == pe[0])
            #expect(ours?.label ?? 0 >= 16)
            let theirs = atReflector[2].first
            #expect(theirs?.routeDistinguisher == "65000:3")
            #expect(theirs?.communities == ["target:65000:100"])
            #expect(theirs?.label == labelOfPE3)
        }

        private func ping(_ lab: TestLab, _ from: Int, _ to: Int) throws {
            let words = ["ping", "-c1", "-W2", "-I10.\(from).0.1", "10.\(to).0.1"]
            try lab.eventually("an answer from ce\(to) at ce\(from)") {
                try lab.run("ce\(from)", words).contains(" 0% packet loss")
            }
        }

        @Test func `all show the same VPN routes, packets pass both ways, withdrawals arrive`()
            throws
        {
            try run { network in
                let lab = network.lab
                try awaitRoutes(network)
                try expectAllAgree(network)
                for (from, to) in [(1, 3), (3, 1), (2, 3), (1, 2)] { try ping(lab, from, to) }

                try lab.event("link-down", ["link": "pe1-ce1"])
                try lab.eventually("routes at pe3", is: [site[1]]) {
                    try network.pe3.vpnRoutes(site)[reflector]?.map(\.prefix)
                }
                try network.pe3.configure("vrf blue", "no ip route \(site[2]) 192.168.3.2")
                for (node, neighbor) in [("pe1", "rr"), ("pe2", "rr"), ("pe2", "pe3")] {
                    try lab.eventually("pe3's routes at \(node)", is: []) {
                        try received(network, node, neighbor, [site[2]])
                    }
                }
                try lab.event("link-up", ["link": "pe1-ce1"])
                try network.pe3.configure("vrf blue", "ip route \(site[2]) 192.168.3.2")
                try awaitRoutes(network)
                try ping(lab, 1, 3)
            }
        }
    }
}
