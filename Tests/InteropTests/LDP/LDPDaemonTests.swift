// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    /// The P router of a signalled core is FRR, with ospfd and ldpd and the labels in the kernel;
    /// the PE routers are ours. All packets of the VPN pass through both.
    @Suite("FRR's ldpd is the P router of our core")
    struct LDPDaemonTests {
        private static let password = "ldp-secret"

        private let topology = """
            core: {mode: signalled, igp: ospf, ldp: {password: \(password)}}
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
        private let configuration = """
            hostname p
            interface eth1
             ip ospf network point-to-point
             ip ospf area 0
             ip ospf hello-interval 10
            interface eth2
             ip ospf network point-to-point
             ip ospf area 0
            interface lo
             ip ospf area 0
            router ospf
             ospf router-id 10.0.0.10
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
                try ldp(node)["databases"]?[0]?["input"]?.array
                    .first { $0["prefix"]?.string == prefix }?["label"]?.int
            }

            /// What FRR has of a peer for a prefix, in its words: a number or `imp-null`.
            func remote(_ peer: String, _ prefix: String) throws -> String? {
                try frr.json("show mpls ldp binding json")["bindings"]?.array.first {
                    $0["prefix"]?.string == prefix && $0["neighborId"]?.string == peer
                }?["remoteLabel"]?.string
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
                            daemons: ["zebra", "ospfd", "ldpd"])
                    ])
                try body(Network(lab: lab, frr: frr[0]))
            }
        }

        @Test func `sessions with a password, bindings both ways, packets, and withdrawals`()
            throws
        {
            try run { network in
                let lab = network.lab
                try network.awaitSessions()
                // It asks us to pop towards itself, and gives labels of its own for the others.
                try lab.eventually("FRR's null label", is: 3) {
                    try network.input("pe1", "10.0.0.10/32")
                }
                try lab.eventually("FRR's label of pe2's loopback") {
                    try network.input("pe1", "10.0.0.20/32") ?? 0 >= 16
                }
                for (peer, prefix) in [("10.0.0.1", "10.0.0.1/32"), ("10.0.0.20", "10.0.0.20/32")] {
                    try lab.eventually("our null label at FRR", is: "imp-null") {
                        try network.remote(peer, prefix)
                    }
                }
                // The path to its neighbor is popped from the first; the one beyond is FRR's.
                let label = try #require(try network.input("pe1", "10.0.0.20/32"))
                try lab.eventually("the path to pe2", is: [label]) {
                    try network.path("pe1", "10.0.0.20/32")
                }
                #expect(try network.path("pe1", "10.0.0.10/32") == [])
                try network.ping()

                // FRR's label for pe2 goes with the session behind it, and comes back with it.
                let ldp = ["mpls ldp", "address-family ipv4"]
                _ = try network.frr.text(
                    ["configure terminal"] + ldp + ["label local advertise explicit-null"])
                try lab.eventually("FRR's explicit null", is: 0) {
                    try network.input("pe1", "10.0.0.10/32")
                }
                try lab.eventually("the path to FRR", is: [0]) {
                    try network.path("pe1", "10.0.0.10/32")
                }
                try network.ping()

                try network.frr.configure("no mpls ldp")
                try lab.eventually("no session", is: nil) {
                    try network.state("pe1").flatMap { $0 == "operational" ? $0 : nil }
                }
                try lab.eventually("no path", is: nil) { try network.path("pe1", "10.0.0.20/32") }
            }
        }
    }
}
