// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

extension Interoperability {
    /// The P router of a signalled core is FRR, with isisd and ldpd and the labels in the kernel;
    /// the PE routers are ours. All packets of the VPN pass through both.
    @Suite("FRR's ldpd is the P router of our core")
    struct LDPDaemonTests {
        private static let password = "ldp-secret"

        private let topology = """
            core: {mode: signalled, igp: isis, ldp: {password: \(password)}}
            bgp-groups: {core: {families: [vpnv4]}}
            nodes:
              pe1:
                role: pe
                loopback: 10.0.0.1
                bgp: {as: 65000, neighbors: {pe2: core}}
                vrfs: {blue: {rd: "65000:1", target: "65000:100", static: {10.1.0.1/32: ce1}}}
              p: {role: p, loopback: 10.0.0.10}
              pe2:
                role: pe
                loopback: 10.0.0.20
                bgp: {as: 65000, neighbors: {pe1: core}}
                vrfs: {blue: {rd: "65000:2", target: "65000:100", static: {10.2.0.1/32: ce2}}}
              ce1: {role: ce, loopback: 10.1.0.1, static: {0.0.0.0/0: pe1}}
              ce2: {role: ce, loopback: 10.2.0.1, static: {0.0.0.0/0: pe2}}
            links:
              - {endpoints: [pe1, p], subnet: 172.16.0.0/30}
              - {endpoints: [p, pe2], subnet: 172.16.0.4/30}
              - {endpoints: [pe1, ce1], vrf: blue, subnet: 192.168.1.0/30}
              - {endpoints: [pe2, ce2], vrf: blue, subnet: 192.168.2.0/30}
            """

        /// pe1 has the lower address, so that FRR connects to it; pe2 connects to FRR.
        /// The interval stands first: what comes before it waits for the default, 30 seconds.
        private let configuration = """
            hostname p
            router isis w
             lsp-gen-interval 1
             net 49.0001.0100.0000.0010.00
             is-type level-2-only
             metric-style wide
            interface eth1
             ip router isis w
             isis network point-to-point
            interface eth2
             ip router isis w
             isis network point-to-point
            interface lo
             ip router isis w
            mpls ldp
             router-id 10.0.0.10
             neighbor 10.0.0.1 password \(password)
             neighbor 10.0.0.20 password \(password)
             address-family ipv4
              discovery transport-address 10.0.0.10
              interface eth1
              exit
              interface eth2
              exit
             exit
            exit
            """

        private struct Network {
            let lab: TestLab
            let frr: FRR

            /// Of our side of the session with FRR.
            func state(_ node: String) throws -> String? {
                try sessions(node).first { $0["transport-address"] == "10.0.0.10" }?["state"]?
                    .string
            }

            func sessions(_ node: String) throws -> [JSON] {
                try ldp(node)["sessions"]?.array ?? []
            }

            func ldp(_ node: String) throws -> JSON {
                try lab.show(node, "ldp")["instances"]?[0] ?? .null
            }

            /// What FRR has told a node for a prefix.
            func input(_ node: String, _ prefix: String) throws -> Int64? {
                try label("input", node, prefix)
            }

            /// What a node has told FRR for a prefix.
            func output(_ node: String, _ prefix: String) throws -> Int64? {
                try label("output", node, prefix)
            }

            private func label(_ way: String, _ node: String, _ prefix: String) throws -> Int64? {
                try ldp(node)["databases"]?[0]?[way]?.array
                    .first { $0["prefix"]?.string == prefix }?["label"]?.int
            }

            /// What FRR has bound to a prefix, and what it has of a peer: numbers or `imp-null`;
            /// nil where it has no binding with the peer.
            func binding(_ peer: String, _ prefix: String) throws -> Binding? {
                let entry = try frr.json("show mpls ldp binding json")["bindings"]?.array.first {
                    $0["prefix"]?.string == prefix && $0["neighborId"]?.string == peer
                }
                return entry.map {
                    Binding(local: $0["localLabel"]?.string, remote: $0["remoteLabel"]?.string)
                }
            }

            struct Binding: Equatable {
                var local: String?
                var remote: String?
            }

            /// The labels that a node pushes towards a prefix; nil without a path.
            func path(_ node: String, _ prefix: String) throws -> [Int64]? {
                try ldp(node)["paths"]?.array
                    .first { $0["destination"]?.string == prefix }?["next-hops"]?[0]?["labels"]?
                    .array.compactMap(\.int)
            }

            func awaitSessions() throws {
                for node in ["pe1", "pe2"] {
                    try lab.eventually(
                        "the session of \(node)", is: "operational", within: .seconds(60)
                    ) { try state(node) }
                }
            }

            func ping() throws {
                for (from, to) in [(1, 2), (2, 1)] {
                    let words = ["ping", "-c1", "-W2", "-I10.\(from).0.1", "10.\(to).0.1"]
                    try lab.eventually("an answer from ce\(to)", within: .seconds(60)) {
                        try lab.run("ce\(from)", words).contains(" 0% packet loss")
                    }
                }
            }
        }

        private func run(_ body: (Network) throws -> Void) throws {
            try TestLab.run("ldp", substrate: "microvm", topology) { lab in
                try lab.removeOurRouter("p")
                let frr = try FRR.start(
                    lab,
                    [
                        .init(
                            node: "p", configuration: configuration,
                            daemons: ["zebra", "isisd", "ldpd"])
                    ])
                try body(Network(lab: lab, frr: frr[0]))
            }
        }

        @Test func `sessions with a password, bindings both ways, packets, and withdrawals`()
            throws
        {
            try run { network in
                try network.awaitSessions()
                try expectBindings(network)
                try network.ping()
                try expectWithdrawals(network)
                try expectKey(network)
            }
        }

        /// What each has allocated is what the other has: FRR asks us to pop towards itself, we ask
        /// FRR, and for what lies beyond each has a label of its own.
        private func expectBindings(_ network: Network) throws {
            let (near, far) = ("10.0.0.1/32", "10.0.0.20/32")
            let lab = network.lab
            try lab.eventually("FRR's null label", is: 3) {
                try network.input("pe1", "10.0.0.10/32")
            }
            try lab.eventually("FRR's label of pe2's loopback") {
                try network.input("pe1", far) ?? 0 >= 16
            }
            try lab.eventually("our label of pe2's loopback") {
                try network.output("pe1", far) ?? 0 >= 16
            }
            let theirs = try #require(try network.input("pe1", far))
            let ours = try #require(try network.output("pe1", far))
            let both = Network.Binding(local: "\(theirs)", remote: "\(ours)")
            try lab.eventually("both labels at FRR", is: both) {
                try network.binding("10.0.0.1", far)
            }
            for (peer, prefix) in [("10.0.0.1", near), ("10.0.0.20", far)] {
                try lab.eventually("our null label at FRR", is: "imp-null") {
                    try network.binding(peer, prefix)?.remote
                }
            }
            // The path to its neighbor is popped from the first; the one beyond is FRR's.
            try lab.eventually("the path to pe2", is: [theirs]) { try network.path("pe1", far) }
            #expect(try network.path("pe1", "10.0.0.10/32") == [])
        }

        /// A route that is gone takes its labels with it, on both sides, and brings them back.
        private func expectWithdrawals(_ network: Network) throws {
            let far = "10.0.0.20/32"
            let lab = network.lab
            try lab.event("link-down", ["link": "p-pe2"])
            try lab.eventually("FRR's label withdrawn", is: nil) { try network.input("pe1", far) }
            try lab.eventually("our label withdrawn", is: nil) {
                try network.binding("10.0.0.1", far)?.remote.flatMap { Int64($0) }
            }
            try lab.eventually("no path", is: nil) { try network.path("pe1", far) }
            try lab.event("link-up", ["link": "p-pe2"])
            try network.awaitSessions()
            try lab.eventually("the path to pe2", within: .seconds(60)) {
                try network.path("pe1", far)?.count == 1
            }
            try network.ping()
        }

        /// Without the right key there is no session.
        private func expectKey(_ network: Network) throws {
            let lab = network.lab
            try network.frr.configure("mpls ldp", "neighbor 10.0.0.1 password other")
            try lab.eventually("no session with another key", within: .seconds(60)) {
                try network.state("pe1") != "operational"
            }
            // Far longer than a session takes to come up.
            for _ in 0..<5 {
                Thread.sleep(forTimeInterval: 1)
                #expect(try network.state("pe1") != "operational")
            }
            #expect(try network.state("pe2") == "operational")
        }
    }
}
