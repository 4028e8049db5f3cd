// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    @Suite("BIRD is our external BGP neighbor")
    struct BIRDTests {
        private let topology = """
            nodes:
              ours:
                role: ce
                loopback: 10.0.0.1
                static: {10.1.1.0/24: stub}
                bgp:
                  as: 65001
                  neighbors:
                    bird: {as: 4200000003, password: s3cret, import: accept, export: own}
              bird: {role: ce, loopback: 10.0.0.3}
              stub: {role: host}
            policies:
              own:
                - match: {protocol: static}
                  set:
                    med: 77
                    as-path-prepend: [65001, 65001]
                    community: {add: ["65001:1", no-export, "target:65001:9", "origin:10.0.0.1:7",
                                      "4200000001:1:2"]}
                  then: accept
                - {match: {prefix: 10.0.0.1/32}, then: accept}
                - {then: reject}
            links:
              - {endpoints: [ours, bird], subnet: 192.0.2.0/30}
              - {endpoints: [ours, stub], subnet: 192.0.2.4/30}
            """

        private func run(_ body: (TestLab, BIRD) throws -> Void) throws {
            try TestLab.run("bird", topology) { lab in
                let configuration = try Template.fill(
                    "bird/customer-edge.conf",
                    [
                        "as": "4200000003", "router-id": "10.0.0.3", "route": "10.3.1.0/24",
                        "address": "192.0.2.2", "neighbor": "192.0.2.1", "neighbor-as": "65001",
                        "password": "s3cret", "hold-time": "30", "med": "44",
                    ])
                let bird = try BIRD(lab, "bird", configuration: configuration)
                try awaitRoutes(lab, bird)
                try body(lab, bird)
            }
        }

        private func awaitRoutes(_ lab: TestLab, _ bird: BIRD) throws {
            try lab.eventually("routes at BIRD", is: ["10.0.0.1/32", "10.1.1.0/24"]) {
                try bird.routes(from: "peer").map(\.prefix)
            }
            try lab.eventually("routes here", is: ["10.3.1.0/24"]) {
                try lab.routes("received", "ours", "bird").map(\.prefix)
            }
        }

        private func expectBothEndsAgree(_ lab: TestLab, _ bird: BIRD) throws {
            // BIRD shows its own default where an external neighbor sends no local preference.
            let there = try bird.routes(from: "peer").map { $0.with { $0.localPreference = nil } }
            #expect(there == (try lab.routes("advertised", "ours", "bird")))
            let tagged = there["10.1.1.0/24"]
            #expect(tagged?.asPath == "65001 65001 65001")
            #expect(
                tagged?.communities == [
                    "4200000001:1:2", "65001:1", "no-export", "origin:10.0.0.1:7", "target:65001:9",
                ])
            let back = try bird.routes(from: "own").map {
                $0.with {
                    $0.nextHop = "192.0.2.2"
                    $0.asPath = "4200000003"
                    $0.med = 44
                }
            }
            #expect(try lab.routes("received", "ours", "bird") == back)
            #expect(back["10.3.1.0/24"]?.communities.count == 5)
        }

        @Test
        func `both ends show the same routes, the lower hold time counts, withdrawals arrive`()
            throws
        {
            try run { lab, bird in
                try expectBothEndsAgree(lab, bird)
                #expect(try lab.session("ours", "bird")["hold-time"] == 30)
                #expect(try bird.text("show protocols all peer").contains(#/Hold timer: .*/30\n/#))
                try lab.event("link-down", ["link": "ours-stub"])
                try lab.eventually("routes at BIRD", is: ["10.0.0.1/32"]) {
                    try bird.routes(from: "peer").map(\.prefix)
                }
                try lab.event("link-up", ["link": "ours-stub"])
                _ = try bird.text("disable own")
                try lab.eventually("routes here", is: []) {
                    try lab.routes("received", "ours", "bird").map(\.prefix)
                }
                _ = try bird.text("enable own")
                try awaitRoutes(lab, bird)
                try expectBothEndsAgree(lab, bird)
            }
        }

        @Test func `after resets, a refresh and a disconnection the routes are the same again`()
            throws
        {
            try run { lab, bird in
                for command in ["restart peer", "reload in peer"] {
                    let before = try lab.session("ours", "bird")["messages-received"]?.int ?? 0
                    _ = try bird.text(command)
                    try lab.eventually("BIRD said something") {
                        try lab.session("ours", "bird")["messages-received"]?.int ?? 0 > before
                    }
                    try awaitRoutes(lab, bird)
                    try expectBothEndsAgree(lab, bird)
                }
                try lab.event("deactivate", ["node": "ours", "neighbor": "bird"])
                try lab.eventually("routes at BIRD", is: []) { try bird.routes(from: "peer") }
                #expect(
                    try bird.text("show protocols all peer")
                        .contains("Received: Administrative shutdown"))
                try lab.event("activate", ["node": "ours", "neighbor": "bird"])
                try awaitRoutes(lab, bird)
                try expectBothEndsAgree(lab, bird)
            }
        }
    }
}
