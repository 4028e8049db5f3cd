// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    /// Two providers in a microVM, with labels in the kernels: pe1 and asbr1 (AS 65001) are ours,
    /// the other provider (AS 65002), border router and provider edge in one, is FRR. Behind it is
    /// a third one (AS 65003), ours again.
    @Suite("FRR is the provider across the border")
    struct BorderTests {
        /// What the routers say to each other.
        private enum Option: String {
            /// VPN routes from border to border (RFC 4364 §10 b).
            case vpn
            /// Loopbacks with labels from border to border, VPN routes over several hops (§10 c).
            case labelled = "labeled-unicast"

            var family: String { self == .vpn ? "vpnv4" : "ipv4-labeled-unicast" }
        }

        private func topology(_ option: Option) -> String {
            let family = option.family
            let edge =
                option == .vpn
                ? "" : ", frr: {families: vpnv4, multihop: 5, import: accept, export: accept}"
            return """
                policies:
                  loopbacks: [{match: {protocol: [core, bgp]}, then: accept}, {then: reject}]
                  own: [{match: {prefix: 10.8.0.1/32}, then: accept}, {then: reject}]
                nodes:
                  pe1:
                    role: pe
                    loopback: 10.0.0.1
                    bgp: {as: 65001, neighbors: {asbr1: {families: \(family)}\(edge)}}
                    vrfs: {blue: {rd: "65001:1", target: "65001:100", static: {10.1.0.1/32: ce1}}}
                  asbr1:
                    role: pe
                    loopback: 10.0.0.10
                    bgp:
                      as: 65001
                      neighbors:
                        pe1: {families: \(family), next-hop-self: true}
                        frr: {families: \(family), import: accept, export: loopbacks}
                  frr:
                    role: pe
                    loopback: 10.0.0.2
                    bgp: {as: 65002, neighbors: {asbr1: {families: \(family)},
                                                 far: {families: \(family)}}}
                    vrfs: {blue: {rd: "65002:1", target: "65001:100"}}
                  far:
                    role: pe
                    loopback: 10.8.0.1
                    bgp: {as: 65003, neighbors: {frr: {families: \(family), import: accept,
                                                       export: own}}}
                  ce1: {role: ce, loopback: 10.1.0.1, static: {0.0.0.0/0: pe1}}
                  ce2: {role: ce, loopback: 10.2.0.1, static: {0.0.0.0/0: frr}}
                links:
                  - {endpoints: [pe1, asbr1], subnet: 10.9.1.0/30}
                  - {endpoints: [asbr1, frr], subnet: 10.9.0.0/30}
                  - {endpoints: [frr, far], subnet: 10.9.2.0/30}
                  - {endpoints: [pe1, ce1], vrf: blue, subnet: 192.168.1.0/30}
                  - {endpoints: [frr, ce2], vrf: blue, subnet: 192.168.2.0/30}
                """
        }

        private let sites = ["10.1.0.1/32", "10.2.0.1/32"]
        private let border = "10.9.0.1"
        /// Above all labels of ours.
        private let vpnLabel: Int64 = 5000

        private func run(_ option: Option, _ body: (TestLab, FRR) throws -> Void) throws {
            try TestLab.run("border", substrate: "microvm", topology(option)) { lab in
                try lab.removeOurRouter("frr")
                let configuration = try Template.fill(
                    "frr/border-router.conf",
                    [
                        "name": "frr", "as": "65002", "neighbor-as": "65001",
                        "loopback": "10.0.0.2", "interface": "eth1", "border": border,
                        "other": "10.9.2.2", "other-as": "65003",
                        "family": option.rawValue, "edge": "10.0.0.1",
                        "edge-shutdown": option == .vpn ? "neighbor 10.0.0.1 shutdown" : "!",
                        "vrf": "blue", "rd": "65002:1", "target": "65001:100",
                        "vpn-label": "\(vpnLabel)", "customer": sites[1],
                        "customer-gateway": "192.168.2.2",
                    ])
                try body(lab, FRR(lab, "frr", configuration: configuration))
            }
        }

        private func ping(_ lab: TestLab, _ from: Int, _ to: Int) throws {
            let words = ["ping", "-c1", "-W2", "-I10.\(from).0.1", "10.\(to).0.1"]
            try lab.eventually("an answer from ce\(to) at ce\(from)") {
                try lab.run("ce\(from)", words).contains(" 0% packet loss")
            }
        }

        private func received(
            _ lab: TestLab, _ node: String, _ neighbor: String, _ prefix: String
        ) throws -> RouteView? {
            try lab.routes("received", node, neighbor)[prefix]
        }

        /// A route of others that FRR passes on has a label that it swaps; pings say to what.
        private func expectSwapped(
            _ lab: TestLab, _ prefix: String, at node: String, by nextHop: String
        ) throws {
            try lab.eventually("\(prefix) at \(node)") {
                try received(lab, node, "frr", prefix) != nil
            }
            let route = try #require(try received(lab, node, "frr", prefix))
            #expect(route.label ?? 0 >= 16 && route.nextHop == nextHop)
        }

        @Test func `labelled loopbacks cross the border both ways and carry a VPN`() throws {
            try run(.labelled) { lab, frr in
                // It takes our label.
                try lab.eventually("pe1's loopback at FRR") {
                    try frr.labelledRoutes("10.0.0.1/32")[border] != nil
                }
                let ours = try #require(try lab.routes("advertised", "asbr1", "frr")["10.0.0.1/32"])
                let atFRR = try frr.labelledRoutes("10.0.0.1/32")[border]
                #expect(atFRR == ours)
                #expect(ours.label ?? 0 >= 16)
                #expect(ours.nextHop == border && ours.asPath == "65001")
                // We take its labels: implicit null of its own loopback, another of what it swaps.
                try lab.eventually("FRR's loopback at asbr1", is: 3) {
                    try received(lab, "asbr1", "frr", "10.0.0.2/32")?.label
                }
                try expectSwapped(lab, "10.8.0.1/32", at: "asbr1", by: "10.9.0.2")
                try expectSwapped(lab, "10.0.0.1/32", at: "far", by: "10.9.2.1")
                let inside = try received(lab, "pe1", "asbr1", "10.8.0.1/32")
                #expect(inside?.nextHop == "10.0.0.10" && inside?.asPath == "65002 65003")
                try lab.eventually("an answer from pe1 at far") {
                    try lab.run("far", ["ping", "-c1", "-W2", "-I10.8.0.1", "10.0.0.1"])
                        .contains(" 0% packet loss")
                }

                // By these, the session over several hops stands, and its routes are carried.
                try lab.eventually("FRR's site at pe1", is: vpnLabel) {
                    try received(lab, "pe1", "frr", sites[1])?.label
                }
                let site = try #require(try lab.routes("advertised", "pe1", "frr")[sites[0]])
                try lab.eventually("our site at FRR", is: [site]) {
                    try frr.vpnRoutes(sites)["10.0.0.1"]
                }
                #expect(site.nextHop == "10.0.0.1")
                try ping(lab, 1, 2)
                try ping(lab, 2, 1)

                try lab.event("link-down", ["link": "frr-far"])
                for (node, neighbor) in [("asbr1", "frr"), ("pe1", "asbr1")] {
                    try lab.eventually("the third provider's loopback at \(node)", is: nil) {
                        try received(lab, node, neighbor, "10.8.0.1/32")
                    }
                }
                try lab.event("link-down", ["link": "pe1-asbr1"])
                try lab.eventually("pe1's loopback at FRR", is: nil) {
                    try frr.labelledRoutes("10.0.0.1/32")[border]
                }
            }
        }

        @Test func `VPN routes cross the border both ways, with a label that is swapped`() throws {
            try run(.vpn) { lab, frr in
                try lab.eventually("our site at FRR") {
                    try frr.vpnRoutes(sites)[border]?.map(\.prefix) == [sites[0]]
                }
                let sent = try #require(try lab.routes("advertised", "asbr1", "frr")[sites[0]])
                let atFRR = try frr.vpnRoutes(sites)[border]
                #expect(atFRR == [sent])
                let origin = try #require(try lab.routes("advertised", "pe1", "asbr1")[sites[0]])
                #expect(sent.nextHop == border && sent.asPath == "65001")
                #expect(sent.communities == ["target:65001:100"])
                #expect(sent.routeDistinguisher == "65001:1" && sent.label ?? 0 >= 16)
                #expect(origin.label ?? 0 >= 16)
                try lab.eventually("FRR's site at asbr1", is: vpnLabel) {
                    try received(lab, "asbr1", "frr", sites[1])?.label
                }
                let inside = try #require(try received(lab, "pe1", "asbr1", sites[1]))
                #expect(inside.nextHop == "10.0.0.10" && inside.asPath == "65002")
                #expect(inside.label ?? 0 >= 16 && inside.label != vpnLabel)
                try ping(lab, 1, 2)
                try ping(lab, 2, 1)

                try lab.event("link-down", ["link": "pe1-ce1"])
                try lab.eventually("our site at FRR", is: nil) { try frr.vpnRoutes(sites)[border] }
                try frr.configure("vrf blue", "no ip route \(sites[1]) 192.168.2.2")
                try lab.eventually("FRR's site at pe1", is: nil) {
                    try received(lab, "pe1", "asbr1", sites[1])
                }
            }
        }
    }
}
