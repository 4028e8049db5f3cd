// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    /// Two clusters on one LAN. r1 is our reflector, with our c1 and FRR's f1 as its clients; r2 is
    /// FRR's, with our c2. Each of the clients has one route.
    @Suite("FRR and we reflect each other's routes")
    struct ReflectionTests {
        private let topology = """
            bgp-groups:
              core:   {as: 65000}
              client: {group: core, route-reflector-client: true}
              up:     {group: core, export: own}
            nodes:
              c1:
                role: ce
                loopback: 10.0.0.1
                static: {10.1.1.0/24: 10.9.0.101}
                bgp: {as: 65000, neighbors: {r1: up}}
              c2:
                role: ce
                loopback: 10.0.0.2
                static: {10.1.2.0/24: 10.9.0.101}
                bgp: {as: 65000, neighbors: {r2: up}}
              f1: {role: host}
              r1:
                role: rr
                loopback: 10.0.0.11
                bgp:
                  as: 65000
                  cluster-id: 192.0.2.1
                  neighbors: {c1: client, f1: client, r2: core}
              r2: {role: host}
            policies:
              own:
                - match: {protocol: static}
                  set:
                    med: 77
                    local-preference: 150
                    community: {add: ["65000:1", no-export, "target:65000:9", "origin:10.0.0.1:7",
                                      "65000:1:2"]}
                  then: accept
            lans:
              core: {endpoints: {c1: 10.9.0.1/24, c2: 10.9.0.2/24, f1: 10.9.0.3/24,
                                 r1: 10.9.0.11/24, r2: 10.9.0.12/24}}
            """

        private let c1 = "10.1.1.0/24"
        private let c2 = "10.1.2.0/24"
        private let f1 = "10.1.3.0/24"
        private let addressOfR1 = "10.9.0.11"
        private let addressOfC2 = "10.9.0.2"
        private let cluster1 = "192.0.2.1"
        private let cluster2 = "192.0.2.2"

        private func run(_ body: (TestLab, _ f1: FRR, _ r2: FRR) throws -> Void) throws {
            try TestLab.run("reflection", topology) { lab in
                let client = try Template.fill(
                    "frr/reflector-client.conf",
                    [
                        "name": "f1", "as": "65000", "router-id": "10.0.0.3",
                        "reflector": addressOfR1, "route": f1, "gateway": "10.9.0.101",
                        "med": "33", "local-preference": "160",
                    ])
                let reflector = try Template.fill(
                    "frr/route-reflector.conf",
                    [
                        "name": "r2", "as": "65000", "router-id": "10.0.0.12",
                        "cluster-id": cluster2, "client": addressOfC2,
                        "other-reflector": addressOfR1,
                    ])
                let frr = try FRR.start(
                    lab,
                    [
                        .init(node: "f1", configuration: client),
                        .init(node: "r2", configuration: reflector),
                    ])
                try body(lab, frr[0], frr[1])
            }
        }

        private func accepted(_ lab: TestLab, _ node: String, _ neighbor: String) throws -> [String]
        {
            let answer = try lab.show(node, "received", ["neighbor": .string(neighbor)])
            return (answer["routes"]?.array ?? []).filter { $0["accepted"] == true }
                .compactMap { $0["prefix"]?.string }
        }

        private func awaitRoutes(_ lab: TestLab, _ client: FRR) throws {
            try lab.eventually("routes at c1", is: [c2, f1]) { try accepted(lab, "c1", "r1") }
            try lab.eventually("routes at c2", is: [c1, f1]) { try accepted(lab, "c2", "r2") }
            try lab.eventually("routes at f1", is: [c1, c2]) {
                try client.routes(from: addressOfR1).map(\.prefix)
            }
        }

        /// What our reflector sends is what FRR shows, as client and as a reflector.
        private func expectOursReflects(_ lab: TestLab, _ client: FRR, _ reflector: FRR) throws {
            let atClient = try client.routes(from: addressOfR1)
            #expect(try lab.routes("advertised", "r1", "f1") == atClient)
            #expect(atClient[c1]?.originator == "10.0.0.1")
            #expect(atClient[c1]?.clusterList == [cluster1])
            #expect(atClient[c1]?.localPreference == 150)
            #expect(atClient[c1]?.communities.count == 5)
            #expect(atClient[c2]?.originator == "10.0.0.2")
            #expect(atClient[c2]?.clusterList == [cluster1, cluster2])

            let atReflector = try reflector.routes(from: addressOfR1)
            #expect(try lab.routes("advertised", "r1", "r2") == atReflector)
            #expect(atReflector.map(\.prefix) == [c1, f1])
            #expect(atReflector[f1]?.originator == "10.0.0.3")
            #expect(atReflector[f1]?.clusterList == [cluster1])
        }

        /// What FRR sends, as client and as a reflector, is what we show.
        private func expectFRRReflects(_ lab: TestLab, _ client: FRR, _ reflector: FRR) throws {
            let fromClient = try lab.routes("received", "r1", "f1")
            #expect(try client.routes(from: "0.0.0.0") == fromClient)
            #expect(fromClient[f1]?.localPreference == 160)
            #expect(fromClient[f1]?.asPath == "65100 4200000100")

            let reflected = try reflector.routes(from: addressOfR1).map {
                $0.with { $0.clusterList.insert(cluster2, at: 0) }
            }
            let atC2 = try lab.routes("received", "c2", "r2")
            #expect(atC2.filter { $0.prefix != c2 } == reflected)
            #expect(atC2[c1]?.clusterList == [cluster2, cluster1])
            let toR1 = try reflector.routes(from: addressOfC2).map {
                $0.with {
                    $0.originator = "10.0.0.2"
                    $0.clusterList = [cluster2]
                }
            }
            #expect(try lab.routes("received", "r1", "r2") == toR1)
        }

        @Test func `originator and cluster list are the same at both ends, in both roles`() throws {
            try run { lab, client, reflector in
                try awaitRoutes(lab, client)
                try expectOursReflects(lab, client, reflector)
                try expectFRRReflects(lab, client, reflector)
            }
        }

        @Test func `a route that comes back to its originator is refused`() throws {
            try run { lab, client, reflector in
                try awaitRoutes(lab, client)
                // FRR's reflector gives a client its own routes back.
                let back = try lab.show("c2", "received", ["neighbor": "r2"])["routes"]?.array
                    .first { $0["prefix"] == .string(c2) }
                #expect(back?["accepted"] == false)
                #expect(back?["reason"] == "originator is this router")
            }
        }

        @Test func `a withdrawal passes two reflectors, and so does the route when it is back`()
            throws
        {
            try run { lab, client, reflector in
                try awaitRoutes(lab, client)
                try lab.event("deactivate", ["node": "c1", "neighbor": "r1"])
                try lab.eventually("routes at f1", is: [c2]) {
                    try client.routes(from: addressOfR1).map(\.prefix)
                }
                try lab.eventually("routes at c2", is: [f1]) { try accepted(lab, "c2", "r2") }
                try lab.event("activate", ["node": "c1", "neighbor": "r1"])
                try awaitRoutes(lab, client)
                try expectOursReflects(lab, client, reflector)
                try expectFRRReflects(lab, client, reflector)
            }
        }
    }
}
