// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

extension Interoperability {
    /// What the kernel says of the IPv6 addresses of a lab, by iproute2: links with and without a
    /// VLAN, in a VRF where the kernel has them, and the macvlan of a virtual router.
    @Suite("IPv6 addresses of a lab")
    struct AddressTests {
        /// - Parameter inVRF: puts the edge's interfaces into a VRF, and a VLAN on its link.
        private func topology(inVRF: Bool) -> String {
            let role = inVRF ? "pe\n    vrfs: {red: {rd: \"1:1\", target: \"1:1\"}}" : "ce"
            let vrf = inVRF ? ", vrf: red" : ""
            let vlan = inVRF ? ", vlan: 5" : ""
            return """
                nodes:
                  edge:
                    role: \(role)
                    loopback: [10.0.0.1, "2001:db8::1"]
                    vrrp: [{lan: office, group: 7, virtual-address: "2001:db8:2::1",
                            advertisement-interval: 100ms}]
                  customer: {role: ce, loopback: [10.0.0.2, "2001:db8::2"]}
                  host: {role: host}
                links:
                  - {endpoints: [edge, customer]\(vlan), subnet: "2001:db8:1::/64"\(vrf)}
                lans:
                  office: {endpoints: {edge: "2001:db8:2::2/64", host: "2001:db8:2::9/64"}\(vrf),
                           router-advertisements: true}
                """
        }

        private static let nodes = ["edge", "customer", "host"]

        /// Addresses by interface, as `ip -o` prints them, and with which flags.
        private func addresses(_ lab: TestLab, _ words: String...) throws -> [String: [String]] {
            var found: [String: [String]] = [:]
            for node in Self.nodes {
                let text = try lab.run(node, ["ip", "-6", "-o", "address", "show"] + words)
                found[node] = text.split(separator: "\n").map { line in
                    line.split(separator: " ").dropFirst().prefix(3).joined(separator: " ")
                }.sorted()
            }
            return found
        }

        private func expectNoneWaits(
            _ lab: TestLab, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            for flag in ["tentative", "dadfailed"] {
                let waiting = try addresses(lab, flag).values.flatMap(\.self)
                #expect(waiting == [], "\(flag)", sourceLocation: sourceLocation)
            }
        }

        private func awaitMaster(_ lab: TestLab) throws {
            try lab.eventually("state of edge", is: "master") {
                try lab.show("edge", "vrrp")["groups"]?[0]?["state"]?.string
            }
        }

        @Test(arguments: ["host", "microvm"])
        private func `wait for no duplicates, and survive that their link goes down`(
            _ substrate: String
        ) throws {
            let inVRF = substrate == "microvm"
            let topology = topology(inVRF: inVRF)
            let link = inVRF ? "eth1.5" : "eth1"
            try TestLab.run("addresses", substrate: substrate, topology) { lab in
                try expectNoneWaits(lab)
                try awaitMaster(lab)
                try expectNoneWaits(lab)
                let before = try addresses(lab)
                let expected = [
                    "\(link) inet6 2001:db8:1::1/64", "\(link) inet6 fe80::ff:fe00:0/64",
                    "eth2 inet6 2001:db8:2::2/64", "eth2 inet6 fe80::ff:fe00:1/64",
                    "lo inet6 2001:db8::1/128", "lo inet6 ::1/128",
                    "vrrp7 inet6 2001:db8:2::1/128", "vrrp7 inet6 fe80::5e00:207/64",
                ]
                // What the provider edge answers from stands on the VRF device too.
                let source = inVRF ? ["red inet6 2001:db8:1::1/128"] : []
                #expect(before["edge"] == (expected + source).sorted())
                for event in ["link-down", "link-up"] {
                    try lab.event(event, ["link": "edge-customer"])
                    try lab.event(event, ["link": "office"])
                }
                try awaitMaster(lab)
                try expectNoneWaits(lab)
                #expect(try addresses(lab) == before)
                try lab.run("host", ["ping", "-c1", "-W2", "2001:db8:2::1"])
                // By the default route that the master advertises.
                try lab.eventually("a way to the customer") {
                    let ping = ["ping", "-c1", "-W1", "2001:db8:1::1"]
                    return try lab.start("host", ping).finish() == 0
                }
            }
        }
    }
}
