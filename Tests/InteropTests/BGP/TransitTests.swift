// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    /// BIRD (AS 4200000003) – ours (AS 65001) – FRR (AS 65002).
    @Suite("We carry many routes from BIRD to FRR")
    struct TransitTests {
        private let topology = """
            bgp-groups:
              open: {import: accept, export: bgp-only}
            policies:
              bgp-only: [{match: {protocol: bgp}, then: accept}, {then: reject}]
            nodes:
              bird: {role: ce, loopback: 10.0.0.3}
              ours:
                role: ce
                loopback: 10.0.0.1
                bgp:
                  as: 65001
                  neighbors:
                    bird: {group: open, as: 4200000003}
                    frr: {group: open, as: 65002, password: s3cret}
              frr: {role: ce, loopback: 10.0.0.2}
            links:
              - {endpoints: [bird, ours], subnet: 192.0.2.4/30}
              - {endpoints: [ours, frr], subnet: 192.0.2.0/30}
            """

        /// Of every length from 20 to 32.
        private let prefixes = (0..<1000).map { number in
            "100.\(64 + number / 16).\(number % 16 * 16).0/\(20 + number % 13)"
        }.sorted()

        /// What must arrive at FRR: a MED does not leave the AS that it was sent to (RFC 4271
        /// §5.1.4).
        private var expected: [RouteView] {
            prefixes.map {
                RouteView(
                    prefix: $0, nextHop: "192.0.2.1", asPath: "65001 4200000003 4200000100",
                    origin: "igp", communities: ["65003:10"])
            }
        }

        private func startBIRD(_ lab: TestLab) throws {
            let configuration = try Template.fill(
                "bird/feed.conf",
                [
                    "as": "4200000003", "router-id": "10.0.0.3", "address": "192.0.2.5",
                    "neighbor": "192.0.2.6", "neighbor-as": "65001", "origin-as": "4200000100",
                    "med": "44", "community": "65003,10",
                    "routes": prefixes.map { "  route \($0) blackhole;" }.joined(separator: "\n"),
                ])
            _ = try BIRD(lab, "bird", configuration: configuration)
        }

        private func startFRR(_ lab: TestLab) throws -> FRR {
            let configuration = try Template.fill(
                "frr/customer-edge.conf",
                [
                    "name": "frr", "as": "65002", "router-id": "10.0.0.2",
                    "loopback": "10.0.0.2/32", "neighbor": "192.0.2.1", "neighbor-as": "65001",
                    "password": "s3cret", "route-1": "10.2.1.0/24", "route-2": "10.2.2.0/24",
                    "med": "33",
                ])
            return try FRR(lab, "frr", configuration: configuration)
        }

        /// The routes of a node's kernel in the range of those that BIRD has.
        private func kernelRoutes(_ lab: TestLab, _ node: String) throws -> Int {
            try lab.run(node, ["ip", "route", "show", "root", "100.64.0.0/10"])
                .split(separator: "\n").count
        }

        private func awaitRoutes(_ lab: TestLab, _ frr: FRR) throws {
            for node in ["ours", "frr"] {
                try lab.eventually("kernel routes of \(node)", is: prefixes.count) {
                    try kernelRoutes(lab, node)
                }
            }
            #expect(try frr.routes(from: "192.0.2.1") == expected)
        }

        @Test
        func
            `all arrive unchanged, and again after we were killed; all go when they are withdrawn`()
            throws
        {
            try TestLab.run("transit", topology) { lab in
                try startBIRD(lab)
                let frr = try startFRR(lab)
                try awaitRoutes(lab, frr)
                let received = try lab.routes("received", "ours", "bird")
                #expect(received.map(\.prefix) == prefixes)
                #expect(Set(received.map(\.med)) == [44])

                try lab.event("kill", ["node": "ours"])
                try lab.eventually("kernel routes of frr", is: 0) { try kernelRoutes(lab, "frr") }
                try lab.event("start", ["node": "ours"])
                try awaitRoutes(lab, frr)

                try lab.run("bird", ["birdc", "-s", "/run/bird.ctl", "disable", "own"])
                for node in ["ours", "frr"] {
                    try lab.eventually("kernel routes of \(node)", is: 0) {
                        try kernelRoutes(lab, node)
                    }
                }
                #expect(try frr.routes(from: "192.0.2.1") == [])
            }
        }
    }
}
